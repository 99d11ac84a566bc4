package admin

import (
	"context"

	"packhorse/internal/fulfillment"
)

// FulfillmentService is who runs a location.
type FulfillmentService struct{ State *fulfillment.Service }

// FulfillmentService is the service with this number; nil when there is none.
func (l *Loaders) FulfillmentService(ctx context.Context, id fulfillment.ID) (*FulfillmentService, error) {
	if id == ManualServiceID {
		id = 0
	}
	services, err := l.reads().services.load(ctx)
	for i := range services {
		if services[i].ID == id {
			return &FulfillmentService{&services[i]}, nil
		}
	}
	return nil, err
}

// serviceAt is who ships at a location of the service; zero is one of the merchant's own.
func serviceAt(ctx context.Context, id fulfillment.ID) (*FulfillmentService, error) {
	return LoadersFrom(ctx).FulfillmentService(ctx, id)
}

// ID is the service's global ID.
func (s *FulfillmentService) ID() GID {
	if s.State.ID == 0 {
		return GID{TypeFulfillmentService, ManualServiceID}
	}
	return GID{TypeFulfillmentService, s.State.ID}
}

// ServiceName is shown to people.
func (s *FulfillmentService) ServiceName() string { return s.State.Name }

// Handle stays when the service is renamed.
func (s *FulfillmentService) Handle() string { return s.State.Handle }

// Type tells the built-in service from others.
func (s *FulfillmentService) Type() fulfillment.ServiceType { return s.State.Type() }

// CallbackURL is where the service is told of requests. It is for the service's owner alone.
func (s *FulfillmentService) CallbackURL() *string { return optional(s.State.CallbackURL) }

// FulfillmentOrdersOptIn is always true.
func (*FulfillmentService) FulfillmentOrdersOptIn() bool { return true }

// InventoryManagement tells whether stock is read from the service.
func (s *FulfillmentService) InventoryManagement() bool {
	return s.State.InventoryManagement
}

// TrackingSupport tells whether tracking numbers are read from the service.
func (s *FulfillmentService) TrackingSupport() bool {
	return s.State.TrackingSupport
}

// RequiresShippingMethod tells whether it ships things.
func (s *FulfillmentService) RequiresShippingMethod() bool { return s.State.NeedsShippingMethod() }

// Location is where the service ships from; of the built-in one, the default location.
func (s *FulfillmentService) Location(ctx context.Context) (*Location, error) {
	return LoadersFrom(ctx).Location(ctx, s.State.LocationID)
}
