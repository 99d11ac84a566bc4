package workflows_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestCancelRequestEndsNoLife is the most prominent button of the Temporal UI: it is recorded and told, and life goes
// on.
func TestCancelRequestEndsNoLife(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	run := presentRun(t, s, id)
	if err := s.Temporal.CancelWorkflow(t.Context(), temporalio.FulfillmentOrderID(id), run); err != nil {
		t.Fatal(err)
	}
	s.Eventually(id, "recorded", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.LastRefusal != nil && fo.LastRefusal.Verb == fulfillment.VerbCancel
	})
	until := s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, ExpiresAt: in(time.Second)})
	if until.Status != fulfillment.StatusOnHold {
		t.Errorf("a command after it: %+v", until)
	}
	s.Eventually(id, "opened by a timer after it", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.Status == fulfillment.StatusOpen
	})
	if again := presentRun(t, s, id); again != run {
		t.Errorf("run %s lives, want %s", again, run)
	}
	if page := currentDetails(t, s, id); !strings.Contains(page, "ends no fulfillment order") ||
		!strings.Contains(page, "packhorse fulfillment-order cancel") {
		t.Errorf("the page says nothing of it:\n%s", page)
	}
	transitions, err := s.Store.Transitions(t.Context(), id, postgres.Page{})
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, step := range transitions.Items {
		if step.Kind == fulfillment.KindRefused {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d refusals are recorded, want 1", refused)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestCancelRequestLeavesNoOrderHalf has one come before the order is taken in: what was begun is carried out.
func TestCancelRequestLeavesNoOrderHalf(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	s.StopWorker()
	run, err := s.Temporal.ExecuteWorkflow(
		t.Context(), client.StartWorkflowOptions{ID: "order/5001", TaskQueue: temporalio.TaskQueue},
		temporalio.OrderType, json.RawMessage(`{"lineItems":[{"title":"Blanket","quantity":2}]}`),
	)
	if err == nil {
		err = s.Temporal.CancelWorkflow(t.Context(), "order/5001", "")
	}
	if err != nil {
		t.Fatal(err)
	}
	s.StartWorker()
	var out temporalio.OrderOutput
	if err := run.Get(t.Context(), &out); err != nil || len(out.WorkflowIDs) != 1 {
		t.Fatalf("%+v, %v; want the order taken in", out, err)
	}
	if page := pageOf(t, s, "order/5001"); !strings.Contains(page, "A cancel request") {
		t.Errorf("the page says nothing of it:\n%s", page)
	}
	replays(t, s, "order/5001")
}

// pageOf is the current details of a workflow's last run.
func pageOf(t *testing.T, s *workertest.Stack, workflowID string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var metadata sdkpb.WorkflowMetadata
	answer, err := s.Temporal.QueryWorkflow(ctx, workflowID, "", "__temporal_workflow_metadata")
	if err == nil {
		err = answer.Get(&metadata)
	}
	if err != nil {
		t.Fatal(err)
	}
	return metadata.CurrentDetails
}

// TestOrderTellsWhatItBecame asks the run of a command on the whole order, which is the latest run.
func TestOrderTellsWhatItBecame(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	orderID := s.Load(id).OrderID
	edited, err := s.Command.EditOrder(t.Context(), fulfillment.EditOrder{
		OrderID: orderID, Add: []fulfillment.LineItem{{Title: "Mug", Quantity: 1}},
	})
	if err != nil || len(edited.Added) != 1 {
		t.Fatalf("%+v, %v", edited, err)
	}
	workflowID := temporalio.OrderID(orderID)
	var out temporalio.OrderOutput
	if err := s.Temporal.GetWorkflow(t.Context(), workflowID, "").Get(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	want := []string{temporalio.FulfillmentOrderID(id), temporalio.FulfillmentOrderID(edited.Added[0])}
	if len(out.WorkflowIDs) != 2 || out.WorkflowIDs[0] != want[0] || out.WorkflowIDs[1] != want[1] {
		t.Errorf("the result has %v, want %v", out.WorkflowIDs, want)
	}
	answer, err := s.Temporal.QueryWorkflow(t.Context(), workflowID, "", temporalio.StateQuery)
	var state temporalio.OrderState
	if err == nil {
		err = answer.Get(&state)
	}
	if err != nil || state.OrderID != orderID || !state.Opened || len(state.WorkflowIDs) != 2 {
		t.Errorf("the state is %+v, %v", state, err)
	}
	if page := pageOf(t, s, workflowID); !strings.Contains(page, "Edit") {
		t.Errorf("the page does not say what was done:\n%s", page)
	}
	replays(t, s, workflowID)
}

// TestResetRepeatsNoSignal sends a run back to before a signal that the order decided: it is taken again, and known.
func TestResetRepeatsNoSignal(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 3)
	line := s.Load(id).Lines[0].ID
	s.Send(id, &fulfillment.PlaceHold{
		Reason: fulfillment.HoldOther, Lines: []fulfillment.Quantity{{ID: line, Quantity: 1}},
	})
	workflowID := temporalio.FulfillmentOrderID(id)
	if err := s.Temporal.SignalWorkflow(
		t.Context(), workflowID, "", string(fulfillment.VerbReleaseHold), &fulfillment.ReleaseHold{},
	); err != nil {
		t.Fatal(err)
	}
	released := s.Eventually(id, "released", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.Status == fulfillment.StatusOpen && fo.RemainingUnits() == 3
	})
	resetBefore(t, s, workflowID, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	workertest.WaitFor(t, "the signal to be taken again", func() bool {
		return count(history(t, s, workflowID), enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED) > 0
	})
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(2 * time.Hour)})
	if fo := s.Load(id); fo.Sequence != released.Sequence+2 || fo.LastRefusal != nil {
		t.Errorf(
			"sequence %d after %d and two deadlines, last refusal %+v: the signal was carried out twice", fo.Sequence,
			released.Sequence, fo.LastRefusal,
		)
	}
	replays(t, s, workflowID)
}
