package fulfillment

import (
	"cmp"
	"slices"
	"time"
)

// OrderKind names what happened to an order as a whole.
type OrderKind string

// The kinds of an order's transitions.
const (
	OrderKindCreated       OrderKind = "CREATED"
	OrderKindEdited        OrderKind = "EDITED"
	OrderKindUpdated       OrderKind = "UPDATED"
	OrderKindCancelled     OrderKind = "CANCELLED"
	OrderKindClosed        OrderKind = "CLOSED"         // somebody has put it away: nothing is left to be done
	OrderKindOpened        OrderKind = "OPENED"         // somebody has opened it again
	OrderKindStatusChanged OrderKind = "STATUS_CHANGED" // a status that follows from its fulfillment orders changed
)

// The webhook topics of orders, in the source's own spelling.
const (
	TopicOrderCreated            = "orders/create"
	TopicOrderEdited             = "orders/edited"
	TopicOrderCancelled          = "orders/cancelled"
	TopicOrderUpdated            = "orders/updated"
	TopicOrderFulfilled          = "orders/fulfilled"
	TopicOrderPartiallyFulfilled = "orders/partially_fulfilled"
	TopicOrderPaid               = "orders/paid"
)

// OrderStatuses are the two readings of an order's state.
type OrderStatuses struct {
	Display     OrderDisplayStatus     `json:"displayFulfillmentStatus"` // Shopify's
	Fulfillment OrderFulfillmentStatus `json:"fulfillmentStatus"`        // Medusa's
}

// Statuses are both statuses of the order.
func (v OrderView) Statuses() OrderStatuses {
	return OrderStatuses{Display: v.DisplayFulfillmentStatus(), Fulfillment: v.FulfillmentStatus()}
}

// OrderTransition is one step in the life of an order as a whole. The life of its units is in the transitions of its
// fulfillment orders.
type OrderTransition struct {
	OrderID     ID             `json:"-"`
	Sequence    int64          `json:"sequence"` // 1, 2, 3 … without gaps
	Kind        OrderKind      `json:"kind"`
	CommandID   string         `json:"commandId,omitempty"`
	Fingerprint string         `json:"fingerprint,omitempty"`
	Actor       Actor          `json:"actor"`
	At          time.Time      `json:"at"`
	Reason      string         `json:"reason,omitempty"` // why, in words for people
	Before      *OrderStatuses `json:"before,omitempty"` // nil: CREATED
	After       OrderStatuses  `json:"after"`
	Details     *OrderDetails  `json:"details,omitempty"`

	// ValuesBefore and ValuesAfter are what an update changed, of UPDATED. Personal data: the feed has none of it.
	ValuesBefore *OrderFields `json:"valuesBefore,omitempty"`
	ValuesAfter  *OrderFields `json:"valuesAfter,omitempty"`

	// ClosedAt is since when the order is closed after it, of one that is to be written; nil: it is open. It follows
	// from the history, see [ClosedSince].
	ClosedAt *time.Time `json:"-"`
}

// OrderDetails is what belongs to an [OrderTransition] beside the statuses before and after it. Only what its kind is
// about is set.
type OrderDetails struct {
	Add           []LineItem `json:"add,omitempty"`           // EDITED: new lines
	SetQuantities []Quantity `json:"setQuantities,omitempty"` // EDITED: new current quantities, by order line ID
	// Quantities are the current quantities before it of the lines in SetQuantities, of EDITED. The store fills it in.
	Quantities []Quantity `json:"quantitiesBefore,omitempty"`
	Made       []ID       `json:"fulfillmentOrderIds,omitempty"` // EDITED: the fulfillment orders made of new lines

	Update   int               `json:"update,omitempty"`           // UPDATED: which one, from 1
	Changed  []string          `json:"changed,omitempty"`          // UPDATED: fields that got other values
	Followed []ID              `json:"followed,omitempty"`         // UPDATED: fulfillment orders that go elsewhere now
	Kept     []KeptDestination `json:"destinationsKept,omitempty"` // UPDATED: those that do not

	FulfillmentOrderID ID    `json:"fulfillmentOrderId,omitempty"` // STATUS_CHANGED: whose transition changed it
	ReturnID           ID    `json:"returnId,omitempty"`           // instead, when it was a return's
	Sequence           int64 `json:"sequence,omitempty"`           // STATUS_CHANGED: which one

	// Shipped are the order's fulfillment orders that had shipments, taken back or not, with how far each had come.
	Shipped []Reached `json:"shipped,omitempty"`
	// Services are which lines are with which fulfillment service after it; what is not in it is with the merchant.
	Services []ServiceLines `json:"services,omitempty"`
	// AlsoRaises are topics that it raises beside those that follow from its kind and its statuses.
	AlsoRaises []string `json:"alsoRaises,omitempty"`
}

// Reached is how far a fulfillment order had come.
type Reached struct {
	FulfillmentOrderID ID    `json:"fulfillmentOrderId"`
	Sequence           int64 `json:"sequence"` // of its last transition then
}

// ServiceLines are lines of an order that a fulfillment service has.
type ServiceLines struct {
	ServiceID ID   `json:"serviceId"`
	Lines     []ID `json:"lineItemIds,omitempty"` // missing: all lines of the order
}

// IsEdit tells whether these are the details of that very edit.
func (d *OrderDetails) IsEdit(cmd EditOrder) bool {
	return slices.Equal(d.SetQuantities, cmd.SetQuantities) && SameLines(d.Add, cmd.Add)
}

// OrderState is what a decision about an order as a whole depends on.
type OrderState struct {
	ID        ID
	Version   int64 // the sequence of its last transition; 0: there is none yet
	Cancelled bool
	ClosedAt  *time.Time    // nil: it is open
	Statuses  OrderStatuses // zero: there is none yet
	Returned  map[ID]int    // units of its lines that are back
}

// OrderChange is something that is done to an order as a whole.
type OrderChange struct {
	Kind        OrderKind // STATUS_CHANGED: only if it does
	CommandID   string
	Fingerprint string // of the content: a repeated change is known by it
	Actor       Actor
	At          time.Time
	Reason      string
	Details     *OrderDetails
	Paid        bool // it is paid in full by this, and was not before
}

// Decide tells what becomes of the order when a change (nil: none) is written together with transitions of its
// fulfillment orders. All are the order's fulfillment orders as they are after that. The answer is nil when the order
// stays as it is, and repeated when it was cancelled, closed or opened before and nothing is to be written.
func (o OrderState) Decide(
	change *OrderChange, transitions []Transition, all []*FulfillmentOrder,
) (t *OrderTransition, repeated bool) {
	cancels := change != nil && change.Kind == OrderKindCancelled
	if cancels && o.Cancelled || change != nil && (change.Kind == OrderKindClosed && o.ClosedAt != nil ||
		change.Kind == OrderKindOpened && o.ClosedAt == nil) {
		return nil, true
	}
	after := ViewOrder(o.Cancelled || cancels, all).WithReturned(o.Returned).Statuses()
	if (change == nil || change.Kind == OrderKindStatusChanged) && after == o.Statuses {
		return nil, false
	}
	if change == nil {
		change = statusChange(transitions)
	}
	t = &OrderTransition{
		OrderID: o.ID, Sequence: o.Version + 1, Kind: change.Kind,
		CommandID: change.CommandID, Fingerprint: change.Fingerprint, Actor: change.Actor,
		At: change.At, Reason: change.Reason, After: after, Details: change.detailsAmong(all),
	}
	if o.Statuses != (OrderStatuses{}) {
		t.Before = &o.Statuses
	}
	t.ClosedAt = t.closedSince(o.ClosedAt, o.Cancelled)
	return t, false
}

// statusChange says what moved an order to another status: the last of the transitions.
func statusChange(transitions []Transition) *OrderChange {
	var cause Transition
	for _, t := range transitions {
		if !t.At.Before(cause.At) {
			cause = t
		}
	}
	return &OrderChange{
		Kind: OrderKindStatusChanged, Actor: cause.Actor, At: cause.At, Reason: cause.Reason,
		Details: &OrderDetails{FulfillmentOrderID: cause.FulfillmentOrderID, Sequence: cause.Sequence},
	}
}

// detailsAmong are the details of the change with what it raises, and with what is told of the order's fulfillment
// orders, all of which are given, as they are after it.
func (c *OrderChange) detailsAmong(all []*FulfillmentOrder) *OrderDetails {
	all = slices.SortedFunc(
		slices.Values(all), func(a, b *FulfillmentOrder) int { return cmp.Compare(a.ID, b.ID) },
	)
	d := OrderDetails{}
	if c.Details != nil {
		d = *c.Details
	}
	d.Shipped, d.Services, d.AlsoRaises = shipped(all), servicesOf(all), c.alsoRaises()
	if len(d.Shipped)+len(d.Services)+len(d.AlsoRaises) == 0 {
		return c.Details
	}
	return &d
}

// shipped are those that own a shipment.
func shipped(all []*FulfillmentOrder) []Reached {
	var list []Reached
	for _, fo := range all {
		if slices.ContainsFunc(fo.Fulfillments, func(f Fulfillment) bool { return f.HomeID == 0 }) {
			list = append(list, Reached{fo.ID, fo.Sequence})
		}
	}
	return list
}

// servicesOf says which service has which lines of an order: that of the first fulfillment order with units of it.
func servicesOf(all []*FulfillmentOrder) []ServiceLines {
	var list []ServiceLines
	seen, ofService := map[ID]bool{}, 0
	for _, fo := range all {
		for _, l := range fo.Lines {
			if l.Total == 0 || seen[l.LineItemID] {
				continue
			}
			seen[l.LineItemID] = true
			id := fo.AssignedLocation.ServiceID
			if id == 0 {
				continue
			}
			ofService++
			i := slices.IndexFunc(list, func(s ServiceLines) bool { return s.ServiceID == id })
			if i < 0 {
				i, list = len(list), append(list, ServiceLines{ServiceID: id})
			}
			list[i].Lines = append(list[i].Lines, l.LineItemID)
		}
	}
	if len(list) == 1 && ofService == len(seen) {
		list[0].Lines = nil
	}
	return list
}

// alsoRaises are the topics of a change beside that of its kind. Whoever hears of updates only has to learn of an edit
// and of a cancellation, too.
func (c *OrderChange) alsoRaises() []string {
	var topics []string
	if c.Kind == OrderKindEdited || c.Kind == OrderKindCancelled {
		topics = append(topics, TopicOrderUpdated)
	}
	if c.Paid {
		topics = append(topics, TopicOrderPaid)
	}
	return topics
}

// Topics are the webhook topics that the transition raises, in their order. That an order became (partially) fulfilled
// is an update of it, too, whatever made it so.
func (t *OrderTransition) Topics() []string {
	topics := []string{orderTopic(t.Kind)}
	add := func(topic string) {
		if topics[0] != TopicOrderUpdated {
			topics = append(topics, TopicOrderUpdated)
		}
		topics = append(topics, topic)
	}
	switch {
	case t.became(OrderFulfilled):
		add(TopicOrderFulfilled)
	case t.became(OrderPartiallyFulfilled):
		add(TopicOrderPartiallyFulfilled)
	}
	if t.Details != nil {
		for _, topic := range t.Details.AlsoRaises {
			if !slices.Contains(topics, topic) {
				topics = append(topics, topic)
			}
		}
	}
	return topics
}

// became tells whether the order got a display status by the transition.
func (t *OrderTransition) became(s OrderDisplayStatus) bool {
	return t.After.Display == s && (t.Before == nil || t.Before.Display != s)
}

func orderTopic(k OrderKind) string {
	switch k {
	case OrderKindCreated:
		return TopicOrderCreated
	case OrderKindEdited:
		return TopicOrderEdited
	case OrderKindCancelled:
		return TopicOrderCancelled
	}
	return TopicOrderUpdated
}
