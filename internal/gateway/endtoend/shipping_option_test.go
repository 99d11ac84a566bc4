package endtoend

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/access"
	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
)

// priced is a provider with two options, whose price is in the options of its services; without one it is down.
type priced struct {
	manual.Provider
	mu    sync.Mutex
	asked []provider.Request
}

func (*priced) ID() string { return "priced" }

func (*priced) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{{ID: "standard"}, {ID: "express", Data: map[string]any{"extra": true}}}, nil
}

func (*priced) ValidateOption(context.Context, map[string]any) error { return nil }

func (*priced) ValidateData(
	_ context.Context, _, data map[string]any, _ provider.Context,
) (map[string]any, error) {
	return data, nil
}

func (*priced) CanPrice(context.Context, map[string]any) bool { return true }

func (*priced) Price(_ context.Context, option, _ map[string]any, in provider.Context) (provider.Price, error) {
	amount, _ := option["price"].(string)
	if amount == "" || len(in.Lines) != 1 || in.Lines[0].Grams != 500 || in.Destination.City != "Porto" {
		return provider.Price{}, &provider.Error{Class: provider.Retryable, Message: "The system is down."}
	}
	price := provider.Price{Amount: amount, CurrencyCode: "EUR", DeliveryDays: 4}
	if option["extra"] == true {
		price.Amount, price.DeliveryDays = "1"+price.Amount, 1
	}
	return price, nil
}

func (p *priced) Create(_ context.Context, r provider.Request) (provider.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r)
	return provider.Answer{Outcome: fulfillment.OutcomeAccepted}, nil
}

// of is what was asked for a fulfillment order.
func (p *priced) of(id fulfillment.ID) *provider.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.asked {
		if r.FulfillmentOrderID == id {
			return &r
		}
	}
	return nil
}

// TestOrderCreateWithShippingOption: what an order says of its shipping is there to be seen, decides between locations
// that could ship the same, and is told to the provider; one that says nothing sensible is refused in the same words
// wherever it comes in.
func TestOrderCreateWithShippingOption(t *testing.T) {
	t.Parallel()
	p := &priced{}
	s := gatewaytest.Start(t, gatewaytest.Options{})
	s.StopWorker()
	s.Settings.Providers = append(s.Settings.Providers, provider.Entry{
		ID: p.ID(), What: "Has prices", Queue: &provider.Queue{}, Offline: p,
		Open: func(context.Context, provider.Host) (provider.Provider, func(), error) { return p, nil, nil },
	})
	s.Settings.Worker.Providers = config.Names{p.ID()}
	s.StartWorker()
	app := s.App("Shop", access.ReadOrders, access.WriteOrders, access.ReadMerchantManaged, access.ReadThirdParty,
		access.WriteThirdParty)
	for name, price := range map[string]string{"Dear": "9.00", "Cheap": "4.90", "Down": ""} {
		s.Service(fulfillment.Service{Name: name, Provider: p.ID(), Options: map[string]any{"price": price}})
	}
	const create = `mutation ($option: OrderCreateShippingOptionInput) { orderCreate(order: {
			shippingOption: $option, shippingAddress: {address1: "Rua 1", city: "Porto", countryCode: PT},
			lineItems: [{title: "Tee", quantity: 1, requiresShipping: true, weight: {value: 500, unit: GRAMS}}]}) {
		order { shippingOption { id rule withinDays data { key value } }
			fulfillmentOrders(first: 2) { nodes { id assignedLocation { name } } } }
		userErrors { field message } } }`
	type vars = map[string]any
	for name, test := range map[string]struct {
		option vars
		want   fulfillment.ShippingOption
		at     string // "": whichever comes first
		why    []string
	}{
		"cheapest": {
			vars{"rule": "CHEAPEST"}, fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest}, "Cheap",
			[]string{"cheapest (4.90 EUR, 4 days) of 3 locations", "not compared with Down: The system is down"},
		},
		"within_days": {
			vars{"rule": "CHEAPEST", "withinDays": 2},
			fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest, WithinDays: new(2)}, "Cheap",
			[]string{"cheapest (14.90 EUR, 1 day) of 3 locations"},
		},
		"an_option": {
			vars{"id": "express", "data": []vars{{"key": "point", "value": "42"}}},
			fulfillment.ShippingOption{ID: "express", Data: map[string]string{"point": "42"}}, "",
			[]string{"first of 3 locations by priority"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := app.Must(t, create, vars{"option": test.option})
			shown := gatewaytest.Get[vars](t, made, "orderCreate.order.shippingOption")
			for _, field := range []string{"id", "rule"} {
				if shown[field] != test.option[field] {
					t.Errorf("its %s is %v", field, shown[field])
				}
			}
			data := gatewaytest.Get[[]vars](t, made, "orderCreate.order.shippingOption.data")
			if given, _ := test.option["data"].([]vars); !slices.EqualFunc(data, given, func(a, b vars) bool {
				return a["key"] == b["key"] && a["value"] == b["value"]
			}) {
				t.Errorf("its data is %v", data)
			}
			nodes := gatewaytest.Get[[]struct{ ID string }](t, made, "orderCreate.order.fulfillmentOrders.nodes")
			id, err := fulfillment.ParseID(nodes[0].ID[strings.LastIndexByte(nodes[0].ID, '/')+1:])
			if err != nil || len(nodes) != 1 {
				t.Fatalf("%d fulfillment orders, %v", len(nodes), err)
			}
			at := s.Load(id).AssignedLocation
			if test.at != "" && at.Name != test.at {
				t.Errorf("it is at %s: %s", at.Name, at.Why)
			}
			for _, words := range test.why {
				if !strings.Contains(at.Why, words) {
					t.Errorf("it is there because %q, want %q", at.Why, words)
				}
			}
			app.Must(t, `mutation ($id: ID!) { fulfillmentOrderSubmitFulfillmentRequest(id: $id) {
				userErrors { message } } }`, vars{"id": nodes[0].ID})
			s.Eventually(id, "accepted", func(fo *fulfillment.FulfillmentOrder) bool {
				return fo.RequestStatus == fulfillment.RequestAccepted
			})
			request := p.of(id)
			if diff := cmp.Diff(&test.want, request.Option); diff != "" {
				t.Errorf("the provider is told something else: %s", diff)
			}
			if test.want.ID != "" && (request.ServiceOptions["id"] != "express" || request.OptionData["point"] != "42") {
				t.Errorf("the provider gets %v with %v", request.ServiceOptions, request.OptionData)
			}
		})
	}
	for name, test := range map[string]struct {
		option vars
		same   fulfillment.ShippingOption
		field  []string
	}{
		"nothing": {vars{}, fulfillment.ShippingOption{}, nil},
		"both": {
			vars{"id": "express", "rule": "FASTEST"},
			fulfillment.ShippingOption{ID: "express", Rule: fulfillment.RuleFastest}, nil,
		},
		"too_long": {
			vars{"rule": "FASTEST", "withinDays": 366},
			fulfillment.ShippingOption{Rule: fulfillment.RuleFastest, WithinDays: new(366)}, []string{"withinDays"},
		},
		"no_days": {
			vars{"rule": "FASTEST", "withinDays": 0},
			fulfillment.ShippingOption{Rule: fulfillment.RuleFastest, WithinDays: new(0)}, []string{"withinDays"},
		},
		"days_alone": {
			vars{"withinDays": 3}, fulfillment.ShippingOption{WithinDays: new(3)}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := app.Do(t, create, vars{"option": test.option})
			problems := gatewaytest.Get[[]struct {
				Field   []string
				Message string
			}](t, refused, "orderCreate.userErrors")
			_, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
				ShippingOption: &test.same, LineItems: []fulfillment.LineItem{{Title: "Tee", Quantity: 1}},
			})
			if len(problems) != 1 || err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(problems[0].Message, ".")) {
				t.Fatalf("the API says %+v, and Temporal %v", problems, err)
			}
			if want := append([]string{"order", "shippingOption"}, test.field...); !slices.Equal(problems[0].Field, want) {
				t.Errorf("it is at %v, want %v", problems[0].Field, want)
			}
		})
	}
	t.Run("a_key_twice", func(t *testing.T) {
		t.Parallel()
		refused := app.Do(t, create, vars{"option": vars{
			"id": "express", "data": []vars{{"key": "point", "value": "42"}, {"key": "point", "value": "43"}},
		}})
		problems := gatewaytest.Get[[]struct {
			Field   []string
			Message string
		}](t, refused, "orderCreate.userErrors")
		if len(problems) != 1 || problems[0].Message != `The key "point" is given twice.` ||
			!slices.Equal(problems[0].Field, []string{"order", "shippingOption", "data", "1", "key"}) {
			t.Errorf("the API says %+v", problems)
		}
	})
}
