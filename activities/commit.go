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
	// Begins is the original run ID of a run that begins with this: its first task may have been lost after it had
	// committed something, and with the task all that the run knew of that.
	Begins string `json:"begins,omitempty"`
	// Refused asks which of the commands were signalled and refused.
	Refused bool `json:"refused,omitempty"`
	// Known is what the workflow knows to have been committed. A store that has less was set back: see Loaded.Restored
	// and Loaded.Gone, which are given to nobody else.
	Known *Known `json:"known,omitempty"`
	// After is the run that ended before the one that begins, if it may have known more than the store has.
	After string `json:"after,omitempty"`
	// Knew is the sequence that the store had then: that run is asked only if it has less. 0: it is asked.
	Knew int64 `json:"knew,omitempty"`
	// Heard is what somebody else has committed, as a joint command does, and tells that it did.
	Heard *fulfillment.Answered `json:"heard,omitempty"`
}

// Loaded is a fulfillment order as the store has it.
type Loaded struct {
	State    *fulfillment.FulfillmentOrder `json:"state"`
	Answered []fulfillment.Answered        `json:"answered,omitempty"` // the last ones, then those that were asked for
	// Siblings came from the commands that were asked for. Whoever committed them may not have come to start them.
	Siblings []*fulfillment.FulfillmentOrder `json:"siblings,omitempty"`
	// Refused are the command IDs of signals whose refusals are in the history already: of those to the run that
	// begins, or of those that were asked for.
	Refused []string `json:"refused,omitempty"`
	// Restored tells that the store had been set back, and that this is how the fulfillment order goes on.
	Restored bool `json:"restored,omitempty"`
	// Gone tells that the store does not have the fulfillment order any more. The state only says which
	// one it was.
	Gone bool `json:"gone,omitempty"`
}

// Load reads the snapshot from which a fulfillment order's workflow starts again.
func (a *Activities) Load(ctx context.Context, in LoadInput) (Loaded, error) {
	state, err := a.Store.Load(ctx, in.ID)
	if in.After != "" && (in.Knew == 0 || hasLess(state, err, in.Knew)) {
		ended, err := a.Workflows.Ended(ctx, in.ID, in.After)
		if err != nil {
			return Loaded{}, asApplicationError(err)
		}
		in.Known = KnownOf(ended)
	}
	if in.Heard != nil && err == nil {
		if in.Known, err = a.withHeard(ctx, in.Known, *in.Heard, state); err != nil {
			return Loaded{}, asApplicationError(err)
		}
	}
	restored, err := a.setBack(ctx, in.Known, state, err)
	if err != nil {
		return Loaded{}, asApplicationError(err)
	}
	loaded := Loaded{State: state}
	if restored != nil {
		loaded = *restored
	}
	if loaded.Gone {
		return loaded, nil
	}
	loaded.Answered = loaded.State.Recent
	if in.Begins != "" {
		if err := a.recover(ctx, in.Begins, &loaded); err != nil {
			return Loaded{}, asApplicationError(err)
		}
	}
	if len(in.CommandIDs) > 0 {
		answers, err := a.Store.Answers(ctx, in.ID, in.CommandIDs)
		if err != nil {
			return Loaded{}, asApplicationError(err)
		}
		loaded.Answered = append(loaded.Answered, answers...)
		if loaded.Siblings, err = a.siblings(ctx, siblingsOf(answers)); err != nil {
			return Loaded{}, err
		}
	}
	if in.Refused && len(in.CommandIDs) > 0 && state.LastRefusal != nil {
		if loaded.Refused, err = a.Store.Refused(ctx, in.ID, in.CommandIDs); err != nil {
			return Loaded{}, asApplicationError(err)
		}
	}
	return loaded, nil
}

// recover does what is left of a first task that was lost: siblings that are in the store have workflows. A workflow
// that has been started is left alone.
func (a *Activities) recover(ctx context.Context, runID string, loaded *Loaded) error {
	siblings, err := a.siblings(ctx, siblingsOf(loaded.State.Recent))
	if err != nil {
		return err
	}
	for _, sibling := range siblings {
		if sibling == nil {
			continue
		}
		if err := a.Workflows.Start(ctx, sibling); err != nil {
			return err
		}
	}
	if loaded.State.LastRefusal != nil {
		loaded.Refused, err = a.Store.RefusedSignals(ctx, loaded.State.ID, runID)
	}
	return err
}

// siblingsOf are the fulfillment orders that commands have made, by what they answered.
func siblingsOf(answers []fulfillment.Answered) []fulfillment.ID {
	var ids []fulfillment.ID
	for _, answer := range answers {
		if answer.Result.SiblingID != 0 {
			ids = append(ids, answer.Result.SiblingID)
		}
	}
	return ids
}
