package watch_test

import (
	"log/slog"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/watch"
	"packhorse/internal/worker/workertest"
)

// TestWrongClock: what is overdue is for the database's clock to say, however wrong that of the process is that looks.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	gone := asked(s)
	terminate(t, s, gone)
	// Something is due of this one in an hour.
	s.Send(s.Order(s.Warehouse("Berlin").ID, 1), &fulfillment.SetDeadline{FulfillBy: new(time.Now().Add(time.Hour))})
	for name, off := range map[string]time.Duration{"ahead": 24 * time.Hour, "behind": -24 * time.Hour} {
		t.Run("a_day_"+name, func(t *testing.T) {
			w := watch.New(watch.Config{Store: s.Store, Temporal: s.Temporal, Updates: s.Updates, Interval: time.Minute,
				Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
				Clock:  func() time.Time { return time.Now().Add(off) }})
			defer w.Close()
			sweeps(t, w, watch.Swept{Overdue: 1, Looked: 1, Refreshed: 1})
			terminate(t, s, gone)
		})
	}
}
