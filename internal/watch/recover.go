package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

const (
	recoverAtOnce = 16              // workflows that are asked at the same time after a set-back
	recoverPage   = 500             // runs that are listed at a time
	recoverMargin = 2 * time.Minute // by which clocks, and the list of runs, may lag behind
	recoverTries  = 20              // looks at everything, when some can't be looked at
)

// recovery is one look at everything after the database was set back.
type recovery struct {
	*Watch
	found postgres.SetBackFound

	mu       sync.Mutex
	running  map[fulfillment.ID]bool // fulfillment orders whose workflows run
	looked   int
	lost     map[fulfillment.ID]bool // fulfillment orders, and orders
	failures []error
}

// recover has every workflow that knows more than the database go on from what that has: those that run, and those that
// ended since. What is gone is noted, and what has a life but no workflow gets one. While something fails it is done
// again, but not for ever: a workflow that nobody can ask finds out with its next commit.
func (w *Watch) recover(ctx context.Context, number int64) error {
	found, err := w.Store.SweepOf(ctx, number)
	if err != nil {
		return err
	}
	r := &recovery{Watch: w, found: found, running: map[fulfillment.ID]bool{}, lost: map[fulfillment.ID]bool{}}
	for _, step := range []func(context.Context) error{r.lookAtRunning, r.lookAtEnded, r.lookAtDead} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("recover from set-back %d of the database: %w", number, err)
		}
	}
	w.tries++
	if len(r.failures) > 0 && w.tries < recoverTries {
		return fmt.Errorf("recover from set-back %d of the database: %d of %d workflows could not be looked at: %w",
			number, len(r.failures), r.looked, r.failures[0])
	}
	if err := w.Store.EndSweep(ctx, number, r.looked, len(r.lost)); err != nil {
		return err
	}
	w.tries = 0
	level := slog.LevelInfo
	if len(r.lost)+len(r.failures) > 0 {
		level = slog.LevelWarn
	}
	w.Logger.Log(ctx, level, "Every workflow goes on from what the database has.", "number", number, "why", found.Why,
		"looked", r.looked, "lost", len(r.lost), "failed", len(r.failures))
	return nil
}

// lookAtRunning compares every open run of a fulfillment order with the database.
func (r *recovery) lookAtRunning(ctx context.Context) error {
	query := fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", temporalio.FulfillmentOrderType)
	return r.eachPage(ctx, query, func(page []*workflowpb.WorkflowExecutionInfo) error {
		return r.lookAt(ctx, fulfillmentOrdersOf(page), func(
			ctx context.Context, id fulfillment.ID, version int64,
		) error {
			r.note(func() { r.running[id] = true })
			state, status, err := r.ask(ctx, id)
			switch {
			case err == nil && status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
				return r.askLater(ctx, id)
			case err != nil || state == nil || state.Sequence <= version:
				return err
			}
			return r.refresh(ctx, id)
		})
	})
}

// lookAtEnded compares the runs that ended in the lost time with the database. Those of fulfillment orders are asked
// for the state that they ended with. Among them are paused ones, which have not ended and can't be asked: see
// lookAtDead.
func (r *recovery) lookAtEnded(ctx context.Context) error {
	since := ""
	if r.found.LostSince != nil {
		since = fmt.Sprintf(
			" AND CloseTime > '%s'", r.found.LostSince.Add(-recoverMargin).UTC().Format(time.RFC3339Nano),
		)
	}
	query := fmt.Sprintf(
		"WorkflowType = '%s' AND ExecutionStatus != 'Running'%s", temporalio.FulfillmentOrderType, since,
	)
	err := r.eachPage(ctx, query, func(page []*workflowpb.WorkflowExecutionInfo) error {
		return r.lookAt(ctx, fulfillmentOrdersOf(page), func(
			ctx context.Context, id fulfillment.ID, version int64,
		) error {
			state, err := r.Updates.Knew(ctx, id)
			switch {
			case errors.As(err, new(*temporalio.PausedError)):
				return nil
			case err != nil || state == nil || state.Sequence <= version:
				return err
			case version == 0:
				r.note(func() { r.lost[id] = true })
				r.Metrics.Lost(string(fulfillment.LossEnded))
				return r.Store.Lose(ctx, state.Gone(time.Now().UTC()))
			}
			return r.refresh(ctx, id)
		})
	})
	if err == nil {
		err = r.eachPage(ctx, query+" AND ExecutionStatus = 'Failed'", func(
			page []*workflowpb.WorkflowExecutionInfo,
		) error {
			return r.lookAtLost(ctx, page)
		})
	}
	if err != nil {
		return err
	}
	query = fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus != 'Running'%s", temporalio.OrderType, since)
	return r.eachPage(ctx, query, func(page []*workflowpb.WorkflowExecutionInfo) error {
		return r.lookAtOrders(ctx, page)
	})
}

// lookAtLost notes once more what fulfillment orders had whose runs ended because they were gone: the list may be lost
// too. They may be there again, with other runs that know nothing of that.
func (r *recovery) lookAtLost(ctx context.Context, page []*workflowpb.WorkflowExecutionInfo) error {
	for _, info := range page {
		workflowID, runID := info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId()
		id, err := temporalio.ParseFulfillmentOrderID(workflowID)
		if err != nil {
			continue
		}
		failure, ok := errors.AsType[*temporal.ApplicationError](
			r.Temporal.GetWorkflow(ctx, workflowID, runID).Get(ctx, nil),
		)
		if !ok || failure.Type() != temporalio.LostType {
			continue
		}
		state, err := r.Updates.Ended(ctx, id, runID)
		if err == nil && state != nil && state.Sequence > 0 {
			err = r.Store.Lose(ctx, state.Gone(time.Now().UTC()))
		}
		if err != nil {
			r.note(func() { r.failures = append(r.failures, fmt.Errorf("fulfillment order %d: %w", id, err)) })
		}
	}
	return ctx.Err()
}

// lookAtOrders notes the orders that were taken in, and are gone.
func (r *recovery) lookAtOrders(ctx context.Context, page []*workflowpb.WorkflowExecutionInfo) error {
	var ids []fulfillment.ID
	names := map[fulfillment.ID]string{}
	for _, info := range page {
		id, err := temporalio.ParseOrderID(info.GetExecution().GetWorkflowId())
		if err != nil || info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			continue
		}
		ids = append(ids, id)
		names[id] = orderName(info)
	}
	there, err := r.Store.OrdersThere(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if there[id] {
			continue
		}
		there[id] = true // It may have had several runs.
		r.lost[id] = true
		r.Metrics.Lost(string(fulfillment.LossOrder))
		loss := fulfillment.Loss{
			Kind: fulfillment.LossOrder, OrderID: id, OrderName: names[id], FoundAt: time.Now().UTC(),
		}
		if err := r.Store.Lose(ctx, loss); err != nil {
			return err
		}
	}
	return r.lookAtBecame(ctx, page)
}

// lookAtBecame notes the fulfillment orders that orders became, or got by an edit or with a joint command, and that are
// gone: their workflows may never have known them.
func (r *recovery) lookAtBecame(ctx context.Context, page []*workflowpb.WorkflowExecutionInfo) error {
	var mu sync.Mutex
	orderOf, names := map[fulfillment.ID]fulfillment.ID{}, map[fulfillment.ID]string{}
	group, asking := errgroup.WithContext(ctx)
	group.SetLimit(recoverAtOnce)
	for _, info := range page {
		if info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			continue
		}
		group.Go(func() error {
			var became temporalio.OrderOutput
			run := r.Temporal.GetWorkflow(asking, info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId())
			if err := run.Get(asking, &became); err != nil {
				return fmt.Errorf("read what order workflow %s became: %w", run.GetID(), err)
			}
			mu.Lock()
			defer mu.Unlock()
			names[became.OrderID] = orderName(info)
			for _, id := range became.FulfillmentOrderIDs {
				orderOf[id] = became.OrderID
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	versions, err := r.Store.Versions(ctx, slices.Collect(maps.Keys(orderOf)))
	if err != nil {
		return err
	}
	for id, orderID := range orderOf {
		if versions[id] != 0 {
			continue
		}
		_, err := r.Store.LossOf(ctx, orderID, id)
		if errors.Is(err, fulfillment.ErrNotFound) {
			r.lost[id] = true
			r.Metrics.Lost(string(fulfillment.LossEnded))
			of := fulfillment.FulfillmentOrder{OrderID: orderID, OrderName: names[orderID]}
			err = r.Store.Lose(ctx, of.GoneWith(id, time.Now().UTC()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// orderName is the name of the order that a run is of; empty: the run does not tell.
func orderName(info *workflowpb.WorkflowExecutionInfo) (name string) {
	attribute := info.GetSearchAttributes().GetIndexedFields()[temporalio.OrderName.GetName()]
	if attribute != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(attribute, &name)
	}
	return name
}

// lookAtDead has the workflows run of all that has a life to go on with in the database.
func (r *recovery) lookAtDead(ctx context.Context) error {
	for after := fulfillment.ID(0); ; {
		ids, err := r.Store.Alive(ctx, after, recoverPage)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		var dead []fulfillment.ID
		for _, id := range ids {
			if !r.running[id] {
				dead = append(dead, id)
			}
		}
		if err := r.lookAt(ctx, dead, func(ctx context.Context, id fulfillment.ID, _ int64) error {
			_, status, err := r.ask(ctx, id)
			switch {
			case err != nil:
				return err
			case status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
				return r.askLater(ctx, id)
			case status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
				return nil
			}
			return r.refresh(ctx, id)
		}); err != nil {
			return err
		}
	}
}

// lookAt looks at fulfillment orders, some at the same time. The version is 0 where the database has none.
func (r *recovery) lookAt(
	ctx context.Context, ids []fulfillment.ID, look func(context.Context, fulfillment.ID, int64) error,
) error {
	versions, err := r.Store.Versions(ctx, ids)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(recoverAtOnce)
	for _, id := range ids {
		group.Go(func() error {
			err := look(ctx, id, versions[id])
			r.note(func() {
				r.looked++
				if err != nil {
					r.failures = append(r.failures, fmt.Errorf("fulfillment order %d: %w", id, err))
				}
			})
			return nil
		})
	}
	_ = group.Wait()
	if len(r.failures) > maxFailures {
		return errors.Join(r.failures[:maxFailures]...)
	}
	return ctx.Err()
}

// askLater has the sweeps look at a paused fulfillment order, which nobody can ask now, until it goes on.
func (r *recovery) askLater(ctx context.Context, id fulfillment.ID) error {
	return r.Store.Doubt(ctx, []fulfillment.ID{id})
}

// refresh has a fulfillment order go on from what the database has.
func (r *recovery) refresh(ctx context.Context, id fulfillment.ID) error {
	limited, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	err := r.Updates.Refresh(limited, id)
	if refused, ok := fulfillment.AsError(err); ok && refused.Code == fulfillment.CodeNotFound {
		err = nil // It has ended meanwhile.
	}
	if errors.As(err, new(*temporalio.PausedError)) { // Since it was asked.
		return nil
	}
	if err != nil {
		return err
	}
	r.note(func() { r.lost[id] = true })
	r.Metrics.Refreshed()
	return nil
}

func (r *recovery) note(what func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what()
}

// eachPage lists runs of workflows.
func (r *recovery) eachPage(
	ctx context.Context, query string, take func([]*workflowpb.WorkflowExecutionInfo) error,
) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: recoverPage}
	for {
		page, err := r.Temporal.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("list the workflows: %w", err)
		}
		if err := take(page.GetExecutions()); err != nil || len(page.GetNextPageToken()) == 0 {
			return err
		}
		request.NextPageToken = page.GetNextPageToken()
	}
}

// fulfillmentOrdersOf are those that runs are of, each once.
func fulfillmentOrdersOf(page []*workflowpb.WorkflowExecutionInfo) []fulfillment.ID {
	var ids []fulfillment.ID
	seen := map[fulfillment.ID]bool{}
	for _, info := range page {
		id, err := temporalio.ParseFulfillmentOrderID(info.GetExecution().GetWorkflowId())
		if err == nil && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}
