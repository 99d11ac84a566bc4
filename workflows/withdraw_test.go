package workflows_test

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestWithdraw cancels a request while the provider is being called for it. The withdrawal must not overtake the
// request: a service that hears of it afterwards ships what was cancelled.
func TestWithdraw(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	service := s.Service(fulfillment.Service{Name: "Slow", Provider: "simulated",
		Options: map[string]any{"latency": map[string]any{"min": "1s", "max": "1s"}}})
	id := s.Order(service.LocationID, 2)
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	cancelled := s.Send(id, &fulfillment.Cancel{})
	closes(t, s, temporalio.FulfillmentOrderID(id))
	if fo := s.Load(cancelled.SiblingID); fo.Status != fulfillment.StatusOpen || fo.RemainingUnits() != 2 {
		t.Errorf("the replacement is %s with %d units, want OPEN with 2", fo.Status, fo.RemainingUnits())
	}
	effects := effectsOf(t, s)
	if len(effects) != 2 || effects[0].Kind != simulated.KindCreate || effects[1].Kind != simulated.KindWithdraw {
		t.Fatalf("the provider's ledger has %+v, want the request, then its withdrawal", effects)
	}
	for _, e := range effects {
		if e.Effects != 1 {
			t.Errorf("%s %s had %d effects, want 1", e.Kind, e.Key, e.Effects)
		}
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}
