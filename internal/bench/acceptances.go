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

// acceptances sees which requests a provider has accepted, as a warehouse would: it looks into the store, for all
// fulfillment orders in flight at once.
type acceptances struct {
	pool *pgxpool.Pool
	stop context.CancelFunc
	done chan struct{} // closed when nobody looks any more
	err  error         // why, if nobody stopped it; read it after done

	mu      sync.Mutex
	waiting map[fulfillment.ID]chan struct{}
}

// acceptanceInterval is how often it looks while somebody waits. It delays an order by half of it, and costs less than
// one part in a hundred of a core.
const acceptanceInterval = 4 * time.Millisecond

// watchAcceptances looks until it is closed, or the context ends.
func watchAcceptances(ctx context.Context, pool *pgxpool.Pool) *acceptances {
	ctx, stop := context.WithCancel(ctx)
	a := &acceptances{pool: pool, stop: stop, done: make(chan struct{}), waiting: map[fulfillment.ID]chan struct{}{}}
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
	accepted := make(chan struct{})
	a.mu.Lock()
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
	ids := make([]int64, 0, len(a.waiting))
	for id := range a.waiting {
		ids = append(ids, int64(id))
	}
	a.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	rows, err := a.pool.Query(ctx, `SELECT id FROM fulfillment_orders WHERE id = ANY($1) AND request_status = $2`,
		ids, string(fulfillment.RequestAccepted))
	if err != nil {
		return err
	}
	accepted, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range accepted {
		close(a.waiting[fulfillment.ID(id)])
		delete(a.waiting, fulfillment.ID(id))
	}
	return nil
}
