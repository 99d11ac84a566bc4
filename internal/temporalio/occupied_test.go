package temporalio

import (
	"strings"
	"testing"

	"go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"packhorse/internal/fulfillment"
)

func TestOccupied(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id, workflowType, queue string
		closed, want            bool
	}{
		"ours":             {OrderID(7), OrderType, TaskQueue, false, false},
		"another_type":     {OrderID(7), FulfillmentOrderType, TaskQueue, false, true},
		"another_queue":    {FulfillmentOrderID(7), FulfillmentOrderType, "elsewhere", false, true},
		"a_deletion":       {ServiceDeletionID(7), "Squatter", TaskQueue, false, true},
		"one_that_ended":   {OrderID(7), "Squatter", "elsewhere", true, false},
		"none_of_our_kind": {"invoice/7", "Invoice", "elsewhere", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info := &workflow.WorkflowExecutionInfo{
				Execution: &common.WorkflowExecution{WorkflowId: test.id, RunId: "run-1"},
				Type:      &common.WorkflowType{Name: test.workflowType}, TaskQueue: test.queue,
				Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
			}
			if test.closed {
				info.CloseTime, info.Status = timestamppb.Now(), enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
			}
			found := Occupied(&workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: info})
			if (found != nil) != test.want {
				t.Fatalf("found %v", found)
			}
			if found == nil {
				return
			}
			refusal := found.Refusal()
			for _, want := range []string{test.id, test.workflowType, test.queue, "run-1", "temporal workflow terminate"} {
				if !strings.Contains(refusal.Message, want) {
					t.Errorf("%q does not name %s", refusal.Message, want)
				}
			}
			if refusal.Code != fulfillment.CodeUnavailable {
				t.Errorf("the code is %s", refusal.Code)
			}
		})
	}
}
