package workflows_test

import (
	"context"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestRefusedFirst refuses the very first command of new fulfillment orders, as soon as their workflows are there. They
// must be at work all the same: their state can be looked at, and the next command does not wait for a task that was
// lost.
func TestRefusedFirst(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	atOnce(4, func(int) bool {
		for i := range 10 {
			id := s.Order(berlin, 2)
			sibling := s.Send(
				id, &fulfillment.Split{Lines: []fulfillment.Quantity{{ID: s.Load(id).Lines[0].ID, Quantity: 1}}},
			).SiblingID
			for range i { // A moment, another one each time.
				s.Load(sibling)
			}
			_, err := s.Command.Send(t.Context(), sibling, &fulfillment.Open{})
			if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeInvalidState {
				t.Errorf("opening an open one: %v, want it refused", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // A task that gets lost under load takes 10 s.
			_, err = s.Temporal.QueryWorkflow(ctx, temporalio.FulfillmentOrderID(sibling), "", temporalio.StateQuery)
			cancel()
			if err != nil {
				t.Errorf("look at fulfillment order %d: %v", sibling, err)
				return false
			}
		}
		return true
	})
}
