package returns

import "packhorse/internal/fulfillment"

// WithReturns is the view of an order with the units that came back, for [fulfillment.OrderView.FulfillmentStatus]:
// partially_returned, returned, and requires_action when more came back than there is to return.
func WithReturns(view fulfillment.OrderView, returns []*Return) fulfillment.OrderView {
	return view.WithReturned(BackUnits(returns))
}

// BackUnits is [ReturnedUnits] with what came although it was not announced, by order line ID.
func BackUnits(returns []*Return) map[fulfillment.ID]int {
	back := ReturnedUnits(returns)
	for _, r := range returns {
		if !r.Status.Living() {
			continue
		}
		for i := range r.Lines {
			if l := &r.Lines[i]; l.differing(DifferenceExcess) > 0 {
				back[l.LineItemID] += l.differing(DifferenceExcess)
			}
		}
	}
	return back
}

// FulfillmentStatus is Medusa's status of an order from all of its parts. An exchange or a claim that requires action
// makes the order require it: nobody would look for it elsewhere.
func FulfillmentStatus(
	view fulfillment.OrderView, returns []*Return, exchanges []ExchangeStatus, claims []ClaimStatus,
) fulfillment.OrderFulfillmentStatus {
	for _, s := range exchanges {
		if s == ExchangeRequiresAction {
			return fulfillment.OrderStatusRequiresAction
		}
	}
	for _, s := range claims {
		if s == ClaimRequiresAction {
			return fulfillment.OrderStatusRequiresAction
		}
	}
	return WithReturns(view, returns).FulfillmentStatus()
}
