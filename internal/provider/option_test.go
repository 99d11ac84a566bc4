package provider_test

import (
	"strings"
	"testing"

	"packhorse/internal/provider"
)

// TestReturnsShipNothing: an option for goods that come back is refused, with those that ship; others pass.
func TestReturnsShipNothing(t *testing.T) {
	t.Parallel()
	options := []provider.Option{{ID: "slow"}, {ID: "back", Return: true}, {ID: "fast"}}
	for _, id := range []string{"slow", "fast", "balloon", ""} {
		if err := provider.CheckShips(options, id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	err := provider.CheckShips(options, "back")
	if provider.Classify(err) != provider.Permanent ||
		err.Error() != `the option "back" is for goods that come back, and ships nothing: to ship, there is slow, fast` {
		t.Errorf("%v", err)
	}
	if err := provider.CheckShips(options[1:2], "back"); err == nil || !strings.HasSuffix(err.Error(), "ships nothing") {
		t.Errorf("%v", err)
	}
}
