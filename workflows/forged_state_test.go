package workflows_test

import (
	"encoding/json"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// foreignQueue is where workflows of somebody else run, in our namespace.
const foreignQueue = "foreign"

// foreignParent starts a fulfillment order's workflow as its child, and gives it whatever it likes.
func foreignParent(ctx workflow.Context, childID string, in json.RawMessage) error {
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: childID, TaskQueue: temporalio.TaskQueue,
		ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
	}), temporalio.FulfillmentOrderType, in)
	return child.GetChildWorkflowExecution().Get(ctx, nil)
}

// foreignForerunner sits on a fulfillment order's workflow ID and goes on as that workflow. It says that it had the
// state that it hands on.
func foreignForerunner(ctx workflow.Context, in json.RawMessage) error {
	var handed temporalio.FulfillmentOrderInput
	if err := json.Unmarshal(in, &handed); err != nil {
		return err
	}
	if err := workflow.SetQueryHandler(ctx, temporalio.StateQuery, func() (*fulfillment.FulfillmentOrder, error) {
		return handed.State, nil
	}); err != nil {
		return err
	}
	ctx = workflow.WithWorkflowTaskQueue(ctx, temporalio.TaskQueue)
	return workflow.NewContinueAsNewError(ctx, temporalio.FulfillmentOrderType, in)
}

// TestHandedStateIsNotBelieved hands a fulfillment order's workflow a state in which more units remain than there are,
// in every way in which a run can be started by somebody else. What remains is for the store to say.
func TestHandedStateIsNotBelieved(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	foreign := sdkworker.New(s.Temporal, foreignQueue, sdkworker.Options{})
	foreign.RegisterWorkflow(foreignParent)
	foreign.RegisterWorkflow(foreignForerunner)
	if err := foreign.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(foreign.Stop)
	run := func(t *testing.T, options client.StartWorkflowOptions, name any, args ...any) {
		t.Helper()
		if _, err := s.Temporal.ExecuteWorkflow(t.Context(), options, name, args...); err != nil {
			t.Fatal(err)
		}
	}
	isAnother := func(t *testing.T, workflowID string) {
		t.Helper()
		workertest.WaitFor(t, "the next run", func() bool {
			described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), workflowID, "")
			return err == nil && described.WorkflowExecutionInfo.FirstRunId !=
				described.WorkflowExecutionInfo.Execution.RunId
		})
	}
	for name, start := range map[string]func(t *testing.T, workflowID string, in json.RawMessage){
		"by_a_foreign_parent": func(t *testing.T, workflowID string, in json.RawMessage) {
			t.Helper()
			run(t, client.StartWorkflowOptions{TaskQueue: foreignQueue}, foreignParent, workflowID, in)
		},
		"by_a_run_that_continues_as_it": func(t *testing.T, workflowID string, in json.RawMessage) {
			t.Helper()
			run(t, client.StartWorkflowOptions{ID: workflowID, TaskQueue: foreignQueue}, foreignForerunner, in)
			isAnother(t, workflowID)
		},
		"by_a_run_that_is_tried_again": func(t *testing.T, workflowID string, in json.RawMessage) {
			t.Helper()
			run(t, client.StartWorkflowOptions{
				ID: workflowID, TaskQueue: temporalio.TaskQueue, WorkflowRunTimeout: 2 * time.Second,
				RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Millisecond, MaximumAttempts: 2},
			}, temporalio.FulfillmentOrderType, in)
			isAnother(t, workflowID)
		},
		"by_anyone": func(t *testing.T, workflowID string, in json.RawMessage) {
			t.Helper()
			run(t, client.StartWorkflowOptions{ID: workflowID, TaskQueue: temporalio.TaskQueue},
				temporalio.FulfillmentOrderType, in)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.For(t)
			id := s.Order(berlin, 3)
			forged := s.State(id)
			forged.Lines[0].Total, forged.Lines[0].Remaining = 6, 6
			forged.Sequence = 1000
			in, err := json.Marshal(temporalio.FulfillmentOrderInput{ID: id, State: forged, Resumed: true, Knew: 1000})
			if err != nil {
				t.Fatal(err)
			}
			terminate(t, s, id)
			start(t, temporalio.FulfillmentOrderID(id), in)
			var told *fulfillment.FulfillmentOrder
			workertest.WaitFor(t, "a run with a state", func() bool { told = s.State(id); return told != nil })
			if told.Lines[0].Remaining != 3 {
				t.Errorf("the run says that %d units remain, the store has 3", told.Lines[0].Remaining)
			}
			if told.Sequence >= forged.Sequence {
				t.Errorf("the run believes that the store has lost what came before transition %d", told.Sequence)
			}
			ship := &fulfillment.CreateFulfillment{
				Lines: []fulfillment.Quantity{{ID: forged.Lines[0].ID, Quantity: 6}},
			}
			if _, err := s.Command.Send(t.Context(), id, ship); err == nil {
				t.Error("six units were shipped of three")
			}
		})
	}
}
