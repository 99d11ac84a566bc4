package growth

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// tracer counts what a store asks its database. A statement of its own and a batch are a round trip each; what prepares
// them the first time is not counted.
type tracer struct{ trips, statements atomic.Int64 }

// reset starts at zero and tells what was counted before.
func (t *tracer) reset() (trips, statements int) {
	return int(t.trips.Swap(0)), int(t.statements.Swap(0))
}

// TraceQueryStart is pgx's.
func (t *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	t.trips.Add(1)
	t.statements.Add(1)
	return ctx
}

// TraceQueryEnd is pgx's.
func (*tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart is pgx's.
func (t *tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	t.trips.Add(1)
	return ctx
}

// TraceBatchQuery is pgx's.
func (t *tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	t.statements.Add(1)
}

// TraceBatchEnd is pgx's.
func (*tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
