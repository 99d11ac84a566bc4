package bench

import (
	"context"
	"fmt"
	"os"
	"time"
)

// Round is what one variant did in one round.
type Round struct {
	Orders          int     `json:"orders"`
	Seconds         float64 `json:"seconds"`
	OrdersPerSecond float64 `json:"ordersPerSecond"`

	latency map[Step][]time.Duration
	used    usage
	shape   Shape
	stages  []Stage
	peak    int64 // bytes
}

// usage is what orders cost together.
type usage struct {
	commits, statements, roundTrips, walBytes float64
	// CPU seconds.
	worker, idleWorkers, temporal, postgres, callers float64
}

// reading is all counters at one moment.
type reading struct {
	metrics scrape
	used    usage
}

// read reads all counters. Commits are those that the worker has counted.
func (s *stack) read(ctx context.Context, v Variant) (r reading, err error) {
	if r.metrics, err = scrapeMetrics(ctx, s.workers[v].Metrics); err != nil {
		return r, err
	}
	r.used.commits = r.metrics.total("packhorse_commits_total", "result", "done").sum
	r.used.statements = r.metrics.total("packhorse_sql_statements_total", "", "").sum
	r.used.roundTrips = r.metrics.total("packhorse_sql_round_trips_total", "", "").sum
	if err := s.pool.QueryRow(
		ctx, `SELECT (pg_current_wal_insert_lsn() - '0/0')::float8`,
	).Scan(&r.used.walBytes); err != nil {
		return r, fmt.Errorf("read the length of PostgreSQL's log: %w", err)
	}
	for other, worker := range s.workers {
		used, err := cpuSeconds(worker.PID())
		if err != nil {
			return r, err
		}
		if other == v {
			r.used.worker = used
		} else {
			r.used.idleWorkers += used
		}
	}
	for _, pid := range s.lab.TemporalPIDs() {
		used, err := cpuSecondsOfServer(pid)
		if err != nil {
			return r, err
		}
		r.used.temporal += used
	}
	if r.used.postgres, err = cpuSecondsOfServer(s.lab.Postgres.PID()); err != nil {
		return r, err
	}
	r.used.callers, err = cpuSeconds(os.Getpid())
	return r, err
}

// round lets one variant take orders through their lives, and measures all of it.
func (s *stack) round(ctx context.Context, v Variant, orders, inFlight int, done func()) (*Round, error) {
	return s.roundOf(ctx, v, s.drivers[v], orders, inFlight, done)
}

// roundOf is a round of a variant with orders of this driver's.
func (s *stack) roundOf(
	ctx context.Context, v Variant, d driver, orders, inFlight int, done func(),
) (*Round, error) {
	if err := s.failed(); err != nil {
		return nil, err
	}
	forgetPeak(s.workers[v].PID())
	before, err := s.read(ctx, v)
	if err != nil {
		return nil, err
	}
	l, err := run(ctx, d, orders, inFlight, done)
	if err != nil {
		if dead := s.failed(); dead != nil {
			return nil, dead
		}
		return nil, err
	}
	after, err := s.read(ctx, v)
	if err != nil {
		return nil, err
	}
	m, err := memoryOf(s.workers[v].PID())
	if err != nil {
		return nil, err
	}
	r := &Round{
		Orders: orders, Seconds: l.took.Seconds(), OrdersPerSecond: float64(orders) / l.took.Seconds(),
		latency: l.latency, used: after.used.minus(before.used), peak: m.peak,
		stages: stagesOf(before.metrics, after.metrics, orders),
	}
	switch v {
	case Packhorse: // Its metric is of transitions; the order itself is one commit more.
		r.used.commits += float64(orders)
	case Naive: // Each statement commits by itself.
		r.used.commits = r.used.statements
	}
	r.shape, err = shapeOf(ctx, s.temporal, l.sample)
	return r, err
}

func (u usage) minus(o usage) usage {
	return usage{
		commits: u.commits - o.commits, statements: u.statements - o.statements,
		roundTrips: u.roundTrips - o.roundTrips,
		walBytes:   u.walBytes - o.walBytes, worker: u.worker - o.worker, idleWorkers: u.idleWorkers - o.idleWorkers,
		temporal: u.temporal - o.temporal, postgres: u.postgres - o.postgres, callers: u.callers - o.callers,
	}
}

func (u usage) plus(o usage) usage { return u.minus(usage{}.minus(o)) }
