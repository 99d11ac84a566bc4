package bare

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// schema keeps naive's table apart from Packhorse's.
const schema = `CREATE SCHEMA IF NOT EXISTS bench_naive;
CREATE TABLE IF NOT EXISTS bench_naive.fulfillment_orders (
	number text PRIMARY KEY, status text NOT NULL, updated_at timestamptz NOT NULL DEFAULT now()
)`

// Migrate makes naive's table.
func Migrate(ctx context.Context, databaseURL string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return fmt.Errorf("make the table of the naive orders: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, schema); err != nil {
		return fmt.Errorf("make the table of the naive orders: %w", err)
	}
	return nil
}

// Transition is a new status of a fulfillment order.
type Transition struct {
	Number string `json:"number"`
	Status string `json:"status"`
}

// book is naive's store.
type book struct{ pool *pgxpool.Pool }

// Record writes a transition with one statement.
func (b *book) Record(ctx context.Context, t Transition) error {
	sql := `UPDATE bench_naive.fulfillment_orders SET status = $2, updated_at = now() WHERE number = $1`
	if t.Status == "OPEN" {
		sql = `INSERT INTO bench_naive.fulfillment_orders (number, status) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	}
	if _, err := b.pool.Exec(ctx, sql, t.Number, t.Status); err != nil {
		return fmt.Errorf("record that %s is %s: %w", t.Number, t.Status, err)
	}
	return nil
}

// provider answers at once.
type provider struct{}

// CallProvider does nothing.
func (*provider) CallProvider(context.Context) error { return nil }
