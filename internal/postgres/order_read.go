package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// OrderRecord is an order as the store has it.
type OrderRecord struct {
	// Order is what was handed over, with the lines that order edits added. A line's Quantity is what was ever ordered of
	// it. CommandID, FirstID and Actor are those of the creation's history.
	fulfillment.Order

	DisplayFulfillmentStatus fulfillment.OrderDisplayStatus     `json:"displayFulfillmentStatus"` // Shopify's
	FulfillmentStatus        fulfillment.OrderFulfillmentStatus `json:"fulfillmentStatus"`        // Medusa's
	CurrentQuantities        []fulfillment.Quantity             `json:"currentQuantities"`        // of the lines, in their order, without what edits took away
	CancelledAt              *time.Time                         `json:"cancelledAt,omitempty"`
	CancelReason             string                             `json:"cancelReason,omitempty"`
	CreatedAt                time.Time                          `json:"createdAt"`
	UpdatedAt                time.Time                          `json:"updatedAt"` // of the last transition of the order itself
	Transitions              []OrderTransition                  `json:"transitions"`
}

// OrderTransition is one step in the life of an order as a whole. The life of its units is in the transitions of its
// fulfillment orders.
type OrderTransition struct {
	Sequence    int64             `json:"sequence"`
	Kind        OrderKind         `json:"kind"`
	CommandID   string            `json:"commandId,omitempty"`
	Fingerprint string            `json:"fingerprint,omitempty"`
	Actor       fulfillment.Actor `json:"actor"`
	At          time.Time         `json:"at"`
	Reason      string            `json:"reason,omitempty"`
	Before      *OrderStatuses    `json:"before,omitempty"`
	After       OrderStatuses     `json:"after"`
	Details     map[string]any    `json:"details,omitempty"`
}

// Order reads one order with its lines and history; [ErrNotFound] when there is none.
func (s *Store) Order(ctx context.Context, id fulfillment.ID) (*OrderRecord, error) {
	const query = `
SELECT id, name, coalesce(source_identifier, ''), processed_at, email, phone, note, tags, currency_code, shipping_address,
	delivery_method, fulfill_at, fulfill_by, delivery_timeout, metadata, display_fulfillment_status, fulfillment_status,
	cancelled_at, cancel_reason, created_at, updated_at,
	(SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', id, 'title', title, 'sku', sku, 'quantity', quantity,
		'requiresShipping', requires_shipping, 'unitPrice', unit_price::text, 'locationId', location_id, 'fulfillAt', fulfill_at,
		'fulfillBy', fulfill_by, 'metadata', metadata)) ORDER BY position, id), '[]') FROM line_items WHERE order_id = o.id),
	(SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'quantity', current_quantity) ORDER BY position, id), '[]')
		FROM line_items WHERE order_id = o.id),
	(SELECT coalesce(jsonb_agg(jsonb_build_object('sequence', sequence, 'kind', kind, 'commandId', command_id, 'fingerprint',
		fingerprint, 'actor', actor, 'at', at, 'reason', reason, 'before', before, 'after', after, 'details', details)
		ORDER BY sequence), '[]') FROM order_transitions WHERE order_id = o.id)
FROM orders o WHERE id = $1`
	var r OrderRecord
	var deliveryTimeout time.Duration
	err := s.pool.QueryRow(ctx, query, id).Scan(&r.ID, &r.Name, &r.SourceIdentifier, &r.ProcessedAt, &r.Email, &r.Phone,
		&r.Note, &r.Tags, &r.CurrencyCode, &r.ShippingAddress, &r.DeliveryMethod, &r.FulfillAt, &r.FulfillBy,
		&deliveryTimeout, &r.Metadata, &r.DisplayFulfillmentStatus, &r.FulfillmentStatus, &r.CancelledAt, &r.CancelReason,
		&r.CreatedAt, &r.UpdatedAt, &r.LineItems, &r.CurrentQuantities, &r.Transitions)
	if err != nil {
		return nil, fmt.Errorf("read order %d: %w", id, translate(err))
	}
	r.DeliveryTimeout = fulfillment.Duration(deliveryTimeout)
	for i := range r.Transitions {
		r.Transitions[i].At = r.Transitions[i].At.UTC()
	}
	if len(r.Transitions) > 0 {
		r.CommandID, r.Actor = r.Transitions[0].CommandID, r.Transitions[0].Actor
	}
	return &r, nil
}

// Edited tells whether the order was edited since it was created.
func (r *OrderRecord) Edited() bool {
	return slices.ContainsFunc(r.Transitions, func(t OrderTransition) bool { return t.Kind == OrderEdited })
}

// CancelledBy is the command ID of the cancellation; empty while the order is not cancelled.
func (r *OrderRecord) CancelledBy() string {
	for _, t := range r.Transitions {
		if t.Kind == OrderCancelled {
			return t.CommandID
		}
	}
	return ""
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
	CreatedAt                time.Time                          `json:"createdAt"`
	UpdatedAt                time.Time                          `json:"updatedAt"`
	FulfillmentOrders        int                                `json:"fulfillmentOrders"`     // all of them, closed ones too
	OpenFulfillmentOrders    int                                `json:"openFulfillmentOrders"` // those that are not CLOSED
	Quantity                 int                                `json:"quantity"`              // units of all lines now
	Remaining                int                                `json:"remainingQuantity"`     // units not shipped, on those that are not CLOSED
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

// Orders lists orders by ID.
func (s *Store) Orders(ctx context.Context, filter OrderFilter, page Page) (OrderPage, error) {
	var c conditions
	whenAny(&c, "o.display_fulfillment_status", filter.DisplayFulfillmentStatuses)
	whenAny(&c, "o.fulfillment_status", filter.FulfillmentStatuses)
	if filter.Name != "" {
		c.add("o.name = $%d", clean(filter.Name))
	}
	if filter.SourceIdentifier != "" {
		c.add("o.source_identifier = $%d", clean(filter.SourceIdentifier))
	}
	if filter.Cancelled != nil {
		c.add("(o.cancelled_at IS NOT NULL) = $%d", *filter.Cancelled)
	}
	query := `
SELECT o.id, o.name, coalesce(o.source_identifier, ''), o.display_fulfillment_status, o.fulfillment_status, o.processed_at,
	o.cancelled_at, o.created_at, o.updated_at, f.count, f.open, l.quantity, f.remaining
FROM (SELECT * FROM orders o WHERE true` + c.sql + page.clause("o.id", &c.args) + `) o
CROSS JOIN LATERAL (SELECT count(*), count(*) FILTER (WHERE status <> 'CLOSED') AS open,
	coalesce(sum(remaining) FILTER (WHERE status <> 'CLOSED'), 0) AS remaining FROM fulfillment_orders WHERE order_id = o.id) f
CROSS JOIN LATERAL (SELECT coalesce(sum(current_quantity), 0) AS quantity FROM line_items WHERE order_id = o.id) l
ORDER BY o.id` + page.direction()
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
