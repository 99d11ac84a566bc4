package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const insertLocation = `
INSERT INTO locations (id, name, country_code, province_code, city, address1, address2, zip, phone, active, priority,
	is_default, stocks_all, skus, fulfills_online_orders, service_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce($14, '{}'::text[]), coalesce($15, true), $16)
RETURNING fulfills_online_orders, created_at`

// insertLocation adds the location, which belongs to service (nil: the merchant), and fills in what the store decides.
func (s *Store) insertLocation(ctx context.Context, tx pgx.Tx, l *fulfillment.Location, service *fulfillment.ID) error {
	return tx.QueryRow(ctx, insertLocation, l.ID, l.Name, l.CountryCode, l.ProvinceCode, l.City, l.Address1, l.Address2,
		l.Zip, l.Phone,
		l.Active, l.Priority, l.Default, l.StocksAll, l.SKUs, l.FulfillsOnlineOrders, service).Scan(
		&l.FulfillsOnlineOrders, &l.CreatedAt,
	)
}

// AddLocation adds a location of the merchant's own, and returns it as it is stored; its ID is minted when it is zero.
// Adding the same location again, with its ID, changes nothing. Its name is unlike that of any other location, in any
// case. What is refused comes as [fulfillment.Refusals], see [fulfillment.Location.CheckNew].
func (s *Store) AddLocation(ctx context.Context, l fulfillment.Location) (fulfillment.Location, error) {
	if l.ID == 0 {
		l.ID = s.minter.Mint()
	}
	l.Complete()
	for _, text := range []*string{
		&l.Name, &l.CountryCode, &l.ProvinceCode, &l.City, &l.Address1, &l.Address2, &l.Zip, &l.Phone,
	} {
		*text = clean(*text)
	}
	for i := range l.SKUs {
		l.SKUs[i] = clean(l.SKUs[i])
	}
	if refusals := l.CheckNew(); refusals != nil {
		return fulfillment.Location{}, refusals
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Two that are added at once see each other's name. Only other additions wait.
		if _, err := tx.Exec(ctx, `LOCK TABLE locations IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		var taken bool
		err := tx.QueryRow(ctx,
			`SELECT EXISTS (SELECT FROM locations WHERE lower(name) = lower($1) AND id <> $2 AND deleted_at IS NULL)`,
			l.Name, l.ID).Scan(&taken)
		if err == nil && taken {
			err = l.NameTaken()
		}
		if err != nil {
			return err
		}
		return s.insertLocation(ctx, tx, &l, nil)
	})
	if violates(err) {
		l, err = s.locationAddedBefore(ctx, l, err)
	}
	switch refused := fulfillment.AsRefusals(err); {
	case err == nil:
		return l, nil
	case refused != nil:
		return fulfillment.Location{}, refused
	}
	return fulfillment.Location{}, fmt.Errorf("add location %d: %w", l.ID, translate(err))
}

// locationAddedBefore is the stored location if a location that could not be added is there already, and else what
// another one has taken from it.
func (s *Store) locationAddedBefore(
	ctx context.Context, l fulfillment.Location, conflict error,
) (fulfillment.Location, error) {
	stored, err := s.Location(ctx, l.ID)
	switch {
	case err == nil && l.SameAs(stored):
		return stored, nil
	case err == nil:
		return l, l.IDTaken()
	case errors.Is(err, fulfillment.ErrNotFound) && violates(conflict, "locations_default_key"):
		return l, l.DefaultTaken()
	case errors.Is(err, fulfillment.ErrNotFound):
		return l, conflict
	}
	return l, err
}
