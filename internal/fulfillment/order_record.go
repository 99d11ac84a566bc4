package fulfillment

import (
	"slices"
	"time"
)

// OrderRecord is an order as the store has it.
type OrderRecord struct {
	// Order is what was handed over, with the lines that order edits added. A line's Quantity is what was ever ordered
	// of it. CommandID, FirstID and Actor are those of the creation's history.
	Order

	DisplayFulfillmentStatus OrderDisplayStatus     `json:"displayFulfillmentStatus"` // Shopify's
	FulfillmentStatus        OrderFulfillmentStatus `json:"fulfillmentStatus"`        // Medusa's
	ReturnStatus             string                 `json:"returnStatus"`             // one of returns.OrderReturnStatuses
	// CurrentQuantities are those of the lines, in their order, without what edits took away.
	CurrentQuantities []Quantity        `json:"currentQuantities"`
	CancelledAt       *time.Time        `json:"cancelledAt,omitempty"`
	CancelReason      string            `json:"cancelReason,omitempty"`
	ClosedAt          *time.Time        `json:"closedAt,omitempty"` // nil: it is open
	CreatedAt         time.Time         `json:"createdAt"`
	UpdatedAt         time.Time         `json:"updatedAt"` // of the last transition of the order itself
	Transitions       []OrderTransition `json:"transitions"`

	// Updates is how many updates the order has had.
	Updates int `json:"-"`

	// Lines are the units of the lines, in their order.
	Lines []OrderLine `json:"-"`
}

// OrderLine is what became of the units of an order line.
type OrderLine struct {
	LineItemID  ID  `json:"lineItemId"`
	Current     int `json:"currentQuantity"`     // ordered, without what order edits took away
	Unfulfilled int `json:"unfulfilledQuantity"` // not shipped yet, and not cancelled
	Fulfillable int `json:"fulfillableQuantity"` // not shipped yet, and not on hold
}

// Edited tells whether the order was edited since it was created.
func (r *OrderRecord) Edited() bool {
	return slices.ContainsFunc(r.Transitions, func(t OrderTransition) bool { return t.Kind == OrderKindEdited })
}

// Used tells whether something else than a cancellation was done to the order under this command ID.
func (r *OrderRecord) Used(commandID string) bool {
	return commandID != "" && slices.ContainsFunc(r.Transitions, func(t OrderTransition) bool {
		return t.CommandID == commandID && t.Kind != OrderKindCancelled
	})
}

// CancelledBy is the command ID of the cancellation; empty while the order is not cancelled.
func (r *OrderRecord) CancelledBy() string {
	for _, t := range r.Transitions {
		if t.Kind == OrderKindCancelled {
			return t.CommandID
		}
	}
	return ""
}
