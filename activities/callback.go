package activities

import (
	"context"
	"fmt"

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

// CallService calls a fulfillment service for a [DeliveryTurn], unless something ends it.
func (c *Callbacks) CallService(ctx context.Context, id fulfillment.ID) (temporalio.Called, error) {
	return takeTurn(ctx, id, c.Follow, c.Tell, callbackNews)
}

func callbackNews(r temporalio.CallbackReport) news {
	n := news{state: r.State, failing: r.LastError() != ""}
	n.pending = n.failing
	for _, c := range r.Calls {
		n.slow += fmt.Sprint(c.CalledAt.Unix(), " ")
	}
	return n
}
