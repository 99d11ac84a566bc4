package operation

import (
	"strings"

	"packhorse/internal/fulfillment"
)

// orderCommandPrefix starts the command IDs that carry the ID of the order that they create. Those that earlier
// versions told people began with "cli-".
const orderCommandPrefix = "order-"

// orders mints the IDs of orders of which nothing says what they are.
var orders fulfillment.Minter

// IdentifyOrder decides which ID a new order has, at whatever entrance it comes: the one that it was given; else the
// one that follows from its source identifier; else from its command ID (the caller's idempotency key); else a new one.
// An order without a command ID gets one that the order's ID follows from. So whoever sends the same order again, under
// any of the three, sends the same order.
func IdentifyOrder(order *fulfillment.Order) {
	order.Name, order.SourceIdentifier = fulfillment.Tidy(order.Name), fulfillment.Tidy(order.SourceIdentifier)
	carried, isCarried := strings.CutPrefix(strings.TrimPrefix(order.CommandID, "cli-"), orderCommandPrefix)
	id, err := fulfillment.ParseID(carried)
	switch {
	case order.ID != 0:
	case order.SourceIdentifier != "":
		order.ID = fulfillment.OrderIDOf(order.SourceIdentifier)
	case isCarried && err == nil:
		order.ID = id
	case order.CommandID != "":
		order.ID = fulfillment.DerivedID("order command", order.CommandID)
	default:
		order.ID = orders.Mint()
	}
	if order.CommandID == "" {
		order.CommandID = orderCommandPrefix + order.ID.String()
	}
}
