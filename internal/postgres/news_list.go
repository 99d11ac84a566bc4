package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// NewsFilter says which news a list has. Empty fields don't count.
type NewsFilter struct {
	States             []news.State
	Provider           string
	ServiceID          fulfillment.ID
	FulfillmentOrderID fulfillment.ID // that it was told to, or would be
	DeliveryID         int64
	Number             string // a tracking number, however it is spelt
	Alert              bool   // only what has an alert
}

// NewsList lists news as it came.
func (s *Store) NewsList(ctx context.Context, f NewsFilter, page Page) (Results[news.Item], error) {
	var c conditions
	if len(f.States) > 0 {
		c.add("n.state = ANY ($%d)", f.States)
	}
	if f.Provider != "" {
		c.add("n.provider = $%d", f.Provider)
	}
	if f.ServiceID != 0 {
		c.add("n.service_id = $%d", f.ServiceID)
	}
	if f.FulfillmentOrderID != 0 {
		c.add("n.fulfillment_order_id = $%d", f.FulfillmentOrderID)
	}
	if f.DeliveryID != 0 {
		c.add("n.delivery_id = $%d", f.DeliveryID)
	}
	if f.Number != "" {
		c.add("n.waits_for && ARRAY(SELECT 'number:' || p FROM unnest(parcel_numbers("+
			"jsonb_build_array(jsonb_build_object('number', $%d::text)))) AS p)", clean(f.Number))
	}
	if f.Alert {
		c.sql += " AND n.alert <> ''"
	}
	return listNews(ctx, s, `SELECT `+newsColumns+` FROM news n WHERE true`+c.sql, c.args, "n.id", page, scanNews,
		func(n *news.Item) int64 { return n.ID })
}

// NewsItem is one piece of news. [fulfillment.ErrNotFound] when there is no such.
func (s *Store) NewsItem(ctx context.Context, id int64) (news.Item, error) {
	return oneNews(ctx, s, `SELECT `+newsColumns+` FROM news n WHERE n.id = $1`, id, scanNews)
}

// DeliveryFilter says which deliveries a list has. Empty fields don't count.
type DeliveryFilter struct {
	States    []news.DeliveryState
	ServiceID fulfillment.ID
}

// NewsDeliveries lists what came from the systems of services, as it came and without the bodies.
func (s *Store) NewsDeliveries(
	ctx context.Context, f DeliveryFilter, page Page,
) (Results[news.Delivery], error) {
	var c conditions
	if len(f.States) > 0 {
		c.add("d.state = ANY ($%d)", f.States)
	}
	if f.ServiceID != 0 {
		c.add("d.service_id = $%d", f.ServiceID)
	}
	return listNews(ctx, s, `SELECT `+deliveryColumns+` FROM news_deliveries d WHERE true`+c.sql, c.args, "d.id", page,
		scanDelivery, func(d *news.Delivery) int64 { return d.ID })
}

// NewsDelivery is one delivery, with its body. [fulfillment.ErrNotFound] when there is no such, or not any more.
func (s *Store) NewsDelivery(ctx context.Context, id int64) (news.Delivery, error) {
	return oneNews(ctx, s, `SELECT `+deliveryColumns+`, d.body FROM news_deliveries d WHERE d.id = $1`, id,
		scanDeliveryWithBody)
}

func listNews[T any](
	ctx context.Context, s *Store, sql string, args []any, key string, page Page, scan pgx.RowToFunc[T],
	id func(*T) int64,
) (Results[T], error) {
	rows, err := s.pool.Query(ctx, sql+page.clause(key, &args), args...)
	var found []T
	if err == nil {
		found, err = pgx.CollectRows(rows, scan)
	}
	if err != nil {
		return Results[T]{}, fmt.Errorf("list news: %w", translate(err))
	}
	return paged(found, page, id), nil
}

func oneNews[T any](ctx context.Context, s *Store, sql string, id int64, scan pgx.RowToFunc[T]) (T, error) {
	rows, err := s.pool.Query(ctx, sql, id)
	var found T
	if err == nil {
		found, err = pgx.CollectExactlyOneRow(rows, scan)
	}
	if err != nil {
		return found, fmt.Errorf("read news %d: %w", id, translate(err))
	}
	return found, nil
}

// ReplayNews has news told again, whatever became of it before; it is found out anew what it is about, unless somebody
// says it. What was told already is not done again: its commands keep their IDs. [fulfillment.ErrNotFound] when there
// is no such news.
func (s *Store) ReplayNews(ctx context.Context, id int64, about *news.Target) (news.Item, error) {
	var targets []news.Target
	if about != nil {
		targets = []news.Target{*about}
	}
	encoded, err := encode(targets)
	if err != nil {
		return news.Item{}, err
	}
	rows, err := s.pool.Query(ctx, `
WITH replayed AS (
	UPDATE news n SET state = 'PENDING', attempts = 0, epoch = n.epoch + 1, refused_since = NULL, code = '',
		reason = '', next_at = clock_timestamp(), finished_at = NULL, targets = nullif($2::jsonb, 'null'),
		fulfillment_order_id = nullif($2::jsonb -> 0 ->> 'fulfillmentOrderId', '')::bigint
	WHERE n.id = $1 RETURNING n.*
)
SELECT `+strings.ReplaceAll(newsColumns, "\n", " ")+` FROM replayed n, (SELECT pg_notify('packhorse_news', '')) AS told`,
		id, string(encoded))
	var item news.Item
	if err == nil {
		item, err = pgx.CollectExactlyOneRow(rows, scanNews)
	}
	if err != nil {
		return item, fmt.Errorf("have news %d told again: %w", id, translate(err))
	}
	return item, nil
}

// ReplayDelivery has a delivery read again. [fulfillment.ErrNotFound] when there is no such, or not any more.
func (s *Store) ReplayDelivery(ctx context.Context, id int64) (news.Delivery, error) {
	rows, err := s.pool.Query(ctx, `
WITH replayed AS (
	UPDATE news_deliveries d SET state = 'PENDING', attempts = 0, reason = '', next_at = clock_timestamp()
	WHERE d.id = $1 RETURNING d.*
)
SELECT `+deliveryColumns+` FROM replayed d, (SELECT pg_notify('packhorse_news', '')) AS told`, id)
	var d news.Delivery
	if err == nil {
		d, err = pgx.CollectExactlyOneRow(rows, scanDelivery)
	}
	if err != nil {
		return d, fmt.Errorf("have delivery %d read again: %w", id, translate(err))
	}
	return d, nil
}
