package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// ServiceDeletion deletes a fulfillment service as Shopify's fulfillmentServiceDelete does.
type ServiceDeletion struct {
	ID                    fulfillment.ID
	InventoryAction       fulfillment.InventoryAction // default TRANSFER
	DestinationLocationID fulfillment.ID              // TRANSFER: an active location of the merchant's own; else none
	CommandID             string                      // the same one again is answered as the first time; "": none
}

// DeleteService deletes a service. With KEEP its location becomes one of the merchant's own; with TRANSFER and DELETE the
// location is deleted, too. What was deleted is kept for the history of the fulfillment orders that were there, but no
// list has it any more, and its name is free for others.
//
// As long as a fulfillment order of the service is not CLOSED or CANCELLED, deletion is refused with code
// [fulfillment.CodeServiceInUse] and names some of them, whatever the inventory action: an order with a service that
// nobody runs any more would wait for ever, and where else it is to go is a decision for whoever moves or closes it.
// An order that is assigned in the very moment of the deletion stays visible to merchant and app, and can be moved.
//
// What is refused comes as [fulfillment.Refusals], with the texts of Shopify's API: an unknown service with code
// [fulfillment.CodeServiceNotFound].
func (s *Store) DeleteService(ctx context.Context, deletion ServiceDeletion) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var deletedBy *string
		const query = `SELECT CASE WHEN deleted_at IS NOT NULL THEN deleted_by END FROM services WHERE id = $1 FOR UPDATE`
		err := tx.QueryRow(ctx, query, deletion.ID).Scan(&deletedBy)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return serviceNotFound()
		case err != nil:
			return err
		case deletedBy != nil && deletion.CommandID != "" && *deletedBy == clean(deletion.CommandID):
			return nil
		case deletedBy != nil:
			return serviceNotFound()
		}
		if err := deletion.check(ctx, tx); err != nil {
			return err
		}
		if err := checkUnused(ctx, tx, deletion.ID); err != nil {
			return err
		}
		location := `UPDATE locations SET active = false, is_default = false, deleted_at = now() WHERE service_id = $1`
		if deletion.InventoryAction == fulfillment.InventoryKeep {
			location = `UPDATE locations SET service_id = NULL WHERE service_id = $1`
		}
		if _, err := tx.Exec(ctx, location, deletion.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE services SET deleted_at = now(), deleted_by = $2 WHERE id = $1`, deletion.ID, clean(deletion.CommandID))
		return err
	})
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		return refusals
	}
	if err != nil {
		return fmt.Errorf("delete service %d: %w", deletion.ID, translate(err))
	}
	return nil
}

// check tells whether the destination fits the inventory action.
func (d ServiceDeletion) check(ctx context.Context, tx pgx.Tx) error {
	switch d.InventoryAction {
	case fulfillment.InventoryKeep, fulfillment.InventoryDelete:
		if d.DestinationLocationID != 0 {
			return refused("inventoryAction", "Inventory action Destination location id should not be present when deleting/keeping the inventory of the fulfillment service.")
		}
		return nil
	case fulfillment.InventoryTransfer, "":
		const query = `SELECT EXISTS (SELECT FROM locations WHERE id = $1 AND service_id IS NULL AND active AND deleted_at IS NULL)`
		var usable bool
		if err := tx.QueryRow(ctx, query, d.DestinationLocationID).Scan(&usable); err != nil {
			return err
		}
		if !usable {
			return &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: "Invalid destination location."}
		}
		return nil
	}
	return refused("inventoryAction", "There is no inventory action %q.", d.InventoryAction)
}

// shownInUse is how many fulfillment orders a refused deletion names.
const shownInUse = 5

// checkUnused refuses a service that still has work.
func checkUnused(ctx context.Context, tx pgx.Tx, id fulfillment.ID) error {
	const query = `
SELECT count(*) OVER (), id FROM fulfillment_orders
WHERE service_id = $1 AND service_id <> 0 AND status NOT IN ('CLOSED', 'CANCELLED') ORDER BY id LIMIT $2`
	rows, err := tx.Query(ctx, query, id, shownInUse)
	if err != nil {
		return err
	}
	var count int
	var open fulfillment.ID
	var shown []string
	if _, err := pgx.ForEachRow(rows, []any{&count, &open}, func() error {
		shown = append(shown, open.String())
		return nil
	}); err != nil || count == 0 {
		return err
	}
	if count > len(shown) {
		shown = append(shown, "…")
	}
	return &fulfillment.Error{Code: fulfillment.CodeServiceInUse, Field: []string{"id"},
		Message: fmt.Sprintf("Fulfillment service can't be deleted while it has fulfillment orders that are not closed (%d: %s). Move, cancel or close them first.",
			count, strings.Join(shown, ", "))}
}
