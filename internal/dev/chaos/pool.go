package chaos

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// pool is the orders that the actors work on. It is safe for concurrent use.
type pool struct {
	store *postgres.Store

	mu     sync.Mutex
	orders []fulfillment.ID // oldest first
	seen   map[fulfillment.ID][]*fulfillment.FulfillmentOrder
}

const (
	poolSize = 80 // older orders are left to themselves
	poolHot  = 10 // the newest, on which actors meet
)

func newPool(store *postgres.Store) *pool {
	return &pool{store: store, seen: map[fulfillment.ID][]*fulfillment.FulfillmentOrder{}}
}

func (p *pool) add(id fulfillment.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders = append(p.orders, id)
	if len(p.orders) > poolSize {
		delete(p.seen, p.orders[0])
		p.orders = p.orders[1:]
	}
}

// draw is one of the orders, more often a new one; 0: there is none yet.
func (p *pool) draw(rng *rand.Rand) fulfillment.ID {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.orders)
	switch {
	case n == 0:
		return 0
	case chance(rng, 0.6):
		return p.orders[n-1-rng.IntN(min(n, poolHot))]
	}
	return p.orders[rng.IntN(n)]
}

// lookTimeout is how long an actor waits for the store before it goes by what it saw last.
const lookTimeout = 2 * time.Second

// look is the order's fulfillment orders, as they are or, while the store doesn't answer, as they were.
func (p *pool) look(ctx context.Context, id fulfillment.ID) []*fulfillment.FulfillmentOrder {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	fos, err := p.store.FulfillmentOrdersOf(ctx, id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		return p.seen[id]
	}
	p.seen[id] = fos
	return fos
}
