package endtoend

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/graphql/admin"
)

// moreWrites are the mutations of orders, locations and services, beside [writes].
var moreWrites = []write{
	{`mutation ($order: OrderCreateOrderInput!) { orderCreate(order: $order) { order { id } userErrors { field message code } } }`,
		vars{"order": vars{
			"currency": "EUR", "email": "a@example.com", "note": "Hi.", "tags": []string{"b", "a"}, "deliveryMethod": "SHIPPING",
			"financialStatus": "PAID", "sourceIdentifier": "<order>", "processedAt": "2026-01-01T00:00:00+02:00",
			"customAttributes": []vars{{"key": "k", "value": "v"}},
			"shippingAddress":  vars{"address1": "Street 1", "countryCode": "DE", "zip": "10115"},
			"lineItems": []vars{{
				"title": "Cup", "quantity": 2, "sku": "C", "requiresShipping": true,
				"priceSet": vars{"shopMoney": vars{"amount": "1.10", "currencyCode": "EUR"}},
				"taxLines": []vars{{"title": "VAT", "rate": "0.19"}}, "properties": []vars{{"name": "n", "value": "v"}},
			}},
		}}},
	{`mutation ($input: OrderInput!) { orderUpdate(input: $input) { order { id note } userErrors { field message } } }`,
		vars{"input": vars{
			"id": "<order>", "note": "By the gate.", "tags": []string{"a"}, "email": "b@example.com",
			"shippingAddress": vars{"address1": "Street 2", "countryCode": "DE"},
		}}},
	{`mutation ($input: OrderCloseInput!) { orderClose(input: $input) { userErrors { field message } } }`,
		vars{"input": vars{"id": "<order>"}}},
	{`mutation ($input: OrderOpenInput!) { orderOpen(input: $input) { userErrors { field message } } }`,
		vars{"input": vars{"id": "<order>"}}},
	{`mutation ($id: ID!, $reason: OrderCancelReason!, $note: String) {
		orderCancel(orderId: $id, reason: $reason, restock: true, staffNote: $note) { orderCancelUserErrors { field message code } } }`,
		vars{"id": "<order>", "reason": "CUSTOMER", "note": "Bought twice."}},
	{beginEdit, vars{"id": "<order>"}},
	{setEditQuantity, vars{"id": "<edit>", "line": "<editline>", "quantity": 3}},
	{`mutation ($id: ID!, $title: String!, $price: MoneyInput!, $quantity: Int!) {
		orderEditAddCustomItem(id: $id, title: $title, price: $price, quantity: $quantity, requiresShipping: true) {
			userErrors { field message } } }`,
		vars{"id": "<edit>", "title": "Lid", "quantity": 1, "price": vars{"amount": "2.00", "currencyCode": "EUR"}}},
	{commitEdit, vars{"id": "<edit>"}},
	{`mutation ($input: LocationAddInput!) { locationAdd(input: $input) { location { id } userErrors { field message code } } }`,
		vars{"input": vars{"name": "Paris", "address": vars{"countryCode": "FR", "city": "Paris", "zip": "75001"}}}},
	{`mutation ($id: ID!, $input: LocationEditInput!) { locationEdit(id: $id, input: $input) { userErrors { field message code } } }`,
		vars{"id": "<place>", "input": vars{"name": "Altona", "address": vars{"city": "Altona"}}}},
	{`mutation ($id: ID!, $to: ID) { locationDeactivate(locationId: $id, destinationLocationId: $to)
		@idempotent(key: "<order>") { locationDeactivateUserErrors { field message code } } }`, vars{"id": "<place>", "to": "<depot>"}},
	{`mutation ($id: ID!) { locationActivate(locationId: $id) @idempotent(key: "<order>") { locationActivateUserErrors {
		field message code } } }`, vars{"id": "<place>"}},
	{`mutation ($id: ID!, $name: String) { fulfillmentServiceUpdate(id: $id, name: $name, callbackUrl: "https://example.com/x") {
		userErrors { field message } } }`, vars{"id": "<service>", "name": "Ship Co"}},
	{`mutation ($name: String!) { fulfillmentServiceCreate(name: $name, callbackUrl: "https://example.com/x") {
		fulfillmentService { id } userErrors { field message } } }`, vars{"name": "Other Co"}},
}

// FuzzMutations sends the mutations of the API with valid variables that are mangled, one after the other about the
// same order: none is answered with a fault of ours, and the order is whole afterwards.
//
//	go test -fuzz FuzzMutations -fuzztime 60s ./internal/gateway/endtoend
func FuzzMutations(f *testing.F) {
	s := gatewaytest.Start(f, gatewaytest.Options{Timeout: 20 * time.Second})
	z := &mutationFuzz{shop: &shop{Stack: s, merchant: s.App("Fuzzer", access.Scopes()...)}, auditor: audits(f, s)}
	z.home, z.other = z.addLocation(f, "Berlin"), z.addLocation(f, "Hamburg")
	z.registered, z.depot = registerService(f, z.merchant, "Ship Co")
	known := writes("<fo>", "<line>", "<shipment>", "<place>")
	for _, name := range slices.Sorted(maps.Keys(known)) {
		z.writes = append(z.writes, known[name])
	}
	z.writes = append(z.writes, moreWrites...)
	for i := range 6 {
		f.Add(shuffled(200+i, 60))
	}
	for first := 0; first < len(z.writes); first += 6 { // Each of them valid, one after the other.
		var script []byte
		for i := range 6 {
			script = append(script, byte(first+i), 0)
		}
		f.Add(script)
	}
	f.Cleanup(func() { f.Logf("%d mutations were done, %d were refused", z.done, z.refused) })
	f.Fuzz(func(t *testing.T, script []byte) {
		c := &chance{script}
		order, fo := z.order(t, 5, 3)
		edit := ""
		began := time.Now()
		for step := 0; step < 10 && !c.over() && time.Since(began) < enough; step++ {
			w := oneOf(c, z.writes)
			variables, err := json.Marshal(w.variables)
			if err != nil {
				t.Fatal(err)
			}
			text := z.ids(t, order, fo, edit).Replace(mangle(c, placeholders.Replace(string(variables))))
			if calculated := z.send(t, w.document, text); calculated != "" {
				edit = calculated
			}
		}
		gid, err := admin.ParseGIDOf(order, admin.TypeOrder)
		if err != nil {
			t.Fatal(err)
		}
		z.auditor.stillTakesCommands(t, gid)
		z.auditor.order(t, gid)
	})
}

// placeholders puts back what JSON has written for the brackets of what stands for IDs.
var placeholders = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">")

type mutationFuzz struct {
	*shop
	auditor       *auditor
	registered    string // a service
	writes        []write
	done, refused int
}

// ids is what stands for IDs in what is sent, as they are now.
func (z *mutationFuzz) ids(t testing.TB, order, fo, edit string) *strings.Replacer {
	t.Helper()
	id, err := admin.ParseGIDOf(order, admin.TypeOrder)
	if err != nil {
		t.Fatal(err)
	}
	fos, err := z.Store.FulfillmentOrdersOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	gid := func(kind string, id fulfillment.ID) string { return "gid://shopify/" + kind + "/" + id.String() }
	line, orderLine, shipment, hold, other := fo, order, fo, order, fo
	for _, one := range fos {
		other = gid("FulfillmentOrder", one.ID)
		for _, l := range one.Lines {
			if line == fo || one.ID == fos[0].ID {
				line, orderLine = gid("FulfillmentOrderLineItem", l.ID), gid("LineItem", l.LineItemID)
			}
		}
		for _, f := range one.Fulfillments {
			shipment = gid("Fulfillment", f.ID)
		}
		for _, h := range one.Holds {
			hold = gid("FulfillmentHold", h.ID)
		}
	}
	return strings.NewReplacer(
		"<order>", order, "<fo>", fo, "<other>", other, "<line>", line, "<orderline>", orderLine, "<shipment>", shipment,
		"<hold>", hold, "<place>", z.shop.other, "<depot>", z.depot, "<service>", z.registered, "<edit>", edit,
		"<editline>", strings.Replace(orderLine, "LineItem", "CalculatedLineItem", 1),
	)
}

// send sends a mutation, and tells the ID of the edit that it began.
func (z *mutationFuzz) send(t *testing.T, document, variables string) (edit string) {
	t.Helper()
	query, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"query":` + string(query) + `,"variables":` + variables + `}`
	answer := sent(t, z.Stack, z.merchant, "application/json", body)
	if t.Failed() {
		t.Fatalf("sent %.2000s", body)
	}
	if len(answer.Refusals()) > 0 {
		z.refused++
		return ""
	}
	z.done++
	if begun, ok := answer.Data["orderEditBegin"].(map[string]any); ok {
		if calculated, ok := begun["calculatedOrder"].(map[string]any); ok {
			edit, _ = calculated["id"].(string)
		}
	}
	return edit
}
