package routing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/routing"
)

func manual(l *fulfillment.Location) {
	l.ServiceID = 71
	l.Service = &fulfillment.Service{ID: 71, Name: "People", Provider: fulfillment.ManualProvider}
}

func ruled(rule fulfillment.ShippingRule, lines ...fulfillment.LineItem) *fulfillment.Order {
	return &fulfillment.Order{LineItems: lines, ShippingOption: &fulfillment.ShippingOption{Rule: rule}}
}

func quote(location fulfillment.ID, amount string, days int) routing.Quote {
	return routing.Quote{
		LocationID: location, Location: "Location " + location.String(), Amount: amount, CurrencyCode: "EUR",
		DeliveryDays: days,
	}
}

func noQuote(location fulfillment.ID, why string) routing.Quote {
	q := quote(location, "", 0)
	q.WhyNot = why
	return q
}

// TestToAsk: prices are asked for where they can change something, and only of those that can say one.
func TestToAsk(t *testing.T) {
	t.Parallel()
	cheapest := fulfillment.RuleCheapest
	equal := []fulfillment.Location{place(1, "A B", atService), place(2, "A B", atService), place(3, "B", atService)}
	var many []fulfillment.Location
	for id := range fulfillment.ID(routing.MaxQuotes + 3) {
		many = append(many, place(id+1, "A", atService))
	}
	named := &fulfillment.Order{LineItems: []fulfillment.LineItem{line(1, "A")},
		ShippingOption: &fulfillment.ShippingOption{ID: "express"}}
	for name, test := range map[string]struct {
		order     *fulfillment.Order
		locations []fulfillment.Location
		ask       []fulfillment.ID
		lines     []int
	}{
		"several_stock_all":     {ruled(cheapest, line(1, "A"), line(2, "B")), equal, []fulfillment.ID{1, 2}, []int{0, 1}},
		"no_rule":               {&fulfillment.Order{LineItems: []fulfillment.LineItem{line(1, "A")}}, equal, nil, nil},
		"an_option_is_no_rule":  {named, equal, nil, nil},
		"one_stocks_all":        {ruled(cheapest, line(1, "A"), line(2, "C")), append(equal, place(4, "A C", atService)), nil, nil},
		"none_stocks_all":       {ruled(cheapest, line(1, "A"), line(2, "X")), equal, nil, nil},
		"a_line_names_its_own":  {ruled(cheapest, line(1, "A", from(3)), line(2, "B")), equal, []fulfillment.ID{1, 2, 3}, []int{1}},
		"all_lines_named":       {ruled(cheapest, line(1, "A", from(3))), equal, nil, nil},
		"what_is_not_shipped":   {ruled(cheapest, line(1, "A", digital), line(2, "B")), equal, []fulfillment.ID{1, 2, 3}, []int{1}},
		"what_is_picked_up":     {ruled(cheapest, line(1, "A", goes(fulfillment.DeliveryPickUp))), equal, nil, nil},
		"the_merchants_is_last": {ruled(cheapest, line(1, "A")), append(slices.Clone(equal[:2]), place(4, "A")), []fulfillment.ID{1, 2}, []int{0}},
		"the_merchants_first":   {ruled(cheapest, line(9, "A")), append([]fulfillment.Location{place(0, "A")}, equal...), nil, nil},
		"people_first":          {ruled(cheapest, line(9, "A")), append([]fulfillment.Location{place(0, "A", manual)}, equal...), nil, nil},
		"one_can_be_asked":      {ruled(cheapest, line(1, "A")), []fulfillment.Location{equal[0], place(4, "A", manual)}, nil, nil},
		"not_too_many":          {ruled(cheapest, line(1, "A")), many, []fulfillment.ID{1, 2, 3, 4, 5, 6, 7, 8}, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			locations, lines := routing.ToAsk(test.order, test.locations)
			var ask []fulfillment.ID
			for _, l := range locations {
				ask = append(ask, l.ID)
			}
			if !slices.Equal(ask, test.ask) || !slices.Equal(lines, test.lines) {
				t.Errorf("asked are %v about the lines %v, want %v about %v", ask, lines, test.ask, test.lines)
			}
		})
	}
}

// TestRouteByRule: of locations that could ship the same, the order's rule chooses by what they said; what it can't
// compare is named, and priority decides where nothing is left.
func TestRouteByRule(t *testing.T) {
	t.Parallel()
	cheapest, fastest := fulfillment.RuleCheapest, fulfillment.RuleFastest
	locations := []fulfillment.Location{place(1, "A B", atService), place(2, "A B", atService), place(3, "A", atService)}
	dollars := quote(2, "1.00", 0)
	dollars.CurrencyCode = "USD"
	for name, test := range map[string]struct {
		order  *fulfillment.Order
		quotes []routing.Quote
		want   string
	}{
		"cheapest": {
			ruled(cheapest, line(1, "A")), []routing.Quote{quote(1, "10.00", 1), quote(2, "9.90", 5), quote(3, "9.95", 2)},
			"2/SHIPPING 1: cheapest (9.90 EUR, 5 days) of 3 locations that stock all lines",
		},
		"the_same_price_is_the_faster_one": {
			ruled(cheapest, line(1, "A")), []routing.Quote{quote(1, "5", 3), quote(2, "5.00", 2), quote(3, "5", 0)},
			"2/SHIPPING 1: cheapest (5.00 EUR, 2 days) of 3 locations that stock all lines",
		},
		"else_the_first_by_priority": {
			ruled(cheapest, line(1, "A")), []routing.Quote{quote(3, "5", 0), quote(2, "5", 0), quote(1, "5", 0)},
			"1/SHIPPING 1: cheapest (5 EUR) of 3 locations that stock all lines",
		},
		"fastest": {
			ruled(fastest, line(1, "A")), []routing.Quote{quote(1, "1", 3), quote(2, "9", 1), quote(3, "1", 0)},
			"2/SHIPPING 1: fastest (9 EUR, 1 day) of 3 locations that stock all lines, " +
				"not compared with Location 3: how long it takes is not known",
		},
		"one_says_nothing": {
			ruled(cheapest, line(1, "A")), []routing.Quote{noQuote(1, "It is down."), quote(2, "9", 1), quote(3, "8", 1)},
			"3/SHIPPING 1: cheapest (8 EUR, 1 day) of 3 locations that stock all lines, " +
				"not compared with Location 1: It is down",
		},
		"nobody_says_anything": {
			ruled(cheapest, line(1, "A")), []routing.Quote{noQuote(1, "down"), noQuote(2, "down"), noQuote(3, "no prices")},
			"1/SHIPPING 1: first of 3 locations by priority that stock all lines, since the order's shipping rule " +
				"can't choose (Location 1: down, Location 2: down, Location 3: no prices)",
		},
		"currencies_can_not_be_compared": {
			ruled(cheapest, line(1, "A")), []routing.Quote{quote(1, "9", 0), dollars},
			"1/SHIPPING 1: first of 3 locations by priority that stock all lines, since the order's shipping rule " +
				"can't choose (prices are in EUR and USD)",
		},
		"never_more_parcels": {
			ruled(cheapest, line(1, "A"), line(2, "B")), []routing.Quote{quote(1, "90", 0), quote(2, "80", 0), quote(3, "1", 0)},
			"2/SHIPPING 1 2: cheapest (80 EUR) of 2 locations that stock all lines",
		},
		"who_does_not_stock_it_by_now": {
			ruled(cheapest, line(1, "A"), line(2, "Z", from(3))), []routing.Quote{quote(4, "1", 0)},
			"1/SHIPPING 1: first of 3 locations by priority that stock all lines, since the order's shipping rule " +
				"can't choose (Location 1: it has no price, Location 2: it has no price, Location 3: it has no price)",
		},
		"without_a_rule": {
			&fulfillment.Order{LineItems: []fulfillment.LineItem{line(1, "A")}}, []routing.Quote{quote(2, "1", 1)},
			"1/SHIPPING 1: first of 3 locations by priority that stock all lines",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assignments, err := routing.Route(test.order, locations, now, test.quotes...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, show(assignments)[0]); diff != "" {
				t.Errorf("it goes elsewhere:\n%s\n(all: %s)", diff, strings.Join(show(assignments), "\n"))
			}
		})
	}
}
