package activities

import (
	"context"
	"errors"

	"packhorse/internal/fulfillment"
	"packhorse/internal/routing"
)

// FindLocationInput asks whether a location could take these SKUs.
type FindLocationInput struct {
	LocationID fulfillment.ID `json:"locationId"`
	SKUs       []string       `json:"skus,omitempty"`
}

// FoundLocation is the answer; Location is nil if there is no such active location.
type FoundLocation struct {
	Location  *fulfillment.AssignedLocation `json:"location,omitempty"`
	Unstocked []string                      `json:"unstockedSkus,omitempty"`
}

// FindLocation looks a location up for a move.
func (a *Activities) FindLocation(ctx context.Context, in FindLocationInput) (FoundLocation, error) {
	location, err := a.Store.Location(ctx, in.LocationID)
	switch {
	case errors.Is(err, fulfillment.ErrNotFound):
		return FoundLocation{}, nil
	case err != nil:
		return FoundLocation{}, err
	case !location.Active:
		return FoundLocation{}, nil
	}
	assigned := location.Assign("moved here")
	found := FoundLocation{Location: &assigned}
	for _, sku := range in.SKUs {
		if !location.Stocks(sku) {
			found.Unstocked = append(found.Unstocked, sku)
		}
	}
	return found, nil
}

// Reopen finds out where units go that come back when their fulfillment order is closed: nowhere else if its location
// is in use, or if no other can take them.
func (a *Activities) Reopen(ctx context.Context, fo *fulfillment.FulfillmentOrder) (FoundLocation, error) {
	present, err := a.FindLocation(ctx, FindLocationInput{LocationID: fo.AssignedLocation.LocationID})
	if err != nil || present.Location != nil {
		return FoundLocation{}, err
	}
	return a.Reroute(ctx, fo)
}

// Reroute finds the next location for a fulfillment order that was taken back from a service.
func (a *Activities) Reroute(ctx context.Context, fo *fulfillment.FulfillmentOrder) (FoundLocation, error) {
	locations, err := a.Store.StockedLocations(ctx, fo.SKUs())
	if err != nil {
		return FoundLocation{}, err
	}
	location, why, ok := routing.Next(fo, locations)
	if !ok {
		return FoundLocation{}, nil
	}
	assigned := location.Assign(why)
	return FoundLocation{Location: &assigned}, nil
}
