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
