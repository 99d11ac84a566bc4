package webhook_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// bought is the order of three lamps and a bulb, which has gone through an update and an edit.
func bought(t *testing.T) *fulfillment.OrderRecord {
	t.Helper()
	r := &fulfillment.OrderRecord{
		Order: fulfillment.Order{
			ID: orderID, Name: "#1001", SourceIdentifier: "shop/77", Email: "new@example.com", Phone: "+49 30 123",
			Note: "Ring twice.", Tags: []string{"vip", "Berlin"}, CurrencyCode: "EUR",
			CustomAttributes: []fulfillment.Attribute{{Key: "gift", Value: "yes"}},
			Transactions: []fulfillment.Transaction{{
				Kind: fulfillment.TransactionSale, Status: fulfillment.TransactionSuccess, Gateway: "card", Amount: "60",
			}},
			ShippingAddress: &fulfillment.Address{
				FirstName: "Ada", LastName: "Muster", Address1: "Hafenstr. 5", City: "Hamburg", Zip: "20359", CountryCode: "DE",
			},
			LineItems: []fulfillment.LineItem{
				{
					ID: lamp, Title: "Lamp", VariantTitle: "Blue", Vendor: "Licht & Co", SKU: "LAMP-1", Quantity: 3,
					UnitPrice: "12.5", TaxLines: []fulfillment.TaxLine{{Title: "VAT", Rate: "0.19"}},
					CustomAttributes: []fulfillment.Attribute{{Key: "engraving", Value: "<3"}},
					Metadata: map[string]string{
						"productId": "gid://shopify/Product/9007199254741001",
						"variantId": "gid://shopify/ProductVariant/9007199254741003",
					},
				},
				{
					ID: bulb, Title: "Bulb", Quantity: 2, UnitPrice: "4", Taxable: new(false),
					TaxLines: []fulfillment.TaxLine{{Title: "VAT", Rate: "0.19"}},
				},
			},
		},
		CurrentQuantities: []fulfillment.Quantity{{ID: lamp, Quantity: 2}, {ID: bulb, Quantity: 2}},
		CreatedAt:         noon.Add(-time.Hour), Updates: 1,
	}
	unfulfilled := fulfillment.OrderStatuses{
		Display: fulfillment.OrderUnfulfilled, Fulfillment: fulfillment.OrderStatusNotFulfilled,
	}
	part := fulfillment.OrderStatuses{
		Display: fulfillment.OrderPartiallyFulfilled, Fulfillment: fulfillment.OrderStatusPartiallyFulfilled,
	}
	whole := fulfillment.OrderStatuses{
		Display: fulfillment.OrderFulfilled, Fulfillment: fulfillment.OrderStatusFulfilled,
	}
	shipped := []fulfillment.Reached{{FulfillmentOrderID: fulfillmentOrderID, Sequence: 2}}
	services := []fulfillment.ServiceLines{{ServiceID: 77, Lines: []fulfillment.ID{bulb}}}
	address := fulfillment.Address{FirstName: "Ada", City: "Berlin", CountryCode: "DE"}
	at := func(n int) time.Time { return noon.Add(time.Duration(n-8) * time.Minute) }
	r.Transitions = []fulfillment.OrderTransition{
		{
			Sequence: 1, Kind: fulfillment.OrderKindCreated, At: at(1), After: unfulfilled,
			Details: &fulfillment.OrderDetails{
				Services: services, AlsoRaises: []string{fulfillment.TopicOrderPaid},
			},
		},
		{
			Sequence: 2, Kind: fulfillment.OrderKindUpdated, At: at(2), Before: &unfulfilled, After: unfulfilled,
			Details: &fulfillment.OrderDetails{
				Update: 1, Changed: []string{"shippingAddress", "email", "note"}, Services: services,
			},
			ValuesBefore: &fulfillment.OrderFields{ShippingAddress: &address, Email: new("ada@example.com"), Note: new("")},
		},
		{
			Sequence: 3, Kind: fulfillment.OrderKindEdited, At: at(3), Before: &unfulfilled, After: unfulfilled,
			Actor: byStock.Actor, Reason: "One is broken.",
			Details: &fulfillment.OrderDetails{
				Add: []fulfillment.LineItem{{ID: 9007199254741099, Quantity: 5}},
				SetQuantities: []fulfillment.Quantity{
					{ID: lamp, Quantity: 2}, {ID: bulb, Quantity: 2}, {ID: 5, Quantity: 5},
				},
				Quantities: []fulfillment.Quantity{
					{ID: 5, Quantity: 5}, {ID: lamp, Quantity: 3}, {ID: bulb, Quantity: 1},
				},
				Services: services, AlsoRaises: []string{fulfillment.TopicOrderUpdated},
			},
		},
		{
			Sequence: 4, Kind: fulfillment.OrderKindStatusChanged, At: at(4), Before: &unfulfilled, After: part,
			Details: &fulfillment.OrderDetails{Shipped: shipped, Services: services},
		},
		{
			Sequence: 5, Kind: fulfillment.OrderKindStatusChanged, At: at(5), Before: &part, After: whole,
			Details: &fulfillment.OrderDetails{Shipped: shipped, Services: services},
		},
		{
			Sequence: 6, Kind: fulfillment.OrderKindCancelled, At: at(6), Before: &whole, After: whole, Reason: "customer",
			Details: &fulfillment.OrderDetails{
				Shipped: shipped, Services: services, AlsoRaises: []string{fulfillment.TopicOrderUpdated},
			},
		},
	}
	for i := range r.Transitions {
		r.Transitions[i].OrderID = orderID
	}
	// The example of an edit adds a line that the store does not have: only what is told of it is looked at.
	return r
}

// sent is the shipment of a lamp.
func sent() fulfillment.Fulfillment {
	return fulfillment.Fulfillment{
		ID: 9007199254742001, Name: "#1001-F1", Status: fulfillment.FulfillmentSuccess,
		DisplayStatus: fulfillment.DisplayInTransit, LocationID: 620, ServiceID: 77, CreatedAt: noon, UpdatedAt: noon,
		Tracking: []fulfillment.TrackingInfo{
			{Company: "UPS", Number: "1Z1", URL: "https://track.example.com/1Z1"}, {Company: "UPS", Number: "1Z2"},
		},
		OriginAddress: &fulfillment.OriginAddress{City: "Leipzig", CountryCode: "DE"},
		Lines:         []fulfillment.FulfillmentLine{{LineItemID: lamp, Quantity: 1}},
	}
}

func facts(t *testing.T) webhook.Facts {
	t.Helper()
	return webhook.Facts{
		Apps: apps, Services: map[fulfillment.ID]string{77: "depot"}, Order: bought(t),
		Made: map[fulfillment.ID]webhook.Made{sent().ID: {
			// The bulbs are of another part.
			Lines:       []fulfillment.Quantity{{ID: bulb, Quantity: 2}, {ID: lamp, Quantity: 1}},
			CommittedAt: noon.Add(-4 * time.Minute), DecidedAt: noon.Add(-5 * time.Minute), OrderSequence: 1,
		}},
	}
}

// TestBodiesOfOrders: one example of each topic, each of which is the order as it was.
func TestBodiesOfOrders(t *testing.T) {
	t.Parallel()
	for topic, sequence := range map[string]int{
		fulfillment.TopicOrderCreated: 1, fulfillment.TopicOrderPaid: 1, fulfillment.TopicOrderUpdated: 2,
		fulfillment.TopicOrderEdited: 3, fulfillment.TopicOrderPartiallyFulfilled: 4,
		fulfillment.TopicOrderFulfilled: 5, fulfillment.TopicOrderCancelled: 6,
	} {
		t.Run(topic, func(t *testing.T) {
			t.Parallel()
			f := facts(t)
			if sequence >= 4 {
				f.Shipped = []fulfillment.Fulfillment{sent()}
			}
			step := f.Order.Transitions[sequence-1]
			matches(t, fileName(topic), bodyOf(t, topic, f, checker, entries(t, &step)))
		})
	}
}

// TestBodiesOfShipments: what a shipment is when it is made, when it is taken back, and what its carrier says of it.
func TestBodiesOfShipments(t *testing.T) {
	t.Parallel()
	step := func(kind fulfillment.Kind, topics ...string) fulfillment.Transition {
		f := sent()
		d := &fulfillment.Details{
			ServiceID: 77, Fulfillment: &f, OrderSequence: 3,
			Unfulfilled: []fulfillment.Quantity{{ID: lamp, Quantity: 1}},
		}
		switch kind {
		case fulfillment.KindFulfilled:
			f.DisplayStatus = fulfillment.DisplayFulfilled
		case fulfillment.KindFulfillmentCancelled:
			f.Status, f.DisplayStatus, f.Tracking = fulfillment.FulfillmentCancelled, fulfillment.DisplayCanceled, nil
			d.Unfulfilled = []fulfillment.Quantity{{ID: lamp, Quantity: 2}, {ID: bulb, Quantity: 2}}
		case fulfillment.KindEventRecorded:
			d.Event = &fulfillment.FulfillmentEvent{
				ID: 9007199254742011, Status: fulfillment.EventInTransit, Message: "On its way", HappenedAt: noon,
				City: "Hanover", Latitude: new(52.37),
			}
		}
		return fulfillment.Transition{
			FulfillmentOrderID: fulfillmentOrderID, Sequence: 2, Kind: kind, At: noon, Topics: topics, Details: d,
			After: fulfillment.State{Status: fulfillment.StatusInProgress},
		}
	}
	for name, test := range map[string]struct {
		topic string
		kind  fulfillment.Kind
	}{
		"made":       {fulfillment.TopicFulfillmentCreated, fulfillment.KindFulfilled},
		"tracked":    {fulfillment.TopicFulfillmentUpdated, fulfillment.KindTrackingUpdated},
		"+cancelled": {fulfillment.TopicFulfillmentUpdated, fulfillment.KindFulfillmentCancelled},
		"news":       {fulfillment.TopicEventCreated, fulfillment.KindEventRecorded},
	} {
		file := fileName(test.topic)
		if variant, is := strings.CutPrefix(name, "+"); is {
			file += "." + variant
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			matches(t, file, bodyOf(t, test.topic, facts(t), checker, entries(t, nil, step(test.kind, test.topic))))
		})
	}

	t.Run("goes_where_it_went_when_it_was_made", func(t *testing.T) {
		t.Parallel()
		city := func(f webhook.Facts) string {
			var body struct{ Destination *struct{ City string } }
			topic := fulfillment.TopicFulfillmentUpdated
			list := entries(t, nil, step(fulfillment.KindTrackingUpdated, topic))
			if err := json.Unmarshal(bodyOf(t, topic, f, checker, list), &body); err != nil {
				t.Fatal(err)
			}
			if body.Destination == nil {
				return ""
			}
			return body.Destination.City
		}
		made := func(change func(*webhook.Made)) webhook.Facts {
			f := facts(t)
			m := f.Made[sent().ID]
			change(&m)
			f.Made = map[fulfillment.ID]webhook.Made{sent().ID: m}
			return f
		}
		for name, test := range map[string]struct {
			facts webhook.Facts
			want  string
		}{
			"before_the_update": {facts(t), "Berlin"},
			"after_the_update":  {made(func(m *webhook.Made) { m.OrderSequence = 3 }), "Hamburg"},
			"kept": {
				made(func(m *webhook.Made) { m.OrderSequence, m.DestinationBefore = 3, 1 }), "Berlin",
			},
			"not_noted_and_before": {
				made(func(m *webhook.Made) { m.OrderSequence, m.DecidedAt = 0, noon.Add(-7*time.Minute) }), "Berlin",
			},
			"not_noted_and_after": {made(func(m *webhook.Made) { m.OrderSequence = 0 }), "Hamburg"},
			"made_by_the_event":   {made(func(m *webhook.Made) { *m = webhook.Made{} }), "Hamburg"},
		} {
			if got := city(test.facts); got != test.want {
				t.Errorf("%s: it goes to %q, want %q", name, got, test.want)
			}
		}
	})
}

// TestOrderWithoutPrices: money that nobody has named is not made up.
func TestOrderWithoutPrices(t *testing.T) {
	t.Parallel()
	f := facts(t)
	for i := range f.Order.LineItems {
		f.Order.LineItems[i].UnitPrice = ""
	}
	topic := fulfillment.TopicOrderCreated
	var body map[string]any
	text := bodyOf(t, topic, f, checker, entries(t, &f.Order.Transitions[0]))
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	for key, value := range body {
		if (strings.Contains(key, "price") || strings.Contains(key, "total")) && value != nil {
			t.Errorf("%s is %v", key, value)
		}
	}
}

// TestOrderWeights: grams are whole ones, and null where nobody said a weight.
func TestOrderWeights(t *testing.T) {
	t.Parallel()
	f := facts(t)
	f.Order.LineItems[0].Weight = &fulfillment.Weight{Value: 1, Unit: fulfillment.Pounds}
	var body struct {
		LineItems []struct{ Grams *int } `json:"line_items"`
	}
	text := bodyOf(t, fulfillment.TopicOrderCreated, f, checker, entries(t, &f.Order.Transitions[0]))
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	if grams := body.LineItems[0].Grams; grams == nil || *grams != 454 || body.LineItems[1].Grams != nil {
		t.Errorf("the weights are %s", text)
	}
}

// TestOrderAmounts: as exact as they were given, with two decimals at least.
func TestOrderAmounts(t *testing.T) {
	t.Parallel()
	for price, want := range map[string]string{"12": "12.00", "12.5": "12.50", "0.125": "0.125", "12.500": "12.50"} {
		f := facts(t)
		f.Order.LineItems = f.Order.LineItems[:1]
		f.Order.LineItems[0].UnitPrice, f.Order.LineItems[0].Quantity = price, 1
		f.Order.LineItems[0].TaxLines = nil
		f.Order.Transitions[2].Details.SetQuantities = nil
		f.Order.Transitions[2].Details.Add = nil
		topic := fulfillment.TopicOrderCreated
		var body struct {
			Total string                   `json:"total_price"`
			Lines []struct{ Price string } `json:"line_items"`
		}
		text := bodyOf(t, topic, f, checker, entries(t, &f.Order.Transitions[0]))
		if err := json.Unmarshal(text, &body); err != nil {
			t.Fatal(err)
		}
		if body.Total != want || body.Lines[0].Price != want {
			t.Errorf("%s is told as %+v, want %s", price, body, want)
		}
	}
}

// TestLargeBodies: what does not fit is without line items, as few as must be, and says so.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	type cut struct {
		Truncated    bool
		Lines        []json.RawMessage `json:"line_items"`
		Notes        []json.RawMessage `json:"note_attributes"`
		Fulfillments []struct {
			ID    json.Number
			Lines []json.RawMessage `json:"line_items"`
		}
	}
	read := func(t *testing.T, f webhook.Facts) (body cut, text []byte) {
		t.Helper()
		f.Order.Transitions = f.Order.Transitions[:1]
		topic := fulfillment.TopicOrderCreated
		text = bodyOf(t, topic, f, checker, entries(t, &f.Order.Transitions[0]))
		if err := json.Unmarshal(text, &body); err != nil {
			t.Fatal(err)
		}
		if len(text) > webhook.MaxBody {
			t.Errorf("it has %d bytes", len(text))
		}
		return body, text
	}
	many := func(t *testing.T, n int) webhook.Facts {
		f := facts(t)
		one := f.Order.LineItems[0]
		f.Order.LineItems, f.Order.CurrentQuantities = nil, nil
		for i := range n {
			one.ID = lamp + fulfillment.ID(2*i)
			f.Order.LineItems = append(f.Order.LineItems, one)
			f.Order.CurrentQuantities = append(f.Order.CurrentQuantities, fulfillment.Quantity{ID: one.ID, Quantity: 3})
		}
		return f
	}
	notes := func(f webhook.Facts, n int) webhook.Facts {
		f.Order.CustomAttributes = slices.Repeat(
			[]fulfillment.Attribute{{Key: "k", Value: strings.Repeat("\x01", 5000)}}, n,
		)
		return f
	}

	t.Run("with_room", func(t *testing.T) {
		t.Parallel()
		body, text := read(t, many(t, 100))
		if body.Truncated || len(body.Lines) != 100 || strings.Contains(string(text), "truncated") {
			t.Errorf("%d lines, truncated: %v", len(body.Lines), body.Truncated)
		}
	})
	t.Run("too_many_lines", func(t *testing.T) {
		t.Parallel()
		body, text := read(t, many(t, fulfillment.MaxLines))
		line := len(body.Lines[0]) + 1
		if !body.Truncated || len(text)+line <= webhook.MaxBody || len(body.Notes) != 1 {
			t.Errorf("%d lines in %d bytes, truncated: %v", len(body.Lines), len(text), body.Truncated)
		}
	})
	t.Run("too_many_shipments", func(t *testing.T) {
		t.Parallel()
		f := many(t, 3)
		for i := range 500 {
			one := sent()
			one.ID += fulfillment.ID(2 * i)
			f.Shipped = append(f.Shipped, one)
		}
		body, _ := read(t, f)
		last := body.Fulfillments[len(body.Fulfillments)-1].ID.String()
		if !body.Truncated || last != f.Shipped[499].ID.String() || len(body.Lines) > 0 {
			t.Errorf("%d shipments, the last %s", len(body.Fulfillments), last)
		}
	})
	t.Run("notes_that_leave_room_for_no_line", func(t *testing.T) {
		t.Parallel()
		body, _ := read(t, notes(many(t, 3), 100))
		if !body.Truncated || len(body.Lines)+len(body.Notes) > 0 {
			t.Errorf("%d lines, %d notes", len(body.Lines), len(body.Notes))
		}
	})
	t.Run("a_merge_of_many", func(t *testing.T) {
		t.Parallel()
		var intents []fulfillment.MergeIntent
		all := slices.Repeat([]fulfillment.Quantity{{ID: lamp, Quantity: 2}}, fulfillment.MaxLines)
		for range 30 {
			intents = append(intents, fulfillment.MergeIntent{FulfillmentOrderID: fulfillmentOrderID, Lines: all})
		}
		topic := fulfillment.TopicMerged
		body := bodyOf(t, topic, webhook.Facts{}, checker, entries(t, nil, fulfillment.Transition{
			FulfillmentOrderID: fulfillmentOrderID, Sequence: 2, Topics: []string{topic},
			Details: &fulfillment.Details{Intents: intents},
		}))
		if len(body) > webhook.MaxBody || len(body) < webhook.MaxBody*9/10 ||
			!strings.HasSuffix(string(body), `,"truncated":true}`) {
			t.Errorf("%d bytes that end with %s", len(body), body[len(body)-20:])
		}
	})
}

// TestBodiesThatLackSomething can't be made, and say why.
func TestBodiesThatLackSomething(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string]string{
		fulfillment.TopicOrderUpdated:       "order 9007199254740995 is not there",
		fulfillment.TopicFulfillmentCreated: "order 9007199254740995 is not there",
		fulfillment.TopicEventCreated:       "the event has no news of a shipment",
		fulfillment.TopicHoldAdded:          "the event has no hold",
		fulfillment.TopicMoved:              "the event has no locations",
		fulfillment.TopicCancelled:          "its state is a <nil>",
	} {
		e := fulfillment.Event{Topic: topic, OrderID: orderID, FulfillmentOrderID: 1, After: fulfillment.State{}}
		if topic == fulfillment.TopicOrderUpdated {
			e.FulfillmentOrderID, e.After = 0, fulfillment.OrderStatuses{}
		}
		if topic == fulfillment.TopicCancelled {
			e.After = nil
		}
		_, err := shop.Body(webhook.Entry{Event: &e}, webhook.Facts{}, checker)
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", topic, err, want)
		}
	}
	e := fulfillment.Event{
		Topic: fulfillment.TopicFulfillmentUpdated, OrderID: orderID, FulfillmentOrderID: 1, After: fulfillment.State{},
	}
	if _, err := shop.Body(webhook.Entry{Event: &e}, facts(t), checker); err == nil {
		t.Error("a shipment that is not there was told of")
	}
}

// TestNeeds: what is read for a body is what it needs.
func TestNeeds(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string][2]bool{
		fulfillment.TopicOrderCreated: {true, false}, fulfillment.TopicOrderEdited: {false, false},
		fulfillment.TopicFulfillmentUpdated: {false, true}, fulfillment.TopicEventCreated: {false, false},
		fulfillment.TopicMoved: {false, false}, "": {false, false},
	} {
		order, shipment := webhook.Needs(&fulfillment.Event{Topic: topic})
		if got := [2]bool{order, shipment}; got != want {
			t.Errorf("%s needs %v, want %v", topic, got, want)
		}
	}
	handles := webhook.Handles(&fulfillment.Event{
		Actor: byApp.Actor, Details: &fulfillment.Details{
			Hold: &fulfillment.Hold{HeldBy: byStock.Actor}, Holds: []fulfillment.Hold{{HeldBy: service.Actor}},
		},
	})
	if diff := cmp.Diff([]string{"fraud-check", "stock", "depot"}, handles); diff != "" {
		t.Error(diff)
	}
}
