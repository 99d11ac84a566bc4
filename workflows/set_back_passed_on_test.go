package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestSetBackWhileTheOrderIsAsked has a fulfillment order go on from an older state while it waits for its order, which
// is in the middle of something that asks that fulfillment order next. Neither waits for the other.
func TestSetBackWhileTheOrderIsAsked(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin, hamburg, munich := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID, s.Warehouse("Munich").ID
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
		LineItems: append(blankets(2, berlin), blankets(2, hamburg)...),
	})
	if err != nil {
		t.Fatal(err)
	}
	order, err := s.Store.Order(t.Context(), created.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	// An edit takes units from the newest first.
	first, next := slices.Max(created.FulfillmentOrderIDs), slices.Min(created.FulfillmentOrderIDs)
	setBack := s.Copy()
	s.Send(next, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	run := presentRun(t, s, next)

	const by = "Merge of a test"
	if _, err := s.Updates.Reserve(t.Context(), first, by); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	edit := fulfillment.EditOrder{OrderID: order.ID}
	for _, line := range order.LineItems {
		edit.SetQuantities = append(edit.SetQuantities, fulfillment.Quantity{ID: line.ID, Quantity: 1})
	}
	edit.CommandID, edit.FirstID = "edit", new(fulfillment.Minter).Mint()
	edited := make(chan error, 1)
	go func() {
		_, err := s.Updates.EditOrder(ctx, edit)
		edited <- err
	}()
	workertest.WaitFor(t, "the order to be busy", func() bool {
		answer, err := s.Temporal.QueryWorkflow(ctx, temporalio.OrderID(order.ID), "", temporalio.StateQuery)
		var state temporalio.OrderState
		return err == nil && answer.Get(&state) == nil && state.Command != ""
	})
	moved, err := s.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: temporalio.FulfillmentOrderID(next), UpdateName: string(fulfillment.VerbMove),
		WaitForStage: client.WorkflowUpdateStageAccepted,
		Args:         []any{&fulfillment.Move{NewLocationID: munich}},
	})
	if err != nil {
		t.Fatal(err)
	}
	setBack()
	if err := s.Updates.Refresh(ctx, next); err != nil {
		t.Fatal(err)
	}
	if err := s.Updates.Abort(ctx, first, by); err != nil {
		t.Fatal(err)
	}
	if err := <-edited; err != nil {
		t.Errorf("the edit is answered %v", err)
	}
	if err := moved.Get(ctx, nil); err != nil {
		t.Errorf("the move is answered %v", err)
	}
	workertest.WaitFor(t, "the next run", func() bool { return presentRun(t, s, next) != run })
	replays(t, s, temporalio.FulfillmentOrderID(next))
	replays(t, s, temporalio.OrderID(order.ID))
}
