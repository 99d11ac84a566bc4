package rehearsal

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Workflows lists runs by Temporal's visibility. A client.Client can.
type Workflows interface {
	ListWorkflow(
		ctx context.Context, request *workflowservice.ListWorkflowExecutionsRequest,
	) (*workflowservice.ListWorkflowExecutionsResponse, error)
}

const (
	visibilityPage = 1000
	// clockSkew is how far the server's clock may be behind this one.
	clockSkew = time.Minute
)

// runs are the last known runs of the workflows that are open or failed, by workflow ID.
type runs struct {
	open   map[string]bool
	failed map[string]enums.WorkflowExecutionStatus
}

// listRuns lists the runs that started since the time, whoever's they are.
func listRuns(ctx context.Context, visibility Workflows, since time.Time) (runs, error) {
	found := runs{open: map[string]bool{}, failed: map[string]enums.WorkflowExecutionStatus{}}
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: visibilityPage,
		// Servers that pause no workflows don't know the word for it.
		Query: fmt.Sprintf("WorkflowType IN ('%s', '%s') AND ExecutionStatus NOT IN ('Completed', 'ContinuedAsNew') "+
			"AND StartTime >= '%s'",
			temporalio.OrderType, temporalio.FulfillmentOrderType, since.Add(-clockSkew).UTC().Format(time.RFC3339)),
	}
	for {
		page, err := visibility.ListWorkflow(ctx, request)
		if err != nil {
			return runs{}, fmt.Errorf("list workflows: %w", err)
		}
		for _, e := range page.Executions {
			switch e.Status {
			case enums.WORKFLOW_EXECUTION_STATUS_RUNNING, enums.WORKFLOW_EXECUTION_STATUS_PAUSED:
				found.open[e.Execution.WorkflowId] = true
			default:
				found.failed[e.Execution.WorkflowId] = e.Status
			}
		}
		if len(page.NextPageToken) == 0 {
			return found, nil
		}
		request.NextPageToken = page.NextPageToken
	}
}

// lives is how the workflows of a rehearsal stand.
type lives struct {
	failed       []string // workflow IDs, of runs that did not end well
	shouldClose  []string // open, although the store says that the life is over
	shouldBeOpen []string // closed, although the store says that something is still to come
}

// checkLives compares the runs with what the store says of the fulfillment orders. An order's workflow is short: once
// the order was played it is over.
func checkLives(
	found runs, orders []*played, stored map[fulfillment.ID]*storedOrder, finished map[fulfillment.ID]bool,
) lives {
	var l lives
	check := func(workflowID string, over bool) {
		if _, failed := found.failed[workflowID]; failed {
			l.failed = append(l.failed, workflowID)
		}
		switch open := found.open[workflowID]; {
		case open && over:
			l.shouldClose = append(l.shouldClose, workflowID)
		case !open && !over:
			l.shouldBeOpen = append(l.shouldBeOpen, workflowID)
		}
	}
	for _, o := range orders {
		check(temporalio.OrderID(o.id), true)
		if s := stored[o.id]; s != nil {
			for _, fo := range s.FulfillmentOrders {
				check(temporalio.FulfillmentOrderID(fo.ID), finished[fo.ID])
			}
		}
	}
	return l
}
