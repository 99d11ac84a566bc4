package provider_test

import (
	"strings"
	"testing"

	"packhorse/internal/provider"
)

func TestCheckID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"simulated", "easypost", "ship-bob_2", strings.Repeat("a", 64)} {
		if err := provider.CheckID(id); err != nil {
			t.Error(err)
		}
	}
	for _, id := range []string{"", "Simulated", "a b", "-a", "a-", "a--b", "ä", "a/b", strings.Repeat("a", 65)} {
		if provider.CheckID(id) == nil {
			t.Errorf("%q is taken for an ID", id)
		}
	}
}

func TestTaskQueue(t *testing.T) {
	t.Parallel()
	if got, want := provider.TaskQueue("simulated"), "packhorse-provider-simulated"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
