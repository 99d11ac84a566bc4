package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/graphql/document"
	"packhorse/internal/serve"
)

// courier is the service that an app of its own runs, through the Admin API.
const courier = "Courier"

// courierURL is where it would be called, which nobody but its app is told.
const courierURL = "https://courier.example/callback-of-the-courier"

// app is somebody who works with orders through the Admin API, with a token of its own, and looks at everything that it
// is told.
type app struct {
	id      fulfillment.ID
	name    string
	token   string
	scopes  []access.Scope
	owns    []string // services
	handler http.Handler
	rng     *rand.Rand
	pool    *pool
	journal *journal
	minter  *fulfillment.Minter
}

// openAPI puts the Admin API together.
func (r *run) openAPI(ctx context.Context) (http.Handler, error) {
	receivers, err := r.stage.systems.receivers(ctx, r.stage.lab.DatabaseURL())
	if err != nil {
		return nil, err
	}
	api, err := serve.New(serve.Options{
		Settings: config.Gateway{
			GIDNamespace: admin.DefaultNamespace, RequestTimeout: apiTimeout, CostBucket: 1e6, CostRestoreRate: 1e6,
		},
		Limits: document.Limits{MaxCost: 1e6, MaxDepth: 30, MaxPageSize: 250, MaxNodes: 1e6},
		Store:  r.stage.store, Temporal: r.stage.straight, Logger: slog.New(slog.DiscardHandler),
		Receivers: receivers,
	})
	if err != nil {
		return nil, fmt.Errorf("put the API together: %w", err)
	}
	return api.Handler, nil
}

// register makes an app, its token and the services that it runs.
func (r *run) register(ctx context.Context, a *app, api http.Handler) error {
	made, err := r.stage.store.CreateApp(ctx, access.App{Name: a.name, Scopes: a.scopes})
	if err != nil {
		return fmt.Errorf("make an app: %w", err)
	}
	for _, name := range a.owns {
		service := fulfillment.Service{Name: name, AppID: made.ID, Provider: fulfillment.ManualProvider}
		if name == courier {
			service.CallbackURL = courierURL
		}
		service.TrackingSupport = name == parcels
		if _, err := r.stage.store.AddService(ctx, service); err != nil {
			return fmt.Errorf("add the service %s: %w", name, err)
		}
	}
	if _, a.token, err = r.stage.store.CreateToken(ctx, made.ID); err != nil {
		return fmt.Errorf("make a token: %w", err)
	}
	a.id, a.handler = made.ID, api
	return nil
}

// openApps adds the courier to the shop, and gives three apps their tokens: the merchant's for its own locations, the
// courier's, and one that only reads what others ship.
func (r *run) openApps(ctx context.Context, shop *shop, api http.Handler) (_ []*app, err error) {
	var minter fulfillment.Minter
	apps := []*app{
		{name: "Order desk", scopes: []access.Scope{access.WriteMerchantManaged}},
		{
			name: courier, owns: []string{courier},
			scopes: []access.Scope{access.WriteAssigned, access.WriteFulfillments},
		},
		{name: "Onlooker", scopes: []access.Scope{access.ReadThirdParty, access.ReadFulfillments}},
	}
	for i, a := range apps {
		if err := r.register(ctx, a, api); err != nil {
			return nil, err
		}
		a.journal, a.minter = r.journal, &minter
		a.rng = rand.New(rand.NewPCG(r.Seed, uint64(2000+i)))
	}
	shop.locations, err = r.stage.store.Locations(ctx)
	return apps, err
}

// apiTimeout bounds a request of an app.
const apiTimeout = 20 * time.Second

// live asks and commands until the context ends.
func (a *app) live(ctx context.Context) {
	for sleep(ctx, time.Duration(a.rng.Int64N(int64(pace)))) {
		order := a.pool.draw(a.rng)
		if order == 0 {
			continue
		}
		fos := a.pool.look(ctx, order)
		if len(fos) == 0 {
			continue
		}
		fo := oneOf(a.rng, fos)
		a.try(ctx, fo)
	}
}

const appFields = ` fragment Seen on FulfillmentOrder {
	__typename id status orderName assignedLocation { name location { name } }
	fulfillmentHolds { reasonNotes heldByApp { title } } destination { city }
	lineItems(first: 5) { nodes { remainingQuantity lineItem { title fulfillmentService { handle callbackUrl } } } }
	fulfillments(first: 5) { nodes { id trackingInfo { number } service { handle callbackUrl }
		fulfillmentOrders(first: 5) { nodes { __typename id assignedLocation { name } } } } }
	locationsForMove(first: 20) { nodes { location { name } } }
}`

// questions and errands are what apps ask, of a fulfillment order, its order and one of its shipments.
var (
	questions = []string{
		`query ($id: ID!, $order: ID!, $shipment: ID!) { fulfillmentOrder(id: $id) { ...Seen } node(id: $id) { ...Seen }
			order(id: $order) { __typename id } fulfillment(id: $shipment) { id service { callbackUrl }
				fulfillmentOrders(first: 5) { nodes { ...Seen } } } }` + appFields,
		`{ fulfillmentOrders(first: 10, reverse: true, includeClosed: true) { nodes { ...Seen } } }` + appFields,
		`{ shop { fulfillmentServices { handle callbackUrl location { name } } } orders(first: 5) { nodes { __typename id } }
			locations(first: 20, includeLegacy: true) { nodes { id } } }`,
	}
	errands = []string{
		`mutation ($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: {reason: OTHER, reasonNotes: "App."}) {
			fulfillmentOrder { ...Seen } remainingFulfillmentOrder { ...Seen } userErrors { message } } }` + appFields,
		`mutation ($id: ID!) { fulfillmentOrderReleaseHold(id: $id) { fulfillmentOrder { ...Seen } userErrors { message
			} } }` + appFields,
		`mutation ($id: ID!) { fulfillmentOrderAcceptFulfillmentRequest(id: $id) { fulfillmentOrder { ...Seen }
			userErrors { message } } }` + appFields,
		`mutation ($id: ID!) { fulfillmentOrderClose(id: $id) { fulfillmentOrder { ...Seen } userErrors { message } }
			}` + appFields,
		`mutation ($id: ID!) { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: $id}]})
			{ fulfillment { id fulfillmentOrders(first: 5) { nodes { ...Seen } } } userErrors { message } } }` + appFields,
		`mutation ($shipment: ID!) { fulfillmentEventCreate(fulfillmentEvent: {fulfillmentId: $shipment, status:
			IN_TRANSIT}) { fulfillmentEvent { id } userErrors { message } } }`,
	}
)

// try asks or commands something, and looks at the answer.
func (a *app) try(ctx context.Context, fo *fulfillment.FulfillmentOrder) {
	document := oneOf(a.rng, questions)
	if chance(a.rng, 0.5) {
		document = oneOf(a.rng, errands)
	}
	variables := map[string]string{
		"id": gid(admin.TypeFulfillmentOrder, fo.ID), "order": gid(admin.TypeOrder, fo.OrderID),
		"shipment": gid(admin.TypeFulfillment, a.minter.Mint()),
	}
	if len(fo.Fulfillments) > 0 {
		variables["shipment"] = gid(admin.TypeFulfillment, fo.Fulfillments[0].ID)
	}
	s := sent{
		id: variables["id"], verb: strings.Fields(document)[0] + " of " + a.name, orderID: fo.OrderID,
		fulfillmentOrderID: fo.ID, way: "api",
	}
	body := a.ask(ctx, document, variables)
	if body == nil {
		return
	}
	a.journal.kept(promiseSight, s, a.overseen(body))
}

func gid(typeName string, id fulfillment.ID) string {
	return admin.GID{Type: typeName, ID: id}.Text(admin.DefaultNamespace)
}

// ask sends an operation. The answer is nil when there was none that says anything.
func (a *app) ask(ctx context.Context, document string, variables map[string]string) []byte {
	used := map[string]string{}
	for name, value := range variables {
		if strings.Contains(document, "$"+name+":") {
			used[name] = value
		}
	}
	body, err := json.Marshal(map[string]any{"query": document, "variables": used})
	if err != nil {
		panic(err) // They are texts.
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, gateway.Endpoint(), bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Shopify-Access-Token", a.token)
	answer := httptest.NewRecorder()
	a.handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		return nil // The database is away.
	}
	return answer.Body.Bytes()
}

// overseen says what an answer tells that the app's scopes forbid; empty: nothing.
func (a *app) overseen(body []byte) string {
	if bytes.Contains(body, []byte(courierURL)) && !slices.Contains(a.owns, courier) {
		return "it is told where another app's service is called"
	}
	var answer struct {
		Data   any `json:"data"`
		Errors []struct {
			Message    string `json:"message"`
			Extensions struct {
				Code string `json:"code"`
			} `json:"extensions"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Sprintf("the answer is no JSON: %v", err)
	}
	for _, e := range answer.Errors {
		// A document that is wrong would see nothing for ever.
		if slices.Contains([]string{document.CodeBadRequest, document.CodeMaxCostExceeded}, e.Extensions.Code) {
			return "its document is refused: " + e.Message
		}
	}
	return a.overseenIn(answer.Data)
}

func (a *app) overseenIn(at any) string {
	switch at := at.(type) {
	case []any:
		for _, item := range at {
			if wrong := a.overseenIn(item); wrong != "" {
				return wrong
			}
		}
	case map[string]any:
		if wrong := a.forbidden(at); wrong != "" {
			return wrong
		}
		for _, value := range at {
			if wrong := a.overseenIn(value); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

// forbidden says what is wrong with an app's seeing the object, going by its scopes alone; empty: nothing.
func (a *app) forbidden(object map[string]any) string {
	has := func(any ...access.Scope) bool {
		return slices.ContainsFunc(any, func(s access.Scope) bool { return slices.Contains(a.scopes, s) })
	}
	switch object["__typename"] {
	case admin.TypeOrder:
		if !has(access.ReadOrders, access.WriteOrders) {
			return fmt.Sprintf("it sees the order %v", object["id"])
		}
	case admin.TypeFulfillmentOrder:
		at, _ := object["assignedLocation"].(map[string]any)
		name, _ := at["name"].(string)
		may := has(access.ReadThirdParty, access.WriteThirdParty)
		switch {
		case slices.Contains(warehouses, name):
			may = has(access.ReadMerchantManaged, access.WriteMerchantManaged)
		case slices.Contains(a.owns, name):
			may = may || has(access.ReadAssigned, access.WriteAssigned)
		}
		if !may {
			return fmt.Sprintf("it sees the fulfillment order %v, which is at %s", object["id"], name)
		}
	}
	return ""
}
