package feed

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
)

var feedFor = flag.Duration("feed-for", 3*time.Second, "how long TestFeedUnderLoad writes")

// write raises events of an order, as a client does that has more to do before and after that.
func write(ctx context.Context, order, events int) func(pgx.Tx) error {
	return func(tx pgx.Tx) error {
		var n int64
		err := tx.QueryRow(ctx, `UPDATE ticket SET n = n + $2 WHERE id = $1 RETURNING n`, order, events).Scan(&n)
		if err == nil {
			_, err = tx.Exec(ctx, `SELECT pg_sleep(random() * 0.02)`)
		}
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO outbox (order_id, sequence, position, topic, payload, created_at)
				SELECT $1, $2::bigint + g, 0, '', '{}', clock_timestamp() FROM generate_series(1, $3::int) g ORDER BY g`,
				order, n-int64(events), events)
		}
		if err == nil {
			_, err = tx.Exec(ctx, `SELECT pg_sleep(random() * 0.02)`)
		}
		return err
	}
}

// TestFeedUnderLoad: 32 clients write to 20 orders, while for a third of the time a transaction stays open in another
// database of the server. Whoever follows from the beginning sees positions without a gap, of every event one, each
// order's as they were committed, and each soon. What it saw is logged; see docs/proof.md.
func TestFeedUnderLoad(t *testing.T) {
	t.Parallel()
	const clients, orders = 32, 20
	url := devstacktest.Database(t, postgres.Migrate)
	elsewhere := devstacktest.Database(t, func(context.Context, string) error { return nil })
	store, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = clients
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), `CREATE TABLE ticket (id bigint PRIMARY KEY, n bigint NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `INSERT INTO ticket SELECT g, 0 FROM generate_series(1, $1::int) g`, orders); err != nil {
		t.Fatal(err)
	}
	watch := postgres.NewFeedWatch(store)
	running, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var group sync.WaitGroup
	t.Cleanup(func() { stop(); group.Wait() })
	group.Go(func() { _ = watch.Run(running) })
	group.Go(func() {
		logger := telemetry.NewLogger(t.Output(), slog.LevelInfo, "text")
		_ = Run(running, Config{Store: store, Logger: logger, Retention: time.Hour})
	})
	open, err := pgx.Connect(t.Context(), elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open.Exec(t.Context(), `BEGIN; SELECT pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	shut := time.AfterFunc(*feedFor/3, func() { _ = open.Close(context.WithoutCancel(t.Context())) })
	defer shut.Stop()

	until := time.Now().Add(*feedFor)
	var writers errgroup.Group
	for range clients {
		writers.Go(func() error {
			for time.Now().Before(until) {
				one := write(t.Context(), 1+rand.N(orders), 1+rand.N(3))
				if err := pgx.BeginFunc(t.Context(), pool, one); err != nil {
					return err
				}
			}
			return nil
		})
	}
	written := make(chan error, 1)
	go func() { written <- writers.Wait() }()

	var oldest time.Duration
	last, position := map[fulfillment.ID]int64{}, int64(0)
	for over := false; ; {
		page, err := store.Feed(t.Context(), postgres.FeedQuery{After: position})
		if err != nil && !errors.As(err, new(*postgres.FeedGoneError)) {
			t.Fatal(err)
		}
		now := time.Now()
		for _, e := range page.Entries {
			if position++; e.Position != position {
				t.Fatalf("position %d comes after %d", e.Position, position-1)
			}
			if e.Sequence != last[e.OrderID]+1 {
				t.Errorf("order %d: %d comes after %d", e.OrderID, e.Sequence, last[e.OrderID])
			}
			last[e.OrderID] = e.Sequence
			oldest = max(oldest, now.Sub(e.CommittedAt))
		}
		if len(page.Entries) > 0 {
			continue
		}
		var left bool
		if err := pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM outbox)`).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if over && !left && page.Newest == position {
			break
		}
		waiting, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, _ = watch.Wait(waiting, position)
		cancel()
		select {
		case err := <-written:
			if err != nil {
				t.Fatal(err)
			}
			over = true
		default:
		}
	}
	var raised int // of the orders: a busy machine may not come to all of them
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM ticket WHERE n > 0`).Scan(&raised); err != nil {
		t.Fatal(err)
	}
	for id, n := range last {
		var want int64
		if err := pool.QueryRow(t.Context(), `SELECT n FROM ticket WHERE id = $1`, id).Scan(&want); err != nil || n != want {
			t.Errorf("order %d: %d events, want %d, %v", id, n, want, err)
		}
	}
	t.Logf("%d events of %d orders in %v, the oldest seen after %v", position, len(last), *feedFor, oldest)
	most := 2 * time.Second
	if *feedFor < time.Minute { // Everything else is tested at the same time.
		most = 20 * time.Second
	}
	if len(last) != raised || raised < 2 || oldest > most {
		t.Errorf("%d of %d orders; the oldest event was seen after %v", len(last), raised, oldest)
	}
}
