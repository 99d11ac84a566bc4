// Package feedtest gives tests of those who follow the feed a database whose feed is kept.
package feedtest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
)

// wait is how long it may take until something is so, on a busy machine.
const wait = 30 * time.Second

// Office is a database whose feed is kept and watched until the test ends.
type Office struct {
	T      testing.TB
	Store  *postgres.Store
	Pool   *pgxpool.Pool
	Watch  *postgres.FeedWatch
	Logger *slog.Logger // what is at this level or above is in the test's output
}

// Open opens an office. The test's package needs devstacktest.Main.
func Open(t testing.TB, level slog.Level) Office {
	t.Helper()
	url := devstacktest.Database(t, postgres.Migrate)
	store, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	o := Office{
		T: t, Store: store, Pool: devstacktest.Pool(t, url), Watch: postgres.NewFeedWatch(store),
		Logger: telemetry.NewLogger(t.Output(), level, "text"),
	}
	running, stop := context.WithCancel(context.WithoutCancel(t.Context())) // Until what uses it has ended.
	var group sync.WaitGroup
	t.Cleanup(func() { stop(); group.Wait() })
	nobody := func(context.Context, fulfillment.ID) error { return nil } // The test itself delivers, or calls.
	group.Go(func() { _ = o.Watch.Run(running) })
	group.Go(func() {
		_ = feed.Run(running, feed.Config{
			Store: store, Logger: o.Logger, Retention: time.Hour, Deliver: nobody, Call: nobody,
		})
	})
	return o
}

// Exec changes the database.
func (o Office) Exec(sql string, args ...any) {
	o.T.Helper()
	if _, err := o.Pool.Exec(o.T.Context(), sql, args...); err != nil {
		o.T.Fatal(err)
	}
}

// Number asks the database for a number.
func (o Office) Number(sql string, args ...any) (n int64) {
	o.T.Helper()
	if err := o.Pool.QueryRow(o.T.Context(), sql, args...).Scan(&n); err != nil {
		o.T.Fatal(err)
	}
	return n
}

// Eventually waits until something is so. When it never is, the test ends and says how it is instead.
func (o Office) Eventually(what string, ok func() bool, instead func() string) {
	o.T.Helper()
	deadline, ticker := time.After(wait), time.NewTicker(5*time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			o.T.Fatalf("never saw %s: %s", what, instead())
		}
	}
}
