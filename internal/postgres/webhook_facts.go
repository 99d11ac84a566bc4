package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// What is read of several orders is asked for one by one, in one round trip: a statement for many is planned anew each
// time, which takes longer than to carry it out.

// selectShippedThen reads the shipments of a fulfillment order as they were when it had come so far: as the last
// transition by then says that is about each.
const selectShippedThen = `
SELECT fulfillment FROM (
	SELECT DISTINCT ON (details->'fulfillment'->>'id') details->'fulfillment' AS fulfillment
	FROM transitions t WHERE t.fulfillment_order_id = $1 AND t.sequence <= $2
		AND jsonb_typeof(details->'fulfillment') = 'object' AND details->'fulfillment'->'homeId' IS NULL
	ORDER BY details->'fulfillment'->>'id', t.sequence DESC
) s`

// selectMade reads what never changes of the shipments of an order.
const selectMade = `
SELECT f.id, f.created_at, t.at, coalesce((t.details->>'orderSequence')::bigint, 0),
	coalesce((t.details->>'destinationBefore')::integer, 0),
	(SELECT coalesce(jsonb_agg(jsonb_build_object('id', line_item_id::text, 'quantity', quantity)
		ORDER BY line_item_id), '[]')
		FROM (SELECT line_item_id, sum(quantity) AS quantity FROM fulfillment_line_items
			WHERE fulfillment_id = f.id GROUP BY line_item_id) l)
FROM fulfillments f LEFT JOIN LATERAL (
	SELECT t.at, t.details FROM transitions t WHERE t.fulfillment_order_id = f.fulfillment_order_id
		AND t.kind = 'FULFILLMENT_CREATED' AND t.details->'fulfillment'->>'id' = f.id::text
	ORDER BY t.sequence LIMIT 1
) t ON true
WHERE f.order_id = $1`

// WebhookFacts reads what bodies of these events say beside them, in one round trip, in the order of the events. Facts
// of one order are shared. What an event's body does not need is not read.
func (s *Store) WebhookFacts(ctx context.Context, events []*fulfillment.Event) ([]webhook.Facts, error) {
	ask := askFacts(events)
	apps, services := map[string]fulfillment.ID{}, map[fulfillment.ID]string{}
	orders, made := map[fulfillment.ID]*fulfillment.OrderRecord{}, map[fulfillment.ID]webhook.Made{}
	shipped := map[int][]fulfillment.Fulfillment{}

	b := new(pgx.Batch)
	if len(ask.handles) > 0 {
		b.Queue(`SELECT handle, id FROM apps WHERE handle = ANY($1)`, ask.handles).Query(func(rows pgx.Rows) error {
			return readPairs(rows, apps)
		})
	}
	if len(ask.orders) > 0 {
		b.Queue(`SELECT id, handle FROM services`).Query(func(rows pgx.Rows) error { return readPairs(rows, services) })
	}
	for _, id := range ask.orders {
		b.Queue(selectOrder, id).Query(func(rows pgx.Rows) error { return readWhole(rows, orders) })
		b.Queue(selectMade, id).Query(func(rows pgx.Rows) error { return readMade(rows, made) })
	}
	for _, then := range ask.shipped {
		b.Queue(selectShippedThen, then.fulfillmentOrderID, then.sequence).Query(func(rows pgx.Rows) error {
			some, err := pgx.CollectRows(rows, pgx.RowTo[fulfillment.Fulfillment])
			shipped[then.event] = append(shipped[then.event], some...)
			return err
		})
	}
	if b.Len() > 0 {
		if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
			return nil, fmt.Errorf("read what %d webhooks say: %w", len(events), translate(err))
		}
	}

	facts := make([]webhook.Facts, len(events))
	for i, e := range events {
		slices.SortFunc(shipped[i], func(a, b fulfillment.Fulfillment) int { return cmp.Compare(a.ID, b.ID) })
		facts[i] = webhook.Facts{
			Apps: apps, Services: services, Order: orders[e.OrderID], Shipped: shipped[i], Made: made,
		}
	}
	return facts, nil
}

// factsAsked is what is to be read for some events.
type factsAsked struct {
	handles []string
	orders  []fulfillment.ID
	shipped []shippedThen
}

// shippedThen asks for the shipments of a fulfillment order when it had come so far, for one of the events.
type shippedThen struct {
	event              int
	fulfillmentOrderID fulfillment.ID
	sequence           int64
}

func askFacts(events []*fulfillment.Event) factsAsked {
	var ask factsAsked
	for i, e := range events {
		ask.handles = append(ask.handles, webhook.Handles(e)...)
		order, shipment := webhook.Needs(e)
		if order || shipment {
			ask.orders = append(ask.orders, e.OrderID)
		}
		d, ok := e.Details.(*fulfillment.OrderDetails)
		if !order || !ok || d == nil {
			continue
		}
		for _, r := range d.Shipped {
			ask.shipped = append(ask.shipped, shippedThen{i, r.FulfillmentOrderID, r.Sequence})
		}
	}
	slices.Sort(ask.orders)
	ask.orders = slices.Compact(ask.orders)
	return ask
}

func readPairs[K comparable, V any](rows pgx.Rows, into map[K]V) error {
	var key K
	var value V
	_, err := pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		into[key] = value
		return nil
	})
	return err
}

func readWhole(rows pgx.Rows, into map[fulfillment.ID]*fulfillment.OrderRecord) error {
	for rows.Next() {
		scan := new(orderScan)
		var history []fulfillment.OrderTransition
		if err := rows.Scan(append(scan.columns(), &history)...); err != nil {
			return err
		}
		r := scan.record()
		r.Transitions = history
		for i := range r.Transitions {
			r.Transitions[i].OrderID, r.Transitions[i].At = r.ID, r.Transitions[i].At.UTC()
		}
		into[r.ID] = r
	}
	return rows.Err()
}

func readMade(rows pgx.Rows, into map[fulfillment.ID]webhook.Made) error {
	var id fulfillment.ID
	var m webhook.Made
	var decided *time.Time // NULL: the history has lost it
	_, err := pgx.ForEachRow(
		rows, []any{&id, &m.CommittedAt, &decided, &m.OrderSequence, &m.DestinationBefore, &m.Lines},
		func() error {
			m.DecidedAt = m.CommittedAt
			if decided != nil {
				m.DecidedAt = *decided
			}
			into[id] = m
			m = webhook.Made{}
			return nil
		},
	)
	return err
}
