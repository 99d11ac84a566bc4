// Package inbox works with what fulfillment services tell by themselves: it takes on what their systems send, asks
// those that have to be asked, reads what came, finds out what it is about, and tells it to the fulfillment orders.
// Everything is in the store before anybody is told that it arrived, and any number of processes share the work:
// whoever dies with some of it leaves it to the others, and what is told twice counts once.
package inbox

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/telemetry"
)

const (
	// lease is how long a process has what it took, before others take it over: longer than any attempt.
	lease = 90 * time.Second
	// tellTimeout, readTimeout and pollTimeout end attempts.
	tellTimeout, readTimeout, pollTimeout = time.Minute, 30 * time.Second, time.Minute
	// Rounds are that many at the same time from one process.
	tellAtOnce, readAtOnce, pollAtOnce = 16, 4, 4
	// silence is after how long without a word it is looked what there is; pooled where nobody can say a word.
	silence, pooled = 5 * time.Second, time.Second
	// pollLook is how often it is looked which services are to be asked.
	pollLook = time.Second
	// tidied is how often it is looked what is too old.
	tidied = 10 * time.Minute
	// farewell is how long a process that stops takes to give back what it took.
	farewell = 2 * time.Second
	// complainEvery is how often the same obstacle is logged.
	complainEvery = time.Minute
)

// Worker reads, asks and tells.
type Worker struct {
	Store    *postgres.Store
	Reporter provider.Reporter
	// Providers are those that the process serves, with their entries. Only their deliveries are read and only their
	// services asked; what came is told by any.
	Providers map[string]Served
	// Came tells when something may have come: postgres.FeedWatch.News. Nil: nobody says so.
	Came    <-chan struct{}
	Logger  *slog.Logger
	Metrics *telemetry.Metrics // may be nil

	read, tell crew
	complaints complaints
}

// Served is a provider that is open.
type Served struct {
	provider.Provider
	PollEvery time.Duration // the entry's
	// PollRate is how many times a second its services are asked what is new, all of them by all workers; 0: no limit.
	PollRate float64
}

// Run works until the context ends. What stands in the way is logged, and tried again.
func (w *Worker) Run(ctx context.Context) error {
	w.read.places, w.tell.places = readAtOnce, tellAtOnce
	freed := make(chan struct{}, 1)
	w.read.freed, w.tell.freed = freed, freed
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() { w.poll(ctx) })
	group.Go(func() { w.tidy(ctx) })
	for ctx.Err() == nil {
		timer := time.NewTimer(w.round(ctx, &group))
		select {
		case <-ctx.Done():
		case <-w.Came:
		case <-freed:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// round takes what is due, as much as there are places for, and says when to look again.
func (w *Worker) round(ctx context.Context, group *sync.WaitGroup) time.Duration {
	full := false
	if free := w.read.free(); free > 0 {
		deliveries, err := w.Store.ClaimDeliveries(ctx, w.receivers(), lease, free)
		if err != nil {
			return w.complain(ctx, err)
		}
		slices.SortFunc(deliveries, func(a, b news.Delivery) int { return int(a.ID - b.ID) })
		for _, d := range deliveries {
			w.read.send(group, func() { w.readDelivery(ctx, d) })
		}
		full = len(deliveries) == free
	}
	if free := w.tell.free(); free > 0 {
		items, err := w.Store.ClaimNews(ctx, lease, free)
		if err != nil {
			return w.complain(ctx, err)
		}
		slices.SortFunc(items, func(a, b news.Item) int { return int(a.ID - b.ID) })
		for _, item := range items {
			w.tell.send(group, func() { w.tellItem(ctx, item) })
		}
		full = full || len(items) == free
	}
	wait := silence
	if w.Came == nil {
		wait = pooled
	}
	if full { // Whoever is ready says so.
		return wait
	}
	due, ok, err := w.Store.NewsDue(ctx, w.receivers())
	if err != nil {
		return w.complain(ctx, err)
	}
	if ok {
		// What is due and was not got is being taken by somebody else.
		wait = min(wait, max(due, 10*time.Millisecond))
	}
	return wait
}

// receivers are the providers whose deliveries are read here.
func (w *Worker) receivers() []string {
	ids := []string{}
	for _, id := range slices.Sorted(maps.Keys(w.Providers)) {
		if _, ok := w.Providers[id].Provider.(provider.Receiver); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// tidy deletes what is too old, and counts what waits.
func (w *Worker) tidy(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := w.Store.TrimNews(ctx, news.Retention)
		wait := tidied
		switch {
		case err != nil:
			wait = w.complain(ctx, err)
		case more:
			wait = 0
		}
		pause(ctx, wait)
	}
}

// complain logs what stands in the way, and says when to try again.
func (w *Worker) complain(ctx context.Context, err error) time.Duration {
	w.complaints.log(ctx, w.Logger, "News of fulfillment services waits; it is tried again.", err)
	return time.Second
}

// complaints are logged, but the same not all the time.
type complaints struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (c *complaints) log(ctx context.Context, logger *slog.Logger, what string, err error, more ...any) {
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	text := what + err.Error()
	if time.Since(c.last[text]) < complainEvery {
		return
	}
	if c.last == nil || len(c.last) > 1000 {
		c.last = map[string]time.Time{}
	}
	c.last[text] = time.Now()
	logger.WarnContext(ctx, what, append([]any{"error", err}, more...)...)
}

// crew does so many things at the same time.
type crew struct {
	places int
	busy   atomic.Int64
	freed  chan<- struct{}
}

func (c *crew) free() int { return c.places - int(c.busy.Load()) }

func (c *crew) send(group *sync.WaitGroup, do func()) {
	c.busy.Add(1)
	group.Go(func() {
		do()
		c.busy.Add(-1)
		select {
		case c.freed <- struct{}{}:
		default: // It is going to look anyway.
		}
	})
}

// noting is the time to note what has become of something, also when the process stops.
func noting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), farewell)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// service is a service as it is now; nil: it was deleted.
func (w *Worker) service(ctx context.Context, id fulfillment.ID) (*fulfillment.Service, error) {
	found, err := w.Store.ServicesByID(ctx, []fulfillment.ID{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}
