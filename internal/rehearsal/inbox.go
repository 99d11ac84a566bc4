package rehearsal

import (
	"context"
	"fmt"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
)

// inboxInterval is how often a seller looks for new requests.
const inboxInterval = 50 * time.Millisecond

// inbox is where the sellers find out that a request has reached them: none answers a request that its provider
// hasn't taken yet. All who wait are looked up together.
type inbox struct {
	taken func(ctx context.Context, ids []fulfillment.ID) ([]fulfillment.ID, error)

	mu      sync.Mutex
	waiting map[fulfillment.ID]chan struct{}
}

// wait returns when the provider has taken what it was called for.
func (b *inbox) wait(ctx context.Context, id fulfillment.ID) error {
	b.mu.Lock()
	if b.waiting == nil {
		b.waiting = map[fulfillment.ID]chan struct{}{}
	}
	arrived, ok := b.waiting[id]
	if !ok {
		arrived = make(chan struct{})
		b.waiting[id] = arrived
	}
	b.mu.Unlock()
	select {
	case <-arrived:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the provider to take fulfillment order %s: %w", id, ctx.Err())
	}
}

// watch looks until ctx ends. A failed look is repeated like any other.
func (b *inbox) watch(ctx context.Context) {
	ticks := time.NewTicker(inboxInterval)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		b.mu.Lock()
		ids := make([]fulfillment.ID, 0, len(b.waiting))
		for id := range b.waiting {
			ids = append(ids, id)
		}
		b.mu.Unlock()
		if len(ids) == 0 {
			continue
		}
		taken, err := b.taken(ctx, ids)
		if err != nil {
			continue
		}
		b.mu.Lock()
		for _, id := range taken {
			if arrived, ok := b.waiting[id]; ok {
				close(arrived)
				delete(b.waiting, id)
			}
		}
		b.mu.Unlock()
	}
}
