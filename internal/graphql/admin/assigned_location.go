package admin

import (
	"context"
	"slices"

	"packhorse/internal/fulfillment"
)

// AssignedLocation is where it is to be fulfilled. Until the work begins, it is the location as it is now.
func (o *FulfillmentOrder) AssignedLocation(ctx context.Context) (*FulfillmentOrderAssignedLocation, error) {
	at := o.State.AssignedLocation
	follows := []fulfillment.Status{fulfillment.StatusOpen, fulfillment.StatusScheduled, fulfillment.StatusOnHold}
	if slices.Contains(follows, o.State.Status) {
		now, err := read(ctx).locationsByID.load(ctx, at.LocationID)
		if err != nil {
			return nil, err
		}
		if now != nil {
			at = now.Assign("")
		}
	}
	return &FulfillmentOrderAssignedLocation{at}, nil
}

// FulfillmentOrderAssignedLocation is where a fulfillment order is to be fulfilled.
type FulfillmentOrderAssignedLocation struct{ at fulfillment.AssignedLocation }

// Location is the location itself; nil when it is gone.
func (l *FulfillmentOrderAssignedLocation) Location(ctx context.Context) (*Location, error) {
	return LoadersFrom(ctx).Location(ctx, l.at.LocationID)
}

// Name is the location's.
func (l *FulfillmentOrderAssignedLocation) Name() string { return l.at.Name }

// Address1 is the location's.
func (l *FulfillmentOrderAssignedLocation) Address1() *string { return optional(l.at.Address1) }

// Address2 is the location's.
func (l *FulfillmentOrderAssignedLocation) Address2() *string { return optional(l.at.Address2) }

// City is the location's.
func (l *FulfillmentOrderAssignedLocation) City() *string { return optional(l.at.City) }

// CountryCode is the location's; ZZ when it has none, or none that the API has a name for.
func (l *FulfillmentOrderAssignedLocation) CountryCode(ctx context.Context) string {
	if code := servedCountry(ctx, l.at.CountryCode); code != nil {
		return *code
	}
	return fulfillment.UnknownCountry
}

// Phone is the location's.
func (l *FulfillmentOrderAssignedLocation) Phone() *string { return optional(l.at.Phone) }

// Province is the location's, by its code.
func (l *FulfillmentOrderAssignedLocation) Province() *string { return optional(l.at.ProvinceCode) }

// Zip is the location's.
func (l *FulfillmentOrderAssignedLocation) Zip() *string { return optional(l.at.Zip) }
