package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// Store is what the rehearsal needs of the store besides its own reads. A *postgres.Store is one.
type Store interface {
	Services(ctx context.Context) ([]fulfillment.Service, error)
	AddService(ctx context.Context, service fulfillment.Service) (fulfillment.Service, error)
	FulfillmentOrdersOf(ctx context.Context, orderID fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
}

// Database answers queries. A *pgxpool.Pool on the store's database is one.
type Database interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// batchSize is how many orders are read at a time.
const batchSize = 1000

// storedOrder is an order as the store tells it.
type storedOrder struct {
	ID          fulfillment.ID
	ProcessedAt *time.Time
	CancelledAt *time.Time
	Lines       int
	Units       int // as ordered

	FulfillmentOrders []*storedFulfillmentOrder `db:"-"`
}

// storedFulfillmentOrder is a fulfillment order as the store tells it. Quantities are units.
type storedFulfillmentOrder struct {
	ID               fulfillment.ID
	OrderID          fulfillment.ID
	LocationID       fulfillment.ID
	Status           fulfillment.Status
	RequestStatus    fulfillment.RequestStatus
	Lines            int
	Units            int // cancelled ones included
	Remaining        int
	Cancelled        int
	EarliestLimitAt  *time.Time // as recorded
	DeadlineMissedAt *time.Time
	RejectionReason  *string
	Requests         int // fulfillment requests that the merchant sent
	Cancellations    int // cancellation requests that the merchant sent

	Fulfillments []*storedFulfillment `db:"-"`
}

// storedFulfillment is a shipment as the store tells it.
type storedFulfillment struct {
	FulfillmentOrderID  fulfillment.ID
	OrderID             fulfillment.ID
	Status              fulfillment.FulfillmentStatus
	Units               int
	InTransitAt         *time.Time
	DeliveredAt         *time.Time
	EstimatedDeliveryAt *time.Time
}

const selectOrders = `
SELECT o.id, o.processed_at, o.cancelled_at,
       (SELECT count(*) FROM line_items l WHERE l.order_id = o.id) AS lines,
       (SELECT coalesce(sum(l.quantity), 0) FROM line_items l WHERE l.order_id = o.id) AS units
FROM orders o WHERE o.id = ANY($1)`

const selectFulfillmentOrders = `
SELECT fo.id, fo.order_id, fo.location_id, fo.status, fo.request_status, fo.deadline_missed_at, l.lines, l.units,
       l.remaining, l.cancelled, l.earliest_limit_at, t.rejection_reason, t.requests, t.cancellations
FROM fulfillment_orders fo
CROSS JOIN LATERAL (
    SELECT count(*) AS lines, coalesce(sum(l.total + l.cancelled), 0) AS units,
           coalesce(sum(l.remaining), 0) AS remaining,
           coalesce(sum(l.cancelled), 0) AS cancelled, min((i.metadata->>'` + metaLimitAt + `')::timestamptz) AS earliest_limit_at
    FROM fulfillment_order_line_items l JOIN line_items i ON i.order_id = l.order_id AND i.id = l.line_item_id
    WHERE l.fulfillment_order_id = fo.id) l
CROSS JOIN LATERAL (
    SELECT max(t.details->>'rejectionReason')
               FILTER (WHERE t.kind = 'FULFILLMENT_REQUEST_REJECTED') AS rejection_reason,
           count(*) FILTER (WHERE t.kind = 'FULFILLMENT_REQUESTED') AS requests,
           count(*) FILTER (WHERE t.kind = 'CANCELLATION_REQUESTED') AS cancellations
    FROM transitions t WHERE t.fulfillment_order_id = fo.id) t
WHERE fo.order_id = ANY($1) ORDER BY fo.id`

const selectFulfillments = `
SELECT f.fulfillment_order_id, f.order_id, f.status, f.in_transit_at, f.delivered_at, f.estimated_delivery_at,
       (SELECT coalesce(sum(l.quantity), 0) FROM fulfillment_line_items l WHERE l.fulfillment_id = f.id) AS units
FROM fulfillments f WHERE f.order_id = ANY($1) ORDER BY f.id`

// outstanding are the effects that Packhorse itself still works on: a provider that has taken one is waited for by it.
const outstanding = `jsonb_path_exists(fo.snapshot, '$.effects[*] ? (@.status == "DUE" || @.status == "UNKNOWN")')`

// book reads what the store says of the rehearsal's orders, in batches.
type book struct{ db Database }

// orders are the orders that are there, by ID.
func (b book) orders(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]*storedOrder, error) {
	found := make(map[fulfillment.ID]*storedOrder, len(ids))
	for batch := range slices.Chunk(ids, batchSize) {
		orders, err := query[storedOrder](ctx, b.db, selectOrders, batch)
		if err != nil {
			return nil, fmt.Errorf("read orders: %w", err)
		}
		for _, o := range orders {
			found[o.ID] = o
		}
		fos, err := query[storedFulfillmentOrder](ctx, b.db, selectFulfillmentOrders, batch)
		if err != nil {
			return nil, fmt.Errorf("read fulfillment orders: %w", err)
		}
		byID := make(map[fulfillment.ID]*storedFulfillmentOrder, len(fos))
		for _, fo := range fos {
			byID[fo.ID] = fo
			if o := found[fo.OrderID]; o != nil {
				o.FulfillmentOrders = append(o.FulfillmentOrders, fo)
			}
		}
		fulfillments, err := query[storedFulfillment](ctx, b.db, selectFulfillments, batch)
		if err != nil {
			return nil, fmt.Errorf("read fulfillments: %w", err)
		}
		for _, f := range fulfillments {
			if fo := byID[f.FulfillmentOrderID]; fo != nil {
				fo.Fulfillments = append(fo.Fulfillments, f)
			}
		}
	}
	return found, nil
}

// existing counts the orders that are there.
func (b book) existing(ctx context.Context, ids []fulfillment.ID) (int, error) {
	return b.count(ctx, "SELECT count(*) FROM orders WHERE id = ANY($1)", ids)
}

// outstanding counts the orders for which Packhorse still has provider calls to make or to clear up.
func (b book) outstanding(ctx context.Context, ids []fulfillment.ID) (int, error) {
	return b.count(ctx, "SELECT count(*) FROM fulfillment_orders fo WHERE fo.order_id = ANY($1) AND "+outstanding, ids)
}

func (b book) count(ctx context.Context, sql string, ids []fulfillment.ID) (int, error) {
	total := 0
	for batch := range slices.Chunk(ids, batchSize) {
		rows, err := b.db.Query(ctx, sql, numbers(batch))
		if err != nil {
			return 0, err
		}
		n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// taken are those of the fulfillment orders whose provider has taken, or answered, everything it was called for.
func (b book) taken(ctx context.Context, ids []fulfillment.ID) ([]fulfillment.ID, error) {
	rows, err := b.db.Query(
		ctx, "SELECT fo.id FROM fulfillment_orders fo WHERE fo.id = ANY($1) AND NOT "+outstanding, numbers(ids),
	)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
}

// finished are those of the fulfillment orders whose life is over.
func (b book) finished(ctx context.Context, ids []fulfillment.ID) ([]fulfillment.ID, error) {
	var finished []fulfillment.ID
	for batch := range slices.Chunk(ids, batchSize) {
		rows, err := b.db.Query(ctx, "SELECT snapshot FROM fulfillment_orders WHERE id = ANY($1)", numbers(batch))
		if err != nil {
			return nil, fmt.Errorf("read snapshots: %w", err)
		}
		snapshots, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		if err != nil {
			return nil, fmt.Errorf("read snapshots: %w", err)
		}
		for _, snapshot := range snapshots {
			var fo fulfillment.FulfillmentOrder
			if err := json.Unmarshal(snapshot, &fo); err != nil {
				return nil, fmt.Errorf("read a snapshot: %w", err)
			}
			if fo.Finished() {
				finished = append(finished, fo.ID)
			}
		}
	}
	return finished, nil
}

func query[T any](ctx context.Context, db Database, sql string, ids []fulfillment.ID) ([]*T, error) {
	rows, err := db.Query(ctx, sql, numbers(ids))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[T])
}

func numbers(ids []fulfillment.ID) []int64 {
	ns := make([]int64, len(ids))
	for i, id := range ids {
		ns[i] = int64(id)
	}
	return ns
}
