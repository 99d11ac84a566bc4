package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
)

// Commit records decisions in the store: one transaction. Sending the same commit again is harmless. It fails with
// [ErrorStale] if the store holds something else.
func (a *Activities) Commit(ctx context.Context, commit postgres.Commit) error {
	started := time.Now()
	err := a.Store.Commit(ctx, commit)
	a.countCommit(ctx, err, time.Since(started))
	if err != nil {
		return asApplicationError(err)
	}
	a.countTransitions(commit.Transitions)
	a.countTransitions(commit.SiblingTransitions)
	return nil
}

func (a *Activities) countCommit(ctx context.Context, err error, took time.Duration) {
	mode := telemetry.CommitActivity
	if activity.GetInfo(ctx).IsLocalActivity {
		mode = telemetry.CommitLocal
	}
	result := "done"
	switch {
	case errors.Is(err, postgres.ErrStale):
		result = "stale"
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
	}
	return loaded, nil
}
