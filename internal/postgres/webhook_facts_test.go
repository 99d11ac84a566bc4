package postgres

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/webhook"
)

var bodyShop = webhook.Shop{Namespace: "shopify", CurrencyCode: "USD"}

// told are the events of an order that have a topic, as they were committed.
func (b *book) told(orderID fulfillment.ID) []webhook.Entry {
	b.t.Helper()
	rows, err := b.pool.Query(
		b.t.Context(), `SELECT payload, created_at FROM outbox WHERE order_id = $1 AND topic <> '' ORDER BY id`, orderID,
	)
	if err != nil {
		b.t.Fatal(err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e webhook.Entry, err error) {
		var payload []byte
		if err := row.Scan(&payload, &e.CommittedAt); err != nil {
			return e, err
		}
		e.Event, err = returns.ReadEvent(payload)
		return e, err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return entries
}

// bodies are those of the events of an order, for an app.
func (b *book) bodies(orderID fulfillment.ID, to access.App) (topics []string, bodies [][]byte) {
	b.t.Helper()
	entries := b.told(orderID)
	events := make([]*fulfillment.Event, len(entries))
	for i, e := range entries {
		events[i] = e.Event
	}
	facts, err := b.WebhookFacts(b.t.Context(), events)
	if err != nil {
		b.t.Fatal(err)
	}
	for i, e := range entries {
		body, err := bodyShop.Body(e, facts[i], to)
		if err != nil {
			b.t.Fatal(err)
		}
		topics, bodies = append(topics, e.Event.Topic), append(bodies, body)
	}
	return topics, bodies
}

// TestBodiesShowTheirMoment: a body that is made when its event is the last one is the same bytes later, whatever has
// become of the order since.
func TestBodiesShowTheirMoment(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app, err := b.CreateApp(t.Context(), access.App{Name: "Fraud check", Scopes: access.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	by := fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: app.Handle}}
	o, fos := b.create(merchant, service)
	first, second := fos[0], fos[1]
	held := func(reason fulfillment.HoldReason, handle string) *fulfillment.PlaceHold {
		return &fulfillment.PlaceHold{Meta: by, Reason: reason, Handle: handle}
	}
	update := func(fields fulfillment.OrderFields) func() {
		return func() {
			record, err := b.Order(t.Context(), o.ID)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := fulfillment.PlanOrderUpdate(record,
				[]*fulfillment.FulfillmentOrder{b.stored(first.ID), b.stored(second.ID)},
				fulfillment.UpdateOrder{Meta: by, OrderFields: fields}, b.env())
			if err != nil {
				t.Fatal(err)
			}
			if err := b.UpdateOrder(t.Context(), plan); err != nil {
				t.Fatal(err)
			}
			first, second = b.stored(first.ID), b.stored(second.ID)
		}
	}
	edit := func(add []fulfillment.LineItem, quantities ...fulfillment.Quantity) func() {
		return func() {
			e := fulfillment.OrderEdit{
				OrderID: o.ID, CommandID: b.minter.Mint().String(), At: b.now, Add: add, SetQuantities: quantities,
			}
			if len(add) > 0 {
				e.FulfillmentOrders, e.Transitions = b.plan(o.With(add), merchant)
			}
			if err := b.EditOrder(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	ofService := fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleService, ServiceID: service.ServiceID}}
	line := func(i int) fulfillment.ID { return o.LineItems[i].ID }
	steps := []func(){
		func() {},
		func() { first = b.do(first, held(fulfillment.HoldOther, "a")) },
		func() { first = b.do(first, held(fulfillment.HoldAwaitingPayment, "b")) },
		update(fulfillment.OrderFields{
			ShippingAddress: &fulfillment.Address{City: "Hamburg", CountryCode: "DE"}, Email: new("new@example.com"),
			Tags: &[]string{"a", "b"}, Note: new("Ring twice."), Phone: new("+49 30 1"),
			CustomAttributes: &[]fulfillment.Attribute{{Key: "gift", Value: "yes"}},
		}),
		func() { first = b.do(first, &fulfillment.ReleaseHold{}) },
		func() {
			first = b.do(first, &fulfillment.CreateFulfillment{
				Lines: units(first.Lines[0].ID, 1), Tracking: &fulfillment.TrackingInput{Company: "UPS", Number: "1Z1"},
			})
		},
		update(fulfillment.OrderFields{ShippingAddress: &fulfillment.Address{City: "Bremen", CountryCode: "DE"}}),
		edit([]fulfillment.LineItem{{ID: b.minter.Mint(), Title: "Pump", Quantity: 2, UnitPrice: "3.10"}},
			fulfillment.Quantity{ID: line(1), Quantity: 4}),
		func() {
			first = b.do(first, &fulfillment.UpdateTracking{
				FulfillmentID: first.Fulfillments[0].ID, Tracking: fulfillment.TrackingInput{Numbers: []string{"A", "B"}},
			})
		},
		func() {
			second = b.do(second, &fulfillment.SubmitFulfillmentRequest{Message: "Glass inside"},
				&fulfillment.AcceptFulfillmentRequest{Meta: ofService})
		},
		update(fulfillment.OrderFields{ShippingAddress: &fulfillment.Address{City: "Kiel", CountryCode: "DE"}}),
		func() { second = b.do(second, &fulfillment.CreateFulfillment{Meta: ofService}) },
		func() {
			first = b.do(first, &fulfillment.RecordEvent{
				FulfillmentID: first.Fulfillments[0].ID, Status: fulfillment.EventInTransit, City: "Hanover",
			})
		},
		edit(nil, fulfillment.Quantity{ID: line(1), Quantity: 1}, fulfillment.Quantity{ID: line(0), Quantity: 2}),
		func() {
			first = b.do(first, &fulfillment.CancelFulfillment{FulfillmentID: first.Fulfillments[0].ID})
		},
		func() {
			if err := b.CancelOrder(t.Context(), o.ID, b.now, "CUSTOMER", "cancel", by.Actor); err != nil {
				t.Fatal(err)
			}
		},
		func() { first = b.do(first, &fulfillment.CancelUnits{WholeOrder: true}) },
	}
	var firstMade [][]byte
	var topics []string
	for i, step := range steps {
		step()
		var bodies [][]byte
		topics, bodies = b.bodies(o.ID, app)
		if len(bodies) == len(firstMade) && i > 0 {
			t.Fatalf("step %d told nothing", i)
		}
		for n, made := range firstMade {
			if !bytes.Equal(made, bodies[n]) {
				t.Errorf("after step %d, the body of %s (%d) is another:\n%s", i, topics[n], n, jsonDiff(t, made, bodies[n]))
			}
		}
		firstMade = append(firstMade, bodies[len(firstMade):]...)
		if t.Failed() {
			return
		}
	}

	t.Run("a_shipment_goes_where_it_went_when_it_was_made", func(t *testing.T) {
		t.Parallel()
		cities := map[string][]string{}
		for i, topic := range topics {
			if topic == fulfillment.TopicFulfillmentCreated || topic == fulfillment.TopicFulfillmentUpdated {
				var body struct {
					Name, Email string
					Destination struct{ City string }
				}
				if err := json.Unmarshal(firstMade[i], &body); err != nil {
					t.Fatal(err)
				}
				cities[body.Name] = append(cities[body.Name], body.Destination.City)
			}
		}
		want := map[string][]string{
			o.Name + "-F1": {"Hamburg", "Hamburg", "Hamburg", "Hamburg"}, o.Name + "-F2": {"Bremen"}, // Accepted before Kiel.
		}
		if diff := cmp.Diff(want, cities); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("an_order_has_what_was_left_then", func(t *testing.T) {
		t.Parallel()
		type units struct {
			Quantity    int     `json:"quantity"`
			Current     int     `json:"current_quantity"`
			Fulfillable int     `json:"fulfillable_quantity"`
			Status      *string `json:"fulfillment_status"`
			Service     string  `json:"fulfillment_service"`
		}
		var got [][]units
		for i, topic := range topics {
			if topic != fulfillment.TopicOrderUpdated && topic != fulfillment.TopicOrderCreated {
				continue
			}
			var body struct {
				Lines []units `json:"line_items"`
			}
			if err := json.Unmarshal(firstMade[i], &body); err != nil {
				t.Fatal(err)
			}
			if len(got) == 0 || cmp.Diff(got[len(got)-1], body.Lines) != "" {
				got = append(got, body.Lines)
			}
		}
		part, all := new("partial"), new("fulfilled")
		// The service is not in the store: its handle is not known.
		want := [][]units{
			{{3, 3, 3, nil, "manual"}, {1, 1, 1, nil, "manual"}},
			{{3, 3, 2, part, "manual"}, {1, 1, 1, nil, "manual"}},
			{{3, 3, 2, part, "manual"}, {4, 4, 4, nil, "manual"}, {2, 2, 2, nil, "manual"}},
			{{3, 3, 2, part, "manual"}, {4, 4, 3, part, "manual"}, {2, 2, 2, nil, "manual"}},
			{{3, 2, 1, part, "manual"}, {4, 1, 0, all, "manual"}, {2, 2, 2, nil, "manual"}},
			{{3, 2, 2, nil, "manual"}, {4, 1, 0, all, "manual"}, {2, 2, 2, nil, "manual"}},
			{{3, 0, 0, nil, "manual"}, {4, 0, 0, all, "manual"}, {2, 0, 0, nil, "manual"}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func jsonDiff(t *testing.T, a, b []byte) string {
	t.Helper()
	var first, second any
	if err := errors.Join(json.Unmarshal(a, &first), json.Unmarshal(b, &second)); err != nil {
		t.Fatal(err)
	}
	return cmp.Diff(first, second)
}

// TestWebhookFactsAreOneRoundTrip, for however many events.
func TestWebhookFactsAreOneRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var events []*fulfillment.Event
	for range 3 {
		o, fos := b.create(merchant, service)
		for _, fo := range fos {
			b.do(fo, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther}, &fulfillment.ReleaseHold{})
			b.do(b.stored(fo.ID), &fulfillment.CreateFulfillment{})
		}
		for _, e := range b.told(o.ID) {
			events = append(events, e.Event)
		}
	}
	before := b.calls.trips.Load()
	facts, err := b.WebhookFacts(t.Context(), events)
	if got := b.calls.trips.Load() - before; err != nil || got != 1 || len(facts) != len(events) {
		t.Errorf("%d round trips for %d events: %v", got, len(facts), err)
	}
	before = b.calls.trips.Load()
	none := slices.DeleteFunc(events, func(e *fulfillment.Event) bool {
		order, shipment := webhook.Needs(e)
		return order || shipment || len(webhook.Handles(e)) > 0
	})
	if _, err := b.WebhookFacts(t.Context(), none); err != nil || b.calls.trips.Load() != before {
		t.Errorf("%d events need nothing, and it was asked for all the same: %v", len(none), err)
	}
}

// TestSubscriber: an app hears of what happened at its service, even when the service is deleted by now.
func TestSubscriber(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app, err := b.CreateApp(t.Context(), access.App{Name: "Ship Co", Scopes: []access.Scope{access.ReadAssigned}})
	if err != nil {
		t.Fatal(err)
	}
	for id, deleted := range map[fulfillment.ID]*time.Time{71: nil, 72: new(b.now)} {
		if _, err := b.pool.Exec(t.Context(), `INSERT INTO services (id, name, handle, provider, app_id, deleted_at)
VALUES ($1, $2, $2, 'manual', $3, $4)`, id, "s"+id.String(), app.ID, deleted); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Subscriber(t.Context(), app.ID)
	slices.Sort(got.Services)
	want := access.Caller{App: app, Services: []fulfillment.ID{71, 72}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := b.Subscriber(t.Context(), 5); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("an app that is not there: %v", err)
	}
}

// TestBodyOfAJointShipment: one shipment of units of several fulfillment orders is told of once, with all of its lines,
// also when it is taken back; and nobody sees a later state in it.
func TestBodyOfAJointShipment(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant, merchant)
	cmd := &fulfillment.Ship{Meta: id("ship"), Groups: []fulfillment.ShipGroup{
		{FulfillmentOrderID: fos[0].ID, Lines: units(fos[0].Lines[0].ID, 2)}, {FulfillmentOrderID: fos[1].ID},
	}}
	d, c := b.jointly(cmd)
	if err := b.CommitJointly(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	type line struct {
		Title       string
		Quantity    int
		Fulfillable int    `json:"fulfillable_quantity"`
		Status      string `json:"fulfillment_status"`
	}
	of := func(topic string) []line {
		t.Helper()
		topics, bodies := b.bodies(o.ID, access.App{})
		var found []line
		for i := range topics {
			if topics[i] != topic {
				continue
			}
			var body struct {
				Lines []line `json:"line_items"`
			}
			if err := json.Unmarshal(bodies[i], &body); err != nil || found != nil {
				t.Fatalf("it is told of more than once, or %v", err)
			}
			found = body.Lines
		}
		return found
	}
	shipped := []line{{"Saddle", 2, 1, "partial"}, {"Bell", 1, 0, "fulfilled"}}
	if diff := cmp.Diff(shipped, of(fulfillment.TopicFulfillmentCreated)); diff != "" {
		t.Error(diff)
	}
	_, undone := b.jointly(&fulfillment.Alone{FulfillmentOrderID: fos[0].ID, Command: &fulfillment.CancelFulfillment{
		Meta: id("back"), FulfillmentID: d.Results[0].FulfillmentID,
	}})
	if err := b.CommitJointly(t.Context(), undone); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(
		[]line{{"Saddle", 2, 3, ""}, {"Bell", 1, 1, ""}}, of(fulfillment.TopicFulfillmentUpdated),
	); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(shipped, of(fulfillment.TopicFulfillmentCreated)); diff != "" {
		t.Error(diff)
	}
}
