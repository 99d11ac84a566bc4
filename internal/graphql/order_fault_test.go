package graphql_test

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
)

// TestFaultsOfAnOrder: each thing that is wrong with an order is a user error of its own, at its place in the input.
func TestFaultsOfAnOrder(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	fields := func(order vars) []string {
		t.Helper()
		var list []string
		for _, e := range app.Do(t, createOrder, vars{"order": order}).UserErrors() {
			if e.Message == "" || strings.Contains(e.Message, ";") {
				t.Errorf("it says %q", e.Message)
			}
			list = append(list, strings.Join(e.Field, "."))
		}
		return list
	}
	price := func(amount string) vars { return vars{"shopMoney": vars{"amount": amount, "currencyCode": "EUR"}} }
	lost := "a\uFFFD"
	want := []string{
		"order.note", "order.lineItems.0.title", "order.lineItems.0.priceSet.shopMoney.amount",
		"order.lineItems.0.taxLines.0.title", "order.lineItems.0.properties.0.name", "order.lineItems.1.quantity",
	}
	got := fields(vars{"note": lost, "lineItems": []vars{{
		"title": lost, "quantity": 1, "priceSet": price("-1"),
		"taxLines":   []vars{{"title": lost, "rate": "0.1"}},
		"properties": []vars{{"name": " ", "value": "v"}},
	}, {"title": "Cup", "quantity": 0}}})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the places are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := fields(vars{"note": lost, "lineItems": []vars{{"title": "Cup", "quantity": 1}}}); len(got) != 1 ||
		got[0] != "order.note" {
		t.Errorf("one fault is at %v", got)
	}
}

// TestHoldsToRelease: an empty list of holds is no list of all holds.
func TestHoldsToRelease(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	id := "gid://shopify/FulfillmentOrder/" + s.Order(s.Warehouse("Main").ID, 1).String()
	app := s.App("Shop", access.Scopes()...)
	app.Must(t, `mutation($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: {reason: OTHER}) { userErrors { message } } }`,
		vars{"id": id})
	const release = `mutation($id: ID!, $holds: [ID!]) { fulfillmentOrderReleaseHold(id: $id, holdIds: $holds) {
		fulfillmentOrder { status } userErrors { field message } } }`
	none := app.Do(t, release, vars{"id": id, "holds": []string{}}).UserErrors()
	if len(none) != 1 || !slices.Equal(none[0].Field, []string{"holdIds"}) {
		t.Errorf("no holds are released: %v", none)
	}
	all := app.Must(t, release, vars{"id": id, "holds": nil})
	if status := gatewaytest.Get[string](t, all, "fulfillmentOrderReleaseHold.fulfillmentOrder.status"); status != "OPEN" {
		t.Errorf("all holds are released, and it is %s", status)
	}
}

// TestNullStays: what is null in an update of an order is left out, as in other inputs; an empty text takes it away.
func TestNullStays(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	id := createdOrder(t, app, vars{"note": "Knock.", "lineItems": []vars{{"title": "Cup", "quantity": 1}}})
	for _, step := range []struct{ given, want any }{{nil, "Knock."}, {"Ring.", "Ring."}, {nil, "Ring."}, {"", ""}} {
		updated := app.Must(t, `mutation($input: OrderInput!) { orderUpdate(input: $input) { order { note } userErrors { message } } }`,
			vars{"input": vars{"id": id, "note": step.given, "tags": []string{"a"}}})
		if note := gatewaytest.Get[string](t, updated, "orderUpdate.order.note"); note != step.want {
			t.Errorf("given %v, the note is %q, want %q", step.given, note, step.want)
		}
	}
}

// TestFaultsOfAnEdit: what can't be done any more when an edit is committed is at its id, the only place that the input
// has; the order stays as it is, and the edit can be committed when nothing is in its way.
func TestFaultsOfAnEdit(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	orderID := createdOrder(t, app, vars{"lineItems": []vars{{"title": "Cup", "quantity": 3}}})
	edit, line := begunEdit(t, app, orderID)
	app.Must(t, `mutation($id: ID!, $line: ID!) { orderEditSetQuantity(id: $id, lineItemId: $line, quantity: 1) {
		userErrors { message } } }`,
		vars{"id": edit, "line": line})
	read := app.Must(t, `query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 1) { nodes { id } } } }`,
		vars{"id": orderID})
	shipped := app.Must(t, `mutation($id: ID!) { fulfillmentCreate(fulfillment: {
		lineItemsByFulfillmentOrder: [{fulfillmentOrderId: $id}]}) { fulfillment { id } userErrors { message } } }`,
		vars{"id": gatewaytest.Get[string](t, read, "order.fulfillmentOrders.nodes.0.id")})
	const commit = `mutation($id: ID!) { orderEditCommit(id: $id) {
		order { lineItems(first: 1) { nodes { currentQuantity } } } successMessages userErrors { field message } } }`
	refused := app.Do(t, commit, vars{"id": edit})
	told := refused.UserErrors()
	if len(told) != 1 || !slices.Equal(told[0].Field, []string{"id"}) || !strings.Contains(told[0].Message, "shipped") {
		t.Errorf("units that were shipped meanwhile are taken out: %s", refused.Body)
	}
	if messages := gatewaytest.Get[[]string](t, refused, "orderEditCommit.successMessages"); len(messages) != 0 {
		t.Errorf("it is refused, and says %q", messages)
	}
	app.Must(t, `mutation($id: ID!) { fulfillmentCancel(id: $id) { userErrors { message } } }`,
		vars{"id": gatewaytest.Get[string](t, shipped, "fulfillmentCreate.fulfillment.id")})
	done := app.Must(t, commit, vars{"id": edit})
	if n := gatewaytest.Get[float64](t, done, "orderEditCommit.order.lineItems.nodes.0.currentQuantity"); n != 1 {
		t.Errorf("once the shipment is taken back, %g units are left, want 1", n)
	}
}
