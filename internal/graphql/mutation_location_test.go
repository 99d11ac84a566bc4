package graphql_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
)

const deactivate = `mutation($id: ID!, $to: ID, $key: String!) {
	locationDeactivate(locationId: $id, destinationLocationId: $to) @idempotent(key: $key) {
		location { id isActive deactivatedAt hasUnfulfilledOrders deletable deactivatable activatable }
		locationDeactivateUserErrors { code field message } } }`

// A location's life by the API: what waits keeps it in use, goes to a destination, and then it can be deleted.
func TestLocationLife(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	app := s.App("Shop", access.Scopes()...)
	add := func(name string) string {
		return gatewaytest.Get[string](t, app.Must(t, `mutation($name: String!) {
			locationAdd(input: {name: $name, address: {countryCode: DE}}) { location { id } userErrors { message } } }`,
			vars{"name": name}), "locationAdd.location.id")
	}
	first, second := add("First"), add("Second")
	fo := gatewaytest.Get[string](t, app.Must(t, `mutation { orderCreate(order: {lineItems: [{title: "Blanket", quantity: 1}]}) {
		order { fulfillmentOrders(first: 1) { nodes { id } } } userErrors { message } } }`, nil),
		"orderCreate.order.fulfillmentOrders.nodes.0.id")

	edited := app.Must(t, `mutation($id: ID!) {
		locationEdit(id: $id, input: {name: "Depot", address: {city: "Bonn"}}) {
			location { name address { city countryCode } } userErrors { code field message } } }`, vars{"id": first})
	if got := gatewaytest.Get[vars](t, edited, "locationEdit.location"); got["name"] != "Depot" ||
		gatewaytest.Get[string](t, edited, "locationEdit.location.address.city") != "Bonn" ||
		gatewaytest.Get[string](t, edited, "locationEdit.location.address.countryCode") != "DE" {
		t.Errorf("edited to %v", got)
	}

	refused := app.Do(t, deactivate, vars{"id": first, "key": "one"})
	if told := refused.UserErrors(); len(told) != 1 || told[0].Code != "HAS_FULFILLMENT_ORDERS_ERROR" ||
		!strings.Contains(told[0].Message, strings.TrimPrefix(fo, "gid://shopify/FulfillmentOrder/")) ||
		!gatewaytest.Get[bool](t, refused, "locationDeactivate.location.isActive") ||
		!gatewaytest.Get[bool](t, refused, "locationDeactivate.location.hasUnfulfilledOrders") {
		t.Errorf("with a fulfillment order: %s", refused.Body)
	}
	done := app.Must(t, deactivate, vars{"id": first, "to": second, "key": "two"})
	if gatewaytest.Get[bool](t, done, "locationDeactivate.location.isActive") ||
		gatewaytest.Get[string](t, done, "locationDeactivate.location.deactivatedAt") == "" ||
		!gatewaytest.Get[bool](t, done, "locationDeactivate.location.deletable") {
		t.Errorf("deactivated: %s", done.Body)
	}
	moved := app.Must(t, `query($id: ID!) { fulfillmentOrder(id: $id) { assignedLocation { location { id } } } }`, vars{"id": fo})
	if at := gatewaytest.Get[string](t, moved, "fulfillmentOrder.assignedLocation.location.id"); at != second {
		t.Errorf("what waited is at %s, want %s", at, second)
	}
	only := app.Do(t, deactivate, vars{"id": second, "key": "three"})
	if told := only.UserErrors(); len(told) != 1 || told[0].Code != "PERMANENTLY_BLOCKED_FROM_DEACTIVATION_ERROR" {
		t.Errorf("the only one: %s", only.Body)
	}
	const remove = `mutation($id: ID!) { locationDelete(locationId: $id) {
		deletedLocationId locationDeleteUserErrors { code field message } } }`
	if got := gatewaytest.Get[string](t, app.Must(t, remove, vars{"id": first}), "locationDelete.deletedLocationId"); got != first {
		t.Errorf("deleted %s", got)
	}
	again := app.Do(t, remove, vars{"id": first})
	if told := again.UserErrors(); len(told) != 1 || told[0].Code != "LOCATION_NOT_FOUND" {
		t.Errorf("deleted again: %s", again.Body)
	}
	unknown := app.Do(t, `mutation { locationEdit(id: "gid://shopify/Location/404", input: {}) { location { id } userErrors { code field message } } }`, nil)
	if told := unknown.UserErrors(); len(told) != 1 || told[0].Code != "NOT_FOUND" || !slices.Equal(told[0].Field, []string{"id"}) {
		t.Errorf("edited one that there isn't: %s", unknown.Body)
	}
}

// From 2026-04 on, taking a location in and out of use needs an idempotency key; a key of something else is told in the
// payload.
func TestLocationKeys(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	id := gatewaytest.Get[string](t, app.Must(t, `{ locations(first: 1) { nodes { id } } }`, nil), "locations.nodes.0.id")
	version := func(name string) gatewaytest.Option {
		return func(r *http.Request) {
			parts := strings.Split(r.URL.Path, "/")
			parts[3] = name
			r.URL.Path = strings.Join(parts, "/")
		}
	}
	const activate = `mutation($id: ID!) { locationActivate(locationId: $id) { location { id } locationActivateUserErrors { code } } }`
	for name, needed := range map[string]bool{"2026-01": false, "2026-04": true, "2026-07": true, "unstable": true} {
		a := app.Do(t, activate, vars{"id": id}, version(name))
		if got := slices.Equal(a.Codes(), []string{"BAD_REQUEST"}); got != needed {
			t.Errorf("without a key in %s: %s", name, a.Body)
		}
		if a := app.Do(t, activate, vars{"id": id}, version(name), gatewaytest.Key("of the request "+name)); len(a.Codes()) > 0 {
			t.Errorf("with a key in %s: %s", name, a.Body)
		}
	}
	const keyed = `mutation($id: ID!) { locationActivate(locationId: $id) @idempotent(key: "k") {
		location { id } locationActivateUserErrors { code field message } } }`
	app.Must(t, keyed, vars{"id": id})
	other := app.Do(t, keyed, vars{"id": "gid://shopify/Location/404"})
	told := other.UserErrors()
	if len(told) != 1 || told[0].Code != "IDEMPOTENCY_KEY_PARAMETER_MISMATCH" || told[0].Field != nil ||
		told[0].Message != "The same idempotency key cannot be used with different operation parameters." {
		t.Errorf("a key of something else: %s", other.Body)
	}
}
