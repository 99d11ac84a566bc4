package access

// FeedSight is which events of the feed a caller may read. What is about the feed itself, everybody may.
type FeedSight struct {
	Orders            bool       // those of orders themselves, and [TopicsOfReturnsWithOrders]
	Returns           bool       // those of returns
	FulfillmentOrders Visibility // those of fulfillment orders, by where these are assigned to now
}

// Everything tells whether nothing is hidden.
func (s FeedSight) Everything() bool {
	return s.Orders && s.Returns && s.FulfillmentOrders.Everything()
}

// FeedSight is which events the caller may read: those of the orders, fulfillment orders and returns that it may read.
// The denial (nil: there is none) is for an app that has no scope for any.
func (c Caller) FeedSight() (FeedSight, *Denied) {
	needed := append(seen.scopes(), ReadOrders, ReadReturns)
	if !c.hasAny(needed) {
		return FeedSight{}, deny("events", needed, false)
	}
	return FeedSight{
		Orders: c.Has(ReadOrders), Returns: c.Has(ReadReturns), FulfillmentOrders: c.ReadKinds(),
	}, nil
}
