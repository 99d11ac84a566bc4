package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const insertService = `
INSERT INTO services (id, name, handle, provider, options, accept_within, accept_policy, app_id, callback_url,
	tracking_support, inventory_management, requires_shipping_method)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

// adoptLocation gives a location that nobody runs to the service.
const adoptLocation = `UPDATE locations SET service_id = $2 WHERE id = $1 AND service_id IS NULL AND deleted_at IS NULL`

// AddService adds a fulfillment service, and returns it as it is stored. Its ID is minted when it is zero; its handle
// follows from its name; its provider is the manual one when it has none. Names are unlike those of other services in
// any case, and so are handles.
//
// It runs the location LocationID if that is there, else a new location is made for it, under its name, which comes
// after the merchant's own. That of an operator's service stocks everything. That of an app's stocks nothing: orders
// get there by moves, which take them whatever their SKUs, until somebody says what it has.
//
// Adding the same service again, with its ID, changes nothing. All that is refused comes at once as
// [fulfillment.Refusals], with the texts of Shopify's API.
func (s *Store) AddService(ctx context.Context, service fulfillment.Service) (fulfillment.Service, error) {
	service = s.complete(service)
	options, err := encodeOptions(service.Options)
	if err != nil {
		return fulfillment.Service{}, err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		refusals, err := s.checkServiceName(ctx, tx, service)
		if err != nil {
			return err
		}
		if refusals = append(refusals, s.checkService(service)...); len(refusals) > 0 {
			return refusals
		}
		var app *fulfillment.ID
		if service.AppID != 0 {
			app = &service.AppID
		}
		_, err = tx.Exec(ctx, insertService, service.ID, service.Name, service.Handle, service.Provider, options,
			time.Duration(service.AcceptWithin), service.AcceptPolicy, app, service.CallbackURL,
			service.TrackingSupport, service.InventoryManagement, service.NeedsShippingMethod())
		if err != nil {
			return err
		}
		adopted, err := tx.Exec(ctx, adoptLocation, service.LocationID, service.ID)
		if err != nil || adopted.RowsAffected() == 1 {
			return err
		}
		made := fulfillment.Location{ID: service.LocationID, Name: service.Name, Active: true, Priority: servicePriority, StocksAll: service.AppID == 0}
		return s.insertLocation(ctx, tx, &made, &service.ID)
	})
	if violates(err) {
		return s.settleService(ctx, service, err)
	}
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		return fulfillment.Service{}, refusals
	}
	if err != nil {
		return fulfillment.Service{}, fmt.Errorf("add service %q: %w", service.Name, translate(err))
	}
	return service, nil
}

// complete fills in what a new service has when nothing else was said.
func (s *Store) complete(service fulfillment.Service) fulfillment.Service {
	if service.ID == 0 {
		service.ID = s.minter.Mint()
	}
	if service.LocationID == 0 {
		service.LocationID = s.minter.Mint()
	}
	service.Name, service.CallbackURL, service.Provider = clean(service.Name), clean(service.CallbackURL), clean(service.Provider)
	if service.Handle = handle(service.Name); service.Handle == "" {
		service.Handle = "service-" + service.ID.String()
	}
	if service.Provider == "" {
		service.Provider = fulfillment.ManualProvider
	}
	required := service.NeedsShippingMethod()
	service.RequiresShippingMethod = &required
	return service
}

func encodeOptions(options map[string]any) ([]byte, error) {
	if options == nil {
		return nil, nil
	}
	return encode(options)
}

// checkServiceName is what is wrong with the name of a service that is added or gets this name. Others are asked first;
// the unique indexes have the last word.
func (s *Store) checkServiceName(ctx context.Context, tx pgx.Tx, service fulfillment.Service) (fulfillment.Refusals, error) {
	if problems := serviceNameProblems(service.Name); problems != nil {
		return problems, nil
	}
	const query = `
SELECT EXISTS (SELECT FROM services WHERE lower(name) = lower($1) AND id <> $3 AND deleted_at IS NULL)
	OR EXISTS (SELECT FROM services WHERE handle = $2 AND id <> $3 AND deleted_at IS NULL)`
	var taken bool
	if err := tx.QueryRow(ctx, query, service.Name, handle(service.Name), service.ID).Scan(&taken); err != nil || !taken {
		return nil, err
	}
	return fulfillment.Refusals{refused("name", nameTaken)}, nil
}

// checkService is what is wrong with anything but the name.
func (s *Store) checkService(service fulfillment.Service) fulfillment.Refusals {
	var refusals fulfillment.Refusals
	if service.CallbackURL != "" {
		if e := s.callbacks.Check(service.CallbackURL); e != nil {
			refusals = append(refusals, e)
		}
	}
	if service.AcceptWithin < 0 {
		refusals = append(refusals, refused("acceptWithin", "The time to accept can't be negative."))
	}
	if service.AcceptPolicy != "" && !slices.Contains(fulfillment.AcceptPolicies, service.AcceptPolicy) {
		refusals = append(refusals, refused("acceptPolicy", "There is no accept policy %q.", service.AcceptPolicy))
	}
	return refusals
}

// settleService tells whether a service that could not be added is there already. Its name may have changed since, its
// handle has not.
func (s *Store) settleService(ctx context.Context, service fulfillment.Service, conflict error) (fulfillment.Service, error) {
	stored, err := s.ServicesByID(ctx, []fulfillment.ID{service.ID})
	switch {
	case err != nil:
		return fulfillment.Service{}, fmt.Errorf("add service %q: %w", service.Name, err)
	case stored[0] != nil && stored[0].Handle == service.Handle && stored[0].AppID == service.AppID:
		return *stored[0], nil
	case violates(conflict, "locations_pkey"):
		return fulfillment.Service{}, fulfillment.Refusals{refused("locationId", "The location %d belongs to another service.", service.LocationID)}
	case violates(conflict, "services_pkey"):
		return fulfillment.Service{}, fulfillment.Refusals{refused("id", "There is another service with the ID %d.", service.ID)}
	}
	return fulfillment.Service{}, fulfillment.Refusals{refused("name", nameTaken)}
}
