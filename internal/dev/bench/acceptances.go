package bench

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/fulfillment"
)

// acceptances sees which requests a provider has accepted, as a warehouse would: it reads the feed, for all
// fulfillment orders in flight at once.
type acceptances struct {
	pool *pgxpool.Pool
	last int64 // the newest event that it has read
	stop context.CancelFunc
	done chan struct{} // closed when nobody looks any more
	err  error         // why, if nobody stopped it; read it after done

	mu       sync.Mutex
	accepted map[fulfillment.ID]bool
	waiting  map[fulfillment.ID]chan struct{}
}

// acceptanceInterval is how often it looks while somebody waits. It delays an order by half of it, and costs about one
// part in a hundred of a core.
const acceptanceInterval = 8 * time.Millisecond

// watchAcceptances looks until it is closed, or the context ends.
func watchAcceptances(ctx context.Context, pool *pgxpool.Pool) *acceptances {
	ctx, stop := context.WithCancel(ctx)
	a := &acceptances{pool: pool, stop: stop, done: make(chan struct{}),
		accepted: map[fulfillment.ID]bool{}, waiting: map[fulfillment.ID]chan struct{}{}}
	go func() {
		defer close(a.done)
		a.err = a.watch(ctx)
	}()
	return a
}

func (a *acceptances) close() {
	a.stop()
	<-a.done
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

func (a *acceptances) watch(ctx context.Context) error {
	ticker := time.NewTicker(acceptanceInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := a.look(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("look for accepted requests: %w", err)
		}
	}
}

func (a *acceptances) look(ctx context.Context) error {
	a.mu.Lock()
	waiting := len(a.waiting)
	a.mu.Unlock()
	if waiting == 0 {
		return nil
	}
	rows, err := a.pool.Query(ctx, `SELECT position, coalesce(fulfillment_order_id, 0), topic FROM feed WHERE position > $1
		ORDER BY position LIMIT 1000`, a.last)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var id fulfillment.ID
	var topic string
	_, err = pgx.ForEachRow(rows, []any{&a.last, &id, &topic}, func() error {
		if topic != fulfillment.TopicRequestAccepted {
			return nil
		}
		a.accepted[id] = true
		if accepted, ok := a.waiting[id]; ok {
			close(accepted)
			delete(a.waiting, id)
		}
		return nil
	})
	return err
}
