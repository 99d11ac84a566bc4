package postgres

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const updateLocation = `
UPDATE locations SET name = $2, country_code = $3, province_code = $4, city = $5, address1 = $6, address2 = $7,
	zip = $8,
	phone = $9, priority = $10, is_default = $11, stocks_all = $12, skus = coalesce($13, '{}'::text[]),
	fulfills_online_orders = $14, active = $15,
	deactivated_at = CASE WHEN $15 THEN NULL ELSE coalesce(deactivated_at, clock_timestamp()) END,
	updated_at = clock_timestamp()
WHERE id = $1 RETURNING updated_at, deactivated_at`

// EditLocation changes a location, and returns it as it is stored. The same edit again changes nothing. Orders that are
// routed from then on go by it; fulfillment orders stay where they are. All that is refused comes at once as
// [fulfillment.Refusals], with the texts of Shopify's API: an unknown location with code
// [fulfillment.CodeLocationNotFound].
func (s *Store) EditLocation(ctx context.Context, edit fulfillment.LocationEdit) (fulfillment.Location, error) {
	edit.Complete()
	edit.Name = cleaned(edit.Name)
	return s.changeLocation(ctx, edit.ID, "id", func(
		tx pgx.Tx, l *fulfillment.Location, others []fulfillment.Location,
	) error {
		if refusals := edit.Check(*l, others); refusals != nil {
			return refusals
		}
		if after := edit.Apply(*l); after.Default && !l.Default {
			_, err := tx.Exec(ctx,
				`UPDATE locations SET is_default = false, updated_at = clock_timestamp() WHERE is_default`)
			if err != nil {
				return err
			}
		}
		*l = edit.Apply(*l)
		return nil
	})
}

// ActivateLocation takes a location into use again, and returns it as it is stored. One that is in use stays as it is.
// What is refused comes as [fulfillment.Refusals], as for [Store.EditLocation].
func (s *Store) ActivateLocation(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	return s.changeLocation(ctx, id, "locationId", func(
		_ pgx.Tx, l *fulfillment.Location, others []fulfillment.Location,
	) error {
		if refused := l.CheckActivation(others); refused != nil {
			return refused
		}
		l.Active = true
		return nil
	})
}

// DeactivateLocation takes a location at which nothing waits out of use, and returns it as it is stored. One that is
// not in use stays as it is. An order that is routed to it in the very moment stays there, and can be moved. What is
// refused comes as [fulfillment.Refusals], as for [Store.EditLocation].
func (s *Store) DeactivateLocation(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	return s.changeLocation(ctx, id, "locationId", func(
		tx pgx.Tx, l *fulfillment.Location, others []fulfillment.Location,
	) error {
		if refused := l.CheckDeactivation(others); refused != nil {
			return refused
		}
		if !l.Active {
			return nil
		}
		count, shown, err := unclosed(ctx, tx, "location_id", id)
		if err != nil {
			return err
		}
		if refused := fulfillment.StillWaiting(count, shown); refused != nil {
			return refused
		}
		l.Active = false
		return nil
	})
}

// DeleteLocation deletes a location that is not in use: its name is free, and no list has it any more. What is refused
// comes as [fulfillment.Refusals], as for [Store.EditLocation].
func (s *Store) DeleteLocation(ctx context.Context, deletion fulfillment.LocationDeletion) error {
	deletion.CommandID = clean(deletion.CommandID)
	_, err := s.changeLocation(ctx, deletion.ID, "locationId", func(
		tx pgx.Tx, l *fulfillment.Location, _ []fulfillment.Location,
	) error {
		waiting, _, err := unclosed(ctx, tx, "location_id", l.ID)
		if err != nil {
			return err
		}
		if refusals := l.CheckDeletion(waiting); refusals != nil {
			return refusals
		}
		_, err = tx.Exec(ctx, `
UPDATE locations SET is_default = false, deleted_at = clock_timestamp(), deleted_by = $2, updated_at = clock_timestamp()
WHERE id = $1`, l.ID, deletion.CommandID)
		return err
	})
	if refusals := fulfillment.AsRefusals(err); refusals == nil ||
		refusals[0].Code != fulfillment.CodeLocationNotFound {
		return err
	}
	var deletedBy string
	const query = `SELECT deleted_by FROM locations WHERE id = $1 AND deleted_at IS NOT NULL`
	again := s.pool.QueryRow(ctx, query, deletion.ID).Scan(&deletedBy)
	switch {
	case again == nil && deletion.Repeats(deletedBy):
		return nil
	case again != nil && !errors.Is(again, pgx.ErrNoRows):
		return fmt.Errorf("delete location %d: %w", deletion.ID, translate(again))
	}
	return err
}

// changeLocation has a location changed that is there, with all others in view: names and the default are compared
// before they are taken, so changes of locations follow each other. What the change leaves as it was is not written.
// field is the argument that names the location.
func (s *Store) changeLocation(
	ctx context.Context, id fulfillment.ID, field string,
	change func(tx pgx.Tx, l *fulfillment.Location, others []fulfillment.Location) error,
) (fulfillment.Location, error) {
	var l fulfillment.Location
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		before, others, err := lockLocations(ctx, tx, id)
		if err != nil {
			return err
		}
		if before == nil {
			return fulfillment.LocationNotFound(field)
		}
		l = *before
		if err := change(tx, &l, others); err != nil || reflect.DeepEqual(l, *before) {
			return err
		}
		return tx.QueryRow(ctx, updateLocation, id, l.Name, l.CountryCode, l.ProvinceCode, l.City, l.Address1,
			l.Address2, l.Zip, l.Phone, l.Priority, l.Default, l.StocksAll, l.SKUs, l.TakesOnlineOrders(), l.Active,
		).Scan(&l.UpdatedAt, &l.DeactivatedAt)
	})
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		return fulfillment.Location{}, refusals
	}
	if err != nil {
		return fulfillment.Location{}, fmt.Errorf("change location %d: %w", id, translate(err))
	}
	return l, nil
}

// lockLocations reads the locations that there are: the one with the ID, nil if there is none, and the others. Until
// the end of the transaction, other changes of locations wait; reading them does not.
func lockLocations(
	ctx context.Context, tx pgx.Tx, id fulfillment.ID,
) (*fulfillment.Location, []fulfillment.Location, error) {
	if _, err := tx.Exec(ctx, `LOCK TABLE locations IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return nil, nil, err
	}
	rows, err := tx.Query(ctx, selectLocations+` WHERE l.deleted_at IS NULL ORDER BY l.id`)
	if err != nil {
		return nil, nil, err
	}
	all, err := pgx.CollectRows(rows, scanLocation)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		if all[i].ID == id {
			found := all[i]
			return &found, append(all[:i:i], all[i+1:]...), nil
		}
	}
	return nil, all, nil
}
