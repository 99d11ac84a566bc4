package postgres

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// OrderKind names what happened to an order as a whole.
type OrderKind string

// The kinds of an order's transitions.
const (
	OrderCreated       OrderKind = "CREATED"
	OrderEdited        OrderKind = "EDITED"
	OrderCancelled     OrderKind = "CANCELLED"
	OrderStatusChanged OrderKind = "STATUS_CHANGED" // a status that follows from its fulfillment orders is another one
)

// topic is the webhook topic that the transition raises.
func (k OrderKind) topic() string {
	switch k {
	case OrderCreated:
		return "orders/create"
	case OrderEdited:
		return "orders/edited"
	case OrderCancelled:
		return "orders/cancelled"
	}
	return "orders/updated"
}

// OrderStatuses are the two readings of an order's state.
type OrderStatuses struct {
	Display     fulfillment.OrderDisplayStatus     `json:"displayFulfillmentStatus"` // Shopify's
	Fulfillment fulfillment.OrderFulfillmentStatus `json:"fulfillmentStatus"`        // Medusa's
}

// orderChange is a row of an order's history in the making.
type orderChange struct {
	Kind        OrderKind         `json:"kind"`
	CommandID   string            `json:"command_id"`
	Fingerprint string            `json:"fingerprint"`
	Actor       fulfillment.Actor `json:"actor"`
	At          time.Time         `json:"at"`
	Reason      string            `json:"reason"`
	Before      *OrderStatuses    `json:"before,omitempty"`
	After       OrderStatuses     `json:"after"`
	Details     any               `json:"details,omitempty"`
	Topic       string            `json:"topic"`
}

func (c orderChange) queue(b *pgx.Batch, orderID fulfillment.ID, before, after OrderStatuses) error {
	if before != (OrderStatuses{}) {
		c.Before = &before
	}
	c.After, c.Topic = after, c.Kind.topic()
	body, err := encode(c)
	if err == nil {
		b.Queue(writeOrderTransition, orderID, json.RawMessage(body))
	}
	return err
}

// statusChange says what moved the order to another status: the last of the transitions.
func statusChange(transitions []fulfillment.Transition) orderChange {
	var cause fulfillment.Transition
	for _, t := range transitions {
		if !t.At.Before(cause.At) {
			cause = t
		}
	}
	return orderChange{
		Kind: OrderStatusChanged, Actor: cause.Actor, At: cause.At, Reason: cause.Reason,
		Details: map[string]any{"fulfillmentOrderId": cause.FulfillmentOrderID, "sequence": cause.Sequence},
	}
}
