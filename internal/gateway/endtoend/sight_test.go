package endtoend

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
)

// sight is a shop in which there is something of everything, at the merchant's location, at the service of an app, and
// at that of another one; and two apps that look at it.
type sight struct {
	*shop
	owner, stranger *gatewaytest.App // Ship Co's, and one without a service
	order           string
	lineItem        string
	services        map[access.Ownership]string // as seen by the owner
	locations       map[access.Ownership]string
	fulfillmentOrders,
	lines, holds, requests, shipments, shipmentLines, events map[access.Ownership]string
	session string                      // the owner's edit
	job     string                      // that cancels another order
	kinds   map[string]access.Ownership // of services, locations, fulfillment orders and shipments, by ID
	urls    map[string]string           // callback URLs, by service

	// back is a return of the merchant's shipment: the return, its line, its work, the parcel, and what became of it.
	back, backLine, backWork, backParcel, backUnits string
}

func newSight(t *testing.T) *sight {
	t.Helper()
	s := &sight{
		shop:     newShop(t, gatewaytest.Options{Limits: allowed()}),
		services: map[access.Ownership]string{}, locations: map[access.Ownership]string{},
		fulfillmentOrders: map[access.Ownership]string{}, lines: map[access.Ownership]string{},
		holds: map[access.Ownership]string{}, requests: map[access.Ownership]string{},
		shipments: map[access.Ownership]string{}, shipmentLines: map[access.Ownership]string{},
		events: map[access.Ownership]string{},
		kinds:  map[string]access.Ownership{}, urls: map[string]string{},
	}
	s.owner, s.stranger = s.service, s.App("Stranger", access.Scopes()...)
	other := s.App("Other Co", access.Scopes()...)
	otherService, otherDepot := registerService(t, other, "Other Co")
	s.locations = map[access.Ownership]string{
		access.MerchantManaged: s.home, access.Assigned: s.depot, access.ThirdParty: otherDepot,
	}
	s.Rescope(s.owner, access.Scopes()...)
	own := gatewaytest.Get[string](t, s.owner.Must(
		t, `query ($id: ID!) { location(id: $id) { fulfillmentService { id } } }`, vars{"id": s.depot},
	), "location.fulfillmentService.id")
	s.services = map[access.Ownership]string{access.Assigned: own, access.ThirdParty: otherService}
	for app, service := range map[*gatewaytest.App]string{s.owner: own, other: otherService} {
		s.urls[service] = "https://" + app.Handle + ".example/CALLBACK-OF-" + app.Handle
		app.Must(t, `mutation ($id: ID!, $url: URL!) { fulfillmentServiceUpdate(id: $id, callbackUrl: $url) {
			userErrors { field message } } }`, vars{"id": service, "url": s.urls[service]})
	}
	s.fill(t, other)
	for _, of := range []map[access.Ownership]string{s.services, s.locations, s.fulfillmentOrders, s.shipments} {
		for kind, id := range of {
			s.kinds[id] = kind
		}
	}
	return s
}

// fill makes an order with a fulfillment order at each of the three, each with a hold or a request, and a shipment with
// news.
func (s *sight) fill(t *testing.T, other *gatewaytest.App) {
	t.Helper()
	made := s.merchant.Must(t, `mutation ($order: OrderCreateOrderInput!) { orderCreate(order: $order) {
		order { id lineItems(first: 5) { nodes { id } } fulfillmentOrders(first: 5) { nodes { id lineItems(first: 5) {
			nodes { id } } } } } userErrors { field message } } }`,
		vars{"order": vars{
			"currency": "EUR", "email": "EMAIL@example.com", "note": "ORDER-NOTE",
			"shippingAddress": vars{"firstName": "Ada", "lastName": "BUYER-NAME", "city": "BUYER-CITY", "countryCode": "DE"},
			"lineItems": []vars{{"title": "Saddle", "quantity": 30, "sku": "SAD", "requiresShipping": true,
				"priceSet": vars{"shopMoney": vars{"amount": "12.50", "currencyCode": "EUR"}},
				"taxLines": []vars{{"title": "VAT", "rate": "0.2"}}}},
			"transactions": []vars{{"kind": "SALE", "gateway": "PAYMENT-GATEWAY",
				"amountSet": vars{"shopMoney": vars{"amount": "20.00", "currencyCode": "EUR"}}}},
		}})
	s.order = gatewaytest.Get[string](t, made, "orderCreate.order.id")
	s.lineItem = gatewaytest.Get[string](t, made, "orderCreate.order.lineItems.nodes.0.id")
	first := gatewaytest.Get[string](t, made, "orderCreate.order.fulfillmentOrders.nodes.0.id")
	line := gatewaytest.Get[string](t, made, "orderCreate.order.fulfillmentOrders.nodes.0.lineItems.nodes.0.id")
	s.fulfillmentOrders[access.MerchantManaged] = first
	for _, kind := range []access.Ownership{access.Assigned, access.ThirdParty} {
		moved := s.merchant.Must(t, move, vars{"id": first, "to": s.locations[kind],
			"lines": []vars{{"id": line, "quantity": 10}}})
		s.fulfillmentOrders[kind] = gatewaytest.Get[string](
			t, moved, "fulfillmentOrderMove.movedFulfillmentOrder.id",
		)
	}
	for kind, id := range s.fulfillmentOrders {
		by := map[access.Ownership]*gatewaytest.App{
			access.MerchantManaged: s.merchant, access.Assigned: s.owner, access.ThirdParty: other,
		}[kind]
		if kind != access.MerchantManaged {
			s.merchant.Must(t, strings.Replace(submit, "Please ship.", "REQUEST-"+string(kind), 1), vars{"id": id})
			by.Must(t, accept, vars{"id": id})
		}
		s.lines[kind] = read(t, by, id).LineItems.Nodes[0].ID
		shipped := by.Must(t, `mutation ($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { fulfillment { id
			fulfillmentLineItems(first: 1) { nodes { id } } } userErrors { field message } } }`,
			vars{"f": vars{"trackingInfo": vars{"number": "TRACK-" + string(kind)}, "lineItemsByFulfillmentOrder": []vars{
				{"fulfillmentOrderId": id, "fulfillmentOrderLineItems": []vars{{"id": s.lines[kind], "quantity": 1}}},
			}}})
		s.shipments[kind] = gatewaytest.Get[string](t, shipped, "fulfillmentCreate.fulfillment.id")
		s.shipmentLines[kind] = gatewaytest.Get[string](
			t, shipped, "fulfillmentCreate.fulfillment.fulfillmentLineItems.nodes.0.id",
		)
		news := by.Must(t, event, vars{"event": vars{
			"fulfillmentId": s.shipments[kind], "status": "IN_TRANSIT", "message": "NEWS-" + string(kind),
		}})
		s.events[kind] = gatewaytest.Get[string](t, news, "fulfillmentEventCreate.fulfillmentEvent.id")
	}
	held := s.merchant.Must(t, holding, vars{"id": s.fulfillmentOrders[access.MerchantManaged],
		"hold": vars{"reason": "OTHER", "reasonNotes": "HOLD-NOTES", "handle": "hold"}})
	s.holds[access.MerchantManaged] = gatewaytest.Get[string](t, held, "fulfillmentOrderHold.fulfillmentHold.id")
	for _, kind := range []access.Ownership{access.Assigned, access.ThirdParty} {
		asked := s.stranger.Must(t, `query ($id: ID!) { fulfillmentOrder(id: $id) { merchantRequests(first: 1) { nodes {
			id } } } }`, vars{"id": s.fulfillmentOrders[kind]})
		s.requests[kind] = gatewaytest.Get[string](t, asked, "fulfillmentOrder.merchantRequests.nodes.0.id")
	}
	cancelled, _ := s.shop.order(t, 1)
	done := s.merchant.Must(t, cancelOrder, vars{"id": cancelled})
	s.job = gatewaytest.Get[string](t, done, "orderCancel.job.id")
	s.bringBack(t)
	begun := s.owner.Must(t, beginEdit, vars{"id": s.order})
	s.session = gatewaytest.Get[string](t, begun, "orderEditBegin.calculatedOrder.id")
}

// scopeSets are the sets of scopes that are tried: each alone, none that reads, all, all but one with what implies it,
// and what apps usually have.
func scopeSets() [][]access.Scope {
	sets := [][]access.Scope{access.Scopes(), merchantScopes, serviceScopes}
	for _, scope := range access.Scopes() {
		sets = append(sets, []access.Scope{scope})
	}
	for i := 0; i < len(access.Scopes()); i += 2 {
		pair := access.Scopes()[i : i+2]
		sets = append(sets, slices.DeleteFunc(
			access.Scopes(), func(s access.Scope) bool { return slices.Contains(pair, s) },
		))
	}
	return sets
}

// The first sets of scopes are those of all and of what apps usually have. Without -wholewalk, the others go along one
// of so many roads, each along others.
const wholeSets, eachOf = 3, 4

func everyNth(roads []road, from int) (some []road) {
	for i := from % eachOf; i < len(roads); i += eachOf {
		some = append(some, roads[i])
	}
	return some
}

// TestSight asks for every field of every object, by every way that leads to it, with every set of scopes, for an app
// that owns a service and for one that does not; and compares what is answered with what the table of package access
// lets that app see of what there is: no more, no less, and no other errors.
func TestSight(t *testing.T) {
	t.Parallel()
	s := newSight(t)
	roads := s.roads(t)
	t.Logf("%d roads to %d fields, with %d sets of scopes", len(roads), len(s.fieldsOf(roads)), len(scopeSets()))
	for _, missing := range s.unreached(roads) {
		t.Errorf("no road leads to %s", missing)
	}
	truth := s.truth(t, roads)
	for _, app := range []*gatewaytest.App{s.owner, s.stranger} {
		for i, scopes := range scopeSets() {
			roads, whole := roads, i < wholeSets || *wholeWalk
			if !whole {
				roads = everyNth(roads, i)
			}
			s.Rescope(app, scopes...)
			by := access.Caller{App: app.App}
			if app == s.owner {
				by.Services = append(by.Services, numberOf(s.services[access.Assigned]))
			}
			told := s.look(t, app, by, roads, truth)
			s.checkSecrets(t, app, by, told, whole)
		}
	}
}

// TestCallbacksAreTheOwners: how the calls of a service stand is shown to the app that owns it, and to no other.
func TestCallbacksAreTheOwners(t *testing.T) {
	t.Parallel()
	s := newSight(t)
	const ask = `query ($id: ID!) { fulfillmentService(id: $id) { serviceName callbacks { kind } callbackProblem } }`
	in := map[string]any{"id": s.services[access.Assigned]}
	s.Rescope(s.owner, access.Scopes()...)
	if answer := s.owner.Do(t, ask, in); len(answer.Errors) > 0 || answer.Data["fulfillmentService"] == nil {
		t.Errorf("the owner is told %s", answer.Body)
	}
	s.Rescope(s.stranger, access.Scopes()...)
	answer := s.stranger.Do(t, ask, in)
	if answer.Data["fulfillmentService"] != nil || !strings.Contains(string(answer.Body), "Access denied for callbacks") {
		t.Errorf("another app is told %s", answer.Body)
	}
}

// look goes along all roads and compares what is seen with what should be. It returns all answers.
func (s *sight) look(
	t *testing.T, app *gatewaytest.App, by access.Caller, roads []road, truth map[string]any,
) (told string) {
	t.Helper()
	var all strings.Builder
	wrong := 0
	batches := slices.Collect(slices.Chunk(roads, batchSize))
	for len(batches) > 0 {
		batch := batches[0]
		batches = batches[1:]
		answer := app.Do(t, documentOf(batch, false), nil)
		all.Write(answer.Body)
		if half := len(batch) / 2; half > 0 && len(answer.Errors) >= 100 { // More than an answer tells of.
			batches = append(batches, batch[:half], batch[half:])
			continue
		}
		wants := make([]sightOf, len(batch))
		for i, r := range batch {
			wants[i] = s.expected(by, r, truth)
		}
		nothing := slices.ContainsFunc(wants, func(want sightOf) bool { return want.all })
		for i, r := range batch {
			want, name := wants[i], fmt.Sprint("r", i)
			if nothing {
				want.value = nil
			}
			var codes []string
			for _, e := range answer.Errors {
				if len(e.Path) > 0 && e.Path[0] == name {
					codes = append(codes, e.Extensions.Code)
				}
			}
			other := slices.ContainsFunc(codes, func(code string) bool { return code != access.Code })
			same := r.own && !nothing || reflect.DeepEqual(answer.Data[name], want.value)
			if !same || want.denied != (len(codes) > 0) && !r.through("LineItem.fulfillmentService") || other {
				if wrong++; wrong <= 5 {
					t.Errorf("%s with %v sees of %s\n%v %v, want\n%v (denied %t)",
						app.Handle, by.App.Scopes, r, answer.Data[name], codes, want.value, want.denied)
				}
			}
		}
	}
	return all.String()
}

// secrets are texts that stand in the shop, and who may see them, in words: by the scopes of which any one is enough,
// for the owner of the service and for a stranger. Written from the rules, not from the table.
var secrets = []struct {
	text            string
	owner, stranger string
}{
	{"ORDER-NOTE", "read_orders", "read_orders"},
	{"PAYMENT-GATEWAY", "read_orders", "read_orders"},
	{"BUYER-CITY", "read_orders read_merchant_managed_fulfillment_orders read_assigned_fulfillment_orders " +
		"read_third_party_fulfillment_orders",
		"read_orders read_merchant_managed_fulfillment_orders read_third_party_fulfillment_orders"},
	{"HOLD-NOTES", "read_merchant_managed_fulfillment_orders", "read_merchant_managed_fulfillment_orders"},
	{"REQUEST-ASSIGNED", "read_assigned_fulfillment_orders read_third_party_fulfillment_orders",
		"read_third_party_fulfillment_orders"},
	{"REQUEST-THIRD_PARTY", "read_third_party_fulfillment_orders", "read_third_party_fulfillment_orders"},
	{"TRACK-MERCHANT_MANAGED", "read_orders read_merchant_managed_fulfillment_orders",
		"read_orders read_merchant_managed_fulfillment_orders"},
	{"NEWS-ASSIGNED", "read_orders read_assigned_fulfillment_orders read_third_party_fulfillment_orders",
		"read_orders read_third_party_fulfillment_orders"},
	{"TRACK-THIRD_PARTY", "read_orders read_third_party_fulfillment_orders",
		"read_orders read_third_party_fulfillment_orders"},
	{"CALLBACK-OF-other-co", "", ""},
	{"CALLBACK-OF-ship-co", "*", ""}, // To the owner where it reaches its service.
}

// checkSecrets looks for the secrets in the bytes of all answers, wherever they may stand. Who went along all roads has
// seen all that it may.
func (s *sight) checkSecrets(t *testing.T, app *gatewaytest.App, by access.Caller, told string, whole bool) {
	t.Helper()
	for _, secret := range secrets {
		needed := secret.stranger
		if app == s.owner {
			needed = secret.owner
		}
		must := slices.ContainsFunc(strings.Fields(needed), func(scope string) bool {
			return scope != "*" && by.Has(access.Scope(scope))
		})
		may := must || needed == "*"
		if is := strings.Contains(told, secret.text); is && !may || !is && must && whole {
			t.Errorf("%s with %v is told %s: %t", app.Handle, by.App.Scopes, secret.text, is)
		}
	}
}
