package workflows_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestSignalsAreReadStrictly: what an update would be refused for does nothing as a signal either, and the history says
// why.
func TestSignalsAreReadStrictly(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	far := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
	for _, test := range []struct{ verb, payload, want string }{
		{"CreateFulfillment", `{"fulfillmentOrderLineItmes":[{"id":1,"quantity":1}]}`,
			"fulfillmentOrderLineItmes: there is no such field; did you mean fulfillmentOrderLineItems?"},
		{"Hold", `{"reason":"OTHER","expiresAt":"9999-12-31T00:00:00Z"}`,
			"expiresAt: must be in the years 1970 to 9000 (is in 9999)."},
		{"RecordEvent", `{"fulfillmentId":1,"status":"DELIVERED","happenedAt":"` + far + `"}`,
			"happenedAt: must not be more than 24 hours ahead of now (is " + far + ")."},
	} {
		before := s.Load(id).Sequence
		err := s.Temporal.SignalWorkflow(
			t.Context(), temporalio.FulfillmentOrderID(id), "", test.verb, json.RawMessage(test.payload),
		)
		if err != nil {
			t.Fatal(err)
		}
		s.Eventually(id, "refused", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Sequence > before })
		history, err := s.Store.Transitions(t.Context(), id, postgres.Page{})
		if err != nil {
			t.Fatal(err)
		}
		last := history.Items[len(history.Items)-1]
		if last.Kind != fulfillment.KindRefused || string(last.Verb) != test.verb || last.Reason != test.want {
			t.Errorf("%s: the history says %s %s %q, want refused with %q", test.payload, last.Kind, last.Verb, last.Reason,
				test.want)
		}
	}
	if fo := s.Load(id); fo.RemainingUnits() != 2 || len(fo.Holds) > 0 {
		t.Errorf("something was done: %+v", fo)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestCommandsAreTidy: two texts that look the same are the same, whichever way they come.
func TestCommandsAreTidy(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Handle: " my  hold ", ExternalID: "7\t"})
	err := s.Temporal.SignalWorkflow(t.Context(), temporalio.FulfillmentOrderID(id), "", "ReleaseHold",
		json.RawMessage(`{"externalId":" 7"}`))
	if err != nil {
		t.Fatal(err)
	}
	s.Eventually(id, "released", func(fo *fulfillment.FulfillmentOrder) bool { return len(fo.Holds) == 0 })
	s.Send(id, &fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{
		Company: "UPS ", Numbers: []string{" 1Z\u00a0", "1Z  2"},
	}})
	tracking := fmt.Sprint(s.Load(id).Fulfillments[0].Tracking)
	if want := fmt.Sprint([]fulfillment.TrackingInfo{
		{Company: "UPS", Number: "1Z", URL: "https://www.ups.com/track?tracknum=1Z"},
		{Company: "UPS", Number: "1Z 2", URL: "https://www.ups.com/track?tracknum=1Z%202"},
	}); tracking != want {
		t.Errorf("the tracking is %s, want %s", tracking, want)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestTheFirstTaskReadsStrictly: an update that comes with the start of a run is not asked by a validator.
func TestTheFirstTaskReadsStrictly(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	workflowID := temporalio.FulfillmentOrderID(id)
	s.Send(id, &fulfillment.CreateFulfillment{})
	s.Send(id, &fulfillment.RecordEvent{
		FulfillmentID: s.Load(id).Fulfillments[0].ID, Status: fulfillment.EventDelivered,
	})
	closes(t, s, workflowID)
	update := func(payload string) error {
		start := s.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: workflowID, TaskQueue: temporalio.TaskQueue,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		}, temporalio.FulfillmentOrderType, json.RawMessage(fmt.Sprintf(`{"id":%d}`, id)))
		handle, err := s.Temporal.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: start,
			UpdateOptions: client.UpdateWorkflowOptions{WorkflowID: workflowID, UpdateName: "SetDeadline",
				WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{json.RawMessage(payload)}}})
		if err == nil {
			err = handle.Get(t.Context(), nil)
		}
		return err
	}
	err := update(`{"fulfilmentDeadline":"2030-01-01T00:00:00Z"}`)
	if refused, ok := temporalio.Refusal(err); !ok || !strings.Contains(refused.Message, "fulfillmentDeadline?") {
		t.Errorf("a misspelt field gave %v, want a refusal that names it", err)
	}
	replays(t, s, workflowID)
}

// TestOrderCommandsAreReadStrictly: those on the whole order, too.
func TestOrderCommandsAreReadStrictly(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Load(s.Order(s.Warehouse("Berlin").ID, 2)).OrderID
	for _, test := range []struct{ update, payload, want string }{
		{"Cancel", `{"raeson":"x"}`, "there is no such field"},
		{"Edit", `{"setQuantity":[]}`, "there is no such field"},
		{"Update", `{"nots":"x"}`, "there is no such field"},
		{"Cancel", `{"orderId":"7"}`, "orderId: must be the number in the workflow ID"},
		{"Edit", `{"orderId":7,"add":[{"title":"Lamp","quantity":1}]}`, "orderId: must be the number in the workflow ID"},
		{"Update", `{"orderId":"7","note":"x"}`, "orderId: must be the number in the workflow ID"},
	} {
		update, payload := test.update, test.payload
		start := s.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: temporalio.OrderID(id), TaskQueue: temporalio.TaskQueue,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		}, temporalio.OrderType, json.RawMessage(`{"existing":true}`))
		handle, err := s.Temporal.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: start,
			UpdateOptions: client.UpdateWorkflowOptions{WorkflowID: temporalio.OrderID(id), UpdateName: update,
				WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{json.RawMessage(payload)}}})
		if err == nil {
			err = handle.Get(t.Context(), nil)
		}
		if refused, ok := temporalio.Refusal(err); !ok || !strings.Contains(refused.Message, test.want) {
			t.Errorf("%s %s gave %v, want %q", update, payload, err, test.want)
		}
	}
	order, err := s.Store.Order(t.Context(), id)
	if err != nil || order.CancelledAt != nil {
		t.Errorf("%v, cancelled at %v", err, order.CancelledAt)
	}
}
