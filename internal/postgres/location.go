package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const selectLocations = `
SELECT l.id, l.name, l.country_code, l.province_code, l.city, l.address1, l.address2, l.zip, l.phone, l.active,
	l.priority,
	l.is_default, l.stocks_all, l.skus, l.fulfills_online_orders, l.created_at, l.updated_at, l.deactivated_at,
	l.deleted_at,
	s.id, s.name, s.handle, s.provider, s.options, s.accept_within, s.accept_policy, s.app_id, s.callback_url,
	s.tracking_support, s.inventory_management, s.requires_shipping_method
FROM locations l LEFT JOIN services s ON s.id = l.service_id`

// Locations lists all locations in the order in which routing asks them, each with the service that runs it. Those that
// were deleted are left out.
func (s *Store) Locations(ctx context.Context) ([]fulfillment.Location, error) {
	locations, err := s.locations(ctx, " WHERE l.deleted_at IS NULL ORDER BY l.priority, l.id")
	if err != nil {
		return nil, fmt.Errorf("list locations: %w", translate(err))
	}
	return locations, nil
}

// Location reads one location with the service that runs it; [fulfillment.ErrNotFound] when there is none. It reads
// deleted ones, too, as DeletedAt tells: a fulfillment order of old times may still name one.
func (s *Store) Location(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	locations, err := s.locations(ctx, " WHERE l.id = $1", id)
	if err == nil && len(locations) == 0 {
		err = fulfillment.ErrNotFound
	}
	if err != nil {
		return fulfillment.Location{}, fmt.Errorf("read location %d: %w", id, translate(err))
	}
	return locations[0], nil
}

// LocationsByID reads locations in the order of the IDs, with one statement. What does not exist, or was deleted, is
// nil; an ID that is there twice gets the same location twice.
func (s *Store) LocationsByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.Location, error) {
	locations, err := s.locations(ctx, " WHERE l.id = ANY($1) AND l.deleted_at IS NULL", distinct(ids))
	if err != nil {
		return nil, fmt.Errorf("read %d locations: %w", len(ids), translate(err))
	}
	return inOrderOf(ids, pointers(locations), func(l *fulfillment.Location) fulfillment.ID { return l.ID }), nil
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
	err := row.Scan(append([]any{
		&l.ID, &l.Name, &l.CountryCode, &l.ProvinceCode, &l.City, &l.Address1, &l.Address2, &l.Zip, &l.Phone, &l.Active,
		&l.Priority,
		&l.Default, &l.StocksAll, &l.SKUs, &l.FulfillsOnlineOrders, &l.CreatedAt, &l.UpdatedAt,
		&l.DeactivatedAt, &l.DeletedAt,
	}, service.columns()...)...)
	if len(l.SKUs) == 0 {
		l.SKUs = nil
	}
	if service.id != nil {
		l.ServiceID, l.Service = *service.id, service.at(l.ID)
	}
	return l, err
}

// nullableService is a service behind a left join.
type nullableService struct {
	id                     *fulfillment.ID
	name, handle, provider *string
	options                map[string]any
	acceptWithin           *time.Duration
	acceptPolicy           *fulfillment.AcceptPolicy
	appID                  *fulfillment.ID
	callbackURL            *string
	tracking, inventory    *bool
	shippingMethod         *bool
}

func (n *nullableService) columns() []any {
	return []any{&n.id, &n.name, &n.handle, &n.provider, &n.options, &n.acceptWithin, &n.acceptPolicy, &n.appID,
		&n.callbackURL,
		&n.tracking, &n.inventory, &n.shippingMethod}
}

func (n *nullableService) at(locationID fulfillment.ID) *fulfillment.Service {
	s := &fulfillment.Service{
		ID: *n.id, Name: *n.name, Handle: *n.handle, Provider: *n.provider, Options: n.options, LocationID: locationID,
		AcceptWithin: fulfillment.Duration(*n.acceptWithin), AcceptPolicy: *n.acceptPolicy, CallbackURL: *n.callbackURL,
		TrackingSupport: *n.tracking, InventoryManagement: *n.inventory, RequiresShippingMethod: n.shippingMethod,
	}
	if n.appID != nil {
		s.AppID = *n.appID
	}
	return s
}
