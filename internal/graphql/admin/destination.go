package admin

import (
	"cmp"
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// FulfillmentOrderDestination is where the units of a fulfillment order go. Its number is the fulfillment order's.
type FulfillmentOrderDestination struct {
	fulfillmentOrderID fulfillment.ID
	address            fulfillment.Address
}

// destination is the shipping address of the order, with the order's e-mail and phone where the address has none: as it
// is, or as it was before an update that the fulfillment order does not follow.
func destination(ctx context.Context, fo *fulfillment.FulfillmentOrder) (*FulfillmentOrderDestination, error) {
	order, err := read(ctx).orders.load(ctx, fo.OrderID)
	if err != nil {
		return nil, err
	}
	d := &FulfillmentOrderDestination{fulfillmentOrderID: fo.ID}
	if order == nil {
		return d, nil
	}
	address := order.ShippingAddress
	if before := fo.DestinationBefore; before != 0 {
		if address, err = read(ctx).addressesBefore.load(
			ctx, postgres.AddressBefore{OrderID: fo.OrderID, Update: before},
		); err != nil {
			return nil, err
		}
	}
	if address != nil {
		d.address = *address
		d.address.Email = cmp.Or(d.address.Email, order.Email)
		d.address.Phone = cmp.Or(d.address.Phone, order.Phone)
	}
	return d, nil
}

// IsNode says that [Loaders.Node] finds it.
func (*FulfillmentOrderDestination) IsNode() {}

// ID is its global ID.
func (d *FulfillmentOrderDestination) ID() GID {
	return GID{TypeFulfillmentOrderDestination, d.fulfillmentOrderID}
}

// Address1 is the customer's.
func (d *FulfillmentOrderDestination) Address1() *string { return optional(d.address.Address1) }

// Address2 is the customer's.
func (d *FulfillmentOrderDestination) Address2() *string { return optional(d.address.Address2) }

// City is the customer's.
func (d *FulfillmentOrderDestination) City() *string { return optional(d.address.City) }

// Company is the customer's.
func (d *FulfillmentOrderDestination) Company() *string { return optional(d.address.Company) }

// CountryCode is the customer's.
func (d *FulfillmentOrderDestination) CountryCode(ctx context.Context) *string {
	return servedCountry(ctx, d.address.CountryCode)
}

// Email is the customer's.
func (d *FulfillmentOrderDestination) Email() *string { return optional(d.address.Email) }

// FirstName is the customer's.
func (d *FulfillmentOrderDestination) FirstName() *string { return optional(d.address.FirstName) }

// LastName is the customer's.
func (d *FulfillmentOrderDestination) LastName() *string { return optional(d.address.LastName) }

// Location is null: units that are picked up have no destination yet.
func (*FulfillmentOrderDestination) Location() *Location { return nil }

// Phone is the customer's.
func (d *FulfillmentOrderDestination) Phone() *string { return optional(d.address.Phone) }

// Province is the customer's, by its code.
func (d *FulfillmentOrderDestination) Province() *string { return optional(d.address.ProvinceCode) }

// Zip is the customer's.
func (d *FulfillmentOrderDestination) Zip() *string { return optional(d.address.Zip) }
