package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// orderColumns are those that [orderScan] takes, by the alias o. What is left of the lines is on
// their fulfillment orders: a closed one may still show units, which live on in another.
const orderColumns = `o.id, o.name, coalesce(o.source_identifier, ''), o.processed_at, o.email, o.phone, o.note, o.tags,
	o.currency_code, o.test, o.custom_attributes, o.transactions, o.shipping_address, o.delivery_method, o.fulfill_at,
	o.fulfill_by, o.delivery_timeout, o.metadata, o.display_fulfillment_status, o.fulfillment_status, o.return_status,
	o.cancelled_at, o.cancel_reason, o.closed_at, o.created_at, o.updated_at, o.updates,
	o.shipping_option,
	(SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', id, 'title', title, 'variantTitle',
		variant_title,
		'vendor', vendor, 'sku', sku, 'quantity', quantity, 'requiresShipping', requires_shipping, 'unitPrice',
			unit_price::text,
		'taxable', taxable, 'taxLines', tax_lines, 'customAttributes', custom_attributes, 'deliveryMethod',
			nullif(delivery_method, ''), 'locationId', location_id,
		'fulfillAt', fulfill_at, 'fulfillBy', fulfill_by, 'metadata', metadata, 'weight', weight,
		'harmonizedSystemCode', nullif(harmonized_system_code, ''), 'countryCodeOfOrigin',
			nullif(country_code_of_origin, ''))) ORDER BY position, id), '[]')
		FROM line_items WHERE order_id = o.id),
	(SELECT coalesce(jsonb_agg(jsonb_build_object('lineItemId', l.id, 'currentQuantity', l.current_quantity,
		'unfulfilledQuantity', coalesce(u.unfulfilled, 0), 'fulfillableQuantity', coalesce(u.fulfillable, 0))
		ORDER BY l.position, l.id), '[]')
		FROM line_items l LEFT JOIN (SELECT p.line_item_id, sum(p.remaining) AS unfulfilled,
			sum(p.remaining) FILTER (WHERE f.status <> 'ON_HOLD') AS fulfillable
			FROM fulfillment_orders f JOIN fulfillment_order_line_items p ON p.fulfillment_order_id = f.id
			WHERE f.order_id = o.id AND f.status <> 'CLOSED' GROUP BY p.line_item_id) u ON u.line_item_id = l.id
		WHERE l.order_id = o.id)`

// orderHistory selects what [fulfillment.OrderRecord].Transitions is made of.
const orderHistory = `(SELECT coalesce(jsonb_agg(jsonb_build_object('sequence', sequence, 'kind', kind, 'commandId',
	command_id,
		'fingerprint', fingerprint, 'actor', actor, 'at', at, 'reason', reason, 'before', t.before, 'after', t.after,
			'details', details, 'valuesBefore', u.before, 'valuesAfter', u.after)
		ORDER BY sequence), '[]') FROM order_transitions t LEFT JOIN order_updates u
		ON u.order_id = t.order_id AND u.number = (t.details->>'update')::integer WHERE t.order_id = o.id)`

const selectOrder = `SELECT ` + orderColumns + `, ` + orderHistory + ` FROM orders o WHERE o.id = $1`

// Order reads one order with its lines and history; [fulfillment.ErrNotFound] when there is none.
func (s *Store) Order(ctx context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error) {
	scan := new(orderScan)
	var transitions []fulfillment.OrderTransition
	if err := s.pool.QueryRow(ctx, selectOrder, id).Scan(append(scan.columns(), &transitions)...); err != nil {
		return nil, fmt.Errorf("read order %d: %w", id, translate(err))
	}
	r := scan.record()
	r.Transitions = transitions
	for i := range r.Transitions {
		r.Transitions[i].OrderID, r.Transitions[i].At = id, r.Transitions[i].At.UTC()
	}
	if len(r.Transitions) > 0 {
		r.CommandID, r.Actor = r.Transitions[0].CommandID, r.Transitions[0].Actor
	}
	return r, nil
}

// OrderSummary is an order in a list.
type OrderSummary struct {
	ID                       fulfillment.ID                     `json:"id"`
	Name                     string                             `json:"name"`
	SourceIdentifier         string                             `json:"sourceIdentifier,omitempty"`
	DisplayFulfillmentStatus fulfillment.OrderDisplayStatus     `json:"displayFulfillmentStatus"`
	FulfillmentStatus        fulfillment.OrderFulfillmentStatus `json:"fulfillmentStatus"`
	ProcessedAt              *time.Time                         `json:"processedAt,omitempty"`
	CancelledAt              *time.Time                         `json:"cancelledAt,omitempty"`
	ClosedAt                 *time.Time                         `json:"closedAt,omitempty"`
	CreatedAt                time.Time                          `json:"createdAt"`
	UpdatedAt                time.Time                          `json:"updatedAt"`
	// all of them, closed ones too
	FulfillmentOrders     int `json:"fulfillmentOrders"`
	OpenFulfillmentOrders int `json:"openFulfillmentOrders"` // those that are not CLOSED
	Quantity              int `json:"quantity"`              // units of all lines now
	Remaining             int `json:"remainingQuantity"`     // units not shipped, on those that are not CLOSED
}

// OrderPage is a page of [Store.Orders].
type OrderPage = Results[OrderSummary]

// OrderFilter narrows [Store.Orders]; a zero field does not.
type OrderFilter struct {
	DisplayFulfillmentStatuses []fulfillment.OrderDisplayStatus
	FulfillmentStatuses        []fulfillment.OrderFulfillmentStatus
	Name                       string // exactly
	SourceIdentifier           string // exactly
	Cancelled                  *bool
}

// Orders lists orders as they came: their IDs don't tell, because those of orders that came with a source identifier
// are derived from it. The cursor is an order's ID all the same: no order goes, and none comes later than it did.
func (s *Store) Orders(ctx context.Context, filter OrderFilter, page Page) (OrderPage, error) {
	var c conditions
	whenAny(&c, "o.display_fulfillment_status", filter.DisplayFulfillmentStatuses)
	whenAny(&c, "o.fulfillment_status", filter.FulfillmentStatuses)
	if filter.Name != "" {
		c.add("o.name = $%d", clean(fulfillment.Tidy(filter.Name)))
	}
	if filter.SourceIdentifier != "" {
		c.add("o.source_identifier = $%d", clean(fulfillment.Tidy(filter.SourceIdentifier)))
	}
	if filter.Cancelled != nil {
		c.add("(o.cancelled_at IS NOT NULL) = $%d", *filter.Cancelled)
	}
	later, direction := ">", page.direction()
	if page.Reverse {
		later = "<"
	}
	if page.After != 0 {
		c.args = append(c.args, int64(page.After))
		c.sql += fmt.Sprintf(
			" AND (o.created_at, o.id) %s ((SELECT created_at FROM orders WHERE id = $%d), $%[2]d)", later, len(c.args),
		)
	}
	c.args = append(c.args, page.limit()+1)
	sorted := fmt.Sprintf(" ORDER BY o.created_at%s, o.id%[1]s", direction)
	query := `
SELECT o.id, o.name, coalesce(o.source_identifier, ''), o.display_fulfillment_status, o.fulfillment_status,
	o.processed_at,
	o.cancelled_at, o.closed_at, o.created_at, o.updated_at, f.count, f.open, l.quantity, f.remaining
FROM (SELECT * FROM orders o WHERE true` + c.sql + sorted + fmt.Sprintf(" LIMIT $%d", len(c.args)) + `) o
CROSS JOIN LATERAL (SELECT count(*), count(*) FILTER (WHERE status <> 'CLOSED') AS open,
	coalesce(sum(remaining) FILTER (WHERE status <> 'CLOSED'), 0) AS remaining FROM fulfillment_orders WHERE order_id
		= o.id) f
CROSS JOIN LATERAL (SELECT coalesce(sum(current_quantity), 0) AS quantity FROM line_items WHERE order_id = o.id) l
` + sorted
	items, err := collect[OrderSummary](ctx, s, query, c.args)
	if err != nil {
		return OrderPage{}, fmt.Errorf("list orders: %w", translate(err))
	}
	return paged(items, page, func(o *OrderSummary) int64 { return int64(o.ID) }), nil
}

// collect reads rows whose columns are the fields of T, in order.
func collect[T any](ctx context.Context, s *Store, query string, args []any) ([]T, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}
