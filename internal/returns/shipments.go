package returns

import (
	"cmp"
	"slices"

	"packhorse/internal/fulfillment"
)

// ShipmentsOf is the Shipments of an order's [Facts]: those of all of its fulfillment orders, by ID.
func ShipmentsOf(fulfillmentOrders []*fulfillment.FulfillmentOrder) []fulfillment.Fulfillment {
	var all []fulfillment.Fulfillment
	for _, fo := range fulfillmentOrders {
		all = append(all, fo.Fulfillments...)
	}
	slices.SortStableFunc(all, func(a, b fulfillment.Fulfillment) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
