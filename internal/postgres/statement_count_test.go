package postgres

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestStatementCount(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	s := NewStatementCount(registry)
	ctx := t.Context()
	s.TraceQueryEnd(s.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{}), nil, pgx.TraceQueryEndData{})
	batch := new(pgx.Batch)
	for range 3 {
		batch.Queue("SELECT 1")
	}
	ctx = s.TraceBatchStart(ctx, nil, pgx.TraceBatchStartData{Batch: batch})
	s.TraceBatchQuery(ctx, nil, pgx.TraceBatchQueryData{})
	s.TraceBatchEnd(ctx, nil, pgx.TraceBatchEndData{})
	for _, known := range []bool{false, true} {
		s.TracePrepareEnd(
			s.TracePrepareStart(ctx, nil, pgx.TracePrepareStartData{}), nil,
			pgx.TracePrepareEndData{AlreadyPrepared: known},
		)
	}
	err := testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP packhorse_sql_round_trips_total Times that the database was asked and waited for.
# TYPE packhorse_sql_round_trips_total counter
packhorse_sql_round_trips_total 3
# HELP packhorse_sql_statements_total SQL statements sent to the database, also those that begin and end transactions.
# TYPE packhorse_sql_statements_total counter
packhorse_sql_statements_total 4
`), "packhorse_sql_round_trips_total", "packhorse_sql_statements_total")
	if err != nil {
		t.Error(err)
	}
}
