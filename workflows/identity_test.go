package workflows_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestIDsGivenTwice is a sender that always gives the same new IDs: nothing may get an ID that is taken, and nothing
// may wait for ever because of it.
func TestIDsGivenTwice(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	siblings := map[fulfillment.ID]bool{}
	for range 2 { // Once more the same IDs on another fulfillment order.
		id := s.Order(berlin, 5)
		line := s.Load(id).Lines[0].ID
		for range 2 {
			split := &fulfillment.Split{Lines: []fulfillment.Quantity{{ID: line, Quantity: 1}}}
			split.FirstID = 4711
			made := s.Send(id, split)
			if siblings[made.SiblingID] || s.Load(made.SiblingID).RemainingUnits() != 1 {
				t.Errorf("split off fulfillment order %d twice", made.SiblingID)
			}
			siblings[made.SiblingID] = true
		}
		replays(t, s, temporalio.FulfillmentOrderID(id))
	}
	for i := range 2 {
		created, err := s.Command.CreateOrder(
			t.Context(),
			fulfillment.Order{
				FirstID: 815, LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, LocationID: berlin}},
			},
		)
		if err != nil {
			t.Fatalf("order %d: %v", i, err)
		}
		replays(t, s, temporalio.OrderID(created.OrderID))
	}
}

// TestForeignWorkflowID starts the workflow of a fulfillment order under a name that is not its own.
func TestForeignWorkflowID(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	for _, workflowID := range []string{"fulfillment-order/4", "mine"} {
		run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: workflowID, TaskQueue: temporalio.TaskQueue,
		},
			temporalio.FulfillmentOrderType, json.RawMessage(fmt.Sprintf(`{"id":%d}`, id)))
		if err != nil {
			t.Fatal(err)
		}
		if refused, ok := temporalio.Refusal(run.Get(t.Context(), nil)); !ok ||
			refused.Code != fulfillment.CodeInvalid {
			t.Errorf("%s: got %v, want a refusal", workflowID, refused)
		}
	}
}

// TestForgedState starts a fulfillment order that the store does not have.
func TestForgedState(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	_, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "fulfillment-order/79", TaskQueue: temporalio.TaskQueue,
	},
		temporalio.FulfillmentOrderType, json.RawMessage(
			`{"id":79,"state":{"id":79,"orderId":1,"status":"OPEN","lineItems":[]}}`,
		))
	if err != nil {
		t.Fatal(err)
	}
	closes(t, s, "fulfillment-order/79")
}

// TestRepeatedInLaterRun repeats a command that neither the state nor this run remembers, and that is refused by now.
func TestRepeatedInLaterRun(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	ship := func(notify bool) *fulfillment.CreateFulfillment {
		c := &fulfillment.CreateFulfillment{NotifyCustomer: notify}
		c.CommandID = "ship"
		return c
	}
	first := s.Send(id, ship(false))
	for range 60 {
		at := time.Now().Add(time.Hour)
		s.Send(id, &fulfillment.SetDeadline{FulfillBy: &at})
	}
	if err := s.Temporal.TerminateWorkflow(t.Context(), temporalio.FulfillmentOrderID(id), "", "test"); err != nil {
		t.Fatal(err)
	}
	if again := s.Send(id, ship(false)); again != first {
		t.Errorf("repeated: %+v, first %+v", again, first)
	}
	_, err := s.Command.Send(t.Context(), id, ship(true))
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("another body with the same command ID gave %v, want %s", err, fulfillment.CodeIdempotencyConflict)
	}
}
