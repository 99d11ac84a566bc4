package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestMendedOrder starts an order that is refused, and mends it: under the reuse policy that the pages name, it is
// taken in under its ID; under "reject duplicate" it is lost without a word, which is why they don't name that one.
func TestMendedOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	for _, test := range []struct {
		policy enumspb.WorkflowIdReusePolicy
		id     fulfillment.ID
		taken  bool
	}{
		{enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY, 9702, true},
		{enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, 9703, false},
	} {
		start := func(quantity int) error {
			run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
				ID: temporalio.OrderID(test.id), TaskQueue: temporalio.TaskQueue, WorkflowIDReusePolicy: test.policy,
			}, temporalio.OrderType, map[string]any{
				"name": "#9702", "lineItems": []map[string]any{{"title": "Lantern", "quantity": quantity}},
			})
			if err != nil {
				return fmt.Errorf("start: %w", err)
			}
			return run.Get(t.Context(), nil)
		}
		if start(0) == nil {
			t.Error("an order of nothing was taken in")
		}
		mended := start(1)
		_, err := s.Store.Order(t.Context(), test.id)
		if (mended == nil) != test.taken || (err == nil) != test.taken {
			t.Errorf("%s: mended: %v; in the store: %v", test.policy, mended, err)
		}
		if test.taken { // It is there: another start is no second order.
			if err := start(2); err != nil {
				t.Errorf("%s: again: %v", test.policy, err)
			}
			if order, err := s.Store.Order(t.Context(), test.id); err != nil || order.LineItems[0].Quantity != 1 {
				t.Errorf("%s: the order is %+v, %v", test.policy, order, err)
			}
		}
	}
}

// TestUnreadableStart: whoever starts a fulfillment order with what is no input is told so in our words.
func TestUnreadableStart(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	for id, input := range map[string]any{
		"fulfillment-order/81": "4711", "fulfillment-order/82": []int{1}, "fulfillment-order/83": map[string]any{"id": true},
	} {
		run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: id, TaskQueue: temporalio.TaskQueue,
		}, temporalio.FulfillmentOrderType, input)
		if err != nil {
			t.Fatal(err)
		}
		refused, ok := temporalio.Refusal(run.Get(t.Context(), nil))
		if !ok || refused.Code != fulfillment.CodeInvalid || !strings.HasPrefix(refused.Message, "The input can't be read") {
			t.Errorf("%s: %v", id, refused)
		}
	}
}

// TestUpdateIDAlone: within a run, the server answers an update whose ID it has seen with the first answer, whatever is
// asked. A command ID is compared with what came before.
func TestUpdateIDAlone(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	send := func(updateID, name string, body map[string]any) (fulfillment.Result, error) {
		handle, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: name, Args: []any{body},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		var result fulfillment.Result
		if err == nil {
			err = handle.Get(t.Context(), &result)
		}
		return result, err
	}
	first, err := send("job-1", "SetDeadline", map[string]any{"fulfillmentDeadline": "2027-01-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := send("job-1", "Hold", map[string]any{"reason": "OTHER"})
	if err != nil || second != first {
		t.Errorf("another command under the update ID: %+v, %v, want the first answer %+v", second, err, first)
	}
	if fo := s.Load(id); len(fo.Holds) != 0 {
		t.Error("it was carried out: the pages say that it is not")
	}
	if _, err := send("", "Hold", map[string]any{"commandId": "mine", "reason": "OTHER"}); err != nil {
		t.Fatal(err)
	}
	_, err = send("", "ReleaseHold", map[string]any{"commandId": "mine"})
	if refused, ok := temporalio.Refusal(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("another command under the command ID: %v, want %s", err, fulfillment.CodeIdempotencyConflict)
	}
}

// TestManyUpdatesAtOnce: the server has ten updates of a run under way at the most. Callers beyond that hear nothing
// and wait; when there is room, each gets its answer.
func TestManyUpdatesAtOnce(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.StopWorker() // So that none of them gets on.
	const callers = 14
	var group sync.WaitGroup
	errs := make([]error, callers)
	waiting := make(chan struct{})
	for i := range callers {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
			defer cancel()
			handle, err := s.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
				WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: "SetDeadline",
				Args:         []any{map[string]any{"fulfillmentDeadline": fmt.Sprintf("2027-01-%02dT00:00:00Z", i+1)}},
				WaitForStage: client.WorkflowUpdateStageCompleted,
			})
			if err == nil {
				err = handle.Get(ctx, nil)
			}
			errs[i] = err
		})
	}
	go func() { group.Wait(); close(waiting) }()
	select { // Nobody is turned away, and nobody is told anything.
	case <-waiting:
		t.Errorf("everyone was answered while no worker ran: %v", errors.Join(errs...))
	case <-time.After(time.Second):
	}
	s.StartWorker()
	<-waiting
	for i, err := range errs {
		if err != nil {
			t.Errorf("caller %d: %v", i, err)
		}
	}
}

// TestRawOrderCommand commands an order as the pages tell other SDKs to: the run knows what it commands.
func TestRawOrderCommand(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	orderID := s.Load(id).OrderID
	order, err := s.Store.Order(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	workflowID := temporalio.OrderID(orderID)
	if err := commandOrder(t, s, orderID, "Update", `{"note":"by the gate"}`); err != nil {
		t.Fatal(err)
	}
	var out temporalio.OrderOutput
	if err := s.Temporal.GetWorkflow(t.Context(), workflowID, "").Get(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.WorkflowIDs) != 1 || out.WorkflowIDs[0] != temporalio.FulfillmentOrderID(id) {
		t.Errorf("the result is %+v, want the fulfillment order %d", out, id)
	}
	if page := pageOf(t, s, workflowID); !strings.Contains(page, strings.TrimPrefix(order.Name, "#")) {
		t.Errorf("the page does not name %s:\n%s", order.Name, page)
	}
	run, err := s.Temporal.DescribeWorkflow(t.Context(), workflowID, "")
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := run.TypedSearchAttributes.GetKeyword(temporalio.OrderName); name != order.Name {
		t.Errorf("the run is found as %q, want %q", name, order.Name)
	}
	replays(t, s, workflowID)

	err = commandOrder(t, s, 4711, "Update", `{"note":"by the gate"}`)
	if refused, ok := temporalio.Refusal(err); !ok || refused.Code != fulfillment.CodeOrderNotFound {
		t.Errorf("an order that is not there: %v", err)
	}
	if page := pageOf(t, s, temporalio.OrderID(4711)); !strings.Contains(page, "There is no order") {
		t.Errorf("its page:\n%s", page)
	}
}

// TestRefusalsHaveTheirCodeOnTop: whoever decides a command, its raw caller reads the code and the details of a refusal
// at the same place.
func TestRefusalsHaveTheirCodeOnTop(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	for name, body := range map[string]string{
		"Hold":              `{}`,
		"Move":              `{"newLocationId":"4711"}`, // The order is asked.
		"CancelFulfillment": `{"fulfillmentId":"4711"}`, // As well.
	} {
		err := updateRaw(t, s, id, name, body)
		app := (*temporal.ApplicationError)(nil)
		var activityError *temporal.ActivityError
		if !errors.As(err, &app) || !app.HasDetails() || errors.As(err, &activityError) {
			t.Errorf("%s: %v (%T)", name, err, err)
		}
	}
}

// commandOrder sends an update to an order, as another SDK would.
func commandOrder(t *testing.T, s *workertest.Stack, orderID fulfillment.ID, name, body string) error {
	t.Helper()
	start := s.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: temporalio.OrderID(orderID), TaskQueue: temporalio.TaskQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, temporalio.OrderType, json.RawMessage(`{"existing":true}`))
	handle, err := s.Temporal.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start, UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: temporalio.OrderID(orderID), UpdateName: name, Args: []any{json.RawMessage(body)},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return fmt.Errorf("update with start: %w", err)
	}
	return handle.Get(t.Context(), nil)
}

// updateRaw sends an update to a fulfillment order, as another SDK would.
func updateRaw(t *testing.T, s *workertest.Stack, id fulfillment.ID, name, body string) error {
	t.Helper()
	handle, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: name, Args: []any{json.RawMessage(body)},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return handle.Get(t.Context(), nil)
}
