package endtoend

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
)

// TestScopes asks with apps that lack scopes: what they may not see is left out, and what they may not do is refused,
// naming the scope.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	order, atHome := s.order(t, 2)
	_, atService := s.orderAtService(t, 2)
	_, asked := s.orderAtService(t, 1)
	shipped := gatewaytest.Get[string](t, s.merchant.Must(t, ship, shipment(atHome, []vars{
		{"id": read(t, s.merchant, atHome).LineItems.Nodes[0].ID, "quantity": 1}})), "fulfillmentCreate.fulfillment.id")

	t.Run("reads_are_left_out", func(t *testing.T) {
		t.Parallel()
		for name, sees := range map[access.Scope][]string{
			access.ReadMerchantManaged: {atHome},
			access.ReadThirdParty:      {atService, asked},
			access.ReadAssigned:        nil, // It owns no service.
		} {
			app := s.App("Reader of "+string(name), name)
			listed := app.Must(t, `{ fulfillmentOrders(first: 10) { nodes { id } } }`, nil)
			var ids []string
			for _, fo := range gatewaytest.Get[[]object](t, listed, "fulfillmentOrders.nodes") {
				ids = append(ids, fo.ID)
			}
			if !slices.Equal(ids, sees) {
				t.Errorf("with %s: %v, want %v", name, ids, sees)
			}
			for _, id := range []string{atHome, atService} {
				node := app.Must(
					t, `query ($id: ID!) { node(id: $id) { id } fulfillmentOrder(id: $id) { id } }`, vars{"id": id},
				)
				for _, field := range []string{"node", "fulfillmentOrder"} {
					if seen := gatewaytest.Get[any](t, node, field) != nil; seen != slices.Contains(sees, id) {
						t.Errorf("with %s: %s of %s: %s", name, field, id, node.Body)
					}
				}
			}
			orders := app.Must(t, `query ($id: ID!, $place: ID!) {
				orders(first: 5) { nodes { id } } order(id: $id) { id } node(id: $id) { id } location(id: $place) { id
					} locations(first: 5) { nodes { id } }
			}`, vars{"id": order, "place": s.home})
			for _, list := range []string{"orders.nodes", "locations.nodes"} {
				if found := gatewaytest.Get[[]object](t, orders, list); len(found) > 0 {
					t.Errorf("with %s, %s: %v", name, list, found)
				}
			}
			for _, field := range []string{"order", "node", "location"} {
				if gatewaytest.Get[any](t, orders, field) != nil {
					t.Errorf("with %s, %s: %s", name, field, orders.Body)
				}
			}
		}
	})

	t.Run("orders_without_what_becomes_of_them", func(t *testing.T) {
		t.Parallel()
		app := s.App("Bookkeeper", access.ReadOrders)
		answer := app.Must(
			t,
			`query ($id: ID!) { order(id: $id) { name fulfillments { id } fulfillmentOrders(first: 5) { nodes { id } } } }`,
			vars{"id": order},
		)
		if found := gatewaytest.Get[[]object](t, answer, "order.fulfillmentOrders.nodes"); len(found) > 0 {
			t.Errorf("it sees %v", found)
		}
		if found := gatewaytest.Get[[]object](t, answer, "order.fulfillments"); len(found) != 1 {
			// A shipment is a part of the order, too.
			t.Errorf("shipments: %v, want one", found)
		}
	})

	t.Run("writes_are_refused", func(t *testing.T) {
		t.Parallel()
		app := s.App(
			"Onlooker", access.ReadMerchantManaged, access.ReadThirdParty, access.ReadOrders, access.ReadLocations,
		)
		line := read(t, app, atHome).LineItems.Nodes[0].ID
		for name, write := range writes(atHome, line, shipped, s.other) {
			answer := app.Do(t, write.document, write.variables)
			checkDenied(t, answer)
			if len(answer.Errors) == 1 && !strings.Contains(answer.Errors[0].Message, "write_") {
				t.Errorf("%s: the refusal names no scope: %s", name, answer.Body)
			}
		}
		checkDenied(
			t,
			app.Do(
				t, `mutation { orderCreate(order: {lineItems: [{title: "A", quantity: 1}]}) { order { id } } }`, nil,
			),
			access.WriteOrders,
		)
		checkDenied(t, app.Do(t, cancelOrder, vars{"id": order}), access.WriteOrders)
		checkDenied(t, app.Do(t, beginEdit, vars{"id": order}), access.WriteOrders)
		checkDenied(
			t,
			app.Do(
				t, `mutation { locationAdd(input: {name: "X", address: {countryCode: DE}}) { location { id } } }`, nil,
			),
			access.WriteLocations,
		)
		checkDenied(
			t, app.Do(t, `mutation { fulfillmentServiceCreate(name: "X") { fulfillmentService { id } } }`, nil),
			access.WriteFulfillments,
		)
		if fo := read(t, s.merchant, atHome); !fo.in("IN_PROGRESS", "UNSUBMITTED") {
			t.Errorf("it became %s/%s", fo.Status, fo.RequestStatus)
		}
	})

	t.Run("merchant_does_not_act_for_the_service", func(t *testing.T) {
		t.Parallel()
		s.merchant.Must(t, submit, vars{"id": asked})
		for _, document := range []string{accept, reject} {
			checkDenied(t, s.merchant.Do(t, document, vars{"id": asked}))
		}
		checkDenied(t, s.merchant.Do(t, ship, shipment(asked, nil)))
		s.service.Must(t, accept, vars{"id": asked})
		for _, document := range []string{closing, acceptCancellation, rejectCancellation} {
			checkDenied(t, s.merchant.Do(t, document, vars{"id": asked}))
		}
	})
}

// checkDenied makes sure that all of a request was denied, naming these scopes.
func checkDenied(t *testing.T, answer *gatewaytest.Answer, scopes ...access.Scope) {
	t.Helper()
	if !slices.Equal(answer.Codes(), []string{access.Code}) {
		t.Errorf("want %s, got %s", access.Code, answer.Body)
		return
	}
	for _, scope := range scopes {
		if !strings.Contains(answer.Errors[0].Message, "`"+string(scope)+"`") {
			t.Errorf("%s is not named: %s", scope, answer.Body)
		}
	}
	for name, value := range answer.Data {
		if value != nil {
			t.Errorf("%s is not null: %s", name, answer.Body)
		}
	}
}
