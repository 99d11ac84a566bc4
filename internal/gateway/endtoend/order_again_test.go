package endtoend

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
)

const takeIn = `mutation ($order: OrderCreateOrderInput!) { orderCreate(order: $order) {
	order { id name } userErrors { field message } } }`

// TestOrderAgain hands an order over by the API, and again there and by the way of the command line and the import:
// whichever way it comes, it is the same order, or refused with what differs.
func TestOrderAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	desk := func(changes vars) vars {
		input := vars{
			"sourceIdentifier": "re-1", "note": "Ring twice", "currency": "EUR",
			"shippingAddress": vars{"address1": "Old street 1", "city": "Porto", "countryCode": "PT"},
			"lineItems":       []vars{{"title": "Sofa", "sku": "S", "quantity": 2, "requiresShipping": true}},
		}
		for name, value := range changes {
			input[name] = value
		}
		return vars{"order": input}
	}
	first := s.merchant.Must(t, takeIn, desk(nil))
	id := gatewaytest.Get[string](t, first, "orderCreate.order.id")
	if name := gatewaytest.Get[string](t, first, "orderCreate.order.name"); name != "#1001" {
		t.Errorf("it is called %s, want the first number", name)
	}
	for name, test := range map[string]struct {
		changes vars
		key     string
		differs string
	}{
		"the_same":             {nil, "", ""},
		"under_a_key":          {nil, "k", ""},
		"with_another_address": {vars{"shippingAddress": vars{"address1": "New street 99", "city": "Porto", "countryCode": "PT"}}, "", "order.shippingAddress.address1"},
		"with_another_note":    {vars{"note": "Knock"}, "l", "order.note"},
		"at_another_time":      {vars{"processedAt": "2026-01-01T00:00:00Z"}, "", "order.processedAt"},
		"with_another_line": {vars{"lineItems": []vars{{"title": "Sofa", "sku": "S", "quantity": 3, "requiresShipping": true}}}, "",
			"order.lineItems.0.quantity"},
	} {
		var options []gatewaytest.Option
		if test.key != "" {
			options = append(options, gatewaytest.Key(test.key))
		}
		answer := s.merchant.Do(t, takeIn, desk(test.changes), options...)
		refusals := answer.UserErrors()
		switch {
		case test.differs == "" && (len(refusals) > 0 || gatewaytest.Get[string](t, answer, "orderCreate.order.id") != id):
			t.Errorf("%s: answered %s, the first time order %s", name, refusals, id)
		case test.differs == "":
		case len(refusals) != 1 || strings.Join(refusals[0].Field, ".") != test.differs:
			t.Errorf("%s: refused with %+v, want one for %s", name, refusals, test.differs)
		}
	}
	order := fulfillment.Order{
		SourceIdentifier: "re-1", Note: "Ring twice", CurrencyCode: "EUR",
		ShippingAddress: &fulfillment.Address{Address1: "Old street 1", City: "Porto", CountryCode: "PT"},
		LineItems:       []fulfillment.LineItem{{Title: "Sofa", SKU: "S", Quantity: 2}},
	}
	again, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil || !again.Repeated || !strings.HasSuffix(id, "/"+again.OrderID.String()) || again.Name != "#1001" {
		t.Errorf("handed over by the command line: %+v, %v, want %s", again, err, id)
	}
	order.Tags = []string{"gift"}
	_, err = s.Command.CreateOrder(t.Context(), order)
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeOrderExists {
		t.Errorf("with other content by the command line: %v", err)
	}
}

// TestOrderUpdate corrects an order by the API: its fulfillment orders show where each goes, and the one that a service
// has is named with what to do.
func TestOrderUpdate(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	order, served := s.orderAtService(t, 2)
	s.merchant.Must(t, submit, vars{"id": served})
	const update = `mutation ($input: OrderInput!) { orderUpdate(input: $input) {
		order { note tags email customAttributes { key value } shippingAddress { address1 }
			fulfillmentOrders(first: 5) { nodes { id destination { address1 city } } } }
		keptDestinations { fulfillmentOrder { id } message } userErrors { field message } } }`
	send := func(address string) *gatewaytest.Answer {
		return s.merchant.Must(t, update, vars{"input": vars{"id": order, "note": "Ring twice", "tags": []string{"gift"},
			"email": "ada@example.com", "customAttributes": []vars{{"key": "a", "value": "b"}},
			"shippingAddress": vars{"address1": address, "city": "Porto", "countryCode": "PT"}}})
	}
	first := send("New street 99")
	if got := gatewaytest.Get[string](t, first, "orderUpdate.order.shippingAddress.address1"); got != "New street 99" {
		t.Errorf("the order goes to %s", got)
	}
	if got := gatewaytest.Get[string](t, first, "orderUpdate.keptDestinations.0.fulfillmentOrder.id"); got != served {
		t.Errorf("%s keeps its destination, want %s", got, served)
	}
	if got := gatewaytest.Get[*string](t, first, "orderUpdate.order.fulfillmentOrders.nodes.0.destination.address1"); got != nil {
		t.Errorf("the service ships to %s", *got)
	}
	s.service.Must(t, reject, vars{"id": served})
	second := send("Newer street 1")
	if got := gatewaytest.Get[string](t, second, "orderUpdate.order.fulfillmentOrders.nodes.0.destination.address1"); got != "Newer street 1" {
		t.Errorf("what came back goes to %s", got)
	}
	if kept := gatewaytest.Get[[]any](t, second, "orderUpdate.keptDestinations"); len(kept) != 0 {
		t.Errorf("%v keep their destinations", kept)
	}
	for name, test := range map[string]struct {
		input vars
		want  string
	}{
		"nothing":       {vars{"id": order}, "Name at least one field to update."},
		"unknown_order": {vars{"id": "gid://shopify/Order/99", "note": "x"}, "Order does not exist"},
		"too_long":      {vars{"id": order, "note": strings.Repeat("x", 5001)}, "note: may have at most 5000"},
	} {
		answer := s.merchant.Do(t, update, vars{"input": test.input})
		if refusals := answer.UserErrors(); len(refusals) != 1 || !strings.Contains(refusals[0].Message, test.want) {
			t.Errorf("%s: refused with %+v, want %q", name, refusals, test.want)
		}
	}
	unheld := s.merchant.Do(t, `mutation ($id: ID!) { orderUpdate(input: {id: $id, poNumber: "1"}) { order { id } } }`, vars{"id": order})
	if len(unheld.Errors) != 1 || !strings.Contains(unheld.Errors[0].Message, "poNumber") {
		t.Errorf("a field that is not held: %v", unheld.Errors)
	}
}
