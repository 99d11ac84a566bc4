package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gqlgen "github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/postgres"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

var (
	merchant = fulfillment.AssignedLocation{LocationID: 11, Name: "Berlin", CountryCode: "DE"}
	shipCo   = fulfillment.AssignedLocation{
		LocationID: 22, Name: "Ship Co", ServiceID: 33, ServiceName: "Ship Co", Provider: "manual",
	}
	// everybody is an app with all scopes and the service.
	everybody = access.Caller{
		App: access.App{ID: 5, Handle: "erp", Name: "ERP", Scopes: access.Scopes()}, Services: []fulfillment.ID{33},
	}
)

// shop is a database of its own, with what answers queries about it.
type shop struct {
	*postgres.Store
	t          *testing.T
	executor   *executor.Executor
	minter     fulfillment.Minter
	now        time.Time
	statements atomic.Int64
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, now: time.Date(2026, 3, 4, 5, 30, 0, 0, time.UTC)}
	store, err := postgres.Open(
		t.Context(), devstacktest.Database(t, postgres.Migrate), postgres.Options{MaxConns: 8, Tracer: s},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	s.Store = store
	s.executor = executor.New(admin.NewExecutableSchema(admin.Config{Resolvers: &graphql.Resolver{}}))
	s.executor.AroundFields(admin.Guard)
	must(t)(
		store.AddLocation(
			t.Context(),
			fulfillment.Location{
				ID: 11, Name: "Berlin", CountryCode: "DE", City: "Berlin", Active: true, StocksAll: true, Default: true,
			},
		),
	)
	must(t)(store.AddService(t.Context(), fulfillment.Service{ID: 33, LocationID: 22, Name: "Ship Co"}))
	return s
}

func must(t *testing.T) func(_ any, err error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *shop) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	s.statements.Add(1)
	return ctx
}

func (s *shop) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (s *shop) env() fulfillment.Env {
	s.now = s.now.Add(time.Minute)
	return fulfillment.Env{Now: s.now, IDs: fulfillment.NewIDs(s.minter.Mint())}
}

// order stores an order of three saddles and a bell, with one fulfillment order for each location: the first gets the
// first line, the last the rest.
func (s *shop) order(
	name string, locations ...fulfillment.AssignedLocation,
) (*fulfillment.Order, []*fulfillment.FulfillmentOrder) {
	s.t.Helper()
	o := &fulfillment.Order{
		ID: s.minter.Mint(), Name: name, Email: "buyer@example.com", CurrencyCode: "EUR",
		ShippingAddress: &fulfillment.Address{FirstName: "Ada", City: "Berlin", CountryCode: "DE"},
		LineItems: []fulfillment.LineItem{
			{ID: s.minter.Mint(), Title: "Saddle", SKU: "SAD-1", Quantity: 3, UnitPrice: "12.50"},
			{ID: s.minter.Mint(), Title: "Bell", Quantity: 1, UnitPrice: "4.00"},
		},
	}
	must(s.t)(nil, o.Complete(s.now))
	return o, s.take(o, locations...)
}

// take stores an order as it is.
func (s *shop) take(o *fulfillment.Order, locations ...fulfillment.AssignedLocation) []*fulfillment.FulfillmentOrder {
	s.t.Helper()
	assignments := make([]fulfillment.Assignment, len(locations))
	for i, l := range o.LineItems {
		a := &assignments[min(i, len(locations)-1)]
		a.Lines = append(a.Lines, fulfillment.Quantity{ID: l.ID, Quantity: l.Quantity})
	}
	for i, l := range locations {
		assignments[i].Location = l
	}
	fos, transitions, err := fulfillment.NewFulfillmentOrders(o, assignments, s.env())
	must(s.t)(nil, err)
	must(s.t)(s.CreateOrder(s.t.Context(), o, fos, transitions))
	return fos
}

// do applies commands and commits them.
func (s *shop) do(fo *fulfillment.FulfillmentOrder, commands ...fulfillment.Command) *fulfillment.FulfillmentOrder {
	s.t.Helper()
	var decisions []*fulfillment.Decision
	for _, cmd := range commands {
		d, err := fo.Decide(cmd, s.env())
		must(s.t)(nil, err)
		fo = d.State
		decisions = append(decisions, d)
	}
	must(s.t)(s.Commit(s.t.Context(), fulfillment.CommitOf(fo, decisions...)))
	return fo
}

// ask answers a document for the caller: the data, and the messages of the errors.
func (s *shop) ask(by access.Caller, document string, args ...any) (map[string]any, []string) {
	s.t.Helper()
	data, messages, _ := s.askAll(by, document, args...)
	return data, messages
}

// askAll also gives the extensions of the answer.
func (s *shop) askAll(by access.Caller, document string, args ...any) (map[string]any, []string, map[string]any) {
	s.t.Helper()
	ctx := gqlgen.StartOperationTrace(access.WithCaller(s.t.Context(), by))
	ctx = admin.WithLoaders(ctx, admin.NewLoaders(s.Store, admin.ShopSettings{}))
	operation, errs := s.executor.CreateOperationContext(ctx, &gqlgen.RawParams{Query: fmt.Sprintf(document, args...)})
	if errs != nil {
		s.t.Fatalf("%s: %v", document, errs)
	}
	handle, ctx := s.executor.DispatchOperation(ctx, operation)
	response := handle(ctx)
	var messages []string
	for _, e := range response.Errors {
		messages = append(messages, e.Message)
	}
	var data map[string]any
	if err := json.Unmarshal(response.Data, &data); err != nil {
		s.t.Fatalf("%s: %v", response.Data, err)
	}
	return data, messages, response.Extensions
}

// at walks into an answer: "order.lineItems.nodes.0.title".
func at(t *testing.T, data any, path string) any {
	t.Helper()
	for _, step := range strings.Split(path, ".") {
		switch v := data.(type) {
		case map[string]any:
			data = v[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(v) {
				t.Fatalf("%s: no %s in %v", path, step, v)
			}
			data = v[i]
		default:
			t.Fatalf("%s: no %s in %v", path, step, data)
		}
	}
	return data
}

func expect(t *testing.T, data any, want map[string]any) {
	t.Helper()
	for path, w := range want {
		if diff := cmp.Diff(w, at(t, data, path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// TestStatements: the number of statements follows from the document, not from how much it finds.
func TestStatements(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for i := range 30 {
		_, fos := s.order(fmt.Sprintf("#%d", 1001+i), merchant, shipCo)
		s.do(
			fos[0],
			&fulfillment.PlaceHold{
				Reason: fulfillment.HoldOther,
				Meta:   fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "erp"}},
			},
		)
		s.do(fos[1], &fulfillment.SubmitFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{},
			&fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: fos[1].Lines[0].ID, Quantity: 1}}})
	}
	const fields = `id status requestStatus supportedActions { action } assignedLocation { name location { id name } }
		destination { city } fulfillmentHolds { id displayReason heldByApp { title } heldByRequestingApp }
		merchantRequests(first: 5) { nodes { kind } } fulfillments(first: 5) { nodes { id name location { name }
			service { handle }
			fulfillmentLineItems(first: 5) { nodes { quantity lineItem { id title } } } } }
		lineItems(first: 20) { nodes { id totalQuantity lineItem { id title fulfillableQuantity originalUnitPriceSet {
			shopMoney { amount } } } } }`
	for name, c := range map[string]struct {
		document string
		most     int64
	}{
		"fulfillment_orders": {
			`{ fulfillmentOrders(first: 50, includeClosed: true) { nodes { ` + fields +
				` order { id name lineItems(first: 5) { nodes { id } } } } } }`,
			5,
		},
		"lines_holds_order": {`{ fulfillmentOrders(first: 50) { nodes { id fulfillmentHolds { id reason }
			lineItems(first: 20) { nodes { id remainingQuantity } }
			order { id name } } } }`, 2},
		"orders": {
			`{ orders(first: 50) { nodes { id name fulfillmentOrders(first: 5) { nodes { ` + fields +
				` } } fulfillments(first: 5) { id name } } } }`,
			4,
		},
		"searched": {
			`{ orders(first: 50) { nodes { fulfillmentOrders(first: 5, query: "status:ON_HOLD") { nodes { id assignedLocation { name } } } } } }`,
			3,
		},
	} {
		t.Run(name, func(t *testing.T) { // One after the other: they share the count.
			before := s.statements.Load()
			data, errs := s.ask(everybody, "%s", c.document)
			if errs != nil {
				t.Fatal(errs)
			}
			if n := s.statements.Load() - before; n > c.most {
				t.Errorf("%d statements, want at most %d", n, c.most)
			}
			for _, list := range data {
				if n := len(at(t, list, "nodes").([]any)); n < 30 {
					t.Errorf("%d items, want all", n)
				}
			}
		})
	}
}

func TestFulfillmentOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	o, fos := s.order("#1001", merchant)
	held := s.do(fos[0], &fulfillment.PlaceHold{Reason: fulfillment.HoldAwaitingReturnItems,
		Lines: []fulfillment.Quantity{{ID: fos[0].Lines[0].ID, Quantity: 1}},
		Meta:  fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "erp"}}})
	data, errs := s.ask(everybody, `{ fulfillmentOrder(id: "gid://shopify/FulfillmentOrder/%s") {
		id status orderName orderId channelId deliveryMethod { methodType } destination { firstName city countryCode
			zip }
		assignedLocation { name countryCode city location { id isFulfillmentService fulfillmentService { handle } } }
		fulfillmentHolds { id handle displayReason heldByApp { id title } heldByRequestingApp }
		lineItems(first: 5) { nodes { totalQuantity productTitle sku lineItem { quantity fulfillableQuantity
			unfulfilledQuantity }
			financialSummaries { quantity originalUnitPriceSet { shopMoney { amount currencyCode } } } } pageInfo {
				hasNextPage } }
		order { displayFulfillmentStatus displayFinancialStatus totalPriceSet { shopMoney { amount } } closed customer
			{ id }
			fulfillmentOrders(first: 5) { nodes { id status supportedActions { action }
				fulfillmentOrdersForMerge(first: 5) { nodes { id } } } } } } }`, held.ID)
	if errs != nil {
		t.Fatal(errs)
	}
	expect(t, data["fulfillmentOrder"], map[string]any{
		"id": "gid://shopify/FulfillmentOrder/" + held.ID.String(), "status": "ON_HOLD", "orderName": "#1001",
		"orderId":   "gid://shopify/Order/" + o.ID.String(),
		"channelId": nil, "deliveryMethod.methodType": "SHIPPING",
		"destination":           map[string]any{"firstName": "Ada", "city": "Berlin", "countryCode": "DE", "zip": nil},
		"assignedLocation.name": "Berlin", "assignedLocation.countryCode": "DE", "assignedLocation.city": "Berlin",
		"assignedLocation.location.isFulfillmentService": false,
		"assignedLocation.location.fulfillmentService":   nil,
		"fulfillmentHolds.0.handle":                      "",
		"fulfillmentHolds.0.displayReason":               "Exchange items awaiting return delivery",
		"fulfillmentHolds.0.heldByApp.title":             "ERP", "fulfillmentHolds.0.heldByRequestingApp": true,
		"lineItems.nodes.0.totalQuantity": 1.0, "lineItems.nodes.0.productTitle": "Saddle",
		"lineItems.nodes.0.sku": "SAD-1",
		"lineItems.nodes.0.lineItem": map[string]any{
			"quantity": 3.0, "fulfillableQuantity": 2.0, "unfulfilledQuantity": 3.0,
		},
		"lineItems.nodes.0.financialSummaries": []any{
			map[string]any{
				"quantity": 1.0,
				"originalUnitPriceSet": map[string]any{
					"shopMoney": map[string]any{"amount": "12.5", "currencyCode": "EUR"},
				},
			},
		},
		"order.displayFulfillmentStatus": "UNFULFILLED", "order.displayFinancialStatus": "PENDING",
		"order.totalPriceSet.shopMoney.amount": "41.5",
		"order.closed":                         false, "order.customer": nil,
		"order.fulfillmentOrders.nodes.1.status":                          "OPEN",
		"order.fulfillmentOrders.nodes.1.fulfillmentOrdersForMerge.nodes": []any{},
	})
	if data, errs := s.ask(
		everybody, `{ fulfillmentOrder(id: "gid://shopify/FulfillmentOrder/99999999999999999999999") { id } }`,
	); data["fulfillmentOrder"] != nil || errs != nil {
		t.Errorf("an ID of more than 64 bits: %v, %v; want null", data, errs)
	}
	if _, errs := s.ask(
		everybody, `{ fulfillmentOrder(id: "gid://shopify/FulfillmentOrder/0") { id } }`,
	); !slices.Equal(errs, []string{"Invalid id: gid://shopify/FulfillmentOrder/0"}) {
		t.Errorf("ID 0: %v", errs)
	}
}

func TestSupportedActions_merge(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, fos := s.order("#1001", merchant)
	s.do(fos[0], &fulfillment.Split{Lines: []fulfillment.Quantity{{ID: fos[0].Lines[0].ID, Quantity: 1}}})
	const document = `{ fulfillmentOrders(first: 5) { nodes { supportedActions { action } fulfillmentOrdersForMerge(first: 5) { nodes { id } } } } }`
	data, _ := s.ask(everybody, document)
	for i := range 2 {
		actions := at(t, data, fmt.Sprintf("fulfillmentOrders.nodes.%d.supportedActions", i)).([]any)
		if !slices.ContainsFunc(actions, func(a any) bool { return at(t, a, "action") == "MERGE" }) {
			t.Errorf("fulfillment order %d supports %v, without MERGE", i, actions)
		}
		if peers := at(
			t, data, fmt.Sprintf("fulfillmentOrders.nodes.%d.fulfillmentOrdersForMerge.nodes", i),
		).([]any); len(peers) != 1 {
			t.Errorf("fulfillment order %d can be merged with %v, want the other", i, peers)
		}
	}
	reader := access.Caller{
		App: access.App{ID: 6, Handle: "reader", Scopes: []access.Scope{access.ReadMerchantManaged}},
	}
	if data, _ = s.ask(reader, document); len(at(t, data, "fulfillmentOrders.nodes.0.supportedActions").([]any)) != 0 {
		t.Errorf("who may only read supports %v", data)
	}
}

// TestVisibility: what a caller may not see is not there, on whatever way it is asked for.
func TestVisibility(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	o, fos := s.order("#1001", merchant, shipCo)
	own := s.do(
		fos[1], &fulfillment.SubmitFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{},
		&fulfillment.CreateFulfillment{},
	)
	document := fmt.Sprintf(`{
		own: fulfillmentOrder(id: "gid://shopify/FulfillmentOrder/%[1]s") { id }
		other: fulfillmentOrder(id: "gid://shopify/FulfillmentOrder/%[2]s") { id }
		fulfillment(id: "gid://shopify/Fulfillment/%[3]s") { id fulfillmentOrders(first: 5) { nodes { id } } }
		fulfillmentOrders(first: 5, includeClosed: true) { nodes { id } }
		nodes(ids: ["gid://shopify/FulfillmentOrder/%[1]s", "gid://shopify/FulfillmentOrder/%[2]s",
			"gid://shopify/FulfillmentOrderLineItem/%[4]s",
			"gid://shopify/Fulfillment/%[3]s", "gid://shopify/Order/%[5]s"]) { id } }`,
		own.ID, fos[0].ID, own.Fulfillments[0].ID, fos[0].Lines[0].ID, o.ID)
	count := func(list any) (n int) {
		for _, v := range list.([]any) {
			if v != nil {
				n++
			}
		}
		return n
	}
	service := access.Caller{
		App:      access.App{ID: 7, Handle: "ship-co", Scopes: []access.Scope{access.WriteAssigned}},
		Services: []fulfillment.ID{33},
	}
	stranger := access.Caller{
		App:      access.App{ID: 8, Handle: "other-co", Scopes: []access.Scope{access.WriteAssigned}},
		Services: []fulfillment.ID{44},
	}
	for name, c := range map[string]struct {
		by                            access.Caller
		own, other, shipment          bool
		listed, nodes, shipmentOrders int
	}{
		"everybody": {everybody, true, true, true, 2, 5, 1},
		"service":   {service, true, false, true, 1, 2, 1},
		"stranger":  {stranger, false, false, false, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, errs := s.ask(c.by, "%s", document)
			if errs != nil {
				t.Fatal(errs)
			}
			for field, want := range map[string]bool{"own": c.own, "other": c.other, "fulfillment": c.shipment} {
				if got := data[field] != nil; got != want {
					t.Errorf("%s is there: %v, want %v", field, got, want)
				}
			}
			if n := count(at(t, data, "fulfillmentOrders.nodes")); n != c.listed {
				t.Errorf("%d listed, want %d", n, c.listed)
			}
			if n := count(data["nodes"]); n != c.nodes {
				t.Errorf("%d nodes, want %d: %v", n, c.nodes, data["nodes"])
			}
			if c.shipment {
				if n := count(at(t, data, "fulfillment.fulfillmentOrders.nodes")); n != c.shipmentOrders {
					t.Errorf("%d fulfillment orders of the shipment, want %d", n, c.shipmentOrders)
				}
			}
		})
	}
	if _, errs := s.ask(
		service,
		`{ fulfillmentOrders(first: 5) { nodes { order { id } } } assignedFulfillmentOrders(first: 5) { nodes { id } } }`,
	); errs != nil {
		t.Errorf("own fulfillment orders are closed, so no order is asked for: %v", errs)
	}
	const denied = "Access denied for order field."
	if _, errs := s.ask(
		service, `{ fulfillmentOrders(first: 5, includeClosed: true) { nodes { order { id } } } }`,
	); len(errs) != 1 || !strings.HasPrefix(errs[0], denied) {
		t.Errorf("the order of a fulfillment order: %v, want %q", errs, denied)
	}
	hidden, errs := s.ask(access.Caller{App: access.App{ID: 8}}, `{ order(id: "gid://shopify/Order/1") { id }
		orders(first: 1) { nodes { id } }
		fulfillmentOrders(first: 1) { nodes { id } } assignedFulfillmentOrders(first: 1) { nodes { id } }
			locations(first: 1) { nodes { id } }
		location { id } shop { fulfillmentServices { id } } }`)
	want := "map[assignedFulfillmentOrders:map[nodes:[]] fulfillmentOrders:map[nodes:[]] location:<nil> " +
		"locations:map[nodes:[]] order:<nil> orders:map[nodes:[]] shop:map[fulfillmentServices:[]]]"
	if got := fmt.Sprint(hidden); errs != nil || got != want {
		t.Errorf("without a scope, %s (%v), want everything left out: %s", got, errs, want)
	}
	nobody := access.Caller{App: access.App{ID: 9, Scopes: []access.Scope{access.WriteAssigned}}}
	if _, errs := s.ask(
		nobody, `{ assignedFulfillmentOrders(first: 5) { nodes { id } } }`,
	); !slices.Equal(errs, []string{admin.ErrNoService.Error()}) {
		t.Errorf("assignedFulfillmentOrders without a service: %v", errs)
	}
}

func TestFulfillment(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, fos := s.order("#1001", merchant)
	shipped := s.do(
		fos[0],
		&fulfillment.CreateFulfillment{
			Tracking: &fulfillment.TrackingInput{Company: "Carrier", Number: "A1", Numbers: nil},
		},
	)
	f := shipped.Fulfillments[0]
	s.do(shipped, &fulfillment.RecordEvent{FulfillmentID: f.ID, Status: fulfillment.EventInTransit, City: "Köln"},
		&fulfillment.RecordEvent{FulfillmentID: f.ID, Status: fulfillment.EventDelivered})
	data, errs := s.ask(everybody, `{ fulfillment(id: "gid://shopify/Fulfillment/%s") { name status displayStatus createdAt
		totalQuantity legacyResourceId originAddress { city }
		service { id handle type } location { name } trackingInfo(first: 1) { company number url } order { name closed
			closedAt fulfillmentsCount { count precision } }
		events(first: 1, reverse: true) { nodes { id status } pageInfo { hasNextPage endCursor } }
		fulfillmentLineItems(first: 5) { nodes { id quantity originalTotalSet { shopMoney { amount } } lineItem {
			title fulfillmentStatus } } } } }`, f.ID)
	if errs != nil {
		t.Fatal(errs)
	}
	expect(t, data["fulfillment"], map[string]any{
		"name": "#1001-F1", "status": "SUCCESS", "displayStatus": "DELIVERED", "totalQuantity": 4.0,
		"legacyResourceId": f.ID.String(), "originAddress": nil,
		"service": map[string]any{
			"id": "gid://shopify/FulfillmentService/manual?id=true", "handle": "manual", "type": "MANUAL",
		},
		"location.name": "Berlin",
		"trackingInfo":  []any{map[string]any{"company": "Carrier", "number": "A1", "url": nil}},
		"order.closed":  true, "order.closedAt": f.CreatedAt.UTC().Format(time.RFC3339), // when it was decided
		"order.fulfillmentsCount": map[string]any{"count": 1.0, "precision": "EXACT"},
		"events.nodes.0.status":   "DELIVERED", "events.pageInfo.hasNextPage": true,
		"fulfillmentLineItems.nodes.0.originalTotalSet.shopMoney.amount": "37.5",
		"fulfillmentLineItems.nodes.0.lineItem": map[string]any{
			"title": "Saddle", "fulfillmentStatus": "fulfilled",
		},
	})
	event, line := at(t, data, "fulfillment.events.nodes.0.id"), at(
		t, data, "fulfillment.fulfillmentLineItems.nodes.0.id",
	)
	next := at(t, data, "fulfillment.events.pageInfo.endCursor")
	data, errs = s.ask(everybody, `{ nodes(ids: [%q, %q, "gid://shopify/Product/1"]) { __typename id ... on
		FulfillmentEvent { status } ... on FulfillmentLineItem { quantity } }
		fulfillment(id: "gid://shopify/Fulfillment/%s") { events(first: 1, reverse: true, after: %q) { nodes { status
			city } pageInfo { hasNextPage } } } }`, event, line, f.ID, next)
	if errs != nil {
		t.Fatal(errs)
	}
	expect(t, data, map[string]any{
		"nodes.0": map[string]any{"__typename": "FulfillmentEvent", "id": event, "status": "DELIVERED"},
		"nodes.1": map[string]any{"__typename": "FulfillmentLineItem", "id": line, "quantity": 3.0},
		"nodes.2": nil,
		"fulfillment.events": map[string]any{
			"nodes":    []any{map[string]any{"status": "IN_TRANSIT", "city": "Köln"}},
			"pageInfo": map[string]any{"hasNextPage": false},
		},
	})
}

func TestLocations(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	app, err := s.CreateApp(t.Context(), access.App{Name: "Third Co", Scopes: access.Scopes()})
	must(t)(nil, err)
	// It has not said what it stocks.
	must(t)(s.AddService(t.Context(), fulfillment.Service{ID: 34, LocationID: 23, Name: "Third Co", AppID: app.ID}))
	_, fos := s.order("#1001", merchant)
	data, errs := s.ask(everybody, `{ shop { id fulfillmentServices { id serviceName location { name
		isFulfillmentService shipsInventory fulfillsOnlineOrders } } }
		location { name address { country formatted } } own: locations(first: 5) { nodes { name } } all:
			locations(first: 5, includeLegacy: true, query: "name:ship*") { nodes { name } }
		fulfillmentOrder(id: "gid://shopify/FulfillmentOrder/%s") { locationsForMove(first: 5) { nodes { location {
			name } movable message availableLineItemsCount { count } } } } }`, fos[0].ID)
	if errs != nil {
		t.Fatal(errs)
	}
	expect(t, data, map[string]any{
		"shop.fulfillmentServices.0.serviceName": "Manual",
		"shop.fulfillmentServices.0.location": map[string]any{
			"name": "Berlin", "isFulfillmentService": false, "shipsInventory": true, "fulfillsOnlineOrders": true,
		},
		"shop.fulfillmentServices.1.serviceName":                   "Ship Co",
		"shop.fulfillmentServices.1.id":                            "gid://shopify/FulfillmentService/33?id=true",
		"shop.fulfillmentServices.1.location.isFulfillmentService": true,
		"location": map[string]any{
			"name": "Berlin", "address": map[string]any{"country": "Germany", "formatted": []any{"Berlin", "Germany"}},
		},
		"own": map[string]any{"nodes": []any{map[string]any{"name": "Berlin"}}},
		"all": map[string]any{"nodes": []any{map[string]any{"name": "Ship Co"}}},
		"fulfillmentOrder.locationsForMove.nodes": []any{
			map[string]any{
				"location": map[string]any{"name": "Berlin"}, "movable": false, "message": "Current location.",
				"availableLineItemsCount": map[string]any{"count": 2.0},
			},
			map[string]any{
				"location": map[string]any{"name": "Ship Co"}, "movable": true, "message": nil,
				"availableLineItemsCount": map[string]any{"count": 2.0},
			},
			map[string]any{
				"location": map[string]any{"name": "Third Co"}, "movable": true, "message": nil,
				"availableLineItemsCount": map[string]any{"count": 2.0},
			},
		},
	})
}

// TestFulfillment_joint: a shipment from two fulfillment orders is one, wherever it is seen from.
func TestFulfillment_joint(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	o, fos := s.order("#1001", merchant)
	s.do(fos[0], &fulfillment.Split{Lines: []fulfillment.Quantity{{ID: fos[0].Lines[0].ID, Quantity: 1}}})
	states, err := s.FulfillmentOrdersOf(t.Context(), o.ID)
	must(t)(nil, err)
	d, err := fulfillment.DecideJointly(
		&fulfillment.Ship{
			Groups: []fulfillment.ShipGroup{{FulfillmentOrderID: states[0].ID}, {FulfillmentOrderID: states[1].ID}},
		},
		states, s.env(),
	)
	must(t)(nil, err)
	must(t)(nil, s.CommitJointly(t.Context(), d.Commit()))
	id := d.Results[0].FulfillmentID
	const shipment = `{ id name totalQuantity fulfillmentLineItems(first: 5) { nodes { quantity lineItem { title } } } fulfillmentOrders(first: 5) { nodes { id } } }`
	data, errs := s.ask(everybody, `{ fulfillment(id: "gid://shopify/Fulfillment/%[1]s") `+shipment+`
		order(id: "gid://shopify/Order/%[2]s") { fulfillments(first: 5) `+shipment+` fulfillmentOrders(first: 5) {
			nodes { status fulfillments(first: 5) { nodes `+shipment+` } } } } }`, id, o.ID)
	if errs != nil {
		t.Fatal(errs)
	}
	whole := at(t, data, "fulfillment")
	expect(t, whole, map[string]any{
		"name": "#1001-F1", "totalQuantity": 4.0, "fulfillmentLineItems.nodes": []any{
			map[string]any{"quantity": 3.0, "lineItem": map[string]any{"title": "Saddle"}},
			map[string]any{"quantity": 1.0, "lineItem": map[string]any{"title": "Bell"}},
		},
	})
	if n := len(at(t, whole, "fulfillmentOrders.nodes").([]any)); n != 2 {
		t.Errorf("it is of %d fulfillment orders, want both", n)
	}
	expect(t, data["order"], map[string]any{
		"fulfillments": []any{whole},
		"fulfillmentOrders.nodes.0.fulfillments.nodes": []any{whole},
		"fulfillmentOrders.nodes.1.fulfillments.nodes": []any{whole},
	})
}
