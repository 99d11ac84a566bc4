// Package watch finds fulfillment orders of which something should have happened by itself and has not, or whose
// workflow may not know what the store has, and brings their workflows back to it.
//
// A workflow needs no watch as long as it lives and knows what the store has. It does not know when the workflow task
// that committed something was lost, and the server forgot the command that it was about; and it does not live when
// somebody terminated it, or when whoever should have started it was terminated before. What is due then is in the
// store, and nobody does it.
package watch

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
	"packhorse/internal/update"
)

// Config is what a [Watch] needs.
type Config struct {
	Store    *postgres.Store
	Temporal client.Client
	Updates  *update.Client
	Logger   *slog.Logger
	Metrics  *telemetry.Metrics // may be nil
	Doubt    *Doubt             // of this process; may be nil

	// Interval is how often to look, with a jitter. It must be positive.
	Interval time.Duration
	// Grace is how long something may be due before it counts as overdue: a workflow needs a moment, more so under
	// load.
	Grace time.Duration
	// Silence is how long nothing may be heard of a parcel that is under way before people are told. 0: they are not.
	Silence time.Duration

	// Clock is this process's own, which may be wrong: only pauses are measured by it, and what is due is for the
	// database's clock to say. Default: time.Now.
	Clock func() time.Time
}

// Watch looks after what is overdue. Of the watches on a database, one works; the others wait until it is gone.
type Watch struct {
	Config
	right    *postgres.Exclusive // nil: another one's, as far as is known
	patience patience
	silence  time.Time     // when this process looked for silent parcels last, by its own clock
	tries    int           // of the recovery that goes on
	marked   int64         // postgres.Mark.Next after this watch has moved the mark on
	asked    chan struct{} // somebody waits for Compare

	complaint  string // the last one, and when it was logged
	complained time.Time
}

// complainEvery is how often the same obstacle is logged.
const complainEvery = time.Minute

// New is a watch that has not looked yet. It must be closed, unless it is run.
func New(c Config) *Watch {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Watch{Config: c, patience: patience{first: 2 * c.Interval}, asked: make(chan struct{}, 1)}
}

// Close lets another watch work.
func (w *Watch) Close() {
	w.right.Release()
	w.right = nil
}

// Run looks until the context ends, first at what was changed lately: the process before this one may have died. In
// between it looks whether the database was set back, see [Watch.Compare]. What stands in the way is logged, and tried
// again the next time.
func (w *Watch) Run(ctx context.Context) error {
	defer w.Close()
	start := w.Clock()
	next := time.Now().Add(w.Interval/2 + rand.N(w.Interval))
	for doubted := false; ; {
		pause := time.NewTimer(min(w.Interval, markEvery)/2 + rand.N(min(w.Interval, markEvery)))
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-w.asked:
			pause.Stop()
		case <-pause.C:
		}
		w.complain(ctx, w.Compare(ctx))
		if time.Now().Before(next) {
			continue
		}
		next = time.Now().Add(w.Interval/2 + rand.N(w.Interval))
		var err error
		if !doubted {
			err = w.doubtChanges(ctx, w.Clock().Sub(start)+lookBack)
			doubted = err == nil
		}
		if err == nil {
			_, err = w.Sweep(ctx)
		}
		w.complain(ctx, err)
	}
}

// complain logs what stands in the way, the same not all the time.
func (w *Watch) complain(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil || err.Error() == w.complaint && time.Since(w.complained) < complainEvery {
		return
	}
	w.complaint, w.complained = err.Error(), time.Now()
	w.Logger.WarnContext(ctx, "The watch could not look after everything; it tries again.", "error", err)
}

// doubtChanges doubts what was changed within a time from now.
func (w *Watch) doubtChanges(ctx context.Context, within time.Duration) error {
	now, err := w.Store.Now(ctx)
	if err != nil {
		return err
	}
	return w.Store.DoubtChanges(ctx, now.Add(-within))
}

// mine tells whether this watch is the one that works.
func (w *Watch) mine(ctx context.Context) (bool, error) {
	if w.right != nil {
		if err := w.right.Check(ctx); err == nil {
			return true, nil
		}
		w.Close()
	}
	right, err := w.Store.TryWatch(ctx, 3*w.Interval+10*time.Second)
	w.right = right
	return right != nil, err
}
