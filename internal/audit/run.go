package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

const (
	pageSize  = 1000
	idsAtOnce = 100 // of workflows, in one question for their runs
	// listingLag is how long the list of runs is waited for that lags behind the runs themselves.
	listingLag = 10 * time.Second
	listPause  = 100 * time.Millisecond
)

// run is one run of a workflow.
type run struct {
	WorkflowID, RunID string
	Status            enumspb.WorkflowExecutionStatus
	Started           time.Time

	described // of an open run
	digest    // of its history

	gone bool // the server has forgotten it meanwhile
}

// described is what the server says about an open run.
type described struct {
	taskAttempt int32    // of a workflow task that is under way; 0: there is none
	problems    []string // that the server reports
	retries     []string // activities that failed and are tried again
	hopeless    []string // those that failed too often for bad luck
	waits       []string // activities and children that are under way
	commits     bool     // one of them writes what the run has decided
}

func (r *run) open() bool { return r.Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || r.paused() }

// paused tells whether somebody has paused the run: nothing of it goes on before a person says so.
func (r *run) paused() bool { return r.Status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED }

// orderID is what the workflow ID names; 0 for another type.
func (r *run) orderID() fulfillment.ID {
	id, _ := temporalio.ParseOrderID(r.WorkflowID)
	return id
}

// fulfillmentOrderID is what the workflow ID names; 0 for another type.
func (r *run) fulfillmentOrderID() fulfillment.ID {
	id, _ := temporalio.ParseFulfillmentOrderID(r.WorkflowID)
	return id
}

// last is the last run of a workflow; nil if it never ran.
func (e *evidence) last(workflowID string) *run {
	if runs := e.runs[workflowID]; len(runs) > 0 {
		return runs[len(runs)-1]
	}
	return nil
}

// concerned is the order and the fulfillment order that a run is about, as far as they are known.
func (e *evidence) concerned(r *run) (orderID, id fulfillment.ID) {
	if id := r.fulfillmentOrderID(); id != 0 {
		return e.orderOf(id), id
	}
	return r.orderID(), 0
}

// allRuns lists the runs by workflow ID, oldest first.
func (e *evidence) allRuns() []*run {
	var all []*run
	for _, id := range slices.Sorted(maps.Keys(e.runs)) {
		all = append(all, e.runs[id]...)
	}
	return all
}

// readRuns reads all runs of the scope, with their histories. The list of runs may lag behind, so the present run of
// every workflow is asked for by its ID; in a system at rest, the list is waited for.
func (e *evidence) readRuns(ctx context.Context, from Sources, atRest bool) error {
	ids := e.of.workflowIDs(e.foIDs)
	present, err := presentRuns(ctx, from, ids)
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(listingLag); ; {
		e.runs = map[string][]*run{}
		for some := range slices.Chunk(ids, idsAtOnce) {
			found, err := listRuns(ctx, from, " AND WorkflowId IN ('"+strings.Join(some, "', '")+"')")
			if err != nil {
				return err
			}
			maps.Copy(e.runs, found)
		}
		if lags := e.take(present); !lags || !atRest || time.Now().After(deadline) {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(listPause):
		}
	}
	if err := describeOpen(ctx, from, e.allRuns()); err != nil {
		return err
	}
	read := func(ctx context.Context, r *run) error { return r.readHistory(ctx, from) }
	if err := parallel(ctx, from, e.allRuns(), read); err != nil {
		return err
	}
	e.dropForgotten()
	e.indexCommands()
	return nil
}

// dropForgotten drops the runs that the server has forgotten since they were listed.
func (e *evidence) dropForgotten() {
	for id, runs := range e.runs {
		if runs = slices.DeleteFunc(runs, func(r *run) bool { return r.gone }); len(runs) == 0 {
			delete(e.runs, id)
		} else {
			e.runs[id] = runs
		}
	}
}

// mayBeForgotten tells whether the server may have forgotten how the fulfillment order's life went: it is over, and
// began longer ago than anything is kept.
func (e *evidence) mayBeForgotten(fo *fulfillmentOrder) bool {
	return e.retention > 0 && fo.Snapshot.Finished() && time.Since(fo.Snapshot.CreatedAt) > e.retention
}

// take puts what the runs themselves say in the place of what the list says, and tells whether the list lags behind.
func (e *evidence) take(present []*run) (lags bool) {
	for _, r := range present {
		runs := e.runs[r.WorkflowID]
		i := slices.IndexFunc(runs, func(listed *run) bool { return listed.RunID == r.RunID })
		if i < 0 {
			lags = true
			e.runs[r.WorkflowID] = append(runs, r)
			continue
		}
		lags = lags || runs[i].Status != r.Status
		runs[i].Status = r.Status
	}
	return lags
}

// presentRuns asks for the present run of every workflow.
func presentRuns(ctx context.Context, from Sources, ids []string) ([]*run, error) {
	var mu sync.Mutex
	var present []*run
	err := parallel(ctx, from, ids, func(ctx context.Context, id string) error {
		answer, err := from.Temporal.DescribeWorkflowExecution(ctx, id, "")
		var missing *serviceerror.NotFound
		if errors.As(err, &missing) { // Whether there should be one is for the assertions to say.
			return nil
		}
		if err != nil {
			return fmt.Errorf("describe %s: %w", id, err)
		}
		info := answer.WorkflowExecutionInfo
		mu.Lock()
		defer mu.Unlock()
		present = append(present,
			&run{WorkflowID: id, RunID: info.Execution.RunId, Status: info.Status, Started: info.StartTime.AsTime()})
		return nil
	})
	return present, err
}

// listRuns lists the runs of both types, oldest first, narrowed by a condition.
func listRuns(ctx context.Context, from Sources, condition string) (map[string][]*run, error) {
	found := map[string][]*run{}
	err := eachPage(ctx, from, condition, func(page []*run) error {
		for _, r := range page {
			known := func(other *run) bool { return other.RunID == r.RunID }
			if !slices.ContainsFunc(found[r.WorkflowID], known) {
				found[r.WorkflowID] = append(found[r.WorkflowID], r)
			}
		}
		return nil
	})
	for _, runs := range found {
		slices.SortStableFunc(runs, func(a, b *run) int { return a.Started.Compare(b.Started) })
	}
	return found, err
}

// eachPage lists the runs of both types, narrowed by a condition, a page at a time, the newest first.
func eachPage(ctx context.Context, from Sources, condition string, take func([]*run) error) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: from.Namespace, PageSize: pageSize,
		Query: fmt.Sprintf(
			"WorkflowType IN ('%s', '%s')%s", temporalio.OrderType, temporalio.FulfillmentOrderType, condition,
		),
	}
	for {
		page, err := from.Temporal.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("list the workflows: %w", err)
		}
		runs := make([]*run, len(page.Executions))
		for i, info := range page.Executions {
			runs[i] = &run{WorkflowID: info.Execution.WorkflowId, RunID: info.Execution.RunId, Status: info.Status,
				Started: info.StartTime.AsTime()}
		}
		if err := take(runs); err != nil || len(page.NextPageToken) == 0 {
			return err
		}
		request.NextPageToken = page.NextPageToken
	}
}

// parallel does something with each, a few at a time.
func parallel[T any](ctx context.Context, from Sources, all []T, do func(context.Context, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cmp.Or(from.InFlight, DefaultInFlight))
	for _, one := range all {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, one) })
	}
	return group.Wait()
}
