package postgres

import (
	"context"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

// OverdueLimit is how many [Store.Overdue] lists at a time.
const OverdueLimit = 200

// Overdue is a fulfillment order of which something should have happened by itself.
type Overdue struct {
	ID      fulfillment.ID
	Version int64 // of the snapshot
	DueAt   time.Time
}

// Overdue lists fulfillment orders that were due before a time, the longest due first: the first [OverdueLimit] of
// those that come after another one, which is the last of the page before, or zero.
func (s *Store) Overdue(ctx context.Context, before time.Time, after Overdue) ([]Overdue, error) {
	const query = `
SELECT id, version, due_at FROM fulfillment_orders WHERE due_at < $1 AND (due_at, id) > ($2, $3) ORDER BY due_at, id
	LIMIT $4`
	overdue, err := collect[Overdue](ctx, s, query, []any{before, after.DueAt, after.ID, OverdueLimit})
	if err != nil {
		return nil, fmt.Errorf("list what is overdue: %w", translate(err))
	}
	return overdue, nil
}

// Now is the time by the database's clock, which all processes share. What they compare with times of the store, or of
// each other, is compared by it: the clock of one of them may be wrong.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	if err := s.pool.QueryRow(ctx, `SELECT statement_timestamp()`).Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("ask the database for the time: %w", translate(err))
	}
	return now.UTC(), nil
}

// SetDueAt corrects when a fulfillment order is due (nil: never), unless it is not of this version any more. Every
// commit says it by itself: only programs that did not know of it yet leave it wrong.
func (s *Store) SetDueAt(ctx context.Context, id fulfillment.ID, version int64, at *time.Time) error {
	if _, err := s.pool.Exec(
		ctx, `UPDATE fulfillment_orders SET due_at = $3 WHERE id = $1 AND version = $2`, id, version, at,
	); err != nil {
		return fmt.Errorf("set when fulfillment order %d is due: %w", id, translate(err))
	}
	return nil
}

// doubt lets fulfillment orders count as due since they were changed last, so that the watch compares them with their
// workflows. One that is being committed at this moment needs no doubt: its workflow is at work.
const doubt = `
UPDATE fulfillment_orders SET due_at = least(due_at, updated_at) WHERE id IN (
	SELECT id FROM fulfillment_orders WHERE %s AND due_at IS DISTINCT FROM least(due_at, updated_at)
	ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)`

// Doubt has fulfillment orders looked at by the watch, whatever is due.
func (s *Store) Doubt(ctx context.Context, ids []fulfillment.ID) error {
	if _, err := s.pool.Exec(ctx, fmt.Sprintf(doubt, "id = ANY($1)"), ids); err != nil {
		return fmt.Errorf("doubt %d fulfillment orders: %w", len(ids), translate(err))
	}
	return nil
}

// DoubtChanges has every fulfillment order looked at by the watch that was changed since then.
func (s *Store) DoubtChanges(ctx context.Context, since time.Time) error {
	if _, err := s.pool.Exec(ctx, fmt.Sprintf(doubt, "updated_at > $1"), since); err != nil {
		return fmt.Errorf("doubt the fulfillment orders changed since %v: %w", since, translate(err))
	}
	return nil
}
