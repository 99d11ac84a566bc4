package temporalio

import (
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/fulfillment"
)

// OccupiedError says that a run which is none of ours, or of workers that are none of ours, sits on a workflow ID that
// we need. It neither takes what we send nor lets another run begin, until it ends.
type OccupiedError struct {
	WorkflowID, RunID string
	Type, TaskQueue   string // of the run
	WantedType        string // of the workflow that belongs there, whose task queue is [TaskQueue]
}

// Error names the run, and what belongs in its place.
func (e *OccupiedError) Error() string {
	return fmt.Sprintf(
		"the workflow ID %s is taken by run %s, a workflow of the type %q on the task queue %q, where one of the type "+
			"%q on %q belongs", e.WorkflowID, e.RunID, Clip(e.Type, maxNamed), Clip(e.TaskQueue, maxNamed),
		e.WantedType, TaskQueue,
	)
}

// maxNamed is how much is told of a name that somebody else gave, in bytes.
const maxNamed = 200

// WhatToDo is how the ID becomes free.
func (e *OccupiedError) WhatToDo() string {
	return fmt.Sprintf("Find out who started it, and end it: temporal workflow terminate --workflow-id %s --run-id %s",
		e.WorkflowID, e.RunID)
}

// Refusal is what a caller is told, whose command may be sent again when the ID is free.
func (e *OccupiedError) Refusal() *fulfillment.Error {
	text := e.Error()
	return &fulfillment.Error{
		Code:    fulfillment.CodeUnavailable,
		Message: strings.ToUpper(text[:1]) + text[1:] + ". " + e.WhatToDo() + ". Then send the same again.",
	}
}

// Occupied finds out whether a run that was described sits on a workflow ID of ours; nil: it is ours, or has ended.
func Occupied(described *workflowservice.DescribeWorkflowExecutionResponse) *OccupiedError {
	info := described.GetWorkflowExecutionInfo()
	wanted := typeOf(info.GetExecution().GetWorkflowId())
	found := &OccupiedError{
		WorkflowID: info.GetExecution().GetWorkflowId(), RunID: info.GetExecution().GetRunId(),
		Type: info.GetType().GetName(), TaskQueue: info.GetTaskQueue(), WantedType: wanted,
	}
	closed := info.GetCloseTime() != nil || info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED
	if wanted == "" || closed || found.Type == wanted && found.TaskQueue == TaskQueue {
		return nil
	}
	return found
}

// typeOf is the type of the workflows with such an ID; "": none of ours.
func typeOf(workflowID string) string {
	for prefix, workflowType := range map[string]string{
		OrderPrefix: OrderType, FulfillmentOrderPrefix: FulfillmentOrderType,
		ServiceDeletionPrefix: ServiceDeletionType, WebhookSubscriptionPrefix: WebhookSubscriptionType,
		ServiceCallbacksPrefix: ServiceCallbacksType, ReturnPrefix: ReturnType,
	} {
		if strings.HasPrefix(workflowID, prefix) {
			return workflowType
		}
	}
	return ""
}
