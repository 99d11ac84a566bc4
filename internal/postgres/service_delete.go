package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// DeleteService deletes a service. What was deleted is kept for the history of the fulfillment orders that were there,
// but no list has it any more, and its name is free for others.
//
// As long as a fulfillment order of the service is not CLOSED or CANCELLED, deletion is refused with code
// [fulfillment.CodeServiceInUse] and names some of them. An order that is assigned in the very moment of the deletion
// stays visible to merchant and app, and can be moved.
//
// What is refused comes as [fulfillment.Refusals], with the texts of Shopify's API: an unknown service with code
// [fulfillment.CodeServiceNotFound].
func (s *Store) DeleteService(ctx context.Context, deletion fulfillment.ServiceDeletion) error {
	deletion.CommandID = clean(deletion.CommandID)
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var deletedBy *string
		const query = `SELECT CASE WHEN deleted_at IS NOT NULL THEN deleted_by END FROM services WHERE id = $1 FOR UPDATE`
		err := tx.QueryRow(ctx, query, deletion.ID).Scan(&deletedBy)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fulfillment.ServiceNotFound()
		case err != nil:
			return err
		case deletedBy != nil && deletion.Repeats(*deletedBy):
			return nil
		case deletedBy != nil:
			return fulfillment.ServiceNotFound()
		}
		destination, err := destinationOf(ctx, tx, deletion)
		if err != nil {
			return err
		}
		if refused := deletion.CheckDestination(destination); refused != nil {
			return refused
		}
		count, shown, err := unclosed(ctx, tx, "service_id", deletion.ID)
		if err != nil {
			return err
		}
		if refused := deletion.CheckUnused(count, shown); refused != nil {
			return refused
		}
		location := `
UPDATE locations SET active = false, is_default = false, deleted_at = now(), updated_at = clock_timestamp()
WHERE service_id = $1`
		if deletion.InventoryAction == fulfillment.InventoryKeep {
			location = `UPDATE locations SET service_id = NULL, updated_at = clock_timestamp() WHERE service_id = $1`
		}
		if _, err := tx.Exec(ctx, location, deletion.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE services SET deleted_at = now(), deleted_by = $2 WHERE id = $1`,
			deletion.ID, deletion.CommandID)
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

// destinationOf is the location that a deletion names; nil: there is none.
func destinationOf(ctx context.Context, tx pgx.Tx, d fulfillment.ServiceDeletion) (*fulfillment.Location, error) {
	rows, err := tx.Query(ctx, selectLocations+` WHERE l.id = $1`, d.DestinationLocationID)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanLocation)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// unclosed counts the fulfillment orders of a location or service that are not closed, and reads the IDs of some.
// column says of which of both, and has the ID.
func unclosed(
	ctx context.Context, tx pgx.Tx, column string, id fulfillment.ID,
) (count int, shown []fulfillment.ID, err error) {
	query := `
SELECT count(*) OVER (), id FROM fulfillment_orders
WHERE ` + column + ` = $1 AND ` + column + ` <> 0 AND status NOT IN ('CLOSED', 'CANCELLED') ORDER BY id LIMIT $2`
	rows, err := tx.Query(ctx, query, id, fulfillment.MaxShownInUse)
	if err != nil {
		return 0, nil, err
	}
	var open fulfillment.ID
	_, err = pgx.ForEachRow(rows, []any{&count, &open}, func() error {
		shown = append(shown, open)
		return nil
	})
	return count, shown, err
}
