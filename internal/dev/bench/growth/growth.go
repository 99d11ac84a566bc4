// Package growth measures what becomes of Packhorse as its store and its histories grow: how long a commit and a page
// of each list take among ten thousand, a hundred thousand and a million fulfillment orders, and what it takes to
// replay a fulfillment order that was commanded thousands of times.
package growth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack"
	"packhorse/internal/dev/lab"
)

// Options say what Run measures. The zero value measures lists and commits, as they are published.
type Options struct {
	// Sizes are how many fulfillment orders there are in each of the stores, ascending. Each is rounded up to a whole
	// number of the lives that are loaded, which are 20. Default: 10,000, 100,000 and 1,000,000.
	Sizes []int
	// Rounds are how often the stores take turns. In each, a query runs five times on each of them, and so does a
	// commit twice that. Default: 60.
	Rounds int
	// WithReplay also measures replay.
	WithReplay bool
	// Commands are how many the replayed fulfillment order gets. Default: 2,000.
	Commands int
	// Notice is told what a person who waits should know. Default: standard error.
	Notice devstack.Notice
}

// MostRatio is how much slower a list of the largest store may be than the same of the smallest.
const MostRatio = 1.5

// MostRoundTrips is how often a commit may wait for the database.
const MostRoundTrips = 3

// Result is what Run measured. Lists of times have one for each of the sizes, in their order.
type Result struct {
	Stores  []Loaded `json:"stores"`
	Queries []Query  `json:"queries"`
	Lists   Query    `json:"lists"`  // all queries together, but for those set aside
	Commit  Query    `json:"commit"` // of a hold or its release
	// RoundTrips and Statements are what the longest commit took of them, once its statements were prepared.
	RoundTrips int `json:"roundTrips"`
	Statements int `json:"statements"`
	// Replay is nil unless it was asked for.
	Replay *Replay `json:"replay,omitempty"`
}

// Loaded is a store as it was measured.
type Loaded struct {
	Size  int           `json:"fulfillmentOrders"`
	Rows  int64         `json:"rows"`  // of all tables
	Bytes int64         `json:"bytes"` // on disk, with the indexes
	Took  time.Duration `json:"took"`  // to load, in nanoseconds
}

// Query is how long one took.
type Query struct {
	Name       string          `json:"name"`
	Runs       int             `json:"runs"`       // on each of the stores
	Statements int             `json:"statements"` // of one run, at most; zero: not counted
	P50        []time.Duration `json:"p50"`        // in nanoseconds
	P99        []time.Duration `json:"p99"`
	RatioP50   float64         `json:"ratioP50"` // of the largest store to the smallest
	RatioP99   float64         `json:"ratioP99"`
	// Aside says why the target is not about this query, and Lists are without it. Empty: it is about it.
	Aside string `json:"aside,omitempty"`
}

// Missed lists which targets the figures miss, in words; none: all are met.
func (r Result) Missed() []string {
	var missed []string
	for _, q := range append([]Query{r.Lists}, r.Queries...) {
		if q.RatioP50 > MostRatio && q.Aside == "" {
			missed = append(
				missed, fmt.Sprintf("%s: p50 grows by %.2f, want %.1f at most", q.Name, q.RatioP50, MostRatio),
			)
		}
	}
	if r.Lists.RatioP99 > MostRatio {
		missed = append(
			missed, fmt.Sprintf("%s: p99 grows by %.2f, want %.1f at most", r.Lists.Name, r.Lists.RatioP99, MostRatio),
		)
	}
	if r.RoundTrips > MostRoundTrips {
		missed = append(
			missed, fmt.Sprintf("a commit takes %d round trips, want %d at most", r.RoundTrips, MostRoundTrips),
		)
	}
	return missed
}

// Run starts servers of its own, loads the stores, measures, writes a table to out and stops the servers.
func Run(ctx context.Context, o Options, out io.Writer) (result Result, err error) {
	if len(o.Sizes) == 0 {
		o.Sizes = []int{10_000, 100_000, 1_000_000}
	}
	if o.Rounds == 0 {
		o.Rounds = 60
	}
	if o.Commands == 0 {
		o.Commands = 2000
	}
	l, err := lab.Start(ctx, lab.Options{Durable: true, Notice: o.Notice})
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, l.Close(context.WithoutCancel(ctx))) }()
	if err := enlarge(ctx, l.Postgres); err != nil {
		return Result{}, err
	}
	if o.WithReplay { // First: a database that has just been filled still writes.
		server := config.Temporal{Address: l.Temporal.Address(), Namespace: l.Temporal.Namespace()}
		if result.Replay, err = replay(ctx, l.DatabaseURL(), server, o.Commands, out); err != nil {
			return Result{}, err
		}
	}
	return result, measureStores(ctx, l.Postgres, o, &result, out)
}

// enlarge gives the server the memory that one gets that has a million orders to keep, instead of that of the smallest
// machine.
func enlarge(ctx context.Context, server *devstack.Postgres) error {
	conn, err := pgx.Connect(ctx, server.AdminURL("postgres"))
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, statement := range []string{
		`ALTER SYSTEM SET shared_buffers = '2GB'`, `ALTER SYSTEM SET max_wal_size = '8GB'`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	if err := server.Stop(ctx); err != nil {
		return err
	}
	return server.Start(ctx)
}
