package rehearsal

import (
	"context"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/fulfillment"
)

// listed is a list of runs.
type listed []*workflowpb.WorkflowExecutionInfo

func (l listed) ListWorkflow(
	context.Context, *workflowservice.ListWorkflowExecutionsRequest,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	return &workflowservice.ListWorkflowExecutionsResponse{Executions: l}, nil
}

// TestPausedIsOpen counts a workflow that somebody has paused as open: it has neither failed nor ended.
func TestPausedIsOpen(t *testing.T) {
	t.Parallel()
	one := func(workflowID string, status enumspb.WorkflowExecutionStatus) *workflowpb.WorkflowExecutionInfo {
		return &workflowpb.WorkflowExecutionInfo{
			Execution: &commonpb.WorkflowExecution{WorkflowId: workflowID}, Status: status,
		}
	}
	found, err := listRuns(t.Context(), listed{
		one("fulfillment-order/7", enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED),
		one("fulfillment-order/8", enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED),
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(found.open) != 1 || len(found.failed) != 1 {
		t.Fatalf("%+v", found)
	}
	stored := map[fulfillment.ID]*storedOrder{1: {}}
	for _, id := range []fulfillment.ID{7, 8} {
		stored[1].FulfillmentOrders = append(stored[1].FulfillmentOrders, &storedFulfillmentOrder{ID: id})
	}
	l := checkLives(found, []*played{{id: 1}}, stored, map[fulfillment.ID]bool{})
	if len(l.shouldBeOpen) != 1 || l.shouldBeOpen[0] != "fulfillment-order/8" || len(l.failed) != 1 {
		t.Errorf("%+v", l)
	}
}
