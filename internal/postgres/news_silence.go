package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/news"
)

// SilentParcels lists shipments of services that are under way and of which nothing was heard since a time, but after
// another one, the longest silent first. Those whose silence is news already are left out.
func (s *Store) SilentParcels(ctx context.Context, since, after time.Time, limit int) ([]news.Silent, error) {
	rows, err := s.pool.Query(ctx, `
SELECT f.id, f.fulfillment_order_id, s.provider, s.id, f.name, coalesce(f.tracking -> 0 ->> 'number', ''),
	f.display_status, f.updated_at
FROM fulfillments f JOIN services s ON s.id = f.service_id
WHERE f.status = 'SUCCESS' AND f.service_id <> 0 AND f.delivered_at IS NULL AND f.given_up_at IS NULL
	AND f.display_status IN ('CONFIRMED', 'CARRIER_PICKED_UP', 'IN_TRANSIT', 'DELAYED', 'OUT_FOR_DELIVERY',
		'ATTEMPTED_DELIVERY')
	AND f.updated_at <= $1 AND f.updated_at > $2
	AND NOT EXISTS (SELECT FROM news n WHERE n.service_id = s.id AND n.key =
		'silence/' || f.id || '/' || (extract(epoch FROM f.updated_at) * 1000000)::bigint)
ORDER BY f.updated_at LIMIT $3`, since, after, limit)
	var silent []news.Silent
	if err == nil {
		silent, err = pgx.CollectRows(rows, pgx.RowToStructByPos[news.Silent])
	}
	if err != nil {
		return nil, fmt.Errorf("look for parcels of which nothing is heard: %w", translate(err))
	}
	return silent, nil
}
