package audit

import (
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// checkOrdersExist looks for every order that a caller was told of, or that its workflow says it made: the order, its
// first transition, its fulfillment orders and a workflow for each of them must be there.
func checkOrdersExist(e *evidence, a *Assertion) {
	accepted := map[fulfillment.ID][]fulfillment.ID{} // with the fulfillment orders that are known to have been made
	for _, id := range e.saw.Orders {
		accepted[id] = nil
	}
	for _, r := range e.allRuns() {
		if r.output != nil && len(r.output.FulfillmentOrderIDs) > 0 {
			accepted[r.orderID()] = r.output.FulfillmentOrderIDs
		}
	}
	for _, id := range e.orderIDs { // A caller that gave up may have made it all the same.
		if _, told := accepted[id]; !told {
			accepted[id] = nil
		}
	}
	for _, id := range sortedIDs(accepted) {
		a.Checked++
		o := e.orders[id]
		if o == nil && e.lost.order(id) {
			continue
		}
		if o == nil {
			a.violated(id, 0, "order %d was accepted, and the store doesn't have it", id)
			continue
		}
		if len(o.fos) == 0 {
			a.violated(id, 0, "order %d (%s) has no fulfillment order", id, o.Name)
		}
		for _, made := range accepted[id] {
			if e.fos[made] == nil && !e.lost.fulfillmentOrder(made) {
				a.violated(
					id, made, "order %d (%s) became fulfillment order %d, which the store doesn't have", id, o.Name,
					made,
				)
			}
		}
		for _, fo := range o.fos {
			if e.last(temporalio.FulfillmentOrderID(fo.ID)) == nil && !e.mayBeForgotten(fo) {
				a.violated(id, fo.ID, "fulfillment order %d has no workflow", fo.ID)
			}
		}
	}
}

func sortedIDs[T any](by map[fulfillment.ID]T) []fulfillment.ID {
	ids := make([]fulfillment.ID, 0, len(by))
	for id := range by {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
