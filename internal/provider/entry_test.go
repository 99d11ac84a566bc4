package provider_test

import (
	"strings"
	"testing"
	"time"

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

// TestSettles: what is set takes the place of what the entry says, once it is loaded.
func TestSettles(t *testing.T) {
	t.Parallel()
	set := time.Duration(0)
	entry := provider.Entry{Settle: time.Minute, SettleSetting: &set}
	if got := entry.Settles(); got != time.Minute {
		t.Errorf("without a setting it is %s", got)
	}
	if set = time.Second; entry.Settles() != time.Second {
		t.Errorf("it is set to %s, and is %s", set, entry.Settles())
	}
	if got := (provider.Entry{Settle: time.Hour}).Settles(); got != time.Hour {
		t.Errorf("where nothing can be set it is %s", got)
	}
}

func TestTaskQueue(t *testing.T) {
	t.Parallel()
	if got, want := provider.TaskQueue("simulated"), "packhorse-provider-simulated"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
