package audit

import "packhorse/internal/fulfillment"

// checkUnits counts the units of every order line. What was ever ordered is what is to be shipped by fulfillment orders
// that aren't closed, what is in shipments that weren't taken back, and what was cancelled; a closed fulfillment order
// shows its old quantities, which live on elsewhere. What order edits took from a line is cancelled.
func checkUnits(e *evidence, a *Assertion) {
	for _, id := range e.orderIDs {
		o := e.orders[id]
		lines := map[fulfillment.ID]fulfillment.OrderLineView{}
		for _, l := range fulfillment.ViewOrder(o.CancelledAt != nil, o.snapshots).Lines {
			lines[l.LineItemID] = l
		}
		for _, l := range o.lines {
			a.Checked++
			of := lines[l.ID]
			delete(lines, l.ID)
			if of.Ordered != l.Quantity {
				a.violated(id, 0,
					"%d units of line %d were ordered; %d are to be shipped, shipped or cancelled (%d) on its "+
						"fulfillment orders",
					l.Quantity, l.ID, of.Ordered, of.Cancelled)
			}
			if taken := l.Quantity - l.Current; taken < 0 || taken > of.Cancelled {
				a.violated(
					id, 0, "edits took %d units from line %d; %d are cancelled on its fulfillment orders", taken, l.ID,
					of.Cancelled,
				)
			}
		}
		for _, line := range sortedIDs(lines) {
			a.violated(
				id, 0, "%d units of line %d are on fulfillment orders; the order has no such line", lines[line].Ordered,
				line,
			)
		}
		for _, fo := range o.fos {
			checkOwnUnits(fo, a)
		}
	}
}

// checkOwnUnits looks at one fulfillment order: what remains of a line and what was shipped is what it answers for.
func checkOwnUnits(fo *fulfillmentOrder, a *Assertion) {
	shipped := map[fulfillment.ID]int{}
	for _, f := range fo.Snapshot.Fulfillments {
		for _, l := range f.Lines {
			if f.Status != fulfillment.FulfillmentCancelled {
				shipped[l.FulfillmentOrderLineID] += l.Quantity
			}
		}
	}
	for _, l := range fo.Snapshot.Lines {
		switch {
		case l.Remaining < 0 || l.Remaining > l.Total || l.Cancelled < 0:
			a.violated(
				fo.OrderID, fo.ID, "line %d has %d units of which %d remain and %d are cancelled", l.ID, l.Total,
				l.Remaining, l.Cancelled,
			)
		case l.Prepared < 0 || l.Prepared > l.Remaining:
			a.violated(
				fo.OrderID, fo.ID, "of line %d, %d units remain and %d stand ready for the customer", l.ID, l.Remaining,
				l.Prepared,
			)
		case fo.Snapshot.Status != fulfillment.StatusClosed && l.Remaining+shipped[l.ID] != l.Total:
			a.violated(
				fo.OrderID, fo.ID, "of %d units of line %d, %d remain and %d are shipped", l.Total, l.ID, l.Remaining,
				shipped[l.ID],
			)
		}
	}
}
