package orderimport

import (
	"sync"

	"packhorse/internal/fulfillment"
)

// underway is the orders that are being handed over. Two lines with the same order go one after the other: side by
// side, both would be told that they created it.
type underway struct {
	mu     sync.Mutex
	orders map[fulfillment.ID]chan struct{}
}

// enter adds an order. It can be handed over when before is closed, or at once if that is nil; leave ends its turn.
func (u *underway) enter(id fulfillment.ID) (before <-chan struct{}, leave func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	before = u.orders[id]
	if u.orders == nil {
		u.orders = make(map[fulfillment.ID]chan struct{}, inFlight)
	}
	turn := make(chan struct{})
	u.orders[id] = turn
	return before, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.orders[id] == turn {
			delete(u.orders, id)
		}
		close(turn)
	}
}
