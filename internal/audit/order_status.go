package audit

import "packhorse/internal/fulfillment"

// checkOrderStatuses derives the statuses of every order from its fulfillment orders again.
func checkOrderStatuses(e *evidence, a *Assertion) {
	for _, id := range e.orderIDs {
		a.Checked++
		o := e.orders[id]
		view := fulfillment.ViewOrder(o.CancelledAt != nil, o.snapshots).WithReturned(o.Returned)
		if display := view.DisplayFulfillmentStatus(); display != o.Statuses.Display {
			a.violated(
				id, 0, "its display status is %s; %s follows from its fulfillment orders", o.Statuses.Display, display,
			)
		}
		if status := view.FulfillmentStatus(); status != o.Statuses.Fulfillment {
			a.violated(
				id, 0, "its fulfillment status is %s; %s follows from its fulfillment orders", o.Statuses.Fulfillment,
				status,
			)
		}
	}
}
