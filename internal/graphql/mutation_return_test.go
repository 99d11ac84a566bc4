package graphql_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
)

// shippedOrder is an order of three units that are shipped, and the line of its shipment.
func shippedOrder(t *testing.T, app *gatewaytest.App) (order, line string) {
	t.Helper()
	order = createdOrder(t, app, vars{"currency": "EUR", "lineItems": []vars{{
		"title": "Tee", "sku": "TEE", "quantity": 3,
		"priceSet": vars{"shopMoney": vars{"amount": "20.00", "currencyCode": "EUR"}},
	}}})
	read := app.Must(t, `query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 1) { nodes { id } } } }`,
		vars{"id": order})
	shipped := app.Must(t, `mutation($id: ID!) { fulfillmentCreate(
		fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: $id}]}
	) { fulfillment { fulfillmentLineItems(first: 1) { nodes { id } } } userErrors { message } } }`,
		vars{"id": gatewaytest.Get[string](t, read, "order.fulfillmentOrders.nodes.0.id")})
	return order, gatewaytest.Get[string](t, shipped, "fulfillmentCreate.fulfillment.fulfillmentLineItems.nodes.0.id")
}

const createReturn = `mutation($in: ReturnInput!) { returnCreate(returnInput: $in) {
	return {
		id name status totalQuantity order { returnStatus } returnLineItems(first: 2) { nodes { id } }
		reverseFulfillmentOrders(first: 2) { nodes { id lineItems(first: 2) { nodes { id } } } }
	}
	userErrors { code field message } } }`

func returnOf(order, line string, units int) vars {
	return vars{"in": vars{"orderId": order, "returnLineItems": []vars{
		{"fulfillmentLineItemId": line, "quantity": units, "returnReason": "STYLE"},
	}}}
}

// What one mutation does to a return, the next query shows: of the return, its parts by their IDs, and its order.
func TestReturnIsReadAsItWasMade(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	order, line := shippedOrder(t, app)
	made := app.Must(t, createReturn, returnOf(order, line, 2))
	get := func(path string) string { return gatewaytest.Get[string](t, made, "returnCreate.return."+path) }
	id, returnLine := get("id"), get("returnLineItems.nodes.0.id")
	work := get("reverseFulfillmentOrders.nodes.0.id")
	workLine := get("reverseFulfillmentOrders.nodes.0.lineItems.nodes.0.id")
	if name := get("name"); name != "#1001-R1" || get("order.returnStatus") != "IN_PROGRESS" {
		t.Errorf("made %s", made.Body)
	}
	place := gatewaytest.Get[string](
		t, app.Must(t, `{ locations(first: 1) { nodes { id } } }`, nil), "locations.nodes.0.id",
	)
	parcel := gatewaytest.Get[string](t, app.Must(t, `mutation($id: ID!) { reverseDeliveryCreateWithShipping(
		reverseFulfillmentOrderId: $id, reverseDeliveryLineItems: [], trackingInput: {number: "R1"}
	) { reverseDelivery { id } userErrors { message } } }`, vars{"id": work}),
		"reverseDeliveryCreateWithShipping.reverseDelivery.id")
	app.Must(t, `mutation($id: ID!) { reverseDeliveryShippingUpdate(
		reverseDeliveryId: $id, labelInput: {fileUrl: "https://example.com/label.pdf"}
	) { reverseDelivery { id } userErrors { message } } }`, vars{"id": parcel})
	disposed := app.Must(t, `mutation($in: [ReverseFulfillmentOrderDisposeInput!]!) {
		reverseFulfillmentOrderDispose(dispositionInputs: $in) {
			reverseFulfillmentOrderLineItems { id dispositions { id type quantity location { id } } }
			userErrors { code field message } } }`, vars{"in": []vars{{"reverseFulfillmentOrderLineItemId": workLine,
		"quantity": 1, "dispositionType": "RESTOCKED", "locationId": place}}})
	disposition := gatewaytest.Get[string](
		t, disposed, "reverseFulfillmentOrderDispose.reverseFulfillmentOrderLineItems.0.dispositions.0.id",
	)
	app.Must(t, `mutation($in: ReturnProcessInput!) { returnProcess(input: $in) { userErrors { message } } }`,
		vars{"in": vars{"returnId": id, "returnLineItems": []vars{{"id": returnLine, "quantity": 2}}}})
	app.Must(t, `mutation($id: ID!) { returnClose(id: $id) { userErrors { message } } }`, vars{"id": id})

	read := app.Must(t, `query($id: ID!, $order: ID!, $parcel: ID!, $work: ID!) {
		return(id: $id) { status closedAt returnLineItems(first: 2) { nodes { processedQuantity
			... on ReturnLineItem { fulfillmentLineItem { id lineItem { sku } } } } } }
		order(id: $order) { returnStatus returns(first: 5) { nodes { id } } }
		found: orders(first: 5, query: "return_status:returned") { nodes { id } }
		missed: orders(first: 5, query: "return_status:no_return") { nodes { id } }
		reverseDelivery(id: $parcel) { deliverable { ... on ReverseDeliveryShippingDeliverable {
			tracking { number } label { publicFileUrl } } } reverseDeliveryLineItems(first: 2) { nodes { quantity } } }
		reverseFulfillmentOrder(id: $work) { status }
		returnableFulfillments(orderId: $order, first: 2) { nodes { returnableFulfillmentLineItems(first: 2) {
			nodes { quantity } } } }
	}`, vars{"id": id, "order": order, "parcel": parcel, "work": work})
	for path, want := range map[string]any{
		"return.status": "CLOSED", "return.returnLineItems.nodes.0.processedQuantity": 2.0,
		"return.returnLineItems.nodes.0.fulfillmentLineItem.id":           line,
		"return.returnLineItems.nodes.0.fulfillmentLineItem.lineItem.sku": "TEE",
		"order.returnStatus":  "RETURNED",
		"order.returns.nodes": []any{vars{"id": id}},
		"found.nodes":         []any{vars{"id": order}},
		"missed.nodes":        []any{},
		"reverseDelivery.deliverable.tracking.number":                                    "R1",
		"reverseDelivery.deliverable.label.publicFileUrl":                                "https://example.com/label.pdf",
		"reverseDelivery.reverseDeliveryLineItems.nodes.0.quantity":                      2.0,
		"reverseFulfillmentOrder.status":                                                 "CLOSED",
		"returnableFulfillments.nodes.0.returnableFulfillmentLineItems.nodes.0.quantity": 1.0,
	} {
		if got := gatewaytest.Get[any](t, read, path); !cmp.Equal(got, want) {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	ids := []string{id, returnLine, work, workLine, parcel, disposition}
	nodes := app.Must(t, `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars{"ids": ids})
	for i, node := range gatewaytest.Get[[]vars](t, nodes, "nodes") {
		if node["id"] != ids[i] {
			t.Errorf("node of %s is %v", ids[i], node)
		}
	}
}

// Of many that want the last unit, one gets it; under one key all get the same answer.
func TestReturnCreateOfTheLastUnit(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	order, line := shippedOrder(t, app)
	const many = 10
	together := func(units int, options ...gatewaytest.Option) (made, refused []string) {
		var mu sync.Mutex
		var all sync.WaitGroup
		for range many {
			all.Go(func() {
				a, err := app.Send(t.Context(), createReturn, returnOf(order, line, units), options...)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				} else if errors := a.UserErrors(); len(errors) > 0 {
					refused = append(refused, fmt.Sprint(errors[0].Field, " ", errors[0].Message))
				} else {
					made = append(made, string(a.Body))
				}
			})
		}
		all.Wait()
		return made, refused
	}
	made, refused := together(1, gatewaytest.Key("once"))
	ofReturns := func() (n int) {
		if err := s.SQL().QueryRow(t.Context(), `SELECT count(*) FROM returns`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if len(made) != many || len(slices.Compact(made)) != 1 || ofReturns() != 1 {
		t.Errorf("under one key: %d returns, %q, %q", ofReturns(), made, refused)
	}
	made, refused = together(2)
	const text = "[returnInput returnLineItems 0 quantity] Return line item has an invalid quantity."
	if len(made) != 1 || ofReturns() != 2 || len(slices.Compact(refused)) != 1 || refused[0] != text {
		t.Errorf("of the rest: %d returns, %q, %q", ofReturns(), made, refused)
	}
}

// Whoever may not read returns sees none; whoever may not write them is denied, before it is told of anything.
func TestReturnScopes(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	order, line := shippedOrder(t, app)
	id := gatewaytest.Get[string](
		t, app.Must(t, createReturn, returnOf(order, line, 1)), "returnCreate.return.id",
	)
	blind := s.App("Blind", slices.DeleteFunc(access.Scopes(), func(scope access.Scope) bool {
		return scope == access.ReadReturns || scope == access.WriteReturns
	})...)
	const query = `query($id: ID!, $order: ID!) { return(id: $id) { id } node(id: $id) { id }
		order(id: $order) { returnStatus returns(first: 5) { nodes { id } } }
		returnableFulfillments(orderId: $order, first: 5) { nodes { id } } }`
	read := blind.Must(t, query, vars{"id": id, "order": order})
	for path, want := range map[string]any{
		"return": nil, "node": nil, "order.returns.nodes": []any{}, "order.returnStatus": "IN_PROGRESS",
		"returnableFulfillments.nodes": []any{},
	} {
		if got := gatewaytest.Get[any](t, read, path); !cmp.Equal(got, want) {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	reader := s.App("Reader", access.ReadReturns)
	for _, app := range []*gatewaytest.App{blind, reader} {
		for _, of := range []string{id, "gid://shopify/Return/" + fulfillment.ID(999).String()} {
			a := app.Do(t, `mutation($id: ID!) { returnClose(id: $id) { userErrors { message } } }`, vars{"id": of})
			if !slices.Equal(a.Codes(), []string{"ACCESS_DENIED"}) {
				t.Errorf("%s closes %s: %s", app.Name, of, a.Body)
			}
		}
	}
	if a := reader.Do(t, `query($id: ID!) { return(id: $id) { name order { id } } }`, vars{"id": id}); !slices.Equal(
		a.Codes(), []string{"ACCESS_DENIED"},
	) {
		t.Errorf("the order, without the right to read it: %s", a.Body)
	}
}
