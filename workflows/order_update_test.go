package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestCommitAfterTheRunHasEnded: what a joint command commits when the reservation of a fulfillment order has ended by
// itself, and its run too, becomes known to its workflow all the same.
func TestCommitAfterTheRunHasEnded(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	shipped := s.Send(id, &fulfillment.CreateFulfillment{}).FulfillmentID
	s.Send(id, &fulfillment.RecordEvent{FulfillmentID: shipped, Status: fulfillment.EventDelivered})
	workertest.WaitFor(t, "the end of the run", func() bool {
		described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.FulfillmentOrderID(id), "")
		return err == nil &&
			described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	})
	orderID := s.Load(id).OrderID
	order, err := s.Store.Order(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	fos, err := s.Store.FulfillmentOrdersOf(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	cmd := fulfillment.UpdateOrder{OrderID: orderID, OrderFields: fulfillment.OrderFields{
		ShippingAddress: &fulfillment.Address{Address1: "New street 99", City: "Porto", CountryCode: "PT"},
	}}
	cmd.CommandID = "correct"
	plan, err := fulfillment.PlanOrderUpdate(order, fos, cmd, fulfillment.Env{Now: time.Now().UTC()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.UpdateOrder(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	for range 2 { // The second time it knows.
		if err := s.Updates.Apply(t.Context(), id, "Update of the test/1", nil); err != nil {
			t.Fatal(err)
		}
		stored, state := s.Load(id), s.State(id)
		if state.Sequence != stored.Sequence || state.DestinationBefore != 1 || stored.DestinationBefore != 1 {
			t.Errorf("the workflow is at %d, before update %d; the store at %d, before %d", state.Sequence,
				state.DestinationBefore, stored.Sequence, stored.DestinationBefore)
		}
	}
}

// TestUpdateOrder corrects the address of an order of which one part waits, one is with a service, and one is shipped.
func TestUpdateOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID
	north := s.Service(fulfillment.Service{Name: "North", Provider: "manual"}).LocationID
	order := sofa()
	order.LineItems = []fulfillment.LineItem{
		{Title: "Sofa", Quantity: 2, LocationID: berlin}, {Title: "Lamp", Quantity: 1, LocationID: north},
		{Title: "Rug", Quantity: 1, LocationID: hamburg},
	}
	created, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	at := func(location fulfillment.ID) fulfillment.ID {
		for _, id := range created.FulfillmentOrderIDs {
			if s.Load(id).AssignedLocation.LocationID == location {
				return id
			}
		}
		t.Fatal("there is no such fulfillment order")
		return 0
	}
	waits, served, shipped := at(berlin), at(north), at(hamburg)
	s.Send(served, &fulfillment.SubmitFulfillmentRequest{})
	s.Send(served, &fulfillment.AcceptFulfillmentRequest{})
	s.Send(shipped, &fulfillment.CreateFulfillment{})
	s.Send(waits, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})

	cmd := fulfillment.UpdateOrder{OrderID: created.OrderID, OrderFields: fulfillment.OrderFields{
		ShippingAddress: &fulfillment.Address{FirstName: "Ada", Address1: "New street 99", City: "Porto", CountryCode: "PT"},
		Note:            new("Ring twice"),
	}}
	cmd.CommandID, cmd.Actor = "correct", fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "desk"}
	updated, err := s.Command.UpdateOrder(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	kept := make([]fulfillment.ID, len(updated.Kept))
	for i, k := range updated.Kept {
		kept[i] = k.FulfillmentOrderID
	}
	slices.Sort(kept)
	want := []fulfillment.ID{served, shipped}
	slices.Sort(want)
	if !slices.Equal(updated.Followed, []fulfillment.ID{waits}) || !slices.Equal(kept, want) ||
		!slices.Equal(updated.Changed, []string{"shippingAddress", "note"}) {
		t.Fatalf("answered %+v", updated)
	}
	for id, before := range map[fulfillment.ID]int{waits: 0, served: 1, shipped: 1} {
		if got := s.Load(id).DestinationBefore; got != before {
			t.Errorf("%d goes to the address before update %d, want %d", id, got, before)
		}
		if got := s.State(id).DestinationBefore; got != before {
			t.Errorf("its workflow says before %d, want %d", got, before)
		}
	}
	record, err := s.Store.Order(t.Context(), created.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	last := record.Transitions[len(record.Transitions)-1]
	if record.Note != "Ring twice" || record.ShippingAddress.Address1 != "New street 99" ||
		last.Kind != fulfillment.OrderKindUpdated || last.Actor.App != "desk" ||
		last.ValuesBefore.ShippingAddress.Address1 != "Old street 1" || last.ValuesAfter.ShippingAddress.Address1 != "New street 99" ||
		*last.ValuesBefore.Note != "" {
		t.Errorf("the order is %+v, its last transition %+v", record.Order, last)
	}
	// What others hear names the fields, and nothing personal.
	var events, personal int
	if err := database(t, s).QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE topic = 'orders/updated' AND
		payload->>'kind' = 'UPDATED' AND payload->'details'->'changed' ? 'shippingAddress'),
		count(*) FILTER (WHERE payload::text ~ 'street') FROM events WHERE order_id = $1`, created.OrderID,
	).Scan(&events, &personal); err != nil {
		t.Fatal(err)
	}
	if events != 1 || personal != 0 {
		t.Errorf("%d events of the update, %d events with an address", events, personal)
	}
	// The provider of the one that keeps it is told the address that it had.
	for id, street := range map[fulfillment.ID]string{waits: "New street 99", served: "Old street 1"} {
		fo := s.Load(id)
		call, err := s.Store.ProviderCall(t.Context(), fo.OrderID, fo.AssignedLocation.LocationID, fo.DestinationBefore)
		if err != nil || call.Destination.Address1 != street {
			t.Errorf("a call about %d goes to %+v, %v", id, call.Destination, err)
		}
	}
	// Sent again, it is the first answer; another one under its ID is refused.
	again, err := s.Command.UpdateOrder(t.Context(), cmd)
	if err != nil || !slices.Equal(again.Followed, updated.Followed) || len(again.Kept) != 2 {
		t.Errorf("again: %+v, %v", again, err)
	}
	cmd.Note = new("Another")
	_, err = s.Command.UpdateOrder(t.Context(), cmd)
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("another one under its ID: %v", err)
	}
	edit := fulfillment.EditOrder{OrderID: created.OrderID, Add: []fulfillment.LineItem{{Title: "Pillow", Quantity: 1}}}
	edit.CommandID = "edit"
	if _, err := s.Command.EditOrder(t.Context(), edit); err != nil {
		t.Fatal(err)
	}
	cmd.CommandID = "edit"
	_, err = s.Command.UpdateOrder(t.Context(), cmd)
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("under the ID of an edit: %v", err)
	}
	// What comes back from the service goes to the new address, and so does what is split off or moved.
	s.Send(served, &fulfillment.SubmitCancellationRequest{})
	if s.Load(served).DestinationBefore != 1 {
		t.Error("the service is to stop, and its destination has changed")
	}
	s.Send(served, &fulfillment.AcceptCancellationRequest{})
	s.Send(served, &fulfillment.Move{NewLocationID: hamburg})
	if got := s.Load(served).DestinationBefore; got != 0 {
		t.Errorf("what came back goes to the address before update %d", got)
	}
	// It is the same order still.
	same, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil || !same.Repeated {
		t.Errorf("the order again: %+v, %v", same, err)
	}
	whole(t, s, created.OrderID)
	replays(t, s, temporalio.OrderID(created.OrderID))
	replays(t, s, temporalio.FulfillmentOrderID(waits))
	replays(t, s, temporalio.FulfillmentOrderID(served))
}

// TestUpdateOrderIsStrict: what can't be done is refused by name, and an order that is not there is told so.
func TestUpdateOrderIsStrict(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	order := s.Load(id).OrderID
	raw := func(order fulfillment.ID, body map[string]any) error {
		start := s.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: temporalio.OrderID(order), TaskQueue: temporalio.TaskQueue,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		}, temporalio.OrderType, map[string]any{"existing": true})
		handle, err := s.Temporal.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: start, UpdateOptions: client.UpdateWorkflowOptions{
				WorkflowID: temporalio.OrderID(order), UpdateName: temporalio.UpdateOrderUpdate, Args: []any{body},
				WaitForStage: client.WorkflowUpdateStageCompleted,
			},
		})
		if err == nil {
			err = handle.Get(t.Context(), nil)
		}
		return err
	}
	for name, test := range map[string]struct {
		order fulfillment.ID
		body  map[string]any
		want  string
	}{
		"misspelt":      {order, map[string]any{"nota": "x"}, "did you mean note?"},
		"nothing":       {order, map[string]any{}, "at least one field"},
		"unknown_order": {99, map[string]any{"note": "x"}, "Order does not exist"},
		"fine":          {order, map[string]any{"note": "x", "tags": []string{"a"}}, ""},
	} {
		err := raw(test.order, test.body)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	if record, err := s.Store.Order(t.Context(), order); err != nil || record.Note != "x" || len(record.Tags) != 1 {
		t.Errorf("the order is %+v, %v", record, err)
	}
}
