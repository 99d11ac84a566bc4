package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// TransitionPage is a page of [Store.Transitions].
type TransitionPage = Results[fulfillment.Transition]

// Transitions lists the history of a fulfillment order by sequence. A fulfillment order that does not exist has no
// history.
func (s *Store) Transitions(ctx context.Context, id fulfillment.ID, page Page) (TransitionPage, error) {
	args := []any{id}
	query := `
SELECT fulfillment_order_id, sequence, kind, command, command_id, fingerprint, actor, at, reason,
	coalesce(before, '{}'), after, details, topics, result
FROM transitions WHERE fulfillment_order_id = $1` + page.clause("sequence", &args)
	rows, err := s.pool.Query(ctx, query, args...)
	var items []fulfillment.Transition
	if err == nil {
		items, err = pgx.CollectRows(rows, scanTransition)
	}
	if err != nil {
		return TransitionPage{}, fmt.Errorf("read the history of fulfillment order %d: %w", id, translate(err))
	}
	return paged(items, page, func(t *fulfillment.Transition) int64 { return t.Sequence }), nil
}

func scanTransition(row pgx.CollectableRow) (fulfillment.Transition, error) {
	var t fulfillment.Transition
	err := row.Scan(&t.FulfillmentOrderID, &t.Sequence, &t.Kind, &t.Verb, &t.CommandID, &t.Fingerprint, &t.Actor, &t.At,
		&t.Reason, &t.Before, &t.After, &t.Details, &t.Topics, &t.Result)
	if len(t.Topics) == 0 {
		t.Topics = nil
	}
	return t, err
}
