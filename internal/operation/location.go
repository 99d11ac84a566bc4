package operation

import (
	"context"

	"packhorse/internal/fulfillment"
)

// Locations is what callers do with the merchant's locations.
type Locations struct {
	// Store is what has been committed: a *postgres.Store. It is needed.
	Store interface {
		AddLocation(ctx context.Context, l fulfillment.Location) (fulfillment.Location, error)
	}
}

// Add adds a location that has everything in stock, and returns its ID. Routing asks it after those that are there by
// default. Asked for again under the same idempotency key, it is the same location.
func (o Locations) Add(ctx context.Context, location fulfillment.Location) (fulfillment.ID, error) {
	if err := mayCall(ctx, locationAdd); err != nil {
		return 0, err
	}
	location.Active, location.StocksAll, location.Priority = true, true, fulfillment.AddedLocationPriority
	if key, ok := KeyFrom(ctx); ok {
		location.ID = key.ID("location")
	}
	added, err := o.Store.AddLocation(ctx, location)
	return added.ID, err
}
