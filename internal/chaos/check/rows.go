package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
)

// checkRows compares what lists and searches read with the snapshots: the row, its lines and its shipments.
func checkRows(e *evidence, a *Assertion) {
	for _, id := range e.foIDs {
		a.Checked++
		fo := e.fos[id]
		s := fo.Snapshot
		var siblings []*fulfillment.FulfillmentOrder
		if o := e.orders[fo.OrderID]; o != nil {
			siblings = o.snapshots
		}
		live := 0
		for _, f := range s.Fulfillments {
			if f.Status != fulfillment.FulfillmentCancelled {
				live++
			}
		}
		row := fmt.Sprintf("%d of order %d, version %d, %s/%s, %d of %d units remain, %d holds, %d shipments",
			fo.ID, fo.OrderID, fo.Version, fo.Status, fo.RequestStatus, fo.Remaining, fo.Total, fo.Holds, fo.Shipments)
		snapshot := fmt.Sprintf("%d of order %d, version %d, %s/%s, %d of %d units remain, %d holds, %d shipments",
			s.ID, s.OrderID, s.Sequence, s.Status, s.RequestStatus, s.RemainingUnits(), s.TotalUnits(), len(s.Holds), live)
		for _, pair := range [][3]string{
			{"the row", row, snapshot},
			{"its lines", fo.Lines, describeLines(s)},
			{"its shipments", fo.Parcels, describeParcels(s, siblings)},
		} {
			if pair[1] != pair[2] {
				a.violated(fo.OrderID, id, "%s: %s; in the snapshot: %s", pair[0], brief(pair[1]), brief(pair[2]))
			}
		}
	}
}

// describeLines writes the lines as the store's rows are read: "7: 3/2/0" is line 7 with 3 units in all, 2 remaining, 0
// cancelled.
func describeLines(fo *fulfillment.FulfillmentOrder) string {
	lines := slices.SortedFunc(slices.Values(fo.Lines), func(a, b fulfillment.Line) int { return cmp.Compare(a.ID, b.ID) })
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = fmt.Sprintf("%d: %d/%d/%d", l.ID, l.Total, l.Remaining, l.Cancelled)
	}
	return strings.Join(texts, ", ")
}

// describeParcels writes the shipments that the fulfillment order owns in the same way: "9: SUCCESS of 4" is a shipment of
// 4 units, the parts of other fulfillment orders included.
func describeParcels(fo *fulfillment.FulfillmentOrder, siblings []*fulfillment.FulfillmentOrder) string {
	own := slices.DeleteFunc(slices.Clone(fo.Fulfillments), func(f fulfillment.Fulfillment) bool { return f.HomeID != 0 })
	slices.SortFunc(own, func(a, b fulfillment.Fulfillment) int { return cmp.Compare(a.ID, b.ID) })
	texts := make([]string, len(own))
	for i, f := range own {
		units := 0
		for _, sibling := range siblings {
			for _, part := range sibling.Fulfillments {
				if part.ID != f.ID {
					continue
				}
				for _, l := range part.Lines {
					units += l.Quantity
				}
			}
		}
		texts[i] = fmt.Sprintf("%d: %s of %d", f.ID, f.Status, units)
	}
	return strings.Join(texts, ", ")
}
