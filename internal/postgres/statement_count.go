package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// StatementCount counts what a process asks of PostgreSQL. It is a tracer for pgx; a batch is one round trip, however
// many statements it has, and so is the preparation of a statement that a connection meets for the first time.
type StatementCount struct {
	statements, roundTrips prometheus.Counter
}

var (
	_ pgx.QueryTracer   = (*StatementCount)(nil)
	_ pgx.BatchTracer   = (*StatementCount)(nil)
	_ pgx.PrepareTracer = (*StatementCount)(nil)
)

// NewStatementCount registers the counters. It panics if the registry has them already.
func NewStatementCount(registry prometheus.Registerer) *StatementCount {
	s := &StatementCount{
		statements: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "packhorse_sql_statements_total",
			Help: "SQL statements sent to the database, also those that begin and end transactions.",
		}),
		roundTrips: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "packhorse_sql_round_trips_total", Help: "Times that the database was asked and waited for.",
		}),
	}
	registry.MustRegister(s.statements, s.roundTrips)
	return s
}

// TraceQueryStart is pgx's.
func (s *StatementCount) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	s.statements.Inc()
	s.roundTrips.Inc()
	return ctx
}

// TraceQueryEnd is pgx's.
func (*StatementCount) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart is pgx's.
func (s *StatementCount) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	s.statements.Add(float64(d.Batch.Len()))
	s.roundTrips.Inc()
	return ctx
}

// TraceBatchQuery is pgx's.
func (*StatementCount) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd is pgx's.
func (*StatementCount) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TracePrepareStart is pgx's.
func (*StatementCount) TracePrepareStart(
	ctx context.Context, _ *pgx.Conn, _ pgx.TracePrepareStartData,
) context.Context {
	return ctx
}

// TracePrepareEnd is pgx's.
func (s *StatementCount) TracePrepareEnd(_ context.Context, _ *pgx.Conn, d pgx.TracePrepareEndData) {
	if !d.AlreadyPrepared {
		s.roundTrips.Inc()
	}
}
