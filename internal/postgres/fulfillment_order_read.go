package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// Load reads the snapshot of a fulfillment order with its last answers, newest last, as many as the domain keeps;
// [fulfillment.ErrNotFound] when there is none.
func (s *Store) Load(ctx context.Context, id fulfillment.ID) (*fulfillment.FulfillmentOrder, error) {
	const query = `
SELECT snapshot, ` + besideSnapshot + `, (SELECT coalesce(jsonb_agg(answered ORDER BY sequence), '[]') FROM (
	SELECT sequence, jsonb_build_object('commandId', command_id, 'fingerprint', fingerprint, 'result', result) AS
		answered
	FROM transitions t WHERE t.fulfillment_order_id = f.id AND command_id <> '' AND result IS NOT NULL
	ORDER BY sequence DESC LIMIT $2) recent)
FROM fulfillment_orders f WHERE id = $1`
	var fo fulfillment.FulfillmentOrder
	var stored beside
	var recent []fulfillment.Answered
	if err := s.pool.QueryRow(ctx, query, id, fulfillment.RecentAnswers).Scan(&fo, &stored, &recent); err != nil {
		return nil, fmt.Errorf("load fulfillment order %d: %w", id, translate(err))
	}
	stored.addTo(&fo)
	if len(recent) > 0 {
		fo.Recent = recent
	}
	return &fo, s.whole(ctx, &fo)
}

// Answers finds the answers to commands of a fulfillment order, however old, in the order in which they were given.
// Commands that it never answered are left out.
func (s *Store) Answers(ctx context.Context, id fulfillment.ID, commandIDs []string) ([]fulfillment.Answered, error) {
	const query = `
SELECT command_id, fingerprint, result FROM transitions
WHERE fulfillment_order_id = $1 AND command_id = ANY($2) AND command_id <> '' AND result IS NOT NULL ORDER BY sequence`
	cleaned := make([]string, len(commandIDs))
	for i, text := range commandIDs {
		cleaned[i] = clean(text)
	}
	answers, err := collect[fulfillment.Answered](ctx, s, query, []any{id, cleaned})
	if err != nil {
		return nil, fmt.Errorf("read the answers of fulfillment order %d: %w", id, translate(err))
	}
	return answers, nil
}

// Refused lists which of these commands of a fulfillment order were signalled and refused, as its history has it, each
// once.
func (s *Store) Refused(ctx context.Context, id fulfillment.ID, commandIDs []string) ([]string, error) {
	const query = `
SELECT DISTINCT command_id FROM transitions
WHERE fulfillment_order_id = $1 AND kind = $2 AND command_id = ANY($3) AND command_id <> ''`
	cleaned := make([]string, len(commandIDs))
	for i, text := range commandIDs {
		cleaned[i] = clean(text)
	}
	ids, err := column[string](ctx, s, query, id, fulfillment.KindRefused, cleaned)
	if err != nil {
		return nil, fmt.Errorf("read what fulfillment order %d refused: %w", id, translate(err))
	}
	return ids, nil
}

// RefusedSignals lists the command IDs of a workflow run's signals whose refusals are in the history of a fulfillment
// order: those that [fulfillment.SignalID] gave them. Of very many, it is the latest.
func (s *Store) RefusedSignals(ctx context.Context, id fulfillment.ID, runID string) ([]string, error) {
	const query = `
SELECT command_id FROM transitions WHERE fulfillment_order_id = $1 AND kind = $2 AND starts_with(command_id, $3)
ORDER BY sequence DESC LIMIT 1000`
	ids, err := column[string](ctx, s, query, id, fulfillment.KindRefused, fulfillment.SignalIDPrefix(runID))
	if err != nil {
		return nil, fmt.Errorf("read the refusals of fulfillment order %d: %w", id, translate(err))
	}
	return ids, nil
}

// column reads what a query of one column finds.
func column[T any](ctx context.Context, s *Store, query string, args ...any) ([]T, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[T])
}

// Standing is the version of a fulfillment order, and its answer to one command, however old; nil when it never
// answered that. It is [fulfillment.ErrNotFound] when there is no such fulfillment order.
func (s *Store) Standing(
	ctx context.Context, id fulfillment.ID, commandID string,
) (version int64, answered *fulfillment.Answered, err error) {
	const query = `
SELECT version, (SELECT jsonb_build_object('commandId', command_id, 'fingerprint', fingerprint, 'result', result)
	FROM transitions t WHERE t.fulfillment_order_id = f.id AND command_id = $2 AND command_id <> '' AND result IS NOT
		NULL)
FROM fulfillment_orders f WHERE id = $1`
	if err := s.pool.QueryRow(ctx, query, id, clean(commandID)).Scan(&version, &answered); err != nil {
		return 0, nil, fmt.Errorf("read where fulfillment order %d stands: %w", id, translate(err))
	}
	return version, answered, nil
}

// FulfillmentOrdersOf reads all fulfillment orders of an order by ID, without their last answers.
func (s *Store) FulfillmentOrdersOf(
	ctx context.Context, orderID fulfillment.ID,
) ([]*fulfillment.FulfillmentOrder, error) {
	fos, err := s.snapshots(ctx, selectSnapshot+`WHERE f.order_id = $1 ORDER BY f.id`, orderID)
	if err != nil {
		return nil, fmt.Errorf("read the fulfillment orders of order %d: %w", orderID, translate(err))
	}
	return fos, nil
}

// FulfillmentOrderIDs lists the IDs of all fulfillment orders of an order, in their order.
func (s *Store) FulfillmentOrderIDs(ctx context.Context, orderID fulfillment.ID) ([]fulfillment.ID, error) {
	const query = `SELECT id FROM fulfillment_orders WHERE order_id = $1 ORDER BY id`
	ids, err := column[fulfillment.ID](ctx, s, query, orderID)
	if err != nil {
		return nil, fmt.Errorf("list the fulfillment orders of order %d: %w", orderID, translate(err))
	}
	return ids, nil
}

// Fulfillment reads a shipment and the fulfillment order that owns it; [fulfillment.ErrNotFound] when there is none.
// The shipment is part of the owner.
func (s *Store) Fulfillment(ctx context.Context, id fulfillment.ID) (
	*fulfillment.FulfillmentOrder, *fulfillment.Fulfillment, error,
) {
	const query = `SELECT snapshot, ` + besideSnapshot + `
FROM fulfillments owned JOIN fulfillment_orders f ON f.id = owned.fulfillment_order_id WHERE owned.id = $1`
	var fo fulfillment.FulfillmentOrder
	var stored beside
	if err := s.pool.QueryRow(ctx, query, id).Scan(&fo, &stored); err != nil {
		return nil, nil, fmt.Errorf("read fulfillment %d: %w", id, translate(err))
	}
	stored.addTo(&fo)
	if err := s.whole(ctx, &fo); err != nil {
		return nil, nil, err
	}
	if f := shipmentOf(&fo, id); f != nil {
		return &fo, f, nil
	}
	return nil, nil, fmt.Errorf("read fulfillment %d: %w in fulfillment order %d", id, fulfillment.ErrNotFound, fo.ID)
}

// FulfillmentOrderSummary is a fulfillment order in a list.
type FulfillmentOrderSummary struct {
	ID               fulfillment.ID                 `json:"id"`
	OrderID          fulfillment.ID                 `json:"orderId"`
	OrderName        string                         `json:"orderName"`
	Name             string                         `json:"name"` // such as "#1010-1"; "" when the order has none
	Status           fulfillment.Status             `json:"status"`
	RequestStatus    fulfillment.RequestStatus      `json:"requestStatus"`
	LocationID       fulfillment.ID                 `json:"locationId"`
	LocationName     string                         `json:"locationName"`
	ServiceID        fulfillment.ID                 `json:"serviceId,omitempty"`
	ServiceName      string                         `json:"serviceName,omitempty"`
	Provider         string                         `json:"provider,omitempty"`
	DeliveryMethod   fulfillment.DeliveryMethodType `json:"deliveryMethod"`
	FulfillAt        *time.Time                     `json:"fulfillAt,omitempty"`
	FulfillBy        *time.Time                     `json:"fulfillBy,omitempty"`
	AcceptBy         *time.Time                     `json:"acceptBy,omitempty"`
	DeadlineMissedAt *time.Time                     `json:"deadlineMissedAt,omitempty"`
	Total            int                            `json:"totalQuantity"`
	Remaining        int                            `json:"remainingQuantity"`
	Holds            int                            `json:"holds"`
	Fulfillments     int                            `json:"fulfillments"` // that are not cancelled
	Sequence         int64                          `json:"sequence"`
	CreatedAt        time.Time                      `json:"createdAt"`
	UpdatedAt        time.Time                      `json:"updatedAt"`
}

// FulfillmentOrderPage is a page of [Store.FulfillmentOrders].
type FulfillmentOrderPage = Results[FulfillmentOrderSummary]

// FulfillmentOrderFilter narrows [Store.FulfillmentOrders]; a zero field does not.
type FulfillmentOrderFilter struct {
	OrderID         fulfillment.ID
	Statuses        []fulfillment.Status
	RequestStatuses []fulfillment.RequestStatus
	LocationID      fulfillment.ID
	ServiceID       fulfillment.ID
	Provider        string
	FulfillBefore   time.Time // those with units left whose FulfillBy is before
	UpdatedSince    time.Time // those updated then or later
}

// numbered is the place of a fulfillment order, by the alias f, among those of its order as they were made, from 1:
// by the time of the decision, as [fulfillment.FulfillmentOrder].CreatedAt has it. None goes, so it stays.
const numbered = `(SELECT count(*) FROM fulfillment_orders n WHERE n.order_id = f.order_id AND
	((n.snapshot->>'createdAt')::timestamptz, n.id) <= ((f.snapshot->>'createdAt')::timestamptz, f.id))`

// FulfillmentOrders lists fulfillment orders by ID.
func (s *Store) FulfillmentOrders(
	ctx context.Context, filter FulfillmentOrderFilter, page Page,
) (FulfillmentOrderPage, error) {
	var c conditions
	for _, id := range []struct {
		column string
		value  fulfillment.ID
	}{{"order_id", filter.OrderID}, {"location_id", filter.LocationID}, {"service_id", filter.ServiceID}} {
		if id.value != 0 {
			c.add(id.column+" = $%d", id.value)
		}
	}
	if filter.ServiceID != 0 {
		c.sql += " AND service_id <> 0" // The condition of the partial index.
	}
	whenAny(&c, "status", filter.Statuses)
	whenAny(&c, "request_status", filter.RequestStatuses)
	if filter.Provider != "" {
		c.add("provider <> '' AND provider = $%d", clean(filter.Provider))
	}
	if !filter.FulfillBefore.IsZero() {
		c.add("remaining > 0 AND fulfill_by < $%d", filter.FulfillBefore)
	}
	if !filter.UpdatedSince.IsZero() {
		c.add("updated_at >= $%d", filter.UpdatedSince)
	}
	query := `
SELECT id, order_id, order_name, CASE order_name WHEN '' THEN '' ELSE order_name || '-' || ` + numbered + ` END,
	status, request_status, location_id, location_name, service_id, service_name, provider, delivery_method,
	fulfill_at, fulfill_by, accept_by, deadline_missed_at, total, remaining, holds, fulfillments, version, created_at,
	updated_at
FROM fulfillment_orders f WHERE true` + c.sql + page.clause("id", &c.args)
	items, err := collect[FulfillmentOrderSummary](ctx, s, query, c.args)
	if err != nil {
		return FulfillmentOrderPage{}, fmt.Errorf("list fulfillment orders: %w", translate(err))
	}
	return paged(items, page, func(fo *FulfillmentOrderSummary) int64 { return int64(fo.ID) }), nil
}

// StatusCount is how many fulfillment orders are in a state.
type StatusCount struct {
	Status        fulfillment.Status
	RequestStatus fulfillment.RequestStatus
	Count         int
}

// CountByStatus counts the fulfillment orders that are not CLOSED. A state that none is in is left out.
func (s *Store) CountByStatus(ctx context.Context) ([]StatusCount, error) {
	counts, err := collect[StatusCount](ctx, s, `SELECT status, request_status, count(*) FROM fulfillment_orders
WHERE status <> 'CLOSED' GROUP BY status, request_status ORDER BY status, request_status`, nil)
	if err != nil {
		return nil, fmt.Errorf("count fulfillment orders: %w", translate(err))
	}
	return counts, nil
}
