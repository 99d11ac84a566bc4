package webhook

import "packhorse/internal/fulfillment"

type hold struct {
	ID                  string  `json:"id"`
	Reason              string  `json:"reason"`
	ReasonNotes         *string `json:"reason_notes"`
	HeldByRequestingApp bool    `json:"held_by_requesting_app"` // as the receiving app sees it
	Handle              string  `json:"handle"`
	HeldByApp           *ref    `json:"held_by_app"` // null: no app holds it
}

func (w *writer) hold(h *fulfillment.Hold) hold {
	return hold{
		w.gid("FulfillmentHold", h.ID), word(h.Reason), optional(h.ReasonNotes),
		w.to.Handle != "" && h.HeldBy.App == w.to.Handle, h.Handle, w.app(h.HeldBy.App),
	}
}

func holdBody(w *writer) any {
	return struct {
		FulfillmentOrder ref  `json:"fulfillment_order"`
		Hold             hold `json:"fulfillment_hold"`
	}{ref{w.id()}, w.hold(w.details.Hold)}
}

type heldFulfillmentOrder struct {
	fulfillmentOrderState
	Holds []hold `json:"fulfillment_holds"`
}

type heldLines struct {
	FulfillmentOrder heldFulfillmentOrder   `json:"fulfillment_order"`
	Remaining        *fulfillmentOrderState `json:"remaining_fulfillment_order"` // null: all of it is held
	Lines            []lineQuantity         `json:"held_fulfillment_order_line_items"`
	Created          hold                   `json:"created_fulfillment_hold"`
}

// placedOnHoldBody names the hold that was placed beside all that there were then: it may be gone when it is read.
func placedOnHoldBody(w *writer) any {
	b := heldLines{
		FulfillmentOrder: heldFulfillmentOrder{w.state(), []hold{}}, Remaining: w.sibling(),
		Lines: w.lines(w.details.Lines), Created: w.hold(w.details.Hold),
	}
	for i := range w.details.Holds {
		b.FulfillmentOrder.Holds = append(b.FulfillmentOrder.Holds, w.hold(&w.details.Holds[i]))
	}
	return b
}
