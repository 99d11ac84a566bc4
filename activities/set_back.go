package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Known is what a workflow knows to have been committed.
type Known struct {
	State    *fulfillment.FulfillmentOrder `json:"state"`
	Answered []fulfillment.Answered        `json:"answered,omitempty"` // the last ones
}

// KnownOf is a committed state with its last answers.
func KnownOf(state *fulfillment.FulfillmentOrder) *Known {
	if state == nil || state.Sequence == 0 {
		return nil
	}
	return &Known{State: state, Answered: state.Recent}
}

// withHeard adds what somebody else has told to be committed to what is known, if the store does not have it: it was
// set back before the workflow had looked.
func (a *Activities) withHeard(
	ctx context.Context, known *Known, heard fulfillment.Answered, stored *fulfillment.FulfillmentOrder,
) (*Known, error) {
	same := func(answered fulfillment.Answered) bool {
		return answered.CommandID == heard.CommandID && answered.Result.Sequence == heard.Result.Sequence
	}
	if heard.CommandID == "" && stored.Sequence >= heard.Result.Sequence || slices.ContainsFunc(stored.Recent, same) {
		return known, nil
	}
	answers, err := a.Store.Answers(ctx, stored.ID, []string{heard.CommandID})
	if err != nil || slices.ContainsFunc(answers, same) {
		return known, err
	}
	if id := heard.Result.SiblingID; id != 0 {
		_, err := a.Store.Load(ctx, id)
		if errors.Is(err, fulfillment.ErrNotFound) {
			err = a.Store.Lose(ctx, stored.GoneWith(id, time.Now().UTC()))
		}
		if err != nil {
			return nil, err
		}
	}
	knew := stored
	if known != nil {
		knew = known.State.Clone()
		knew.Recent = known.Answered
	}
	return KnownOf(stored.Missing(knew, heard)), nil
}

// hasLess tells whether what was loaded is older than a sequence that was committed, or gone.
func hasLess(stored *fulfillment.FulfillmentOrder, loadErr error, sequence int64) bool {
	if loadErr != nil {
		return errors.Is(loadErr, fulfillment.ErrNotFound)
	}
	return stored.Sequence < sequence
}

// setBack makes good what the store has lost, when it has an older state than the workflow knows, or none: the database
// wins, whether it was restored or lost its last commits. From an older state the fulfillment order goes on; one that
// is gone is noted, and its workflow ends. restored is nil when the store has nothing less.
func (a *Activities) setBack(
	ctx context.Context, known *Known, stored *fulfillment.FulfillmentOrder, loadErr error,
) (restored *Loaded, err error) {
	if known == nil || known.State == nil {
		return nil, loadErr
	}
	knew := *known.State // The workflow's own.
	knew.Recent = known.Answered
	now := time.Now().UTC()
	switch {
	case errors.Is(loadErr, fulfillment.ErrNotFound):
		if err := a.Store.Lose(ctx, knew.Gone(now)); err != nil {
			return nil, err
		}
		a.Metrics.Lost(string(fulfillment.LossEnded))
		return &Loaded{Gone: true, State: &fulfillment.FulfillmentOrder{
			ID: knew.ID, OrderID: knew.OrderID, OrderName: knew.OrderName, Status: fulfillment.StatusClosed,
			Sequence: knew.Sequence,
		}}, nil
	case loadErr != nil:
		return nil, loadErr
	case stored.Sequence >= knew.Sequence:
		return nil, nil
	}
	decision, loss := stored.Restore(&knew, now)
	err = a.Store.Restore(ctx, fulfillment.CommitOf(decision.State, decision), loss)
	if err != nil && !errors.Is(err, fulfillment.ErrStale) { // Somebody else may have done it.
		return nil, err
	}
	if err == nil {
		a.countTransitions(decision.Transitions)
		a.Metrics.Lost(string(loss.Kind))
	}
	state, err := a.Store.Load(ctx, stored.ID)
	if err != nil {
		return nil, err
	}
	return &Loaded{State: state, Answered: state.Recent, Restored: true}, nil
}
