package provider_test

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/provider"
)

type named struct {
	plain
	id string
}

func (n named) ID() string { return n.id }

func TestRegistry(t *testing.T) {
	t.Parallel()
	var r provider.Registry
	for _, id := range []string{"simulated", "easypost", "ship-bob_2", strings.Repeat("a", 64)} {
		if err := r.Register(named{id: id}); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	for _, id := range []string{"", "Simulated", "a b", "-a", "a-", "a--b", "ä", "a/b", "simulated", strings.Repeat("a", 65)} {
		if err := r.Register(named{id: id}); err == nil {
			t.Errorf("%q was registered", id)
		}
	}
	if got, want := r.IDs(), []string{strings.Repeat("a", 64), "easypost", "ship-bob_2", "simulated"}; !slices.Equal(got, want) {
		t.Errorf("IDs %v, want %v", got, want)
	}
	if p, err := r.Get("easypost"); err != nil || p.ID() != "easypost" {
		t.Errorf("Get: %v, %v", p, err)
	}
	_, err := r.Get("nobody")
	if err == nil || err.Error() != "Could not find a fulfillment provider with id: nobody" || provider.Classify(err) != provider.Permanent {
		t.Errorf("%v, want Medusa's text in a permanent error", err)
	}
}

func TestEmptyRegistry(t *testing.T) {
	t.Parallel()
	var r provider.Registry
	if _, err := r.Get("manual"); err == nil || len(r.IDs()) != 0 {
		t.Errorf("%v, %v; want no provider", r.IDs(), err)
	}
}

func TestTaskQueue(t *testing.T) {
	t.Parallel()
	if got, want := provider.TaskQueue("simulated"), "packhorse-provider-simulated"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
