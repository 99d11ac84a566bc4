package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const updateService = `
UPDATE services SET name = $2, callback_url = $3, tracking_support = $4, inventory_management = $5,
	requires_shipping_method = $6, options = $7
WHERE id = $1`

// UpdateService changes a service and returns it as it is stored. The same update again changes nothing. All that is
// refused comes at once as [fulfillment.Refusals], with the texts of Shopify's API: an unknown service with code
// [fulfillment.CodeServiceNotFound].
//
// Fulfillment orders keep the names of the service and its location as they were when they were assigned; who shows
// one that is not in work yet reads the location's present name, see [fulfillment.AssignedLocation].
func (s *Store) UpdateService(ctx context.Context, update fulfillment.ServiceUpdate) (fulfillment.Service, error) {
	update.Name, update.CallbackURL = cleaned(update.Name), cleaned(update.CallbackURL)
	var service fulfillment.Service
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Updates of the same service follow each other: each keeps what the other has changed.
		if _, err := tx.Exec(ctx, `SELECT FROM services WHERE id = $1 FOR UPDATE`, update.ID); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, selectLocations+` WHERE s.id = $1 AND s.deleted_at IS NULL`, update.ID)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, scanLocation)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fulfillment.ServiceNotFound()
		}
		before := *found[0].Service
		service = update.Apply(before)
		taken, err := serviceNameTaken(ctx, tx, service)
		if err != nil {
			return err
		}
		if refusals := update.Check(before, taken, s.callbacks); refusals != nil {
			return refusals
		}
		options, err := encodeOptions(service.Options)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, updateService, service.ID, service.Name, service.CallbackURL, service.TrackingSupport,
			service.InventoryManagement, service.RequiresShippingMethod, options)
		if err != nil {
			return err
		}
		if update.CallbackURL != nil { // Whoever answered that it is gone may be back.
			_, err = tx.Exec(ctx, `UPDATE service_callbacks SET stopped = '' WHERE service_id = $1 AND stopped <> ''`,
				service.ID)
			if err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `UPDATE locations SET name = $3, updated_at = clock_timestamp() WHERE id = $1 AND name = $2`,
			service.LocationID, before.Name, service.Name)
		return err
	})
	if violates(err) {
		err = service.NameTaken()
	}
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		return fulfillment.Service{}, refusals
	}
	if err != nil {
		return fulfillment.Service{}, fmt.Errorf("update service %d: %w", update.ID, translate(err))
	}
	return service, nil
}
