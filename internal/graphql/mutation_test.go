package graphql_test

import (
	"bytes"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/gateway/gatewaytest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

type vars = map[string]any

const createOrder = `mutation($order: OrderCreateOrderInput!) {
	orderCreate(order: $order) { order { id name } userErrors { code field message } } }`

// createdOrder hands an order over, and tells its ID.
func createdOrder(t *testing.T, app *gatewaytest.App, order vars) string {
	t.Helper()
	return gatewaytest.Get[string](t, app.Must(t, createOrder, vars{"order": order}), "orderCreate.order.id")
}

// begunEdit begins an edit of an order, and tells its ID and that of its first line.
func begunEdit(t *testing.T, app *gatewaytest.App, orderID string) (edit, line string) {
	t.Helper()
	begun := app.Must(t, `mutation($id: ID!) { orderEditBegin(id: $id) {
		calculatedOrder { id lineItems(first: 1) { nodes { id } } } userErrors { message } } }`, vars{"id": orderID})
	return gatewaytest.Get[string](t, begun, "orderEditBegin.calculatedOrder.id"),
		gatewaytest.Get[string](t, begun, "orderEditBegin.calculatedOrder.lineItems.nodes.0.id")
}

// An order without a name gets one before it is handed over. Sent again while the first sending is still under way, it
// is the same order, with the name that it got first.
func TestOrderCreateAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		order   vars
		options []gatewaytest.Option
	}{
		"under_a_key":              {vars{}, []gatewaytest.Option{gatewaytest.Key("k")}},
		"with_a_source_identifier": {vars{"sourceIdentifier": "shop-1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gatewaytest.Start(t, gatewaytest.Options{Timeout: time.Second})
			patient := gatewaytest.Serve(t, string(s.Settings.Database.URL), s.Temporal, gatewaytest.Options{})
			s.Warehouse("Main")
			app := s.App("Shop", access.Scopes()...)
			test.order["lineItems"] = []vars{{"title": "Blanket", "quantity": 1}}
			order := vars{"order": test.order}

			s.StopWorker()
			if a := app.Do(t, createOrder, order, test.options...); len(a.Codes()) != 1 {
				t.Fatalf("without a worker: %s", a.Body)
			}
			again := make(chan *gatewaytest.Answer, 1)
			go func() {
				a, err := app.On(patient).Send(t.Context(), createOrder, order, test.options...)
				if err != nil {
					t.Error(err)
				}
				again <- a
			}()
			for named := int64(0); named < 1002; { // The second sending takes a name of its own.
				if err := s.SQL().QueryRow(t.Context(), `SELECT last_value FROM order_names`).Scan(&named); err != nil {
					t.Fatal(err)
				}
			}
			s.StartWorker()
			a := <-again
			if a == nil {
				return
			}
			if refused := a.Refusals(); len(refused) > 0 {
				t.Fatalf("refused: %v", refused)
			}
			if got := gatewaytest.Get[string](t, a, "orderCreate.order.name"); got != "#1001" {
				t.Errorf("its name is %s", got)
			}
		})
	}
}

// Whoever takes a key over does what may have been done before: the line is not added twice.
func TestOrderEditAddCustomItemAgain(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	edit, _ := begunEdit(
		t, app, createdOrder(t, app, vars{"lineItems": []vars{{"title": "Blanket", "quantity": 1}}}),
	)
	add := func(key string) []vars {
		t.Helper()
		a := app.Must(t, `mutation($id: ID!) { orderEditAddCustomItem(id: $id, title: "Pillow", quantity: 2, price:
			{amount: "1", currencyCode: USD}) {
			calculatedOrder { addedLineItems(first: 5) { nodes { id } } } userErrors { message } }
				}`, vars{"id": edit}, gatewaytest.Key(key))
		return gatewaytest.Get[[]vars](t, a, "orderEditAddCustomItem.calculatedOrder.addedLineItems.nodes")
	}
	if lines := add("first"); len(lines) != 1 {
		t.Fatalf("added %v", lines)
	}
	// As if the gateway had died before it stored the answer.
	if _, err := s.SQL().Exec(
		t.Context(), `UPDATE idempotency_keys SET answer = NULL, lease_until = now() WHERE key = 'first'`,
	); err != nil {
		t.Fatal(err)
	}
	if lines := add("first"); len(lines) != 1 {
		t.Errorf("the same again added %v", lines)
	}
	if lines := add("second"); len(lines) != 2 {
		t.Errorf("another one made it %v", lines)
	}
}

// A service that is deleted with a destination gives it what waits with it, unless something can't move: then nothing
// does.
func TestFulfillmentServiceDeleteTransfers(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app := s.App("Shop", access.Scopes()...)
	own := gatewaytest.Get[string](
		t, app.Must(t, `{ locations(first: 1) { nodes { id } } }`, nil), "locations.nodes.0.id",
	)
	created := app.Must(
		t,
		`mutation { fulfillmentServiceCreate(name: "Nordlicht") { fulfillmentService { id location { id } } userErrors { message } } }`,
		nil,
	)
	service := gatewaytest.Get[string](t, created, "fulfillmentServiceCreate.fulfillmentService.id")
	there := gatewaytest.Get[string](t, created, "fulfillmentServiceCreate.fulfillmentService.location.id")
	var waiting []string
	for range 2 {
		order := app.Must(t, `mutation { orderCreate(order: {lineItems: [{title: "Blanket", quantity: 1}]}) {
			order { fulfillmentOrders(first: 1) { nodes { id } } } userErrors { message } } }`, nil)
		id := gatewaytest.Get[string](t, order, "orderCreate.order.fulfillmentOrders.nodes.0.id")
		app.Must(
			t,
			`mutation($id: ID!, $to: ID!) { fulfillmentOrderMove(id: $id, newLocationId: $to) { userErrors { message } } }`,
			vars{"id": id, "to": there},
		)
		waiting = append(waiting, id)
	}
	at := func(id string) string {
		t.Helper()
		return gatewaytest.Get[string](t, app.Must(
			t, `query($id: ID!) { fulfillmentOrder(id: $id) { assignedLocation { location { id } } } }`, vars{"id": id},
		),
			"fulfillmentOrder.assignedLocation.location.id")
	}
	const remove = `mutation($id: ID!, $to: ID!) { fulfillmentServiceDelete(id: $id, destinationLocationId: $to) { deletedId userErrors { message } } }`

	app.Must(
		t, `mutation($id: ID!) { fulfillmentOrderSubmitFulfillmentRequest(id: $id) { userErrors { message } } }`,
		vars{"id": waiting[1]},
	)
	if refused := app.Do(t, remove, vars{"id": service, "to": own}).Refusals(); len(refused) != 1 {
		t.Errorf("asked for a fulfillment order, the service was deleted: %v", refused)
	}
	if at(waiting[0]) != there || at(waiting[1]) != there {
		t.Error("the deletion was refused, but moved something")
	}

	app.Must(
		t, `mutation($id: ID!) { fulfillmentOrderRejectFulfillmentRequest(id: $id) { userErrors { message } } }`,
		vars{"id": waiting[1]},
	)
	app.Must(t, remove, vars{"id": service, "to": own})
	if at(waiting[0]) != own || at(waiting[1]) != own {
		t.Errorf("the fulfillment orders are at %s and %s, not at %s", at(waiting[0]), at(waiting[1]), own)
	}
}

// What an edit can't do is refused when it is staged, and nobody goes on with the edit of another app. A raised
// quantity becomes a fulfillment order.
func TestOrderEditStaging(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.Warehouse("Main")
	app, other := s.App("Shop", access.Scopes()...), s.App("Other", access.Scopes()...)
	created := app.Must(t, `mutation { orderCreate(order: {currency: CAD, lineItems: [{title: "Blanket", quantity: 2,
		priceSet: {shopMoney: {amount: "10", currencyCode: CAD}}}]}) {
		order { id fulfillmentOrders(first: 1) { nodes { id } } } userErrors { message } } }`, nil)
	edit, line := begunEdit(t, app, gatewaytest.Get[string](t, created, "orderCreate.order.id"))
	app.Must(t, `mutation($id: ID!) { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: $id}]}) {
		userErrors { message } } }`,
		vars{"id": gatewaytest.Get[string](t, created, "orderCreate.order.fulfillmentOrders.nodes.0.id")})

	const set = `mutation($id: ID!, $line: ID!, $n: Int!) { orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $n) {
		calculatedLineItem { quantity } userErrors { field message } } }`
	const commit = `mutation($id: ID!) { orderEditCommit(id: $id, notifyCustomer: true) {
		order { fulfillmentOrders(first: 5) { nodes { status lineItems(first: 1) { nodes { totalQuantity } } } } }
		successMessages userErrors { field message } } }`
	refused := app.Do(t, set, vars{"id": edit, "line": line, "n": 1})
	if told := refused.UserErrors(); len(told) != 1 || told[0].Field[0] != "quantity" {
		t.Errorf("a shipped unit taken out: %s", refused.Body)
	}
	for name, a := range map[string]*gatewaytest.Answer{
		"set":    other.Do(t, set, vars{"id": edit, "line": line, "n": 3}),
		"commit": other.Do(t, commit, vars{"id": edit}),
	} {
		if told := a.UserErrors(); len(told) != 1 || told[0].Message != "The calculated order does not exist." {
			t.Errorf("another app's %s: %s", name, a.Body)
		}
	}
	const read = `query($id: ID!) { node(id: $id) { ... on CalculatedOrder { committed
		lineItems(first: 1) { nodes { quantity editableQuantity editableQuantityBeforeChanges } } } } }`
	app.Must(t, set, vars{"id": edit, "line": line, "n": 5})
	want := `{"node":{"committed":false,"lineItems":{"nodes":` +
		`[{"quantity":5,"editableQuantity":3,"editableQuantityBeforeChanges":0}]}}}`
	if got := app.Must(t, read, vars{"id": edit}).Body; !bytes.Contains(got, []byte(want)) {
		t.Errorf("the edit read again: %s, want %s", got, want)
	}
	if a := other.Must(t, read, vars{"id": edit}); !bytes.Contains(a.Body, []byte(`"node":null`)) {
		t.Errorf("another app's edit is read: %s", a.Body)
	}
	done := app.Must(t, commit, vars{"id": edit})
	if units := gatewaytest.Get[int](
		t, done, "orderEditCommit.order.fulfillmentOrders.nodes.1.lineItems.nodes.0.totalQuantity",
	); units != 3 {
		t.Errorf("the units that were added: %s", done.Body)
	}
	if messages := gatewaytest.Get[[]string](t, done, "orderEditCommit.successMessages"); len(messages) != 2 ||
		messages[1] != "Invoice sent" {
		t.Errorf("nothing is paid: %q", messages)
	}
}
