package simulated

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// EffectsOf lists what was done for these fulfillment orders, by the time at which it was first done.
func (l *PostgresLedger) EffectsOf(ctx context.Context, ids []fulfillment.ID) ([]Effect, error) {
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id)
	}
	return l.list(ctx, `WHERE fulfillment_order_id = ANY($1) ORDER BY created_at, key`, numbers)
}

// EffectsAfter lists at most limit effects by their keys, those after this key; "" is before all of them.
func (l *PostgresLedger) EffectsAfter(ctx context.Context, key string, limit int) ([]Effect, error) {
	return l.list(ctx, `WHERE key > $1 ORDER BY key LIMIT $2`, key, limit)
}

// Shipments are the shipments that were sent for requests with these keys, as far as Packhorse has told their IDs.
func (l *PostgresLedger) Shipments(ctx context.Context, keys []string) (map[string][]fulfillment.ID, error) {
	rows, err := l.pool.Query(ctx, `
SELECT DISTINCT key, fulfillment_id FROM simulated_provider.schedule
WHERE key = ANY($1) AND fulfillment_id <> 0 ORDER BY key, fulfillment_id`, keys)
	if err != nil {
		return nil, fmt.Errorf("list shipments: %w", err)
	}
	shipments := map[string][]fulfillment.ID{}
	var key string
	var id fulfillment.ID
	if _, err := pgx.ForEachRow(rows, []any{&key, &id}, func() error {
		shipments[key] = append(shipments[key], id)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("list shipments: %w", err)
	}
	return shipments, nil
}

func (l *PostgresLedger) list(ctx context.Context, which string, args ...any) ([]Effect, error) {
	rows, err := l.pool.Query(ctx, `SELECT `+effectColumns+` FROM simulated_provider.effects `+which, args...)
	if err != nil {
		return nil, fmt.Errorf("list effects: %w", err)
	}
	effects, err := pgx.CollectRows(rows, scanEffect)
	if err != nil {
		return nil, fmt.Errorf("list effects: %w", err)
	}
	return effects, nil
}
