package chaos

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/fulfillment"
)

// What is promised of a database that is set back.
const (
	promiseAccepts = "2 minutes after the database was set back, every fulfillment order answers as the book has it"
	promiseAgain   = "an order that is sent again is taken in, or is there"
	promiseListed  = "what may be lost is in the book, or listed as lost"
	promiseOnce    = "the provider ships no units twice because their first shipment was lost"
)

var setBackPromises = []string{promiseAccepts, promiseAgain, promiseListed, promiseOnce}

// book is what is left of orders and shipments, and what is listed as lost.
type book struct {
	orders     map[fulfillment.ID]bool // that it has
	lostOrders map[fulfillment.ID]bool
	// units of the shipments: of those that the book has, 0 of cancelled ones; and of lost ones
	shipments, lostShipments map[fulfillment.ID]int
	// losses of fulfillment orders: an audit lists what the provider has sent for what was asked for in the lost time
	losses map[fulfillment.ID][]fulfillment.SetBack
}

// hasLost tells whether an audit lists what the provider did under this key.
func (b book) hasLost(key string) bool {
	id, sequence, ok := fulfillment.ParseEffectKey(key)
	return ok && slices.ContainsFunc(b.losses[id], func(s fulfillment.SetBack) bool { return s.Covers(sequence) })
}

// parcel is a shipment that the provider knows: it has left, whatever the book says.
type parcel struct {
	id, fulfillmentOrderID, orderID fulfillment.ID
	key                             string // of the request that it was sent for
}

// checkLosses asserts what is promised of a database that was set back.
func (r *run) checkLosses(ctx context.Context) error {
	left, err := readBook(ctx, r.stage.sources.Database)
	if err != nil {
		return err
	}
	parcels, err := readParcels(ctx, r.stage.provider)
	if err != nil {
		return err
	}
	r.journal.judgeLosses(left, parcels)
	return nil
}

// judgeLosses looks for what is neither there nor listed, and for what has left twice.
func (j *journal) judgeLosses(left book, parcels []parcel) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, a := range j.answers {
		if a.verb != verbCreateOrder && a.verb != verbSendAgain || !j.setBacks.mayHaveLost(a.from, a.until) {
			continue
		}
		wrong := ""
		if !left.orders[a.orderID] && !left.lostOrders[a.orderID] {
			wrong = "the order is neither in the book nor listed as lost"
		}
		j.judge(promiseListed, a.sent, wrong)
	}
	for _, s := range j.handed.shipments {
		if j.setBacks.mayHaveLost(s.from, s.until) {
			j.judge(promiseListed, s.sent, j.missing(left, s.id))
		}
	}
	sentOut := map[fulfillment.ID]int{} // units by order
	for _, p := range parcels {
		s := sent{
			id: p.key, verb: "the provider's shipment", orderID: p.orderID, fulfillmentOrderID: p.fulfillmentOrderID,
		}
		wrong := ""
		if !left.hasLost(p.key) {
			wrong = j.missing(left, p.id)
		}
		j.judge(promiseListed, s, wrong)
		if !j.handed.cancelled[p.id] {
			sentOut[p.orderID] += left.shipments[p.id] + left.lostShipments[p.id]
		}
	}
	ordered := map[fulfillment.ID]int{}
	for _, o := range j.handed.orders {
		ordered[o.order.ID] = o.units() + j.handed.added[o.order.ID]
	}
	for id, units := range sentOut {
		most, known := ordered[id]
		if !known {
			continue
		}
		wrong := ""
		if units > most {
			wrong = fmt.Sprintf("%d of %d units have left the provider", units, most)
		}
		j.judge(promiseOnce, sent{verb: verbCreateOrder, orderID: id}, wrong)
	}
}

// missing is what is wrong with a shipment that is neither in the book nor listed; empty: nothing is.
func (j *journal) missing(left book, id fulfillment.ID) string {
	_, there := left.shipments[id]
	_, listed := left.lostShipments[id]
	if there || listed || j.handed.cancelled[id] {
		return ""
	}
	return fmt.Sprintf("shipment %d is neither in the book nor listed as lost", id)
}

const (
	selectShipments = `
SELECT f.id, CASE WHEN f.status = 'CANCELLED' THEN 0 ELSE coalesce(sum(l.quantity), 0) END
FROM fulfillments f LEFT JOIN fulfillment_line_items l ON l.fulfillment_id = f.id GROUP BY f.id`
	// The shipment that news is about is one that Packhorse has told the provider of.
	selectParcels = `
SELECT DISTINCT s.fulfillment_id, s.fulfillment_order_id, e.order_id, s.key
FROM simulated_provider.schedule s JOIN simulated_provider.effects e USING (key) WHERE s.fulfillment_id <> 0`
)

func readBook(ctx context.Context, database *pgxpool.Pool) (book, error) {
	b := book{orders: map[fulfillment.ID]bool{}, lostOrders: map[fulfillment.ID]bool{},
		shipments: map[fulfillment.ID]int{}, lostShipments: map[fulfillment.ID]int{},
		losses: map[fulfillment.ID][]fulfillment.SetBack{}}
	rows, err := database.Query(ctx, `SELECT id FROM orders`)
	if err == nil {
		var id fulfillment.ID
		_, err = pgx.ForEachRow(rows, []any{&id}, func() error { b.orders[id] = true; return nil })
	}
	if err != nil {
		return b, fmt.Errorf("read the orders that are left: %w", err)
	}
	rows, err = database.Query(ctx, selectShipments)
	if err == nil {
		var id fulfillment.ID
		var units int
		_, err = pgx.ForEachRow(rows, []any{&id, &units}, func() error { b.shipments[id] = units; return nil })
	}
	if err != nil {
		return b, fmt.Errorf("read the shipments that are left: %w", err)
	}
	return b, b.readLosses(ctx, database)
}

// selectLosses are orders and shipments that are listed as lost, with the units of the latter. An order is gone with
// its fulfillment orders.
const selectLosses = `
SELECT l.order_id, l.fulfillment_order_id, l.from_sequence, l.to_sequence, l.kind <> 'RESTORED',
	coalesce((s->>'id')::bigint, 0), coalesce(u.units, 0)
FROM losses l LEFT JOIN jsonb_array_elements(l.lost->'shipments') s ON true
LEFT JOIN LATERAL (SELECT sum((line->>'quantity')::int) AS units FROM jsonb_array_elements(s->'lineItems') line) u ON true`

// readLosses reads what is listed as lost.
func (b book) readLosses(ctx context.Context, database *pgxpool.Pool) error {
	rows, err := database.Query(ctx, selectLosses)
	if err == nil {
		var order, id, shipment fulfillment.ID
		var lost fulfillment.SetBack
		var gone bool
		var units int
		columns := []any{&order, &id, &lost.From, &lost.To, &gone, &shipment, &units}
		_, err = pgx.ForEachRow(rows, columns, func() error {
			b.losses[id] = append(b.losses[id], lost)
			if gone {
				b.lostOrders[order] = true
			}
			if _, there := b.shipments[shipment]; shipment != 0 && !there {
				b.lostShipments[shipment] = units
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("read what is listed as lost: %w", err)
	}
	return nil
}

func readParcels(ctx context.Context, ledger *pgxpool.Pool) ([]parcel, error) {
	rows, err := ledger.Query(ctx, selectParcels)
	if err != nil {
		return nil, fmt.Errorf("read what the provider has shipped: %w", err)
	}
	parcels, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p parcel, err error) {
		err = row.Scan(&p.id, &p.fulfillmentOrderID, &p.orderID, &p.key)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what the provider has shipped: %w", err)
	}
	return parcels, nil
}
