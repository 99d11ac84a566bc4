package workflows_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) {
	if point := os.Getenv(crashPoint); point != "" {
		fmt.Fprintln(os.Stderr, runCrashing(point))
		os.Exit(1)
	}
	if os.Getenv(wholeWorker) != "" {
		fmt.Fprintln(os.Stderr, runWhole())
		os.Exit(1)
	}
	devstacktest.Main(m)
}

// history reads all events of a workflow's last run.
func history(t *testing.T, s *workertest.Stack, workflowID string) []*historypb.HistoryEvent {
	t.Helper()
	var events []*historypb.HistoryEvent
	all := s.Temporal.GetWorkflowHistory(
		t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
	)
	for all.HasNext() {
		event, err := all.Next()
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

func count(events []*historypb.HistoryEvent, kind enumspb.EventType) int {
	n := 0
	for _, e := range events {
		if e.EventType == kind {
			n++
		}
	}
	return n
}

// replays runs a workflow's last run against today's code again.
func replays(t *testing.T, s *workertest.Stack, workflowID string) {
	t.Helper()
	if err := replay(workflowID, &historypb.History{Events: history(t, s, workflowID)}); err != nil {
		t.Errorf("%s does not replay: %v", workflowID, err)
	}
}

// closes waits until a workflow has no open run.
func closes(t *testing.T, s *workertest.Stack, workflowID string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Temporal.GetWorkflow(ctx, workflowID, "").Get(ctx, nil); err != nil {
		t.Fatalf("%s did not complete: %v", workflowID, err)
	}
}

// presentRun is the ID of the workflow's present run.
func presentRun(t *testing.T, s *workertest.Stack, id fulfillment.ID) string {
	t.Helper()
	described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.FulfillmentOrderID(id), "")
	if err != nil {
		t.Fatal(err)
	}
	return described.WorkflowExecutionInfo.Execution.RunId
}

func execution(workflowID, runID string) *commonpb.WorkflowExecution {
	return &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: runID}
}

// resetBefore sends the present run back to the end of the last workflow task before the first event of a kind. Signals
// after that are taken again.
func resetBefore(t *testing.T, s *workertest.Stack, workflowID string, kind enumspb.EventType) {
	t.Helper()
	var finished int64
	for _, e := range history(t, s, workflowID) {
		if e.EventType == kind {
			break
		}
		if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			finished = e.EventId
		}
	}
	_, err := s.Temporal.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: s.Settings.Temporal.Namespace, WorkflowExecution: execution(workflowID, ""),
		Reason: "a test", WorkflowTaskFinishEventId: finished, RequestId: uuid.NewString(),
		ResetReapplyExcludeTypes: []enumspb.ResetReapplyExcludeType{enumspb.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE},
	})
	if err != nil {
		t.Fatal(err)
	}
}
