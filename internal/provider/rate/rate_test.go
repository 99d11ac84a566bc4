package rate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/rate"
)

// carriers is a provider with prices: as its service's options say, by kilogram.
type carriers struct{ manual.Provider }

func (carriers) ID() string { return "carriers" }

func (carriers) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{
		{ID: "slow", Name: "Slow"}, {ID: "fast", Name: "Fast", Data: map[string]any{"air": true}},
		{ID: "fixed", Name: "Fixed"}, {ID: "bulky", Name: "Bulky"}, {ID: "back", Name: "Back", Return: true},
	}, nil
}

func (carriers) CanPrice(_ context.Context, data map[string]any) bool {
	return data["id"] != "fixed" && data["account"] == nil
}

func (carriers) Price(
	_ context.Context, option, _ map[string]any, in provider.Context,
) (provider.Price, error) {
	grams := 0
	for _, l := range in.Lines {
		grams += l.Grams * l.Quantity
	}
	if in.From == nil || in.From.City != "Hamburg" || in.Destination == nil || in.OrderID != 1 || in.ServiceID == 0 {
		return provider.Price{}, fmt.Errorf("it was asked %+v", in)
	}
	if option["account"] != nil {
		return provider.Price{}, &provider.Error{Class: provider.Permanent, Message: "there is no option account"}
	}
	if option["id"] == "bulky" {
		return provider.Price{}, &provider.Error{Class: provider.Permanent, Message: "less than 10 kg"}
	}
	price, days := option["perKilo"].(int)*grams/1000, 5
	if option["air"] == true {
		price, days = price*3, 1
	}
	return provider.Price{Amount: fmt.Sprint(price, ".00"), CurrencyCode: "EUR", DeliveryDays: days}, nil
}

func open(_ context.Context, id string) (provider.Provider, error) {
	switch id {
	case "carriers":
		return carriers{}, nil
	case "manual":
		return manual.Provider{}, nil
	case "vans":
		return vans{}, nil
	}
	return nil, errors.New("there is no such provider")
}

func location(id fulfillment.ID, providerID string, options map[string]any) fulfillment.Location {
	return fulfillment.Location{ID: id, Name: fmt.Sprint("L", id), City: "Hamburg", Active: true, StocksAll: true,
		Service: &fulfillment.Service{ID: id * 10, Name: fmt.Sprint("S", id), Provider: providerID, Options: options}}
}

// order has 2 of 3 lamps left, of 500 g each, and a download.
func order(choice *fulfillment.ShippingOption) *fulfillment.OrderRecord {
	return &fulfillment.OrderRecord{
		Order: fulfillment.Order{ID: 1, CurrencyCode: "EUR", ShippingOption: choice,
			ShippingAddress: &fulfillment.Address{City: "Porto", CountryCode: "PT"},
			LineItems: []fulfillment.LineItem{
				{ID: 11, Title: "Lamp", SKU: "LAMP", Quantity: 3, Weight: &fulfillment.Weight{Value: 0.5, Unit: "KILOGRAMS"}},
				{ID: 12, Title: "Song", SKU: "SONG", Quantity: 1, RequiresShipping: new(bool)},
			}},
		Lines: []fulfillment.OrderLine{{LineItemID: 11, Current: 3, Unfulfilled: 2}, {LineItemID: 12, Unfulfilled: 1}},
	}
}

// Every option of every service has a price or a reason, the cheapest first; what the order chose is marked.
func TestRates(t *testing.T) {
	t.Parallel()
	empty, idle := location(4, "carriers", nil), location(5, "carriers", nil)
	empty.StocksAll, empty.SKUs = false, []string{"OTHER"}
	idle.Active = false
	locations := []fulfillment.Location{
		{ID: 1, Name: "Own", Active: true, StocksAll: true},
		location(2, "carriers", map[string]any{"perKilo": 7}), location(3, "carriers", map[string]any{"perKilo": 4}),
		empty, idle, location(6, "manual", nil), location(7, "robots", nil),
	}
	said := func(choice *fulfillment.ShippingOption) (list []string) {
		for _, r := range rate.Of(t.Context(), order(choice), locations, open) {
			text := r.Service + " " + r.OptionID + ": " + r.WhyNot
			if r.Price != nil {
				text += r.Price.Amount
			}
			if r.Chosen {
				text += " chosen"
			}
			list = append(list, text)
		}
		return list
	}
	want := []string{
		"S3 slow: 4.00", "S2 slow: 7.00", "S3 fast: 12.00", "S2 fast: 21.00",
		"S2 fixed: it has no price of its own", "S2 bulky: less than 10 kg",
		"S3 fixed: it has no price of its own", "S3 bulky: less than 10 kg",
		"S4 : it does not stock LAMP", "S5 : its location is not active", "S6 : the provider manual gives no prices",
		"S7 : there is no such provider",
	}
	if diff := cmp.Diff(want, said(nil)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, test := range []struct {
		choice fulfillment.ShippingOption
		place  int
	}{
		{fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest}, 0},
		{fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest, WithinDays: new(2)}, 2},
		{fulfillment.ShippingOption{Rule: fulfillment.RuleFastest}, 2}, // The cheapest of those that are equally fast.
		{fulfillment.ShippingOption{ID: "fast"}, 2},
	} {
		if got := said(&test.choice); got[test.place] != want[test.place]+" chosen" {
			t.Errorf("%+v chooses of %q, want the one at %d", test.choice, got, test.place)
		}
	}
	none := &fulfillment.ShippingOption{ID: "bulky"}
	if diff := cmp.Diff(want, said(none)); diff != "" {
		t.Errorf("what can't be had is chosen: -want +got:\n%s", diff)
	}
}

// What is wrong with an option's settings is said, whether or not the provider could price them.
func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	wrong := location(2, "carriers", map[string]any{"perKilo": 7, "account": "none"})
	for _, r := range rate.Of(t.Context(), order(nil), []fulfillment.Location{wrong}, open) {
		if r.Price != nil || r.WhyNot != "there is no option account" {
			t.Errorf("%s: %+v, %q", r.OptionID, r.Price, r.WhyNot)
		}
	}
}

// vans is a provider whose system has ways to ship of its own, and that itself follows the rule of an order.
type vans struct{ manual.Provider }

func (vans) ID() string { return "vans" }

func (vans) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{{ID: "van", Name: "Van"}}, nil
}

func (vans) CanPrice(context.Context, map[string]any) bool { return true }

func (vans) Price(context.Context, map[string]any, map[string]any, provider.Context) (provider.Price, error) {
	return provider.Price{Amount: "5", CurrencyCode: "EUR", DeliveryDays: 6}, nil
}

func (vans) Rates(_ context.Context, option map[string]any, _ provider.Context) ([]provider.Rated, error) {
	if option["down"] == true {
		return nil, errors.New("it is down")
	}
	return []provider.Rated{
		{ID: "van", Price: provider.Price{Amount: "4", CurrencyCode: "EUR"}},
		{ID: "night", Name: "By night", Price: provider.Price{Amount: "20", CurrencyCode: "EUR", DeliveryDays: 1}},
	}, nil
}

func (vans) ListOptions(_ context.Context, service map[string]any) ([]provider.Option, string, error) {
	if service["lists"] != true {
		return nil, "", nil
	}
	return []provider.Option{
		{ID: "night", Name: "By night"}, {ID: "boat", Name: "By boat"}, {ID: "back", Name: "Back", Return: true},
	}, "", nil
}

func (vans) PriceByRule(
	_ context.Context, _ map[string]any, rule fulfillment.ShippingOption, _ provider.Context,
) (provider.Price, error) {
	if rule.Days() > 0 { // It is none of the others.
		return provider.Price{Amount: "8", CurrencyCode: "EUR", DeliveryDays: 3}, nil
	}
	return provider.Price{Amount: "20", CurrencyCode: "EUR", DeliveryDays: 1}, nil
}

// What an order can choose of a system's own is said, too; and what the provider itself chooses by the order's rule.
func TestWaysOfTheSystem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		choice  *fulfillment.ShippingOption
		options map[string]any
		want    []string
	}{
		"none": {nil, nil, []string{"van 5", "night 20"}},
		"down": {nil, map[string]any{"down": true}, []string{"van 5"}},
		"no price": {&fulfillment.ShippingOption{ID: "boat"}, map[string]any{"lists": true}, []string{"van 5", "night 20",
			"boat: the service lists it, and gives no price for it"}},
		"by id":    {&fulfillment.ShippingOption{ID: "night"}, nil, []string{"van 5", "night 20 chosen"}},
		"cheapest": {&fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest}, nil, []string{"van 5 chosen", "night 20"}},
		"fastest":  {&fulfillment.ShippingOption{Rule: fulfillment.RuleFastest}, nil, []string{"van 5", "night 20 chosen"}},
		"in days": {&fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest, WithinDays: new(4)}, nil,
			[]string{"van 5", "CHEAPEST within 4 days 8 chosen", "night 20"}},
	} {
		var said []string
		at := []fulfillment.Location{location(2, "vans", test.options)}
		for _, r := range rate.Of(t.Context(), order(test.choice), at, open) {
			text := r.OptionID
			if text == "" {
				text = r.Option
			}
			if r.Price != nil {
				text += " " + r.Price.Amount
			}
			if r.WhyNot != "" {
				text += ": " + r.WhyNot
			}
			if r.Chosen {
				text += " chosen"
			}
			said = append(said, text)
		}
		if diff := cmp.Diff(test.want, said); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// By a rule, all ways of a location's service are compared: those that the provider chooses among, or its options.
func TestByRule(t *testing.T) {
	t.Parallel()
	cheapest, fastest := fulfillment.RuleCheapest, fulfillment.RuleFastest
	for name, test := range map[string]struct {
		provider provider.Provider
		rule     fulfillment.ShippingOption
		want     string // price, or why not
	}{
		"the provider's":            {vans{}, fulfillment.ShippingOption{Rule: fastest}, "20"},
		"the provider's, in days":   {vans{}, fulfillment.ShippingOption{Rule: cheapest, WithinDays: new(3)}, "8"},
		"the provider's, not so":    {vans{}, fulfillment.ShippingOption{Rule: cheapest, WithinDays: new(2)}, "nothing is said to arrive within 2 days"},
		"the provider's, in a day":  {vans{}, fulfillment.ShippingOption{Rule: cheapest, WithinDays: new(1)}, "nothing is said to arrive within 1 day"},
		"the cheapest option":       {carriers{}, fulfillment.ShippingOption{Rule: cheapest}, "7.00"},
		"the dearer, faster option": {carriers{}, fulfillment.ShippingOption{Rule: cheapest, WithinDays: new(2)}, "21.00"},
		"no option":                 {manual.Provider{}, fulfillment.ShippingOption{Rule: cheapest}, "the provider manual gives no prices"},
	} {
		l := location(2, test.provider.ID(), map[string]any{"perKilo": 7})
		in := provider.Context{OrderID: 1, ServiceID: 20, From: l.Address(), Destination: &fulfillment.Address{},
			Lines: []provider.RequestLine{{Grams: 500, Quantity: 2}}}
		r := rate.ByRule(t.Context(), test.provider, l, test.rule, in)
		got := r.WhyNot
		if r.Price != nil {
			got += r.Price.Amount
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
