package bench

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// acceptances sees which requests a provider has accepted, as a warehouse would: it follows the feed, for all
// fulfillment orders in flight at once.
type acceptances struct {
	store *postgres.Store
	last  int64 // the newest event that it has read
	stop  context.CancelFunc
	group sync.WaitGroup
	done  chan struct{} // closed when nobody looks any more
	err   error         // why, if nobody stopped it; read it after done

	mu       sync.Mutex
	accepted map[fulfillment.ID]bool
	waiting  map[fulfillment.ID]chan struct{}
}

// lookAnyway is after how long it looks although it was told nothing.
const lookAnyway = time.Second

// watchAcceptances looks until it is closed, or the context ends.
func watchAcceptances(ctx context.Context, store *postgres.Store) *acceptances {
	ctx, stop := context.WithCancel(ctx)
	a := &acceptances{store: store, stop: stop, done: make(chan struct{}),
		accepted: map[fulfillment.ID]bool{}, waiting: map[fulfillment.ID]chan struct{}{}}
	feed := postgres.NewFeedWatch(store)
	a.group.Go(func() { _ = feed.Run(ctx) }) // It ends with the context alone.
	a.group.Go(func() {
		defer close(a.done)
		a.err = a.watch(ctx, feed)
	})
	return a
}

func (a *acceptances) close() {
	a.stop()
	a.group.Wait()
}

// wait waits until the fulfillment order's request is accepted.
func (a *acceptances) wait(ctx context.Context, id fulfillment.ID) error {
	a.mu.Lock()
	if a.accepted[id] {
		a.mu.Unlock()
		return nil
	}
	accepted := make(chan struct{})
	a.waiting[id] = accepted
	a.mu.Unlock()
	select {
	case <-accepted:
		return nil
	case <-a.done:
		return fmt.Errorf("wait until %d is accepted: %w", id, cmp.Or(a.err, context.Canceled))
	case <-ctx.Done():
		return fmt.Errorf("wait until %d is accepted: %w", id, ctx.Err())
	}
}

func (a *acceptances) watch(ctx context.Context, feed *postgres.FeedWatch) error {
	for {
		limited, cancel := context.WithTimeout(ctx, lookAnyway)
		_, _ = feed.Wait(limited, a.last, fulfillment.TopicRequestAccepted) // Whatever it says, there may be some.
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		if err := a.look(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("look for accepted requests: %w", err)
		}
	}
}

func (a *acceptances) look(ctx context.Context) error {
	for more := true; more; {
		page, err := a.store.Feed(ctx, postgres.FeedQuery{
			After: a.last, Topics: []string{fulfillment.TopicRequestAccepted},
		})
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if e.FulfillmentOrderID != 0 {
				a.accept(e.FulfillmentOrderID)
			}
		}
		a.last, more = page.Next, page.Next < page.Newest
	}
	return nil
}

func (a *acceptances) accept(id fulfillment.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accepted[id] = true
	if accepted, ok := a.waiting[id]; ok {
		close(accepted)
		delete(a.waiting, id)
	}
}
