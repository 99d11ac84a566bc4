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

// look asks the workflow how far it is, which leaves no trace in its history, and tells whether it had to be refreshed.
// One that has everything only waits for somebody outside: it is left alone.
func (w *Watch) look(ctx context.Context, o postgres.Overdue) (refreshed bool, err error) {
	state, running, err := w.ask(ctx, o.ID)
	var why string
	switch {
	case err != nil:
		return false, fmt.Errorf("ask fulfillment order %d for its state: %w", o.ID, err)
	case !running:
		stored, err := w.Store.Load(ctx, o.ID)
		if err != nil {
			return false, err
		}
		if stored.Finished() { // It was only doubted, and its life is over.
			return false, w.Store.SetDueAt(ctx, o.ID, o.Version, nil)
		}
		why = "its workflow is not running"
	case state == nil: // It is just reading the store.
		return false, nil
	case state.Sequence < o.Version:
		why = fmt.Sprintf("its workflow has version %d", state.Sequence)
	default:
		return false, w.correct(ctx, o, state)
	}
	limited, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	if err := w.Updates.Refresh(limited, o.ID); err != nil {
		return false, fmt.Errorf("refresh fulfillment order %d, because %s: %w", o.ID, why, err)
	}
	w.Metrics.Refreshed()
	w.Logger.WarnContext(ctx, "A fulfillment order was refreshed: what was due did not happen by itself.",
		"fulfillmentOrder", o.ID.String(), "why", why, "version", o.Version, "due", o.DueAt)
	return true, w.endDoubt(ctx, o)
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

// ask reads the state that the workflow has; nil: none yet.
func (w *Watch) ask(ctx context.Context, id fulfillment.ID) (
	state *fulfillment.FulfillmentOrder, running bool, err error,
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
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case answer.QueryRejected != nil:
		return nil, false, nil
	}
	return state, true, answer.QueryResult.Get(&state)
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
