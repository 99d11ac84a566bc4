package simulated

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/fulfillment"
	"packhorse/internal/pooler"
)

// PostgresLedger is a Ledger in PostgreSQL, in the schema simulated_provider. See [Migrate].
type PostgresLedger struct{ pool *pgxpool.Pool }

var _ Ledger = (*PostgresLedger)(nil)

const maxConnections = 8

// OpenLedger connects to the database, with a pool of its own: the simulated system is not a part of Packhorse.
func OpenLedger(ctx context.Context, databaseURL string) (*PostgresLedger, error) {
	config, err := pooler.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open the simulated provider's ledger: %w", err)
	}
	config.MaxConns = maxConnections
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the simulated provider's ledger: %w", err)
	}
	return &PostgresLedger{pool}, nil
}

// Close ends the connections.
func (l *PostgresLedger) Close() { l.pool.Close() }

const effectColumns = `key, kind, request_key, fulfillment_order_id, service_id, reference, answer, settings, created_at, calls,
	effects, order_id, units, said`

// Record is Ledger's.
func (l *PostgresLedger) Record(
	ctx context.Context, e Effect, tasks []Task, drop string, again bool,
) (recorded Effect, err error) {
	answer, err := json.Marshal(e.Answer)
	if err != nil {
		return Effect{}, fmt.Errorf("write the answer: %w", err)
	}
	settings, err := json.Marshal(e.Settings)
	if err != nil {
		return Effect{}, fmt.Errorf("write the settings: %w", err)
	}
	units, err := json.Marshal(append([]fulfillment.Quantity{}, e.Units...))
	if err != nil {
		return Effect{}, fmt.Errorf("write the units: %w", err)
	}
	// The row lock of the conflicting insert makes calls with one key follow each other.
	err = pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			INSERT INTO simulated_provider.effects AS e
			       (key, kind, request_key, fulfillment_order_id, service_id, reference, answer, settings, created_at,
			        order_id, units)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $12)
			ON CONFLICT (key) DO UPDATE SET calls = e.calls + 1, effects = e.effects + $10::int
			RETURNING `+effectColumns,
			e.Key, e.Kind, e.RequestKey, e.FulfillmentOrderID, e.ServiceID, e.Reference, answer, settings, e.CreatedAt,
			count(again), e.OrderID, units)
		if err != nil {
			return err
		}
		if recorded, err = pgx.CollectExactlyOneRow(rows, scanEffect); err != nil || recorded.Calls > 1 {
			return err
		}
		return follow(ctx, tx, tasks, drop, e.CreatedAt)
	})
	if err != nil {
		return Effect{}, fmt.Errorf("record effect %s: %w", e.Key, err)
	}
	return recorded, nil
}

// Find is Ledger's.
func (l *PostgresLedger) Find(ctx context.Context, key string) (Effect, bool, error) {
	rows, err := l.pool.Query(ctx, `SELECT `+effectColumns+` FROM simulated_provider.effects WHERE key = $1`, key)
	if err != nil {
		return Effect{}, false, fmt.Errorf("find effect %s: %w", key, err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEffect)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Effect{}, false, nil
	case err != nil:
		return Effect{}, false, fmt.Errorf("find effect %s: %w", key, err)
	}
	return e, true, nil
}

// Effects is Ledger's.
func (l *PostgresLedger) Effects(ctx context.Context) ([]Effect, error) {
	rows, err := l.pool.Query(ctx, `SELECT `+effectColumns+` FROM simulated_provider.effects ORDER BY created_at, key`)
	if err != nil {
		return nil, fmt.Errorf("list effects: %w", err)
	}
	effects, err := pgx.CollectRows(rows, scanEffect)
	if err != nil {
		return nil, fmt.Errorf("list effects: %w", err)
	}
	return effects, nil
}

func scanEffect(row pgx.CollectableRow) (Effect, error) {
	var e Effect
	err := row.Scan(&e.Key, &e.Kind, &e.RequestKey, &e.FulfillmentOrderID, &e.ServiceID, &e.Reference,
		&e.Answer, &e.Settings, &e.CreatedAt, &e.Calls, &e.Effects, &e.OrderID, &e.Units, &e.Said)
	return e, err
}

func count(again bool) int {
	if again {
		return 1
	}
	return 0
}
