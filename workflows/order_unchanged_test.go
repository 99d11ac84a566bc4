package workflows_test

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestCommandThatChangesNothingOfAnOrder is remembered: it is answered the same later, whatever has become of the
// order, and another command under its ID is refused.
func TestCommandThatChangesNothingOfAnOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	order := s.Load(s.Order(s.Warehouse("Berlin").ID, 1)).OrderID
	meta := func(id string) fulfillment.Meta { return fulfillment.Meta{CommandID: id} }
	update := func(id, note string) ([]string, error) {
		answer, err := s.Command.UpdateOrder(t.Context(), fulfillment.UpdateOrder{
			Meta: meta(id), OrderID: order, OrderFields: fulfillment.OrderFields{Note: &note},
		})
		closes(t, s, temporalio.OrderID(order)) // The next command gets a run of its own, which remembers nothing.
		return answer.Changed, err
	}
	open := func(id string) (fulfillment.OrderClosed, error) {
		answer, err := s.Command.OpenOrder(t.Context(), fulfillment.OpenOrder{Meta: meta(id), OrderID: order})
		closes(t, s, temporalio.OrderID(order))
		return answer, err
	}
	for _, step := range []struct {
		id, note string
		changes  bool
	}{{"nothing", "", false}, {"something", "Knock", true}, {"nothing", "", false}} {
		if changed, err := update(step.id, step.note); err != nil || (len(changed) > 0) != step.changes {
			t.Errorf("%s: changed %v, %v", step.id, changed, err)
		}
	}
	if first, err := open("opened"); err != nil || first.Changed || first.ClosedAt != nil {
		t.Errorf("an open order is opened: %+v, %v", first, err)
	}
	if _, err := s.Command.CloseOrder(t.Context(), fulfillment.CloseOrder{OrderID: order}); err != nil {
		t.Fatal(err)
	}
	closes(t, s, temporalio.OrderID(order))
	if again, err := open("opened"); err != nil || again.Changed || again.ClosedAt != nil {
		t.Errorf("sent again: %+v, %v, want the first answer", again, err)
	}
	_, noted := update("nothing", "Ring")
	_, opened := update("opened", "Ring")
	_, edited := s.Command.EditOrder(t.Context(), fulfillment.EditOrder{
		Meta: meta("nothing"), OrderID: order, Add: []fulfillment.LineItem{{Title: "Cup", Quantity: 1}},
	})
	_, cancelled := s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{Meta: meta("nothing"), OrderID: order})
	for name, err := range map[string]error{
		"updated": noted, "updated as it was opened": opened, "edited": edited, "cancelled": cancelled,
	} {
		if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
			t.Errorf("%s: another command under the ID: %v, want %s", name, err, fulfillment.CodeIdempotencyConflict)
		}
	}
}
