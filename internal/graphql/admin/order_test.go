package admin

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

func TestTagsAreInOrder(t *testing.T) {
	t.Parallel()
	kept := []string{"rush", "Gift", "eu", "gift"}
	order := &Order{State: &fulfillment.OrderRecord{Order: fulfillment.Order{Tags: kept}}}
	if diff := cmp.Diff([]string{"eu", "Gift", "gift", "rush"}, order.Tags()); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if kept[0] != "rush" {
		t.Errorf("the order's own tags became %v", kept)
	}
	if none := (&Order{State: &fulfillment.OrderRecord{}}).Tags(); none == nil || len(none) != 0 {
		t.Errorf("without tags: %v, want an empty list", none)
	}
}
