package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const insertService = `
INSERT INTO services (id, name, handle, provider, options, accept_within, accept_policy, app_id, callback_url,
	tracking_support, inventory_management, requires_shipping_method)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

// adoptLocation gives a location that nobody runs to the service.
const adoptLocation = `UPDATE locations SET service_id = $2, updated_at = clock_timestamp() WHERE id = $1 AND service_id IS NULL AND deleted_at IS NULL`

// AddService adds a fulfillment service, and returns it as it is stored, see [fulfillment.Service.Complete]. Names are
// unlike those of other services in any case, and so are handles.
//
// It runs the location LocationID if that is there, else [fulfillment.Service.OwnLocation] is made for it.
//
// Adding the same service again, with its ID, changes nothing. All that is refused comes at once as
// [fulfillment.Refusals], with the texts of Shopify's API.
func (s *Store) AddService(ctx context.Context, service fulfillment.Service) (fulfillment.Service, error) {
	for _, text := range []*string{&service.Name, &service.CallbackURL, &service.Provider} {
		*text = clean(*text)
	}
	service.Complete(s.minter.Mint)
	options, err := encodeOptions(service.Options)
	if err != nil {
		return fulfillment.Service{}, err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		taken, err := serviceNameTaken(ctx, tx, service)
		if err != nil {
			return err
		}
		if refusals := service.CheckNew(taken, s.callbacks); refusals != nil {
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
		made := service.OwnLocation()
		return s.insertLocation(ctx, tx, &made, &service.ID, "")
	})
	if violates(err) {
		service, err = s.serviceAddedBefore(ctx, service, err)
	}
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		return fulfillment.Service{}, refusals
	}
	if err != nil {
		return fulfillment.Service{}, fmt.Errorf("add service %q: %w", service.Name, translate(err))
	}
	return service, nil
}

func encodeOptions(options map[string]any) ([]byte, error) {
	if options == nil {
		return nil, nil
	}
	return encode(options)
}

// serviceNameTaken tells whether another service has the service's name, or the handle of its name. The unique indexes
// have the last word.
func serviceNameTaken(ctx context.Context, tx pgx.Tx, service fulfillment.Service) (taken bool, err error) {
	const query = `
SELECT EXISTS (SELECT FROM services WHERE lower(name) = lower($1) AND id <> $3 AND deleted_at IS NULL)
	OR EXISTS (SELECT FROM services WHERE handle = $2 AND id <> $3 AND deleted_at IS NULL)`
	err = tx.QueryRow(ctx, query, service.Name, fulfillment.Handle(service.Name), service.ID).Scan(&taken)
	return taken, err
}

// serviceAddedBefore is the stored service if a service that could not be added is there already, and else what another
// one has taken from it.
func (s *Store) serviceAddedBefore(
	ctx context.Context, service fulfillment.Service, conflict error,
) (fulfillment.Service, error) {
	stored, err := s.ServicesByID(ctx, []fulfillment.ID{service.ID})
	switch {
	case err != nil:
		return service, err
	case stored[0] != nil && service.SameAs(*stored[0]):
		return *stored[0], nil
	case violates(conflict, "locations_pkey"):
		return service, service.LocationTaken()
	case violates(conflict, "services_pkey"):
		return service, service.IDTaken()
	}
	return service, service.NameTaken()
}
