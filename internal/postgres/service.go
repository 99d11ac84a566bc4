package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// standingLocation is the merchant's own location that stands for all of them: the default one, else the first by
// priority.
const standingLocation = `(SELECT id FROM locations WHERE service_id IS NULL AND active AND deleted_at IS NULL
	ORDER BY is_default DESC, priority, id LIMIT 1)`

// Services lists all fulfillment services that were added, by name. Those that were deleted are left out.
func (s *Store) Services(ctx context.Context) ([]fulfillment.Service, error) {
	services, err := s.services(ctx, " WHERE s.deleted_at IS NULL AND s.id IS NOT NULL ORDER BY lower(s.name)")
	if err != nil {
		return nil, fmt.Errorf("list services: %w", translate(err))
	}
	return services, nil
}

// AllServices lists [fulfillment.ManualService] and then [Store.Services], with one statement.
func (s *Store) AllServices(ctx context.Context) ([]fulfillment.Service, error) {
	locations, err := s.locations(
		ctx, ` WHERE s.id IS NOT NULL AND s.deleted_at IS NULL OR l.id = `+standingLocation+` ORDER BY lower(s.name)`,
	)
	if err != nil {
		return nil, fmt.Errorf("list services: %w", translate(err))
	}
	services := []fulfillment.Service{fulfillment.ManualService(0)}
	for i := range locations {
		if locations[i].Service == nil {
			services[0].LocationID = locations[i].ID
			continue
		}
		services = append(services, *locations[i].Service)
	}
	return services, nil
}

// ManualService is the built-in service, at the merchant's default location, else at the first of the merchant's own by
// priority.
func (s *Store) ManualService(ctx context.Context) (fulfillment.Service, error) {
	var locationID *fulfillment.ID
	if err := s.pool.QueryRow(ctx, `SELECT `+standingLocation).Scan(&locationID); err != nil {
		return fulfillment.Service{}, fmt.Errorf("find the merchant's location: %w", translate(err))
	}
	if locationID == nil {
		return fulfillment.ManualService(0), nil
	}
	return fulfillment.ManualService(*locationID), nil
}

// ServicesByID reads services in the order of the IDs, with one statement. What does not exist, or was deleted, is nil;
// an ID that is there twice gets the same service twice.
func (s *Store) ServicesByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.Service, error) {
	services, err := s.services(ctx, " WHERE s.id = ANY($1) AND s.deleted_at IS NULL", distinct(ids))
	if err != nil {
		return nil, fmt.Errorf("read %d services: %w", len(ids), translate(err))
	}
	return inOrderOf(ids, pointers(services), func(s *fulfillment.Service) fulfillment.ID { return s.ID }), nil
}

// services reads the services at the locations that the condition of the query is about; each must have one.
func (s *Store) services(ctx context.Context, end string, args ...any) ([]fulfillment.Service, error) {
	locations, err := s.locations(ctx, end, args...)
	services := make([]fulfillment.Service, len(locations))
	for i := range locations {
		services[i] = *locations[i].Service
	}
	return services, err
}
