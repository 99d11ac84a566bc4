package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// Commit writes the transitions, the snapshots, the order's statuses and the outbox in one transaction.
//
// It succeeds without writing when the very same transitions are there already: then this is a retry, and earlier is
// true. The times of what is stored are those of the first attempt, which may have decided anew before this one.
// [fulfillment.ErrStale] says that another writer was there first, [fulfillment.ErrIDTaken] that a new object's ID is
// something else's, [fulfillment.ErrNotFound] that the order is not in the store, [fulfillment.ErrInvalid] that a check
// refused it. A commit without anything in it but a state writes nothing.
func (s *Store) Commit(ctx context.Context, c fulfillment.Commit) (earlier bool, err error) {
	if c.State == nil {
		return false, fmt.Errorf("commit: %w: there is no state", fulfillment.ErrInvalid)
	}
	if c.Empty() {
		return false, nil
	}
	w := writing{
		orderID:     c.State.OrderID,
		states:      append([]*fulfillment.FulfillmentOrder{c.State}, c.Siblings...),
		transitions: slices.Concat(c.Transitions, c.SiblingTransitions),
	}
	err = s.write(ctx, w)
	if conflicts(err) {
		err = s.explainCommit(ctx, w, err)
		earlier = err == nil
	}
	if err != nil {
		return false, fmt.Errorf("commit fulfillment order %d: %w", c.State.ID, translate(err))
	}
	return earlier, nil
}

// conflicts tells whether a write failed because of what is stored already, which may be its own first attempt.
func conflicts(err error) bool { return violates(err) || errors.Is(err, errFence) }

// explainCommit tells what a conflict was, once its transaction is over: nil, if it was with the very same commit.
func (s *Store) explainCommit(ctx context.Context, w writing, conflict error) error {
	stored, err := s.stored(ctx, w.transitions)
	if err != nil {
		return err
	}
	own := func(id transitionIdentity) bool { return id.FulfillmentOrderID == w.states[0].ID }
	switch {
	case stored.has(w.transitions):
		return nil
	case violates(conflict) && !violates(conflict, "transitions_command_key") && !slices.ContainsFunc(stored, own):
		return fmt.Errorf("%w: %w", fulfillment.ErrIDTaken, conflict)
	}
	return fmt.Errorf("%w: %w", fulfillment.ErrStale, conflict)
}

// transitionIdentity tells two transitions of the same sequence apart. The result has the IDs that were given out: a
// workflow that was reset decides the same command anew, with other IDs, and must not take the old commit for its own.
type transitionIdentity struct {
	FulfillmentOrderID     fulfillment.ID
	Sequence               int64
	Kind                   fulfillment.Kind
	CommandID, Fingerprint string
	Result                 fulfillment.Result // zero: the transition ends no command
}

type transitionIdentities []transitionIdentity

// has tells whether all the transitions are among the stored ones.
func (stored transitionIdentities) has(transitions []fulfillment.Transition) bool {
	known := make(map[transitionIdentity]bool, len(stored))
	for _, id := range stored {
		known[id] = true
	}
	for _, t := range transitions {
		id := transitionIdentity{FulfillmentOrderID: t.FulfillmentOrderID, Sequence: t.Sequence, Kind: t.Kind,
			CommandID: clean(t.CommandID), Fingerprint: clean(t.Fingerprint)}
		if t.Result != nil {
			id.Result = *t.Result
		}
		if !known[id] {
			return false
		}
	}
	return true
}

// stored looks up what is stored in the places of these transitions.
func (s *Store) stored(ctx context.Context, transitions []fulfillment.Transition) (transitionIdentities, error) {
	const query = `
SELECT t.fulfillment_order_id, t.sequence, t.kind, t.command_id, t.fingerprint, coalesce(t.result, '{}')
FROM unnest($1::bigint[], $2::bigint[]) AS w (fulfillment_order_id, sequence) JOIN transitions t USING
	(fulfillment_order_id, sequence)`
	ids, sequences := make([]int64, len(transitions)), make([]int64, len(transitions))
	for i, t := range transitions {
		ids[i], sequences[i] = int64(t.FulfillmentOrderID), t.Sequence
	}
	rows, err := s.pool.Query(ctx, query, ids, sequences)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[transitionIdentity])
}
