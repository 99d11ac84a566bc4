package main

import (
	"context"
	"fmt"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// shipmentsOf reads the shipments that a fulfillment order has units in. One that was made from several fulfillment
// orders is known whole only together with the others.
func shipmentsOf(ctx context.Context, b book, fo *fulfillment.FulfillmentOrder) ([]*postgres.OwnedFulfillment, error) {
	if !fo.HasSharedShipments() {
		return postgres.FulfillmentsOf([]*fulfillment.FulfillmentOrder{fo}), nil
	}
	fos, err := b.FulfillmentOrdersOf(ctx, fo.OrderID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(postgres.FulfillmentsOf(fos), func(o *postgres.OwnedFulfillment) bool {
		return !slices.ContainsFunc(
			o.Sources, func(source *fulfillment.FulfillmentOrder) bool { return source.ID == fo.ID },
		)
	}), nil
}

// completeParts gives the parts of shipments what only the owner knows: how far the parcel is.
func completeParts(fo *fulfillment.FulfillmentOrder, shipments []*postgres.OwnedFulfillment) {
	for i := range fo.Fulfillments {
		part := &fo.Fulfillments[i]
		for _, o := range shipments {
			if part.HomeID != 0 && part.ID == o.Fulfillment.ID {
				lines, home := part.Lines, part.HomeID
				*part = *o.Fulfillment
				part.Lines, part.HomeID, part.Parts = lines, home, nil
			}
		}
	}
}

// fulfillmentTable is a line for each shipment: with the units of all fulfillment orders that it was made from, or with
// those of one of them.
func (a *app) fulfillmentTable(shipments []*postgres.OwnedFulfillment, of *fulfillment.FulfillmentOrder) error {
	t := a.newTable("FULFILLMENT", "NAME", "UNITS", "SHOWN AS", "MADE", "DELIVERED", "TRACKING")
	for _, o := range shipments {
		f := o.Fulfillment
		units := number(shippedUnits(o.Lines()))
		if of != nil && len(o.Sources) > 1 {
			units = fmt.Sprintf("%d of %s", ownUnits(of, f.ID), units)
		}
		t.row(
			f.ID.String(), f.Name, units, string(f.DisplayStatus), a.when(new(f.Created())), a.when(f.DeliveredAt),
			tracking(f.Tracking),
		)
	}
	return t.flush()
}

// togetherWith names the other fulfillment orders that shipments were made from.
func togetherWith(shipments []*postgres.OwnedFulfillment, fo *fulfillment.FulfillmentOrder) []fulfillment.ID {
	var others []fulfillment.ID
	for _, o := range shipments {
		for _, source := range o.Sources {
			if source.ID != fo.ID && !slices.Contains(others, source.ID) {
				others = append(others, source.ID)
			}
		}
	}
	return others
}

func ownUnits(fo *fulfillment.FulfillmentOrder, shipment fulfillment.ID) int {
	for i := range fo.Fulfillments {
		if fo.Fulfillments[i].ID == shipment {
			return shippedUnits(fo.Fulfillments[i].Lines)
		}
	}
	return 0
}

func shippedUnits(lines []fulfillment.FulfillmentLine) int {
	n := 0
	for _, l := range lines {
		n += l.Quantity
	}
	return n
}
