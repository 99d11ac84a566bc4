package activities

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Callbacks are what the calls of fulfillment services need.
type Callbacks struct {
	// Follow calls a service until the context ends or it is not to be called any more, and says how it goes.
	Follow func(
		ctx context.Context, id fulfillment.ID, report func(temporalio.CallbackReport),
	) (temporalio.Called, error)
	// Tell tells the workflow of the service's callbacks how it goes.
	Tell func(ctx context.Context, id fulfillment.ID, report temporalio.CallbackReport) error
}

// CallService calls a fulfillment service for half a day, unless something ends it. Its heartbeats say how it goes; the
// workflow is told when that changes.
func (c *Callbacks) CallService(ctx context.Context, id fulfillment.ID) (temporalio.Called, error) {
	ctx, cancel := context.WithTimeout(ctx, DeliveryTurn)
	defer cancel()
	var latest atomic.Pointer[temporalio.CallbackReport]
	var group sync.WaitGroup
	group.Go(func() {
		signsOfLife(ctx, &latest, callbackNews, func(r temporalio.CallbackReport) error { return c.Tell(ctx, id, r) })
	})
	called, err := c.Follow(ctx, id, func(r temporalio.CallbackReport) { latest.Store(&r) })
	cancel()
	group.Wait()
	return called, err
}

func callbackNews(r temporalio.CallbackReport) news {
	n := news{state: r.State, failing: r.LastError() != ""}
	n.pending = n.failing
	for _, c := range r.Calls {
		n.slow += fmt.Sprint(c.CalledAt.Unix(), " ")
	}
	return n
}
