package activities

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Deliveries are what subscriptions to webhooks need.
type Deliveries struct {
	// Follow delivers to a subscription until the context ends or it is not enabled any more, and says how it goes.
	Follow func(
		ctx context.Context, id fulfillment.ID, report func(temporalio.DeliveryReport),
	) (temporalio.Delivered, error)
	// Tell tells the subscription's workflow how it goes.
	Tell func(ctx context.Context, id fulfillment.ID, report temporalio.DeliveryReport) error
}

// FollowFeed delivers the events of a webhook subscription for a [DeliveryTurn], unless something ends it.
func (d *Deliveries) FollowFeed(ctx context.Context, id fulfillment.ID) (temporalio.Delivered, error) {
	return takeTurn(ctx, id, d.Follow, d.Tell, deliveryNews)
}

func deliveryNews(r temporalio.DeliveryReport) news {
	return news{state: r.State, failing: r.LastError != "", pending: r.LastError != "" || r.Lag > 1000}
}
