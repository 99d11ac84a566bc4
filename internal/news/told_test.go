package news

import (
	"testing"

	"packhorse/internal/fulfillment"
)

// TestCommandNamesItsRequest: what is told names the request that it is about, and whether it came with its answer, so
// that it is not taken for news of another one.
func TestCommandNamesItsRequest(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"", "fulfillment-order/7#2"} {
		item := Item{
			Key: "shp_1/shipped", ServiceID: 8, Verb: fulfillment.VerbCreateFulfillment, Payload: []byte(`{}`),
			About: Subject{RequestKey: "fulfillment-order/7#2"}, After: after,
		}
		n, err := item.Command(Target{FulfillmentOrderID: 7})
		if err != nil || n.About.RequestKey != item.About.RequestKey || n.About.FulfillmentOrderID != 7 ||
			n.WithAnswer != (after != "") {
			t.Errorf("after %q it is %+v, %v", after, n, err)
		}
	}
}
