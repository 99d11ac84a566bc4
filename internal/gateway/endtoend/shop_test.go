package endtoend

import (
	"fmt"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
)

// merchantScopes is what an order-management app of the merchant has.
var merchantScopes = []access.Scope{
	access.WriteMerchantManaged, access.WriteThirdParty, access.WriteOrders, access.WriteFulfillments,
	access.WriteLocations,
}

// serviceScopes is what the app of a fulfillment service has.
var serviceScopes = []access.Scope{
	access.ReadAssigned, access.WriteAssigned, access.WriteFulfillments, access.ReadLocations,
}

// shop is a merchant with two warehouses, and a fulfillment service with its app. Everything is made over HTTP.
type shop struct {
	*gatewaytest.Stack
	merchant, service *gatewaytest.App
	// IDs of locations: orders begin at home; the service ships from depot.
	home, other, depot string
}

func newShop(t *testing.T, o gatewaytest.Options) *shop {
	t.Helper()
	s := &shop{Stack: gatewaytest.Start(t, o)}
	s.merchant = s.App("Order desk", merchantScopes...)
	s.service = s.App("Ship Co", serviceScopes...)
	s.home = s.addLocation(t, "Berlin")
	s.other = s.addLocation(t, "Hamburg")
	_, s.depot = registerService(t, s.service, "Ship Co")
	return s
}

func (s *shop) addLocation(t gatewaytest.Reporter, name string) string {
	t.Helper()
	made := s.merchant.Must(t, `mutation ($name: String!) {
		locationAdd(input: {name: $name, address: {countryCode: DE, city: "Berlin"}}) { location { id } userErrors {
			field message } }
	}`, vars{"name": name})
	return gatewaytest.Get[string](t, made, "locationAdd.location.id")
}

// registerService makes a fulfillment service of the app, and returns its ID and its location's.
func registerService(t gatewaytest.Reporter, app *gatewaytest.App, name string) (id, location string) {
	t.Helper()
	made := app.Must(t, `mutation ($name: String!) {
		fulfillmentServiceCreate(name: $name, trackingSupport: true) { fulfillmentService { id location { id } }
			userErrors { field message } }
	}`, vars{"name": name})
	return gatewaytest.Get[string](t, made, "fulfillmentServiceCreate.fulfillmentService.id"),
		gatewaytest.Get[string](t, made, "fulfillmentServiceCreate.fulfillmentService.location.id")
}

type vars = map[string]any

// order makes an order with a line of each of these quantities, and returns its ID and that of its only fulfillment
// order.
func (s *shop) order(t gatewaytest.Reporter, quantities ...int) (order, fulfillmentOrder string) {
	t.Helper()
	var lines []vars
	for i, n := range quantities {
		lines = append(lines, vars{
			"title": fmt.Sprint("Thing ", i+1), "quantity": n, "sku": fmt.Sprint("THING-", i+1),
			"requiresShipping": true,
		})
	}
	made := s.merchant.Must(t, `mutation ($lines: [OrderCreateLineItemInput!]) {
		orderCreate(order: {lineItems: $lines, currency: EUR}) {
			order { id fulfillmentOrders(first: 5) { nodes { id } } } userErrors { field message }
		}
	}`, vars{"lines": lines})
	fulfillmentOrders := gatewaytest.Get[[]object](t, made, "orderCreate.order.fulfillmentOrders.nodes")
	if len(fulfillmentOrders) != 1 {
		t.Fatalf("the order became %d fulfillment orders, want 1", len(fulfillmentOrders))
	}
	return gatewaytest.Get[string](t, made, "orderCreate.order.id"), fulfillmentOrders[0].ID
}

// orderAtService makes an order whose fulfillment order is assigned to the fulfillment service.
func (s *shop) orderAtService(t gatewaytest.Reporter, quantities ...int) (order, fulfillmentOrder string) {
	t.Helper()
	order, fulfillmentOrder = s.order(t, quantities...)
	s.merchant.Must(t, move, vars{"id": fulfillmentOrder, "to": s.depot})
	return order, fulfillmentOrder
}

// read is a fulfillment order as the app sees it; nil if it doesn't.
func read(t gatewaytest.Reporter, app *gatewaytest.App, id string) *fulfillmentOrder {
	t.Helper()
	answer := app.Must(t, `query ($id: ID!) { fulfillmentOrder(id: $id) { ...State } }`+state, vars{"id": id})
	return gatewaytest.Get[*fulfillmentOrder](t, answer, "fulfillmentOrder")
}

type object struct {
	ID string `json:"id"`
}

// fulfillmentOrder is a fulfillment order as the fragment State selects it.
type fulfillmentOrder struct {
	ID               string `json:"id"`
	Status           string `json:"status"`
	RequestStatus    string `json:"requestStatus"`
	AssignedLocation struct {
		Location object `json:"location"`
	} `json:"assignedLocation"`
	LineItems    nodes[line] `json:"lineItems"`
	Holds        []hold      `json:"fulfillmentHolds"`
	Actions      []action    `json:"supportedActions"`
	Fulfillments nodes[struct {
		object
		Status string `json:"status"`
	}] `json:"fulfillments"`
}

type nodes[T any] struct {
	Nodes []T `json:"nodes"`
}

type line struct {
	ID        string `json:"id"`
	Total     int    `json:"totalQuantity"`
	Remaining int    `json:"remainingQuantity"`
	LineItem  object `json:"lineItem"`
}

type hold struct {
	ID     string `json:"id"`
	Handle string `json:"handle"`
	Reason string `json:"reason"`
}

type action struct {
	Action string `json:"action"`
}

func (fo *fulfillmentOrder) location() string { return fo.AssignedLocation.Location.ID }

func (fo *fulfillmentOrder) in(status, requestStatus string) bool {
	return fo.Status == status && fo.RequestStatus == requestStatus
}

func (fo *fulfillmentOrder) remaining() int {
	n := 0
	for _, l := range fo.LineItems.Nodes {
		n += l.Remaining
	}
	return n
}

const state = `
fragment State on FulfillmentOrder {
	id status requestStatus
	assignedLocation { location { id } }
	lineItems(first: 10) { nodes { id totalQuantity remainingQuantity lineItem { id } } }
	fulfillmentHolds { id handle reason }
	supportedActions { action }
	fulfillments(first: 20) { nodes { id status } }
}`
