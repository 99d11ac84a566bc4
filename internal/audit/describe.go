package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"
)

// reportedProblems is the search attribute in which the server says that workflow tasks fail again and again.
const reportedProblems = "TemporalReportedProblems"

// hopeless is the attempt from which on an activity is not unlucky but stuck: pauses grow, so that many fail only in
// minutes.
const hopeless = 20

// describeOpen asks the server what stands in the way of the open runs, and whether they are open still.
func describeOpen(ctx context.Context, from Sources, runs []*run) error {
	open := slices.DeleteFunc(slices.Clone(runs), func(r *run) bool { return !r.open() })
	return parallel(ctx, from, open, func(ctx context.Context, r *run) error {
		answer, err := from.Temporal.DescribeWorkflowExecution(ctx, r.WorkflowID, r.RunID)
		if errors.As(err, new(*serviceerror.NotFound)) {
			r.gone = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("describe %s: %w", r.WorkflowID, err)
		}
		r.Status = answer.WorkflowExecutionInfo.Status
		if task := answer.PendingWorkflowTask; task != nil {
			r.taskAttempt = max(task.Attempt, 1)
		}
		fields := answer.WorkflowExecutionInfo.GetSearchAttributes().GetIndexedFields()
		if payload := fields[reportedProblems]; payload != nil {
			var problems []string
			if err := converter.GetDefaultDataConverter().FromPayload(payload, &problems); err != nil {
				problems = []string{string(payload.GetData())}
			}
			r.problems = append(r.problems, problems...)
		}
		for _, a := range answer.PendingActivities {
			r.commits = r.commits || a.ActivityType.GetName() == commitActivity
			r.waits = append(r.waits, fmt.Sprintf("activity %s, attempt %d", a.ActivityType.GetName(), a.Attempt))
			switch problem := fmt.Sprintf("activity %s is at attempt %d: %s",
				a.ActivityType.GetName(), a.Attempt, a.LastFailure.GetMessage()); {
			case a.Attempt >= hopeless:
				r.hopeless = append(r.hopeless, problem)
			case a.Attempt > 1:
				r.retries = append(r.retries, problem)
			}
		}
		for _, c := range answer.PendingChildren {
			if c.RunId == "" { // One that has started lives on its own.
				r.waits = append(r.waits, "start of "+c.WorkflowId)
			}
		}
		return nil
	})
}
