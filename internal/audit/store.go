package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// order is an order as the store has it.
type order struct {
	ID          fulfillment.ID
	Name        string
	Version     int64
	Statuses    fulfillment.OrderStatuses
	CancelledAt *time.Time             // nil: it is not cancelled
	ClosedAt    *time.Time             // nil: it is open
	Option      string                 // the ID of the shipping option that it chose; empty: none
	Returned    map[fulfillment.ID]int // units of its lines that are back

	lines       []orderLine
	transitions []orderTransition
	fos         []*fulfillmentOrder
	snapshots   []*fulfillment.FulfillmentOrder // of fos
}

// orderLine is a line of an order. Quantities are units.
type orderLine struct {
	OrderID, ID       fulfillment.ID
	Quantity, Current int
}

// orderTransition is a step in the life of an order as a whole.
type orderTransition struct {
	OrderID   fulfillment.ID
	Sequence  int64
	Kind      fulfillment.OrderKind
	CommandID string
	Actor     fulfillment.Actor
	At        time.Time
	Reason    string
	Before    *fulfillment.OrderStatuses
	After     fulfillment.OrderStatuses
	Details   json.RawMessage // as they are stored; nil: none
	FeedWhole bool            // each of its events was written
}

// fulfillmentOrder is a fulfillment order as the store has it: its row, and the snapshot in it.
type fulfillmentOrder struct {
	ID, OrderID   fulfillment.ID
	Status        fulfillment.Status
	RequestStatus fulfillment.RequestStatus
	DueAt         *time.Time // nil: never
	Snapshot      *fulfillment.FulfillmentOrder
	Row           []columns // the one row
	Lines         []columns
	Shipments     []columns // those that it owns; "lines" and "events" have the rows of a shipment

	transitions []transition
}

// transition is a step in the life of a fulfillment order.
type transition struct {
	FulfillmentOrderID fulfillment.ID
	Sequence           int64
	Kind               fulfillment.Kind
	Verb               fulfillment.Verb
	CommandID          string
	Actor              fulfillment.Actor
	At                 time.Time
	Reason             string
	Before             *fulfillment.State
	After              fulfillment.State
	Details            json.RawMessage // as they are stored; nil: none
	Topics             []string
	Result             *fulfillment.Result
	EffectKey          string
	Simulated          bool // the location has the simulated provider
	FeedWhole          bool // each of its events was written
}

// event is a row of the feed, or of the outbox. FulfillmentOrderID is 0 for one about the order itself.
type event struct {
	ID                          int64
	OrderID, FulfillmentOrderID fulfillment.ID
	Sequence                    int64
	Position                    int
	Topic                       string
	Payload                     json.RawMessage
}

const (
	selectOrders = `
SELECT id, name, version, jsonb_build_object('displayFulfillmentStatus', display_fulfillment_status,
	'fulfillmentStatus', fulfillment_status),
	cancelled_at, closed_at, coalesce(shipping_option->>'id', ''), returned FROM orders WHERE id = ANY($1) ORDER BY id`
	selectLines = `
SELECT order_id, id, quantity, current_quantity FROM line_items WHERE order_id = ANY($1) ORDER BY order_id, position`
	selectOrderTransitions = `
SELECT order_id, sequence, kind, command_id, actor, at, reason, before, after, details, feed_whole
FROM order_transitions WHERE order_id = ANY($1) ORDER BY order_id, sequence`
	// A part of a shipment has its lines, and no row of its own.
	selectFulfillmentOrders = `
SELECT f.id, f.order_id, f.status, f.request_status, f.due_at, f.snapshot,
	(SELECT jsonb_agg(r) FROM (SELECT f.id, f.order_id, f.order_name, f.version, f.status, f.request_status,
		f.location_id, f.location_name, f.service_id, f.service_name, f.provider, f.delivery_method, f.fulfill_at,
		f.fulfill_by, f.accept_by, f.deadline_missed_at, f.total, f.remaining, f.holds, f.fulfillments,
		f.created_at, f.updated_at) r),
	coalesce((SELECT jsonb_agg(l) FROM fulfillment_order_line_items l WHERE l.fulfillment_order_id = f.id), '[]'),
	coalesce((SELECT jsonb_agg(to_jsonb(p) || jsonb_build_object(
		'lines', coalesce((SELECT jsonb_agg(to_jsonb(s) - 'fulfillment_id' ORDER BY s.id) FROM fulfillment_line_items
			s WHERE s.fulfillment_id = p.id), '[]'),
		'events', coalesce((SELECT jsonb_agg(r ORDER BY r.id) FROM (SELECT v.id, v.status, v.happened_at, v.late
			FROM fulfillment_events v WHERE v.fulfillment_id = p.id) r), '[]')) ORDER BY p.id)
		FROM fulfillments p WHERE p.fulfillment_order_id = f.id), '[]')
FROM fulfillment_orders f WHERE f.order_id = ANY($1) ORDER BY f.id`
	selectTransitions = `
SELECT t.fulfillment_order_id, t.sequence, t.kind, t.command, t.command_id, t.actor, t.at, t.reason, t.before,
	t.after, t.details, t.topics, t.result,
	coalesce(t.details->>'effectKey', ''), coalesce(s.provider, '') = '` + simulated.DefaultID + `',
	t.feed_whole
FROM transitions t LEFT JOIN locations l ON l.id = (t.after->>'locationId')::bigint LEFT JOIN services s ON s.id =
	l.service_id
WHERE t.fulfillment_order_id IN (SELECT id FROM fulfillment_orders WHERE order_id = ANY($1))
ORDER BY t.fulfillment_order_id, t.sequence`
	selectEvents = `
SELECT coalesce(feed_position, outbox_id), order_id, coalesce(fulfillment_order_id, 0), sequence, place, topic, payload
FROM events WHERE order_id = ANY($1) AND NOT payload ? 'returnId' ORDER BY feed_position, outbox_id`
)

// readStore reads all of these orders as it is at one moment.
func (e *evidence) readStore(ctx context.Context, database *pgxpool.Pool, orders []fulfillment.ID) error {
	e.orders, e.fos = map[fulfillment.ID]*order{}, map[fulfillment.ID]*fulfillmentOrder{}
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, database, options, func(tx pgx.Tx) error {
		err := each(ctx, tx, selectOrders, orders, func(row pgx.CollectableRow) error {
			o := new(order)
			err := row.Scan(
				&o.ID, &o.Name, &o.Version, &o.Statuses, &o.CancelledAt, &o.ClosedAt, &o.Option, &o.Returned,
			)
			e.orders[o.ID] = o
			e.orderIDs = append(e.orderIDs, o.ID)
			return err
		})
		if err != nil {
			return err
		}
		err = each(ctx, tx, selectLines, orders, func(row pgx.CollectableRow) error {
			var l orderLine
			err := row.Scan(&l.OrderID, &l.ID, &l.Quantity, &l.Current)
			if o := e.orders[l.OrderID]; o != nil {
				o.lines = append(o.lines, l)
			}
			return err
		})
		if err != nil {
			return err
		}
		err = each(ctx, tx, selectOrderTransitions, orders, func(row pgx.CollectableRow) error {
			var t orderTransition
			err := row.Scan(
				&t.OrderID, &t.Sequence, &t.Kind, &t.CommandID, &t.Actor, &t.At, &t.Reason, &t.Before, &t.After,
				&t.Details, &t.FeedWhole,
			)
			if o := e.orders[t.OrderID]; o != nil {
				o.transitions = append(o.transitions, t)
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := e.readFulfillmentOrders(ctx, tx, orders); err != nil {
			return err
		}
		return each(ctx, tx, selectEvents, orders, func(row pgx.CollectableRow) error {
			var v event
			err := row.Scan(
				&v.ID, &v.OrderID, &v.FulfillmentOrderID, &v.Sequence, &v.Position, &v.Topic, &v.Payload,
			)
			e.events = append(e.events, v)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	return nil
}

func (e *evidence) readFulfillmentOrders(ctx context.Context, tx pgx.Tx, orders []fulfillment.ID) error {
	err := each(ctx, tx, selectFulfillmentOrders, orders, func(row pgx.CollectableRow) error {
		fo := new(fulfillmentOrder)
		err := row.Scan(
			&fo.ID, &fo.OrderID, &fo.Status, &fo.RequestStatus, &fo.DueAt, &fo.Snapshot, &fo.Row, &fo.Lines,
			&fo.Shipments,
		)
		if err != nil {
			return err
		}
		e.fos[fo.ID] = fo
		e.foIDs = append(e.foIDs, fo.ID)
		if o := e.orders[fo.OrderID]; o != nil {
			o.fos = append(o.fos, fo)
			o.snapshots = append(o.snapshots, fo.Snapshot)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return each(ctx, tx, selectTransitions, orders, func(row pgx.CollectableRow) error {
		var t transition
		err := row.Scan(
			&t.FulfillmentOrderID, &t.Sequence, &t.Kind, &t.Verb, &t.CommandID, &t.Actor, &t.At, &t.Reason, &t.Before,
			&t.After, &t.Details, &t.Topics, &t.Result, &t.EffectKey, &t.Simulated, &t.FeedWhole,
		)
		if fo := e.fos[t.FulfillmentOrderID]; fo != nil {
			fo.transitions = append(fo.transitions, t)
		}
		return err
	})
}

// at finds the transition with this sequence; nil if there is none.
func (fo *fulfillmentOrder) at(sequence int64) *transition {
	for i := range fo.transitions {
		if fo.transitions[i].Sequence == sequence {
			return &fo.transitions[i]
		}
	}
	return nil
}

// each takes every row of a statement about some IDs.
func each(
	ctx context.Context, db queryer, sql string, ids []fulfillment.ID, take func(pgx.CollectableRow) error,
) error {
	rows, err := db.Query(ctx, sql, numbers(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// queryer is a pool or a transaction.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func numbers(ids []fulfillment.ID) []int64 {
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id)
	}
	return numbers
}
