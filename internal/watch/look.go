package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

const (
	// askTimeout covers a query that goes to a dead worker first, and a long history that has to be replayed.
	askTimeout     = 15 * time.Second
	refreshTimeout = 30 * time.Second
)

// found is what a look at a fulfillment order found.
type found int

const (
	leftAlone found = iota // it has everything, and waits for somebody outside; or nothing could be found out
	refreshed              // its workflow was gone or behind
	paused                 // somebody has paused its workflow, and only a person lets it go on
)

// look asks the workflow how far it is, which leaves no trace in its history, and refreshes one that is gone or behind.
// One that has everything only waits for somebody outside: it is left alone. So is one that is paused: it is not gone,
// and takes nothing.
func (w *Watch) look(ctx context.Context, o postgres.Overdue) (found, error) {
	state, status, err := w.ask(ctx, o.ID)
	var why string
	switch {
	case err != nil:
		return leftAlone, fmt.Errorf("ask fulfillment order %d for its state: %w", o.ID, err)
	case status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		w.tellPaused(ctx, o)
		return paused, nil
	case status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		stored, err := w.Store.Load(ctx, o.ID)
		if err != nil {
			return leftAlone, err
		}
		if stored.Finished() { // It was only doubted, and its life is over.
			return leftAlone, w.Store.SetDueAt(ctx, o.ID, o.Version, nil)
		}
		why = "its workflow is not running"
	case state == nil: // It is just reading the store.
		return leftAlone, nil
	case state.Sequence < o.Version:
		why = fmt.Sprintf("its workflow has version %d", state.Sequence)
	default:
		stored, err := w.Store.Load(ctx, o.ID) // It may have committed something since it was listed.
		if err != nil {
			return leftAlone, err
		}
		if state.Sequence <= stored.Sequence {
			return leftAlone, w.correct(ctx, o, state)
		}
		// It was paused when the database was set back; or it is just committing, and then a refresh changes nothing.
		why = fmt.Sprintf("its workflow has version %d, which the database does not have", state.Sequence)
	}
	limited, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	err = w.Updates.Refresh(limited, o.ID)
	if errors.As(err, new(*temporalio.PausedError)) { // Since it was asked.
		w.tellPaused(ctx, o)
		return paused, nil
	}
	if err != nil {
		return leftAlone, fmt.Errorf("refresh fulfillment order %d, because %s: %w", o.ID, why, err)
	}
	w.Metrics.Refreshed()
	w.Logger.WarnContext(ctx, "A fulfillment order was refreshed: what was due did not happen by itself.",
		"fulfillmentOrder", o.ID.String(), "why", why, "version", o.Version, "due", o.DueAt)
	return refreshed, w.endDoubt(ctx, o)
}

// tellPaused says once that a workflow is paused, and what to do.
func (w *Watch) tellPaused(ctx context.Context, o postgres.Overdue) {
	if w.patience.paused(o.ID) {
		return
	}
	workflow := &temporalio.PausedError{WorkflowID: temporalio.FulfillmentOrderID(o.ID)}
	w.Logger.WarnContext(ctx, "A fulfillment order is paused in Temporal: what is due does not happen.",
		"fulfillmentOrder", o.ID.String(), "due", o.DueAt, "whatToDo", workflow.WhatToDo())
}

// endDoubt ends the doubt in a fulfillment order that was refreshed. What is due of it still counts.
func (w *Watch) endDoubt(ctx context.Context, o postgres.Overdue) error {
	stored, err := w.Store.Load(ctx, o.ID)
	if err != nil {
		return err
	}
	if at, ok := stored.DueAt(); ok {
		return w.Store.SetDueAt(ctx, o.ID, o.Version, &at)
	}
	return w.Store.SetDueAt(ctx, o.ID, o.Version, nil)
}

// ask reads the state that the workflow has (nil: none yet, or it does not run), and the status of its run.
func (w *Watch) ask(ctx context.Context, id fulfillment.ID) (
	state *fulfillment.FulfillmentOrder, status enumspb.WorkflowExecutionStatus, err error,
) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, err := w.Temporal.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: temporalio.FulfillmentOrderID(id), QueryType: temporalio.StateQuery,
		QueryRejectCondition: enumspb.QUERY_REJECT_CONDITION_NOT_OPEN,
	})
	var missing *serviceerror.NotFound
	switch {
	case errors.As(err, &missing):
		return nil, enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED, nil
	case err != nil:
		return nil, enumspb.WORKFLOW_EXECUTION_STATUS_UNSPECIFIED, err
	case answer.QueryRejected != nil:
		return nil, answer.QueryRejected.GetStatus(), nil
	}
	return state, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, answer.QueryResult.Get(&state)
}

// correct puts the time right at which something is due, when the store has another one than the workflow: from a
// program that did not know of it yet.
func (w *Watch) correct(ctx context.Context, o postgres.Overdue, state *fulfillment.FulfillmentOrder) error {
	at, ok := state.DueAt()
	if state.Sequence != o.Version || ok && !at.After(o.DueAt.Add(time.Microsecond)) {
		// The store's clock has no finer ticks.
		return nil
	}
	if !ok {
		return w.Store.SetDueAt(ctx, o.ID, o.Version, nil)
	}
	return w.Store.SetDueAt(ctx, o.ID, o.Version, &at)
}
