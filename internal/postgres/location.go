package postgres

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const selectLocations = `
SELECT l.id, l.name, l.country_code, l.city, l.active, l.priority, l.is_default, l.stocks_all, l.skus,
	s.id, s.name, s.handle, s.provider, s.options, s.accept_within, s.accept_policy
FROM locations l LEFT JOIN services s ON s.id = l.service_id`

const insertLocation = `
INSERT INTO locations (id, name, country_code, city, active, priority, is_default, stocks_all, skus, service_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, '{}'::text[]), $10)`

// Locations lists all locations in the order in which routing asks them, each with the service that runs it.
func (s *Store) Locations(ctx context.Context) ([]fulfillment.Location, error) {
	locations, err := s.locations(ctx, " ORDER BY l.priority, l.id")
	if err != nil {
		return nil, fmt.Errorf("list locations: %w", translate(err))
	}
	return locations, nil
}

// Location reads one location with the service that runs it; [ErrNotFound] when there is none.
func (s *Store) Location(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	locations, err := s.locations(ctx, " WHERE l.id = $1", id)
	if err == nil && len(locations) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fulfillment.Location{}, fmt.Errorf("read location %d: %w", id, translate(err))
	}
	return locations[0], nil
}

func (s *Store) locations(ctx context.Context, end string, args ...any) ([]fulfillment.Location, error) {
	rows, err := s.pool.Query(ctx, selectLocations+end, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanLocation)
}

func scanLocation(row pgx.CollectableRow) (fulfillment.Location, error) {
	var l fulfillment.Location
	var service nullableService
	err := row.Scan(&l.ID, &l.Name, &l.CountryCode, &l.City, &l.Active, &l.Priority, &l.Default, &l.StocksAll, &l.SKUs,
		&service.id, &service.name, &service.handle, &service.provider, &service.options, &service.acceptWithin, &service.acceptPolicy)
	if len(l.SKUs) == 0 {
		l.SKUs = nil
	}
	if service.id != nil {
		l.ServiceID, l.Service = *service.id, service.at(l.ID)
	}
	return l, err
}

// AddLocation adds a location of the merchant's own, and returns it as it is stored; its ID is minted when it is zero.
// Adding the same location again, with its ID, changes nothing. A refusal is a *[fulfillment.Error].
func (s *Store) AddLocation(ctx context.Context, l fulfillment.Location) (fulfillment.Location, error) {
	if err := checkName(l.Name); err != nil {
		return fulfillment.Location{}, err
	}
	if l.ServiceID != 0 || l.Service != nil {
		return fulfillment.Location{}, refused("serviceId", "A location gets its service when the service is added.")
	}
	if l.ID == 0 {
		l.ID = s.minter.Mint()
	}
	l.Name, l.City, l.CountryCode = clean(l.Name), clean(l.City), clean(l.CountryCode)
	l.SKUs = slices.Clone(l.SKUs)
	for i := range l.SKUs {
		l.SKUs[i] = clean(l.SKUs[i])
	}
	_, err := s.pool.Exec(ctx, insertLocation, l.ID, l.Name, l.CountryCode, l.City, l.Active, l.Priority, l.Default, l.StocksAll, l.SKUs, nil)
	if violates(err) {
		err = s.settleLocation(ctx, l, err)
	}
	if _, ok := fulfillment.AsError(err); ok || err == nil {
		return l, err
	}
	return fulfillment.Location{}, fmt.Errorf("add location %d: %w", l.ID, translate(err))
}

func (s *Store) settleLocation(ctx context.Context, l fulfillment.Location, conflict error) error {
	stored, err := s.Location(ctx, l.ID)
	stored.ServiceID, stored.Service = 0, nil // A service may have come since.
	switch {
	case err == nil && reflect.DeepEqual(stored, l):
		return nil
	case err == nil:
		return refused("id", "There is another location with the ID %d.", l.ID)
	case errors.Is(err, ErrNotFound) && violates(conflict, "locations_default_key"):
		return refused("default", "There is a default location already.")
	case errors.Is(err, ErrNotFound):
		return conflict
	}
	return err
}

func refused(field, format string, args ...any) *fulfillment.Error {
	return &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{field}, Message: fmt.Sprintf(format, args...)}
}
