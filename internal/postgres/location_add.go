package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const insertLocation = `
INSERT INTO locations (id, name, country_code, province_code, city, address1, address2, zip, phone, active, priority,
	is_default, stocks_all, skus, fulfills_online_orders, service_id, added_as, created_at, updated_at, deactivated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce($14, '{}'::text[]), coalesce($15, true), $16,
	$17, statement_timestamp(), statement_timestamp(), CASE WHEN NOT $10 THEN statement_timestamp() END)
RETURNING fulfills_online_orders, created_at, updated_at, deactivated_at`

// insertLocation adds the location, which belongs to service (nil: the merchant), and fills in what the store decides.
// addedAs is a fingerprint by which the same is known when it is added again; empty: it is not.
func (s *Store) insertLocation(
	ctx context.Context, tx pgx.Tx, l *fulfillment.Location, service *fulfillment.ID, addedAs string,
) error {
	return tx.QueryRow(ctx, insertLocation, l.ID, l.Name, l.CountryCode, l.ProvinceCode, l.City, l.Address1, l.Address2,
		l.Zip, l.Phone,
		l.Active, l.Priority, l.Default, l.StocksAll, l.SKUs, l.FulfillsOnlineOrders, service, addedAs).Scan(
		&l.FulfillsOnlineOrders, &l.CreatedAt, &l.UpdatedAt, &l.DeactivatedAt,
	)
}

// AddLocation adds a location of the merchant's own, and returns it as it is stored; its ID is minted when it is zero.
// Adding the same location again, with its ID, changes nothing, whatever it has become since. Its name is unlike that
// of any other active location, in any case. What is refused comes as [fulfillment.Refusals], see
// [fulfillment.Location.CheckNew].
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
	l.FulfillsOnlineOrders = new(l.TakesOnlineOrders())
	fingerprint, err := fingerprint(l)
	if err != nil {
		return fulfillment.Location{}, err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		stored, others, err := lockLocations(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		if stored != nil {
			var addedAs string
			if err := tx.QueryRow(ctx, `SELECT added_as FROM locations WHERE id = $1`, l.ID).Scan(&addedAs); err != nil {
				return err
			}
			if addedAs != fingerprint && (addedAs != "" || !l.SameAs(*stored)) {
				return l.IDTaken()
			}
			l = *stored
			return nil
		}
		if refusals := l.CheckNew(others); refusals != nil {
			return refusals
		}
		return s.insertLocation(ctx, tx, &l, nil, fingerprint)
	})
	if violates(err) { // One that was deleted has the ID.
		err = l.IDTaken()
	}
	switch refused := fulfillment.AsRefusals(err); {
	case err == nil:
		return l, nil
	case refused != nil:
		return fulfillment.Location{}, refused
	}
	return fulfillment.Location{}, fmt.Errorf("add location %d: %w", l.ID, translate(err))
}
