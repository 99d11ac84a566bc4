package endtoend

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/gateway"
	"packhorse/internal/gateway/gatewaytest"
)

// graphqlType is the content type of a body that is nothing but a document: what fuzzing changes in it is the document.
const graphqlType = "application/graphql"

// FuzzAPI sends bodies to the API, with an app that may do everything, in front of everything that is behind it: no
// body gets a status of 500 or more, nor an internal error, nor makes it hang, and what they leave in the store passes
// the audit. In bodies, <order>, <fo>, <line>, <shipment>, <hold>, <service> and <place> stand for IDs of what there
// is.
//
//	go test -fuzz FuzzAPI -fuzztime 60s ./internal/gateway/endtoend
func FuzzAPI(f *testing.F) {
	s := gatewaytest.Start(f, gatewaytest.Options{Timeout: 20 * time.Second})
	app := s.App("Fuzzer", access.Scopes()...)
	ids := fuzzedObjects(f, s, app)
	store := audits(f, s)
	for _, m := range manyMalformed {
		if m.header == nil && len(m.body) < 10_000 {
			f.Add(true, []byte(m.body))
		}
	}
	for _, document := range fuzzedDocuments {
		f.Add(false, []byte(document))
		f.Add(true, []byte(operation(document)))
	}
	for name, w := range writes("<fo>", "<line>", "<shipment>", "<place>") {
		body, err := json.Marshal(vars{"query": w.document, "variables": w.variables, "operationName": nil})
		if err != nil {
			f.Fatalf("%s: %v", name, err)
		}
		f.Add(true, body)
	}
	for _, document := range exampleDocuments(f) {
		f.Add(false, document)
	}
	f.Fuzz(func(t *testing.T, asJSON bool, body []byte) {
		contentType := graphqlType
		if asJSON {
			contentType = "application/json"
		}
		sent(t, s, app, contentType, ids.Replace(string(body)))
		store.count(t)
	})
}

// sent is the answer to a body, which is sane. There is no network between.
func sent(t *testing.T, s *gatewaytest.Stack, app *gatewaytest.App, contentType, body string) *gatewaytest.Answer {
	t.Helper()
	request := httptest.NewRequestWithContext(
		t.Context(), http.MethodPost, gateway.Endpoint(), strings.NewReader(body),
	)
	request.Header.Set("X-Shopify-Access-Token", app.Token)
	request.Header.Set("Content-Type", contentType)
	recorder := httptest.NewRecorder()
	began := time.Now()
	s.Handler.ServeHTTP(recorder, request)
	answer, err := gatewaytest.ReadAnswer(recorder.Code, recorder.Result().Header, recorder.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	checkSane(t, answer, time.Since(began))
	return answer
}

// fuzzedObjects makes one of everything, so large that commands do not come to its end soon, and says what stands for
// the IDs.
func fuzzedObjects(f *testing.F, s *gatewaytest.Stack, app *gatewaytest.App) *strings.Replacer {
	f.Helper()
	shop := &shop{Stack: s, merchant: app}
	shop.home = shop.addLocation(f, "Berlin")
	place := shop.addLocation(f, "Hamburg")
	service, _ := registerService(f, app, "Ship Co")
	order, fo := shop.order(f, 1_000_000, 1_000_000)
	line := read(f, app, fo).LineItems.Nodes[0].ID
	shipped := gatewaytest.Get[string](
		f, app.Must(f, ship, shipment(fo, []vars{{"id": line, "quantity": 1}})), "fulfillmentCreate.fulfillment.id",
	)
	_, other := shop.order(f, 1)
	held := gatewaytest.Get[string](
		f, app.Must(f, holding, vars{"id": other, "hold": vars{"reason": "OTHER"}}),
		"fulfillmentOrderHold.fulfillmentHold.id",
	)
	return strings.NewReplacer(
		"<order>", order, "<fo>", fo, "<line>", line, "<shipment>", shipped, "<hold>", held, "<service>", service,
		"<place>", place,
	)
}

var fuzzedDocuments = []string{
	`{ shop { id name currencyCode fulfillmentServices { id handle serviceName } } }`,
	`{ fulfillmentOrders(first: 3, query: "status:OPEN AND (id:>1 OR NOT assigned_location_id:2) updated_at:>=2026-01-01", sortKey: UPDATED_AT, reverse: true) { ` + listed + ` } }`,
	`{ orders(last: 2, query: "name:'#1001' OR tag:web fulfillment_status:unfulfilled") { edges { cursor node { id name fulfillmentOrders(first: 2, query: "status:OPEN") { nodes { id } } } } } }`,
	`{ node(id: "<fo>") { __typename id ... on FulfillmentOrder { status merchantRequests(first: 2, kind: FULFILLMENT_REQUEST) { nodes { requestOptions } } } } }`,
	`{ nodes(ids: ["<order>", "<line>", "<shipment>", "<hold>", "<service>", "<place>", "gid://shopify/FulfillmentService/manual"]) { __typename id } }`,
	`{ order(id: "<order>") { ...O } } fragment O on Order { id totalPriceSet { shopMoney { amount currencyCode } } lineItems(first: 2) { nodes { id name } } }`,
	`{ fulfillment(id: "<shipment>") { id trackingInfo(first: 1) { number } events(first: 2, sortKey: ID) { nodes { status } } fulfillmentOrders(first: 1) { nodes { id } } } }`,
	`{ fulfillmentOrder(id: "<fo>") { locationsForMove(first: 3, query: "Ham") { nodes { location { id } movable message availableLineItems(first: 1) { nodes { id } } } } fulfillmentOrdersForMerge(first: 2) { nodes { id } } } }`,
	`{ locations(first: 2, includeLegacy: true, query: "active:true") { nodes { id name address { formatted } } } location { id } }`,
	`{ assignedFulfillmentOrders(first: 2, assignmentStatus: FULFILLMENT_REQUESTED, locationIds: ["<place>"]) { nodes { id } } }`,
	`mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: "<fo>", fulfillmentOrderLineItems: [{id: "<line>", quantity: 1}]}], trackingInfo: {numbers: ["1", "2"], company: "DHL"}, originAddress: {countryCode: "DE"}}) @idempotent(key: "a") { fulfillment { id } userErrors { field message } } }`,
	`mutation { fulfillmentOrderHold(id: "<fo>", fulfillmentHold: {reason: OTHER, handle: "h", fulfillmentOrderLineItems: [{id: "<line>", quantity: 2}]}) { fulfillmentHold { id } remainingFulfillmentOrder { id } userErrors { code } } }`,
	`mutation { fulfillmentEventCreate(fulfillmentEvent: {fulfillmentId: "<shipment>", status: IN_TRANSIT, latitude: 52.5, longitude: 1e3, happenedAt: "2026-01-01T00:00:00Z"}) { fulfillmentEvent { id latitude } userErrors { field message } } }`,
	`mutation { orderCreate(order: {lineItems: [{title: "A", quantity: 1, priceSet: {shopMoney: {amount: "1.10", currencyCode: EUR}}, taxLines: [{title: "T", rate: "0.19"}]}], tags: ["a"], processedAt: "2026-01-01T00:00:00+02:00"}) { order { id totalTaxSet { shopMoney { amount } } } userErrors { field message code } } }`,
	`mutation { orderEditBegin(id: "<order>") { calculatedOrder { id lineItems(first: 2) { nodes { id quantity } } } userErrors { message } } }`,
	`mutation { fulfillmentServiceCreate(name: "X", callbackUrl: "https://example.com/x") { fulfillmentService { id } userErrors { field message } } fulfillmentServiceUpdate(id: "<service>", name: "Y") { userErrors { message } } }`,
	`mutation { locationAdd(input: {name: "P", address: {countryCode: DE, zip: "1"}}) { location { id } userErrors { code field } } }`,
	`mutation { a: fulfillmentOrderSplit(fulfillmentOrderSplits: [{fulfillmentOrderId: "<fo>", fulfillmentOrderLineItems: [{id: "<line>", quantity: 1}]}]) { userErrors { code } } b: fulfillmentOrderReleaseHold(id: "<fo>", holdIds: ["<hold>"]) { userErrors { code } } }`,
	`query ($n: Int = 2, $on: Boolean!) { fulfillmentOrders(first: $n) @include(if: $on) { nodes { id @skip(if: $on) } } }`,
	`{ __schema { queryType { name } types { name fields(includeDeprecated: true) { name args { name } } } } __type(name: "Order") { kind } }`,
}

// exampleDocuments are the documents of the GraphiQL page.
func exampleDocuments(f *testing.F) [][]byte {
	f.Helper()
	paths, err := filepath.Glob("../../graphiql/examples/*.graphql")
	if err != nil {
		f.Fatal(err)
	}
	var documents [][]byte
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		documents = append(documents, text)
	}
	return documents
}
