package update

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Ended is the state that a run of a fulfillment order ended with; nil: there is none, or nobody can tell any more.
// What somebody else's run on its ID says is none. It needs a worker, and leaves no trace. Of one that is paused nobody
// can tell: the error is a [*temporalio.PausedError].
func (c *Client) Ended(
	ctx context.Context, id fulfillment.ID, runID string,
) (state *fulfillment.FulfillmentOrder, err error) {
	described, err := c.temporal.DescribeWorkflowExecution(ctx, temporalio.FulfillmentOrderID(id), runID)
	switch {
	case errors.As(err, new(*serviceerror.NotFound)):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for run %s of fulfillment order %d: %w", runID, id, err)
	case !isOurs(described.GetWorkflowExecutionInfo()):
		return nil, nil
	}
	answer, err := c.temporal.QueryWorkflow(ctx, temporalio.FulfillmentOrderID(id), runID, temporalio.StateQuery)
	if errors.As(err, new(*serviceerror.NotFound)) || errors.As(err, new(*serviceerror.QueryFailed)) ||
		errors.As(err, new(*serviceerror.WorkflowNotReady)) { // It ended before it did anything.
		return nil, nil
	}
	if rejected, ok := errors.AsType[*temporal.QueryRejectedError](err); ok &&
		rejected.QueryRejected().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED {
		return nil, &temporalio.PausedError{WorkflowID: temporalio.FulfillmentOrderID(id)}
	}
	if err != nil {
		return nil, fmt.Errorf("ask run %s of fulfillment order %d for its last state: %w", runID, id, err)
	}
	return state, answer.Get(&state)
}

// begin is how a new run of a fulfillment order begins that the store has. What the last run that has ended knew is
// asked of it if the store has less: now, or when the new run reads it, for it may be set back in between.
func (c *Client) begin(
	ctx context.Context, stored *fulfillment.FulfillmentOrder,
) (in temporalio.FulfillmentOrderInput, err error) {
	in.ID = stored.ID
	workflowID := temporalio.FulfillmentOrderID(stored.ID)
	described, err := c.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	if errors.As(err, new(*serviceerror.NotFound)) {
		return in, nil
	}
	if err != nil {
		return in, fmt.Errorf("look for the last run of fulfillment order %d: %w", stored.ID, err)
	}
	info := described.GetWorkflowExecutionInfo()
	switch info.GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		return in, nil
	}
	runID := info.GetExecution().GetRunId()
	ended, err := c.Ended(ctx, stored.ID, runID)
	if err == nil && !knows(ended) {
		ended, runID, err = c.earlier(ctx, stored.ID)
	}
	if err != nil || ended == nil {
		return in, err
	}
	in.After = runID
	if ended.Sequence <= stored.Sequence {
		in.Knew = stored.Sequence
	}
	return in, nil
}

// Knew is the state of the last run of a fulfillment order that had one; nil: none had, or nobody can tell. While the
// store does not have the fulfillment order, a command on it can be a run that finds nothing: what an earlier one knew
// is not forgotten for that.
func (c *Client) Knew(ctx context.Context, id fulfillment.ID) (*fulfillment.FulfillmentOrder, error) {
	state, err := c.Ended(ctx, id, "")
	if err == nil && !knows(state) {
		state, _, err = c.earlier(ctx, id)
	}
	return state, err
}

// earlierRuns is how many runs are asked when the last one knew nothing.
const earlierRuns = 20

// earlier is the state of the last run that has ended and had one, and that run.
func (c *Client) earlier(ctx context.Context, id fulfillment.ID) (
	state *fulfillment.FulfillmentOrder, runID string, err error,
) {
	page, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = '%s' AND WorkflowType = '%s' AND ExecutionStatus != 'Running'",
			temporalio.FulfillmentOrderID(id), temporalio.FulfillmentOrderType),
		PageSize: earlierRuns,
	})
	if err != nil {
		return nil, "", fmt.Errorf("list the runs of fulfillment order %d: %w", id, err)
	}
	for _, run := range page.GetExecutions() { // The latest first.
		runID = run.GetExecution().GetRunId()
		if state, err = c.Ended(ctx, id, runID); err != nil || knows(state) {
			return state, runID, err
		}
	}
	return nil, "", nil
}

func knows(state *fulfillment.FulfillmentOrder) bool { return state != nil && state.Sequence > 0 }

// isOurs tells whether a run on a fulfillment order's ID is lived by our workers. Anybody may have sat on the ID.
func isOurs(info *workflowpb.WorkflowExecutionInfo) bool {
	return info.GetType().GetName() == temporalio.FulfillmentOrderType && info.GetTaskQueue() == temporalio.TaskQueue
}
