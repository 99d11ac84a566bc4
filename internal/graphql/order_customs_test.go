package graphql_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
)

// What carriers and customs ask of a line is taken with a new order and with an edit, and read back everywhere.
func TestOrderForCustoms(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	order := createdOrder(t, app, vars{"lineItems": []vars{{"title": "Tee", "quantity": 3, "requiresShipping": true,
		"weight": vars{"value": 0.25, "unit": "KILOGRAMS"}, "harmonizedSystemCode": "6109.10", "countryCodeOfOrigin": "PT",
	}}})
	edit, _ := begunEdit(t, app, order)
	added := app.Must(t, `mutation($id: ID!) { orderEditAddCustomItem(id: $id, title: "Belt", quantity: 2,
		requiresShipping: true, price: {amount: "1", currencyCode: USD}, weight: {value: 1, unit: POUNDS},
		harmonizedSystemCode: "420330", countryCodeOfOrigin: IT) { userErrors { field message } } }`, vars{"id": edit})
	if refused := added.Refusals(); len(refused) > 0 {
		t.Fatal(refused)
	}
	app.Must(t, `mutation($id: ID!) { orderEditCommit(id: $id) { userErrors { message } } }`, vars{"id": edit})
	read := app.Must(t, `query($id: ID!) { order(id: $id) {
		lineItems(first: 5) { nodes { title weight { value unit } harmonizedSystemCode countryCodeOfOrigin } }
		fulfillmentOrders(first: 5) { nodes { remainingLineItemsWeight { value unit }
			lineItems(first: 5) { nodes { weight { value unit } } } } } } }`, vars{"id": order})
	tee, belt := vars{"value": 0.25, "unit": "KILOGRAMS"}, vars{"value": 1.0, "unit": "POUNDS"}
	want := []vars{
		{"title": "Tee", "weight": tee, "harmonizedSystemCode": "610910", "countryCodeOfOrigin": "PT"},
		{"title": "Belt", "weight": belt, "harmonizedSystemCode": "420330", "countryCodeOfOrigin": "IT"},
	}
	if diff := cmp.Diff(want, gatewaytest.Get[[]vars](t, read, "order.lineItems.nodes")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	fos := gatewaytest.Get[[]vars](t, read, "order.fulfillmentOrders.nodes")
	wantFOs := []vars{
		{"remainingLineItemsWeight": vars{"value": 0.75, "unit": "KILOGRAMS"},
			"lineItems": vars{"nodes": []any{vars{"weight": tee}}}},
		{"remainingLineItemsWeight": vars{"value": 2.0, "unit": "POUNDS"},
			"lineItems": vars{"nodes": []any{vars{"weight": belt}}}},
	}
	if diff := cmp.Diff(wantFOs, fos); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, test := range []struct {
		line  vars
		field []string
	}{
		{vars{"weight": vars{"value": -1, "unit": "GRAMS"}}, []string{"order", "lineItems", "0", "weight", "value"}},
		{vars{"harmonizedSystemCode": "12"}, []string{"order", "lineItems", "0", "harmonizedSystemCode"}},
	} {
		test.line["title"], test.line["quantity"] = "Tee", 1
		refused := app.Do(t, createOrder, vars{"order": vars{"lineItems": []vars{test.line}}})
		errors := refused.UserErrors()
		if len(errors) != 1 || !cmp.Equal(errors[0].Field, test.field) {
			t.Errorf("%v: %v, want a refusal of %v", test.line, refused.Refusals(), test.field)
		}
	}
}
