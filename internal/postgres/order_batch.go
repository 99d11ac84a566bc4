package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// orderScan takes the columns of an order, each of which may be NULL because there is no order.
type orderScan struct {
	id                                         *fulfillment.ID
	name, source, email, phone, note, currency *string
	processedAt, fulfillAt, fulfillBy          *time.Time
	cancelledAt, closedAt                      *time.Time
	createdAt, updatedAt                       *time.Time
	tags                                       []string
	test                                       *bool
	attributes                                 []fulfillment.Attribute
	transactions                               []fulfillment.Transaction
	address                                    *fulfillment.Address
	deliveryMethod, cancelReason               *string
	deliveryTimeout                            *time.Duration
	metadata                                   map[string]string
	display, status, returnStatus              *string
	items                                      []fulfillment.LineItem
	lines                                      []fulfillment.OrderLine
	updates                                    *int
	option                                     *fulfillment.ShippingOption
}

// columns are where to scan orderColumns.
func (s *orderScan) columns() []any {
	return []any{&s.id, &s.name, &s.source, &s.processedAt, &s.email, &s.phone, &s.note, &s.tags, &s.currency, &s.test,
		&s.attributes, &s.transactions, &s.address, &s.deliveryMethod, &s.fulfillAt, &s.fulfillBy, &s.deliveryTimeout,
		&s.metadata, &s.display, &s.status, &s.returnStatus, &s.cancelledAt, &s.cancelReason, &s.closedAt, &s.createdAt,
		&s.updatedAt, &s.updates, &s.option, &s.items, &s.lines}
}

// record is the order that was scanned: there is one.
func (s *orderScan) record() *fulfillment.OrderRecord {
	r := &fulfillment.OrderRecord{
		Order: fulfillment.Order{
			ID: *s.id, Name: *s.name, SourceIdentifier: *s.source, ProcessedAt: s.processedAt, Email: *s.email,
			Phone: *s.phone,
			Note:  *s.note, Tags: s.tags, CurrencyCode: *s.currency, Test: *s.test, CustomAttributes: s.attributes,
			Transactions: s.transactions, ShippingAddress: s.address, ShippingOption: s.option,
			DeliveryMethod: fulfillment.DeliveryMethodType(*s.deliveryMethod),
			FulfillAt:      s.fulfillAt, FulfillBy: s.fulfillBy,
			DeliveryTimeout: fulfillment.Duration(*s.deliveryTimeout),
			Metadata:        s.metadata, LineItems: s.items,
		},
		DisplayFulfillmentStatus: fulfillment.OrderDisplayStatus(*s.display),
		FulfillmentStatus:        fulfillment.OrderFulfillmentStatus(*s.status),
		ReturnStatus:             *s.returnStatus,
		CancelledAt:              s.cancelledAt, CancelReason: *s.cancelReason, ClosedAt: s.closedAt,
		CreatedAt: *s.createdAt,
		UpdatedAt: *s.updatedAt, Updates: *s.updates, Lines: s.lines,
	}
	r.CurrentQuantities = make([]fulfillment.Quantity, len(r.Lines))
	for i, l := range r.Lines {
		r.CurrentQuantities[i] = fulfillment.Quantity{ID: l.LineItemID, Quantity: l.Current}
	}
	return r
}

func (s *Store) orders(ctx context.Context, where string, args ...any) ([]*fulfillment.OrderRecord, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+orderColumns+` FROM orders o WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*fulfillment.OrderRecord, error) {
		scan := new(orderScan)
		if err := row.Scan(scan.columns()...); err != nil {
			return nil, err
		}
		return scan.record(), nil
	})
}

// OrdersByID reads orders with their lines, in the order of the IDs, without their histories: Transitions, CommandID
// and Actor are empty. What does not exist is nil.
func (s *Store) OrdersByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.OrderRecord, error) {
	records, err := s.orders(ctx, `o.id = ANY($1)`, distinct(ids))
	if err != nil {
		return nil, fmt.Errorf("read %d orders: %w", len(ids), translate(err))
	}
	return inOrderOf(ids, records, func(r *fulfillment.OrderRecord) fulfillment.ID { return r.ID }), nil
}

// OrdersByLineItem reads the orders that these order lines belong to, in the order of the lines' IDs; otherwise like
// [Store.OrdersByID]. Of several orders whose senders gave a line the same ID, it is the latest one.
func (s *Store) OrdersByLineItem(
	ctx context.Context, lineItemIDs []fulfillment.ID,
) ([]*fulfillment.OrderRecord, error) {
	records, err := s.orders(
		ctx, `o.id IN (SELECT order_id FROM line_items WHERE id = ANY($1)) ORDER BY o.created_at, o.id`,
		distinct(lineItemIDs),
	)
	if err != nil {
		return nil, fmt.Errorf("find the orders of %d lines: %w", len(lineItemIDs), translate(err))
	}
	of := map[fulfillment.ID]*fulfillment.OrderRecord{}
	for _, r := range records {
		for _, l := range r.LineItems {
			of[l.ID] = r
		}
	}
	found := make([]*fulfillment.OrderRecord, len(lineItemIDs))
	for i, id := range lineItemIDs {
		found[i] = of[id]
	}
	return found, nil
}

// OrderList asks for orders of the whole shop. The zero value asks for the first 50.
type OrderList struct {
	Window        // sorts: ID, PROCESSED_AT, CREATED_AT, UPDATED_AT
	Search Search // of [OrderSearch]; zero: any
}

var orders = listed{
	table: "orders", alias: "o", columns: orderColumns,
	keys: map[Sort]string{
		SortProcessedAt: "coalesce(o.processed_at, o.created_at)", SortCreatedAt: "o.created_at",
		SortUpdatedAt: "o.updated_at",
	},
}

// ListOrders lists orders, each like one of [Store.OrdersByID]. A window that makes no sense is refused with a
// *[fulfillment.Error].
func (s *Store) ListOrders(ctx context.Context, list OrderList) (Segment[*fulfillment.OrderRecord], error) {
	span, err := list.check(SortID, SortProcessedAt, SortCreatedAt, SortUpdatedAt)
	if err != nil {
		return Segment[*fulfillment.OrderRecord]{}, err
	}
	var c conditions
	list.Search.of("o").addTo(&c, orders.keys[span.sort])
	of, err := segments(ctx, s, span, orders, c, false, func() ([]any, func() *fulfillment.OrderRecord) {
		scan := new(orderScan)
		return scan.columns(), scan.record
	})
	if err != nil {
		return Segment[*fulfillment.OrderRecord]{}, fmt.Errorf("list orders: %w", translate(err))
	}
	return of[0], nil
}
