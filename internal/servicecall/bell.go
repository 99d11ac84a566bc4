package servicecall

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
)

// bellPause is the least time between two looks: it bounds what a busy feed costs, and delays a ping by as much.
const bellPause = 50 * time.Millisecond

// Bell reads the feed once for all services that a process calls, and wakes those at whose locations something has
// happened. One that was not woken looks by itself, only later. It is safe for concurrent use.
type Bell struct {
	// Feed tells of new positions: a *postgres.FeedWatch.
	Feed interface {
		Wait(ctx context.Context, after int64, topics ...string) (newest int64, err error)
	}
	// Store is a *postgres.Store.
	Store interface {
		CalledLocations(ctx context.Context, after, to int64) ([]fulfillment.ID, error)
	}
	Logger *slog.Logger

	mu        sync.Mutex
	listeners map[chan struct{}]fulfillment.ID // by locations
}

// Listen wakes who listens for a location until stop is called.
func (b *Bell) Listen(location fulfillment.ID) (rung <-chan struct{}, stop func()) {
	told := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners == nil {
		b.listeners = map[chan struct{}]fulfillment.ID{}
	}
	b.listeners[told] = location
	return told, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners, told)
	}
}

// Run rings until the context ends.
func (b *Bell) Run(ctx context.Context) error {
	for at := int64(0); ctx.Err() == nil; {
		newest, err := b.Feed.Wait(ctx, at)
		if err != nil {
			break
		}
		switch locations, err := b.look(ctx, at, newest); {
		case err == nil:
			b.ring(locations)
			at = newest
		case ctx.Err() == nil:
			b.Logger.WarnContext(ctx, "Callbacks of fulfillment services wait for the database.", "error", err)
			pause(ctx, retry)
			continue
		}
		pause(ctx, bellPause)
	}
	return nil
}

// look finds the locations where something has happened; nil: it may be any.
func (b *Bell) look(ctx context.Context, after, to int64) (map[fulfillment.ID]bool, error) {
	b.mu.Lock()
	nobody := len(b.listeners) == 0
	b.mu.Unlock()
	if nobody || after == 0 || to-after > manyEvents {
		return nil, nil
	}
	ids, err := b.Store.CalledLocations(ctx, after, to)
	locations := make(map[fulfillment.ID]bool, len(ids))
	for _, id := range ids {
		locations[id] = true
	}
	return locations, err
}

// manyEvents are so many that everybody reads for himself.
const manyEvents = 20_000

func (b *Bell) ring(locations map[fulfillment.ID]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for told, location := range b.listeners {
		if locations != nil && !locations[location] {
			continue
		}
		select {
		case told <- struct{}{}:
		default: // It has not heard of the one before yet.
		}
	}
}

// pause waits for a time, or for the context's end.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
