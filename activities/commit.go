package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"packhorse/internal/fulfillment"
	"packhorse/internal/telemetry"
)

// Commit records decisions in the store: one transaction. It fails with [ErrorStale] if the store holds something else.
//
// Usually the answer is nil. When the same commit is there already, it is what the store has: a workflow task that was
// lost may have decided the same before, at another time, and it is that which stands.
func (a *Activities) Commit(ctx context.Context, commit fulfillment.Commit) (*Loaded, error) {
	started := time.Now()
	earlier, err := a.Store.Commit(ctx, commit)
	a.countCommit(ctx, err, time.Since(started))
	if err != nil {
		return nil, asApplicationError(err)
	}
	if earlier {
		return a.committed(ctx, commit)
	}
	a.countTransitions(commit.Transitions)
	a.countTransitions(commit.SiblingTransitions)
	return nil, nil
}

// committed reads what an earlier try of a commit has left.
func (a *Activities) committed(ctx context.Context, commit fulfillment.Commit) (*Loaded, error) {
	state, err := a.Store.Load(ctx, commit.State.ID)
	if err != nil {
		return nil, asApplicationError(err)
	}
	ids := make([]fulfillment.ID, len(commit.Siblings))
	for i, sibling := range commit.Siblings {
		ids[i] = sibling.ID
	}
	siblings, err := a.siblings(ctx, ids)
	return &Loaded{State: state, Answered: state.Recent, Siblings: siblings}, err
}

func (a *Activities) siblings(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	siblings, err := a.Store.FulfillmentOrdersByID(ctx, ids)
	return siblings, asApplicationError(err)
}

func (a *Activities) countCommit(ctx context.Context, err error, took time.Duration) {
	mode := telemetry.CommitActivity
	if activity.GetInfo(ctx).IsLocalActivity {
		mode = telemetry.CommitLocal
	}
	result := "done"
	switch {
	case errors.Is(err, fulfillment.ErrStale):
		result = "stale"
	case errors.Is(err, fulfillment.ErrInvalid):
		result = "invalid"
	case err != nil:
		result = "failed"
	}
	a.Metrics.Commit(mode, result, took)
}

func (a *Activities) countTransitions(transitions []fulfillment.Transition) {
	for _, t := range transitions {
		a.Metrics.Transition(string(t.Kind))
		if t.Kind == fulfillment.KindDeadlineMissed {
			a.Metrics.DeadlineMissed()
		}
	}
}

// LoadInput names a fulfillment order, and commands whose answers are wanted however old they are.
type LoadInput struct {
	ID         fulfillment.ID `json:"id"`
	CommandIDs []string       `json:"commandIds,omitempty"`
}

// Loaded is a fulfillment order as the store has it.
type Loaded struct {
	State    *fulfillment.FulfillmentOrder `json:"state"`
	Answered []fulfillment.Answered        `json:"answered,omitempty"` // the last ones, then those that were asked for
	// Siblings came from the commands that were asked for. Whoever committed them may not have come to start them.
	Siblings []*fulfillment.FulfillmentOrder `json:"siblings,omitempty"`
}

// Load reads the snapshot from which a fulfillment order's workflow starts again.
func (a *Activities) Load(ctx context.Context, in LoadInput) (Loaded, error) {
	state, err := a.Store.Load(ctx, in.ID)
	if err != nil {
		return Loaded{}, asApplicationError(err)
	}
	loaded := Loaded{State: state, Answered: state.Recent}
	if len(in.CommandIDs) > 0 {
		answers, err := a.Store.Answers(ctx, in.ID, in.CommandIDs)
		if err != nil {
			return Loaded{}, asApplicationError(err)
		}
		loaded.Answered = append(loaded.Answered, answers...)
		var ids []fulfillment.ID
		for _, answer := range answers {
			if answer.Result.SiblingID != 0 {
				ids = append(ids, answer.Result.SiblingID)
			}
		}
		if loaded.Siblings, err = a.siblings(ctx, ids); err != nil {
			return Loaded{}, err
		}
	}
	return loaded, nil
}
