package audit

import (
	"maps"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// checkWorkflowsEndWell looks at how every run ended. An order that was refused ends its run with the refusal, and
// leaves nothing behind; so does a fulfillment order that there is not.
func checkWorkflowsEndWell(e *evidence, a *Assertion) {
	for _, r := range e.allRuns() {
		a.Checked++
		nothing := e.orders[r.orderID()] == nil && e.fos[r.fulfillmentOrderID()] == nil
		if !r.endedBadly() || nothing && r.refusal() != nil {
			continue
		}
		orderID, id := e.concerned(r)
		if r.isLost() && e.lost.anyOf(id) { // It may be there again.
			continue
		}
		a.violated(orderID, id, "run %s of %s ended as %s: %s", r.RunID, r.WorkflowID, r.Status, r.failure.GetMessage())
	}
}

func (r *run) endedBadly() bool {
	switch r.Status {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED,
		enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		return false
	}
	return true
}

// refusal is the domain's, with which the run ended; nil if it didn't.
func (r *run) refusal() *fulfillment.Error {
	if r.failure == nil {
		return nil
	}
	refused, ok := temporalio.Refusal(temporal.GetDefaultFailureConverter().FailureToError(r.failure))
	if !ok {
		return nil
	}
	return refused
}

// checkWorkflowsLive compares the lives with the runs: an order's is over once it has answered, a fulfillment order's
// when the store says so. What ended badly is said elsewhere.
func checkWorkflowsLive(e *evidence, a *Assertion) {
	for _, id := range e.foIDs {
		a.Checked++
		fo := e.fos[id]
		r := e.last(temporalio.FulfillmentOrderID(id))
		if r == nil || r.endedBadly() || r.stuck() {
			continue
		}
		switch over := fo.Snapshot.Finished(); {
		case over && r.paused():
			a.underWay(fo.OrderID, id, "its life is over, and the end of %s is paused", r.WorkflowID)
		case over && r.open():
			a.violated(
				fo.OrderID, id, "its life is over (%s/%s), and %s is open", fo.Status, fo.RequestStatus, r.WorkflowID,
			)
		case !over && !r.open():
			a.violated(
				fo.OrderID, id, "it is %s/%s and not finished, and %s is closed", fo.Status, fo.RequestStatus,
				r.WorkflowID,
			)
		}
	}
	for _, workflowID := range slices.Sorted(maps.Keys(e.runs)) {
		r := e.last(workflowID)
		if id := r.fulfillmentOrderID(); id != 0 && e.fos[id] != nil {
			continue
		}
		a.Checked++
		if !r.open() || r.stuck() {
			continue
		}
		orderID, id := e.concerned(r)
		if r.busy() {
			a.underWay(orderID, id, "%s is open", workflowID)
		} else {
			a.violated(orderID, id, "%s is open, and has nothing to wait for", workflowID)
		}
	}
}
