package workflows

import (
	"fmt"
	"strings"
	"testing"
)

// TestOrderPageKeepsTheLatestCommands: the page of an order of many fulfillment orders, on which many commands came.
func TestOrderPageKeepsTheLatestCommands(t *testing.T) {
	t.Parallel()
	d := &orderDesk{cancelRequested: func() bool { return true }}
	if got := d.details(); got != insteadForOrder {
		t.Errorf("nothing is told yet but the cancel request, and the page is %q", got)
	}
	d.page = strings.Repeat("- a fulfillment order\n", maxDetails)
	for i := range 1000 {
		d.tell(fmt.Sprintf("- command %d", i))
	}
	page := d.details()
	if len(page) > maxDetails {
		t.Errorf("it has %d bytes", len(page))
	}
	if !strings.HasPrefix(page, "- a fulfillment order\n") ||
		!strings.HasSuffix(page, "- command 998\n- command 999"+insteadForOrder) {
		t.Errorf("it is %q", page)
	}
	if n := strings.Count(page, "- command "); n != maxListed || len(d.told) != maxListed {
		t.Errorf("it tells of %d commands and remembers %d, want %d", n, len(d.told), maxListed)
	}
}
