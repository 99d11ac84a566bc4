package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// maxParcels is how many shipments with one number are looked at, the latest first.
const maxParcels = 100

const selectParcels = `
SELECT f.id, f.fulfillment_order_id, f.order_id, coalesce(t ->> 'number', ''), coalesce(t ->> 'company', ''),
	f.created_at, f.cancelled_at IS NOT NULL, f.delivered_at
FROM fulfillments f `

func (s *Store) parcels(ctx context.Context, end string, args ...any) ([]news.Parcel, error) {
	rows, err := s.pool.Query(ctx, selectParcels+end, args...)
	if err != nil {
		return nil, translate(err)
	}
	parcels, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p news.Parcel, err error) {
		err = row.Scan(&p.FulfillmentID, &p.FulfillmentOrderID, &p.OrderID, &p.Number, &p.Company, &p.CreatedAt,
			&p.Cancelled, &p.DeliveredAt)
		return p, err
	})
	return parcels, translate(err)
}

// Parcels finds shipments of a service that have a tracking number, however it is spelt, the latest first.
func (s *Store) Parcels(ctx context.Context, service fulfillment.ID, number string) ([]news.Parcel, error) {
	parcels, err := s.parcels(ctx, `
CROSS JOIN LATERAL jsonb_array_elements(f.tracking) AS t
CROSS JOIN (SELECT parcel_numbers(jsonb_build_array(jsonb_build_object('number', $2::text))) AS wanted) AS w
WHERE f.service_id = $1 AND f.service_id <> 0 AND f.tracking IS NOT NULL
	AND parcel_numbers(f.tracking) && w.wanted AND parcel_numbers(jsonb_build_array(t)) && w.wanted
ORDER BY f.id DESC LIMIT $3`, service, clean(number), maxParcels)
	if err != nil {
		return nil, fmt.Errorf("find the shipments with a tracking number: %w", err)
	}
	return parcels, nil
}

// ParcelsOf lists the shipments of fulfillment orders, the oldest first, each with its first tracking number.
func (s *Store) ParcelsOf(ctx context.Context, ids []fulfillment.ID) ([]news.Parcel, error) {
	parcels, err := s.parcels(ctx, `
LEFT JOIN LATERAL (SELECT f.tracking -> 0 AS t) AS first ON true WHERE f.fulfillment_order_id = ANY ($1) ORDER BY f.id`,
		distinct(ids))
	if err != nil {
		return nil, fmt.Errorf("list the shipments of %d fulfillment orders: %w", len(ids), err)
	}
	return parcels, nil
}

// NameSubject remembers what a service's system calls a fulfillment order's request, or one of its shipments (zero: it
// is about none), and has news that waits for that name looked at again.
func (s *Store) NameSubject(ctx context.Context, service fulfillment.ID, name string, target news.Target) error {
	_, err := s.pool.Exec(ctx, `
WITH named AS (
	INSERT INTO news_names AS n (service_id, name, fulfillment_order_id, fulfillment_id)
	VALUES ($1, $2, $3, nullif($4::bigint, 0))
	ON CONFLICT (service_id, name, fulfillment_order_id) DO UPDATE
	SET fulfillment_id = coalesce(excluded.fulfillment_id, n.fulfillment_id)
), woken AS (
	UPDATE news SET next_at = clock_timestamp(), epoch = epoch + 1
	WHERE state = 'UNMATCHED' AND service_id = $1 AND waits_for @> ARRAY[$2::text] RETURNING id
)
SELECT pg_notify('packhorse_news', '') FROM woken LIMIT 1`,
		service, clean(name), target.FulfillmentOrderID, target.FulfillmentID)
	if err != nil {
		return fmt.Errorf("remember what service %d calls fulfillment order %d: %w", service,
			target.FulfillmentOrderID, translate(err))
	}
	return nil
}

// Named finds what a service's system calls by a name.
func (s *Store) Named(ctx context.Context, service fulfillment.ID, name string) ([]news.Target, error) {
	rows, err := s.pool.Query(ctx, `
SELECT fulfillment_order_id, coalesce(fulfillment_id, 0) FROM news_names WHERE service_id = $1 AND name = $2
ORDER BY created_at DESC, fulfillment_order_id DESC LIMIT 10`, service, clean(name))
	var targets []news.Target
	if err == nil {
		targets, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t news.Target, err error) {
			err = row.Scan(&t.FulfillmentOrderID, &t.FulfillmentID)
			return t, err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("find what service %d calls by a name: %w", service, translate(err))
	}
	return targets, nil
}
