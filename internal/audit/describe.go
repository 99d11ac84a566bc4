package audit

import (
	"context"
	"fmt"
	"slices"

	"go.temporal.io/sdk/converter"
)

// reportedProblems is the search attribute in which the server says that workflow tasks fail again and again.
const reportedProblems = "TemporalReportedProblems"

// describeOpen asks the server what stands in the way of the open runs, and whether they are open still.
func describeOpen(ctx context.Context, from Sources, runs []*run) error {
	open := slices.DeleteFunc(slices.Clone(runs), func(r *run) bool { return !r.open() })
	return parallel(ctx, open, func(ctx context.Context, r *run) error {
		answer, err := from.Temporal.DescribeWorkflowExecution(ctx, r.WorkflowID, r.RunID)
		if err != nil {
			return fmt.Errorf("describe %s: %w", r.WorkflowID, err)
		}
		r.Status = answer.WorkflowExecutionInfo.Status
		if task := answer.PendingWorkflowTask; task != nil {
			r.taskAttempt = max(task.Attempt, 1)
		}
		if payload := answer.WorkflowExecutionInfo.GetSearchAttributes().GetIndexedFields()[reportedProblems]; payload != nil {
			var problems []string
			if err := converter.GetDefaultDataConverter().FromPayload(payload, &problems); err != nil {
				problems = []string{string(payload.GetData())}
			}
			r.problems = append(r.problems, problems...)
		}
		for _, a := range answer.PendingActivities {
			r.waits = append(r.waits, fmt.Sprintf("activity %s, attempt %d", a.ActivityType.GetName(), a.Attempt))
			if a.Attempt > 1 {
				r.problems = append(r.problems, fmt.Sprintf("activity %s is at attempt %d: %s", a.ActivityType.GetName(), a.Attempt, a.LastFailure.GetMessage()))
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
