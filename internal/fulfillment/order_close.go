package fulfillment

import "time"

// CloseOrder puts an order away: nothing is left to be done with it. It stops nothing: its fulfillment orders go on as
// before. An order also closes by itself when it is shipped whole, or cancelled. Closing a closed order changes
// nothing.
type CloseOrder struct {
	Meta
	OrderID ID `json:"orderId,omitempty"`
}

// OpenOrder opens a closed order again. Refused for a cancelled one, of which nothing can be done. Opening an open
// order changes nothing.
type OpenOrder struct {
	Meta
	OrderID ID `json:"orderId,omitempty"`
}

// OrderClosed is the answer to [CloseOrder] and [OpenOrder].
type OrderClosed struct {
	OrderID  ID         `json:"orderId"`
	ClosedAt *time.Time `json:"closedAt,omitempty"` // since when it is closed; nil: it is open
	Changed  bool       `json:"changed,omitempty"`  // false: it was so already
}

// OrderClosing is an order that is to be closed or opened.
type OrderClosing struct {
	OrderID     ID
	CommandID   string
	Fingerprint string
	Actor       Actor
	At          time.Time
	Closed      bool // false: it is to be opened
}

// Closing is what the command asks for, or an [*Error].
func (cmd CloseOrder) Closing(at time.Time) (OrderClosing, error) {
	return closing(cmd.OrderID, cmd.Meta, CloseFingerprint(cmd), at, true)
}

// Closing is what the command asks for, or an [*Error].
func (cmd OpenOrder) Closing(at time.Time) (OrderClosing, error) {
	return closing(cmd.OrderID, cmd.Meta, OpenFingerprint(cmd), at, false)
}

func closing(id ID, meta Meta, fingerprint string, at time.Time, closed bool) (OrderClosing, error) {
	if refused := meta.check(); refused != nil {
		return OrderClosing{}, refused
	}
	return OrderClosing{
		OrderID: id, CommandID: meta.CommandID, Fingerprint: fingerprint, Actor: meta.Actor, At: at, Closed: closed,
	}, nil
}

// Answered finds in the order's history what became of the very same closing or opening when it came before. The error
// is an [*Error]: its command ID was something else's.
func (c OrderClosing) Answered(order *OrderRecord) (answer OrderClosed, there bool, err error) {
	for i := range order.Transitions {
		t := &order.Transitions[i]
		switch {
		case c.CommandID == "" || t.CommandID != c.CommandID:
		case t.Fingerprint != c.Fingerprint:
			return answer, true, IdempotencyConflict()
		default:
			return OrderClosed{
				OrderID: order.ID, ClosedAt: ClosedSince(order.Transitions[:i+1]), Changed: true,
			}, true, nil
		}
	}
	return answer, false, nil
}

// Kind is that of the transition.
func (c OrderClosing) Kind() OrderKind {
	if c.Closed {
		return OrderKindClosed
	}
	return OrderKindOpened
}

// CloseFingerprint is [UpdateFingerprint] of a closing.
func CloseFingerprint(cmd CloseOrder) string { return fingerprint("Close", cmd, "orderId") }

// OpenFingerprint is [UpdateFingerprint] of an opening.
func OpenFingerprint(cmd OpenOrder) string { return fingerprint("Open", cmd, "orderId") }

// CheckOpenOrder says whether the order may be opened: nil, or the refusal.
func CheckOpenOrder(order *OrderRecord) *Error {
	if order.CancelledAt != nil {
		return refusal(CodeOrderCancelled, []string{"orderId"}, "A cancelled order can't be opened again.")
	}
	return nil
}

// ClosedSince is since when an order with this history is closed; nil: it is open. It closes when somebody closes it,
// when it is cancelled, and when the last of its units is shipped; it opens when somebody opens it, and when something
// is to be shipped again, unless it is cancelled.
func ClosedSince(history []OrderTransition) *time.Time {
	var since *time.Time
	cancelled := false
	for i := range history {
		since = history[i].closedSince(since, cancelled)
		cancelled = cancelled || history[i].Kind == OrderKindCancelled
	}
	return since
}

// closedSince is since when the order is closed after the transition, if it was since then before it.
func (t *OrderTransition) closedSince(since *time.Time, cancelled bool) *time.Time {
	reopened := t.Before != nil && t.Before.Display == OrderFulfilled && t.After.Display != OrderFulfilled
	closes := t.Kind == OrderKindClosed || t.Kind == OrderKindCancelled || t.became(OrderFulfilled)
	switch {
	case closes && since == nil:
		return &t.At
	case closes || cancelled:
		return since
	case reopened || t.Kind == OrderKindOpened:
		return nil
	}
	return since
}
