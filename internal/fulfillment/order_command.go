package fulfillment

import "slices"

// OrderCreated is an order that is durable, with the fulfillment orders that it became.
type OrderCreated struct {
	OrderID             ID     `json:"orderId"`
	Name                string `json:"name"`
	FulfillmentOrderIDs []ID   `json:"fulfillmentOrderIds"`
	Repeated            bool   `json:"repeated,omitempty"` // it was there already
}

// CancelOrder takes everything out of an order of which nothing is shipped: each fulfillment order is cancelled, or its
// service is asked to stop. Refused while the order has shipments, see [CheckCancelOrder]: what is left of such an
// order is taken out by [EditOrder].
type CancelOrder struct {
	Meta
	OrderID ID     `json:"orderId"`
	Reason  string `json:"reason,omitempty"` // in words; kept in the history
}

// Check refuses a reason that was damaged on its way.
func (cmd *CancelOrder) Check() *Error {
	var a admission
	a.text(cmd.Reason, "reason")
	return a.refused
}

// CancelOutcome says what became of one fulfillment order when units of it were to be cancelled.
type CancelOutcome string

// The cancel outcomes.
const (
	CancelOutcomeCancelled CancelOutcome = "CANCELLED"              // the units are out
	CancelOutcomeRequested CancelOutcome = "CANCELLATION_REQUESTED" // a service that has accepted was asked to stop
	CancelOutcomeClosed    CancelOutcome = "ALREADY_CLOSED"         // there was nothing left to cancel
	CancelOutcomeRefused   CancelOutcome = "REFUSED"                // see CancelledFulfillmentOrder.Error
)

// CancelledFulfillmentOrder is the answer of one fulfillment order.
type CancelledFulfillmentOrder struct {
	FulfillmentOrderID ID            `json:"fulfillmentOrderId"`
	Outcome            CancelOutcome `json:"outcome"`
	Error              *Error        `json:"error,omitempty"` // when Outcome is REFUSED
}

// OrderCancelled is the answer to [CancelOrder]: what each fulfillment order of the order answered, by ID.
type OrderCancelled struct {
	OrderID           ID                          `json:"orderId"`
	FulfillmentOrders []CancelledFulfillmentOrder `json:"fulfillmentOrders"`
}

// Stands tells whether an order that is cancelled, or not, and its fulfillment orders are as the answer says: an answer
// without a refusal says that the order is cancelled.
func (answer OrderCancelled) Stands(cancelled bool, fos []*FulfillmentOrder) bool {
	refused := slices.ContainsFunc(answer.FulfillmentOrders, func(a CancelledFulfillmentOrder) bool {
		return a.Outcome == CancelOutcomeRefused
	})
	if !cancelled && !refused {
		return false
	}
	for _, a := range answer.FulfillmentOrders {
		if a.Outcome != CancelOutcomeCancelled && a.Outcome != CancelOutcomeRequested {
			continue
		}
		if !slices.ContainsFunc(fos, func(fo *FulfillmentOrder) bool {
			return fo.ID == a.FulfillmentOrderID && fo.OrderCancelled
		}) {
			return false
		}
	}
	return true
}

// CancelledAll tells of each fulfillment order of an order what the order's cancellation came to. Refusals are by ID.
func CancelledAll(orderID ID, fos []*FulfillmentOrder, refusals map[ID]*Error) OrderCancelled {
	out := OrderCancelled{OrderID: orderID}
	for _, fo := range fos {
		answer := CancelledFulfillmentOrder{FulfillmentOrderID: fo.ID, Outcome: CancelOutcomeClosed}
		switch refused := refusals[fo.ID]; {
		case refused != nil:
			answer.Outcome, answer.Error = CancelOutcomeRefused, refused
		case fo.OrderCancelled && fo.Status == StatusClosed:
			answer.Outcome = CancelOutcomeCancelled
		case fo.OrderCancelled:
			answer.Outcome = CancelOutcomeRequested
		}
		out.FulfillmentOrders = append(out.FulfillmentOrders, answer)
	}
	return out
}

// EditOrder changes what was ordered: it adds lines, and sets quantities of lines that are there. Refused as a whole
// when a part of it can't be done, see [PlanEdit].
type EditOrder struct {
	Meta
	OrderID       ID         `json:"orderId"`
	Add           []LineItem `json:"add,omitempty"`
	SetQuantities []Quantity `json:"setQuantities,omitempty"` // new quantities by order line ID; 0 takes the line out
}

// OrderEdited is the answer to [EditOrder].
type OrderEdited struct {
	OrderID ID `json:"orderId"`
	// FulfillmentOrderIDs are the fulfillment orders that were made of added lines and raised quantities.
	FulfillmentOrderIDs []ID                        `json:"fulfillmentOrderIds,omitempty"`
	WorkflowIDs         []string                    `json:"workflowIds,omitempty"` // of those
	Added               []ID                        `json:"added,omitempty"`       // the same IDs, under their old name
	Lowered             []CancelledFulfillmentOrder `json:"lowered,omitempty"`     // those that units were taken from
}

// CheckCancelOrder says whether the order may be cancelled: nil, or Shopify's refusal. Units on their way to the
// customer can't be called back by cancelling the order: their fulfillments have to be cancelled first. Nor can those
// that a service has refused to give up, so nothing else is taken out of the order either.
func CheckCancelOrder(view OrderView) *Error {
	field := []string{"orderId"}
	switch {
	case view.Cancelled:
		return refusal(CodeOrderCancelled, field, "Cannot cancel an order that has already been canceled")
	case view.shipped():
		return refusal(CodeOrderShipped, field, "Cannot cancel an order that has outstanding fulfillments")
	case view.returnStatus() != "":
		return refusal(CodeInvalid, field, "Cannot cancel an order that has returns")
	case slices.ContainsFunc(view.FulfillmentOrders, func(fo FulfillmentOrderView) bool {
		return fo.Status == StatusInProgress && fo.RequestStatus == RequestCancellationRejected
	}):
		return refusal(CodeInvalidState, field, "Cannot cancel an order of which a fulfillment service works on "+
			"units and has refused to stop: nothing was cancelled")
	}
	return nil
}
