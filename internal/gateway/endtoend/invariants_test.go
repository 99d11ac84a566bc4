package endtoend

import (
	"reflect"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

// checkOrder checks what holds for an order at any time: no unit of it is lost, and none made.
func (w *walk) checkOrder() {
	w.t.Helper()
	accounted := map[string]int{}
	for _, fo := range w.seen.FulfillmentOrders.Nodes {
		w.checkFulfillmentOrder(fo)
		if fo.Status != "CLOSED" {
			for _, l := range fo.LineItems.Nodes {
				accounted[l.LineItem.ID] += l.Remaining
			}
		}
	}
	for _, f := range w.seen.Fulfillments {
		if f.Status == "SUCCESS" {
			for _, l := range f.LineItems.Nodes {
				accounted[l.LineItem.ID] += l.Quantity
			}
		}
	}
	stored, err := w.Store.FulfillmentOrdersOf(w.t.Context(), w.number(w.order, admin.TypeOrder))
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	for _, fo := range stored { // What was cancelled is not in the API.
		for _, l := range fo.Lines {
			accounted[gid(admin.TypeLineItem, l.LineItemID)] += l.Cancelled
		}
	}
	ordered := map[string]int{}
	for _, l := range w.seen.LineItems.Nodes {
		ordered[l.ID] = l.Quantity
	}
	if !reflect.DeepEqual(ordered, accounted) {
		w.t.Fatalf("ordered: %v; to be shipped, shipped and cancelled: %v\n%s", ordered, accounted, w.seen.text)
	}
}

func (w *walk) checkFulfillmentOrder(fo *fulfillmentOrder) {
	w.t.Helper()
	status, request := fulfillment.Status(fo.Status), fulfillment.RequestStatus(fo.RequestStatus)
	for _, l := range fo.LineItems.Nodes {
		if l.Remaining < 0 || l.Remaining > l.Total {
			w.t.Fatalf("%s: %d of %d units remain", l.ID, l.Remaining, l.Total)
		}
	}
	switch {
	case !fulfillment.LegalPair(status, request):
		w.t.Fatalf("%s is %s/%s", fo.ID, status, request)
	case (status == fulfillment.StatusOnHold) != (len(fo.Holds) > 0):
		w.t.Fatalf("%s is %s with %d holds", fo.ID, status, len(fo.Holds))
	case status == fulfillment.StatusClosed && len(fo.Actions) > 0:
		w.t.Fatalf("%s is closed, and offers %v", fo.ID, fo.Actions)
	case status != fulfillment.StatusClosed && fo.remaining() == 0:
		w.t.Fatalf("%s is %s with nothing left to ship", fo.ID, status)
	case fo.location() != w.depot && request != fulfillment.RequestUnsubmitted && status != fulfillment.StatusClosed:
		w.t.Fatalf("%s is %s at the merchant's own location", fo.ID, request)
	}
}

// checkHistory makes sure that the store has every transition of the order's fulfillment orders once, each of which
// starts where the one before it ended, and an event for every topic of each.
func (w *walk) checkHistory() {
	w.t.Helper()
	order := w.number(w.order, admin.TypeOrder)
	rows, err := w.SQL().Query(w.t.Context(), `
		SELECT f.id, f.version, t.sequence, t.before, t.after, t.topics,
			array(SELECT o.topic FROM events o WHERE o.order_id = f.order_id AND o.fulfillment_order_id = f.id
				AND o.sequence = t.sequence AND o.topic <> '' ORDER BY o.place)
		FROM fulfillment_orders f JOIN transitions t ON t.fulfillment_order_id = f.id
		WHERE f.order_id = $1 ORDER BY f.id, t.sequence`, order)
	if err != nil {
		w.t.Fatalf("read the history: %v", err)
	}
	defer rows.Close()
	type row struct {
		id                fulfillment.ID
		version, sequence int64
		before            *fulfillment.State
		after             fulfillment.State
		topics, events    []string
	}
	var last row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.version, &r.sequence, &r.before, &r.after, &r.topics, &r.events); err != nil {
			w.t.Fatalf("read the history: %v", err)
		}
		follows := r.id == last.id && r.sequence == last.sequence+1 && r.before != nil && *r.before == last.after
		begins := r.id != last.id && r.sequence == 1 && last.sequence == last.version
		if !follows && !begins {
			w.t.Fatalf("the history has a gap between %+v and %+v", last, r)
		}
		if !slices.Equal(r.topics, r.events) {
			w.t.Fatalf("transition %d of %d has topics %v, and events %v", r.sequence, r.id, r.topics, r.events)
		}
		last = r
	}
	if err := rows.Err(); err != nil {
		w.t.Fatalf("read the history: %v", err)
	}
	if last.id == 0 || last.sequence != last.version {
		w.t.Fatalf("the history ends with %+v", last)
	}
}
