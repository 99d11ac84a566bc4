package fulfillment

import "time"

// OrderUnchanged is a command that changed nothing of an order, and its answer. It is no part of the order's history,
// but its command ID is used up: the same command is answered the same, and another one under its ID is refused.
type OrderUnchanged struct {
	OrderID     ID
	CommandID   string // empty: it is not remembered
	Fingerprint string
	ClosedAt    *time.Time // of a closing or an opening: since when the order was closed
	At          time.Time
}
