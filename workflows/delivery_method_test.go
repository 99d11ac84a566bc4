package workflows_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// TestOrderByDeliveryMethods: one order of shipped, picked-up, local and digital lines becomes a fulfillment order for
// each way, also when the lines are all at one location.
func TestOrderByDeliveryMethods(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	run, err := s.Temporal.ExecuteWorkflow(
		t.Context(), client.StartWorkflowOptions{ID: "order/5001", TaskQueue: "packhorse"}, "Order",
		json.RawMessage(`{"sourceIdentifier": "mix-1", "lineItems": [
			{"title": "Sofa", "quantity": 1}, {"title": "Lamp", "quantity": 2, "deliveryMethod": "PICK_UP"},
			{"title": "Plant", "quantity": 3, "deliveryMethod": "LOCAL"}, {"title": "Rug", "quantity": 4},
			{"title": "Manual", "quantity": 5, "requiresShipping": false},
			{"title": "Shade", "quantity": 6, "deliveryMethod": "PICK_UP"}]}`),
	)
	if err != nil {
		t.Fatal(err)
	}
	var created struct {
		FulfillmentOrderIDs []fulfillment.ID `json:"fulfillmentOrderIds"`
	}
	if err := run.Get(t.Context(), &created); err != nil {
		t.Fatal(err)
	}
	got := map[fulfillment.DeliveryMethodType]map[string]int{}
	for _, id := range created.FulfillmentOrderIDs {
		fo := s.Load(id)
		units := map[string]int{}
		for _, l := range fo.Lines {
			units[l.Title] = l.Remaining
		}
		got[fo.DeliveryMethod] = units
	}
	want := map[fulfillment.DeliveryMethodType]map[string]int{
		fulfillment.DeliveryShipping: {"Sofa": 1, "Rug": 4}, fulfillment.DeliveryPickUp: {"Lamp": 2, "Shade": 6},
		fulfillment.DeliveryLocal: {"Plant": 3}, fulfillment.DeliveryNone: {"Manual": 5},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(created.FulfillmentOrderIDs) != len(want) {
		t.Errorf("%d fulfillment orders; -want +got:\n%s", len(created.FulfillmentOrderIDs), diff)
	}
	replays(t, s, "order/5001")
}
