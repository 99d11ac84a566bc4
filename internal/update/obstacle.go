package update

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"packhorse/internal/temporalio"
)

// overdueTask is how long a task may wait for a worker before that is worth a word.
const overdueTask = time.Second

// obstacle is what keeps a workflow from answering, for people: it names the workflow, and what that waits for itself.
type obstacle struct{ what, todo string }

// Error says what it is.
func (o *obstacle) Error() string { return o.what }

// WhatToDo is the next step; empty: none is known.
func (o *obstacle) WhatToDo() string { return o.todo }

// obstacle is what Temporal knows to keep a workflow from answering; nil: nothing.
func (c *Client) obstacle(ctx context.Context, workflowID string) error {
	described, err := c.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	switch {
	case errors.As(err, new(*serviceerror.NotFound)): // It is about to start.
		return nil
	case err != nil:
		return &obstacle{
			fmt.Sprintf("Temporal does not say how %s is: %v", workflowID, err), "Look whether Temporal is up.",
		}
	}
	if described.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED {
		paused := &temporalio.PausedError{WorkflowID: workflowID}
		if at := described.GetWorkflowExtendedInfo().GetPauseInfo().GetPausedTime(); at != nil {
			paused.Since = at.AsTime()
		}
		return paused
	}
	if met := taskObstacle(described.GetPendingWorkflowTask()); met != nil {
		met.what = workflowID + ": " + met.what
		return met
	}
	for _, activity := range described.GetPendingActivities() {
		if met := activityObstacle(activity); met != nil {
			met.what = fmt.Sprintf("%s: %s: %s", workflowID, activity.GetActivityType().GetName(), met.what)
			return met
		}
	}
	return nil
}

// taskObstacle is what is wrong with a workflow task; nil: nothing is.
func taskObstacle(task *workflowpb.PendingWorkflowTaskInfo) *obstacle {
	switch {
	case task == nil:
		return nil
	case task.GetAttempt() > 1:
		return &obstacle{
			fmt.Sprintf("its workflow task is at attempt %d", task.GetAttempt()),
			"Look into the worker's log why the task fails, and whether a worker is running.",
		}
	case task.GetState() == enumspb.PENDING_WORKFLOW_TASK_STATE_SCHEDULED:
		return untaken(task.GetScheduledTime().AsTime())
	}
	return nil
}

// activityObstacle is what an activity waits for that a command may wait for. A provider's calls are none: whatever
// becomes of them, commands are answered.
func activityObstacle(activity *workflowpb.PendingActivityInfo) *obstacle {
	if activity.GetActivityType().GetName() == temporalio.ProviderCall {
		return nil
	}
	var waitsFor string
	details := activity.GetHeartbeatDetails()
	if details != nil && converter.GetDefaultDataConverter().FromPayloads(details, &waitsFor) == nil && waitsFor != "" {
		return &obstacle{what: waitsFor}
	}
	if text := cause(activity.GetLastFailure()); text != "" {
		return &obstacle{what: fmt.Sprintf("%s (attempt %d)", text, activity.GetAttempt())}
	}
	if activity.GetState() == enumspb.PENDING_ACTIVITY_STATE_SCHEDULED {
		return untaken(activity.GetScheduledTime().AsTime())
	}
	return nil
}

// untaken is a task that waits for a worker; nil: not for long.
func untaken(since time.Time) *obstacle {
	if time.Since(since) < overdueTask {
		return nil
	}
	return &obstacle{
		"no worker has taken its task since " + since.UTC().Format(time.TimeOnly+" MST"),
		"Look whether a worker is running.",
	}
}

// cause is the text of a failure, or of the first one in the chain that has one.
func cause(failure *failurepb.Failure) string {
	for ; failure != nil; failure = failure.GetCause() {
		if text := failure.GetMessage(); text != "" {
			return text
		}
	}
	return ""
}
