package shipbob

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// TestExamples: the example bodies decode, and what is taken from them is there, where they are at hand.
func TestExamples(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../../shared/data/providers/shipbob/examples.json")
	if err != nil {
		t.Skipf("the examples are not at hand: %v", err)
	}
	var examples map[string]map[string]json.RawMessage
	if err := json.Unmarshal(content, &examples); err != nil {
		t.Fatal(err)
	}
	read := func(operation, status string, into any) {
		t.Helper()
		body, ok := examples[operation][status]
		if !ok {
			t.Fatalf("there is no example of %s %s", operation, status)
		}
		if err := json.Unmarshal(body, into); err != nil {
			t.Errorf("%s %s: %v", operation, status, err)
		}
	}
	var o, made order
	read("GET /2026-01/order/{orderId}", "200", &o)
	read("POST /2026-01/order", "201", &made)
	for _, o := range []order{o, made} {
		if o.ID != "0" || len(o.Shipments) != 1 || len(o.Products) == 0 || o.Shipments[0].Status != "None" ||
			o.Shipments[0].Tracking.is.Carrier != "USPS" || o.Shipments[0].EstimatedFulfillmentDate.IsZero() ||
			len(o.Shipments[0].Products) == 0 || len(o.Shipments[0].Products[0].InventoryItems) == 0 {
			t.Errorf("the order is read as %+v", o)
		}
		if got := o.answer(); got.Outcome != fulfillment.OutcomeAccepted {
			t.Errorf("it says %+v", got)
		}
	}
	var orders list[order]
	read("GET /2026-01/order", "200", &orders)
	if len(orders) != 1 {
		t.Errorf("%d orders in the list", len(orders))
	}
	var verdict cancelled
	read("POST /2026-01/order/{orderId}:cancel", "200", &verdict)
	if len(verdict.Results) == 0 || verdict.Status == "" {
		t.Errorf("the verdict is %+v", verdict)
	}
	var channels struct{ Items list[channel] }
	read("GET /2026-01/channel", "200", &channels)
	if len(channels.Items) != 2 || !channels.Items[0].writes() || channels.Items[1].writes() {
		t.Errorf("the channels are %+v", channels)
	}
	var methods list[shippingMethod]
	read("GET /2026-01/shipping-method", "200", &methods)
	if len(methods) != 1 || methods[0].Active != "true" {
		t.Errorf("the methods are %+v", methods)
	}
	var centers list[center]
	read("GET /2026-01/location", "200", &centers)
	if len(centers) != 1 || centers[0].Active != "true" {
		t.Errorf("the locations are %+v", centers)
	}
	var parcels list[struct {
		ShipmentID text       `json:"shipment_id"`
		History    list[scan] `json:"history"`
	}]
	read("GET /2026-01/shipments-tracking", "200", &parcels)
	if len(parcels) != 1 || parcels[0].ShipmentID != "98765432" || len(parcels[0].History) != 2 ||
		parcels[0].History[0].event() != fulfillment.EventInTransit {
		t.Errorf("the tracking is %+v", parcels)
	}
	var prices struct{ Estimates list[estimate] }
	read("POST /2026-01/order:estimate", "200", &prices)
	if len(prices.Estimates) != 1 || prices.Estimates[0].Price != "0.1" {
		t.Errorf("the prices are %+v", prices)
	}
	var back goodsReturn
	read("POST /2026-01/return", "201", &back)
	if back.ID != "0" || len(back.Inventory) != 1 || len(back.Inventory[0].ActionTaken) != 1 {
		t.Errorf("the return is %+v", back)
	}
	for operation, statuses := range map[string][]string{
		"POST /2026-01/return": {"400", "422"}, "GET /2026-01/shipping-method": {"422"},
	} {
		for _, status := range statuses {
			if said := readRefusal(examples[operation][status]); len(said) == 0 {
				t.Errorf("%s %s says nothing", operation, status)
			}
		}
	}
}

// TestOddBodies: values that no schema has lose nothing but themselves.
func TestOddBodies(t *testing.T) {
	t.Parallel()
	body := `{"id":"42","reference_id":"fo-1-3","status":"Teleported","products":null,"surprise":[1],
		"tags":[null,7,{"name":"packhorse-line-0","value":11}],
		"shipments":[null,"what",{"id":9007199254740993,"status":"Beamed","tracking":null,"products":{},
		"status_details":[{"id":1,"name":null},5],"estimated_fulfillment_date":"2026-01-02T03:04:05",
		"actual_fulfillment_date":"0001-01-01T00:00:00","delivery_date":"soon","location":"Cicero"}]}`
	var o order
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		t.Fatal(err)
	}
	if o.ID != "42" || len(o.Shipments) != 1 || o.Shipments[0].ID != "9007199254740993" || len(o.Tags) != 1 {
		t.Fatalf("it is read as %+v", o)
	}
	s := o.Shipments[0]
	if !s.EstimatedFulfillmentDate.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) ||
		!s.ActualFulfillmentDate.IsZero() || !s.DeliveryDate.IsZero() {
		t.Errorf("the times are %v, %v, %v", s.EstimatedFulfillmentDate, s.ActualFulfillmentDate, s.DeliveryDate)
	}
	answer := o.answer()
	if answer.Outcome != fulfillment.OutcomeAccepted || answer.Reference != "42" || answer.EstimatedShippedAt == nil {
		t.Errorf("it says %+v", answer)
	}
	if news, _ := newsOf(7, o, nil, nil); len(news) != 0 {
		t.Errorf("an unknown status is news: %+v", news)
	}
}

// TestDecimal: prices are numbers of ShipBob's, and exact text of ours.
func TestDecimal(t *testing.T) {
	t.Parallel()
	for in, want := range map[text]string{
		"4.90": "4.90", "7": "7", "0.1": "0.1", "1e1": "10", "1.25E-1": "0.125", "7.199999999999999": "7.2",
		"-1": "", "x": "", "": "", "1e999999999": "", "NaN": "", "1/3": "0.3333",
	} {
		got, ok := in.decimal()
		if got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", in, got, ok, want)
		}
	}
}

// FuzzOrder: no body makes reading an order panic, or takes long.
func FuzzOrder(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"reference_id":"fo-1-3","shipments":[{"id":2,"status":"Completed","products":[{"id":5,"inventory_items":[{"id":1,"quantity":2}]}]}],"products":[{"id":5,"quantity":2,"external_line_id":0}],"tags":[{"name":"packhorse-line-0","value":"11"}]}`,
		`{"shipments":[{"status":"OnHold"}]}`, `[]`, `null`, `{"products":[{"quantity":1e30}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var o order
		if json.Unmarshal(body, &o) != nil {
			return
		}
		news, _ := newsOf(7, o, nil, nil)
		for _, n := range news {
			if n.ID == "" || n.Command == nil || n.About.FulfillmentOrderID == 0 {
				t.Errorf("%+v", n)
			}
		}
		_ = o.answer()
		_, _ = o.stopped()
		_ = readRefusal(body)
		if strings.Contains(o.answer().Reference, "\n") && o.ID.digits() {
			t.Error("an ID with a line break")
		}
	})
}
