package audit

import (
	"slices"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
)

// TestFailedTasks keeps of failed workflow tasks what the workflow did, and not what a paused or ended process causes.
func TestFailedTasks(t *testing.T) {
	t.Parallel()
	r := new(run)
	for _, failed := range []*historypb.WorkflowTaskFailedEventAttributes{
		{
			Cause:   enumspb.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
			Failure: &failurepb.Failure{Message: "another command"},
		},
		{
			Cause:   enumspb.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
			Failure: &failurepb.Failure{Message: "nil map"},
		},
		{Cause: enumspb.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
			Failure: &failurepb.Failure{
				Message: `[TMPRL1101] Potential deadlock detected: workflow goroutine "root" didn't yield for over 1s`,
			}},
		{Cause: enumspb.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
			Failure: &failurepb.Failure{
				Message: "history_events: premature end of stream, expectedLastEventID=7 but no more events after " +
					"eventID=5",
			}},
		{Cause: enumspb.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE},
	} {
		r.note(&historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED,
			Attributes: &historypb.HistoryEvent_WorkflowTaskFailedEventAttributes{
				WorkflowTaskFailedEventAttributes: failed,
			}})
	}
	want := []string{"its history did not replay: another command", "its workflow task failed: nil map"}
	if !slices.Equal(r.failures, want) {
		t.Errorf("it keeps %q, want %q", r.failures, want)
	}
}

// TestTimesAgree: the store cuts some times to microseconds and rounds others.
func TestTimesAgree(t *testing.T) {
	t.Parallel()
	const snapshot = "2026-01-02T03:04:05.1234565Z"
	for row, want := range map[string]bool{
		"2026-01-02T03:04:05.123456+00:00": true, "2026-01-02T05:04:05.123457+02:00": true,
		"2026-01-02T03:04:05.123458+00:00": false, "soon": false,
	} {
		if agree(row, snapshot) != want {
			t.Errorf("%s and %s agree: %v", row, snapshot, !want)
		}
	}
}
