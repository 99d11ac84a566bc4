package http_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	nethttp "net/http"
	"strings"
	"testing"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/http"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/rate"
)

// asked serves the reference warehouse, and tells which option the requests name.
func asked(t *testing.T, rates string) (p *http.Provider, options *[]string) {
	t.Helper()
	reference := open(t, warehouse.Config{}).Handler()
	options = new([]string)
	return newProvider(t, serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch {
		case r.Method == nethttp.MethodPut:
			var said struct{ Option string }
			_ = json.Unmarshal(body, &said)
			*options = append(*options, said.Option)
		case r.URL.Path == "/rates" && rates != "":
			answer(200, nil, rates)(w, r, nil)
			return
		}
		reference.ServeHTTP(w, r)
	})).URL), options
}

// TestRuleChoosesAmongAllRates: by the rule of an order, all that the warehouse has is compared, a dearer one that is
// faster, too, whichever option its service is set to; what is priced is what is asked for then.
func TestRuleChoosesAmongAllRates(t *testing.T) {
	t.Parallel()
	const none = `{"rates":[{"option":"a","amount":"3","currencyCode":"EUR"},{"option":"b","amount":"2","currencyCode":"EUR"}]}`
	cheapest, fastest := fulfillment.RuleCheapest, fulfillment.RuleFastest
	for name, test := range map[string]struct {
		rule   fulfillment.ShippingRule
		days   int
		option string // of the service
		rates  string // "": the reference warehouse's
		want   string // the option that is asked for
		price  provider.Price
	}{
		"cheapest":                {cheapest, 0, "", "", "standard", provider.Price{Amount: "4.90", DeliveryDays: 4}},
		"cheapest within days":    {cheapest, 2, "", "", "express", provider.Price{Amount: "9.90", DeliveryDays: 1}},
		"fastest":                 {fastest, 0, "", "", "express", provider.Price{Amount: "9.90", DeliveryDays: 1}},
		"over the service's own":  {fastest, 0, "standard", "", "express", provider.Price{Amount: "9.90", DeliveryDays: 1}},
		"without days, cheapest":  {cheapest, 0, "", none, "b", provider.Price{Amount: "2"}},
		"without days, fastest":   {fastest, 0, "", none, "", provider.Price{Amount: "2"}},
		"nothing in time":         {cheapest, 1, "", none, "", provider.Price{Amount: "2"}},
		"nothing, and one is set": {cheapest, 1, "a", none, "a", provider.Price{Amount: "3"}},
		"the same price": {cheapest, 0, "", `{"rates":[{"option":"a","amount":"3.0","currencyCode":"EUR","maxDays":4},
			{"option":"b","amount":"3","currencyCode":"EUR","maxDays":2}]}`, "b", provider.Price{Amount: "3", DeliveryDays: 2}},
		"the same time": {fastest, 0, "", `{"rates":[{"option":"a","amount":"3.1","currencyCode":"EUR","maxDays":2},
			{"option":"b","amount":"3","currencyCode":"EUR","maxDays":2}]}`, "b", provider.Price{Amount: "3", DeliveryDays: 2}},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			p, options := asked(t, test.rates)
			rule := fulfillment.ShippingOption{Rule: test.rule}
			if test.days > 0 {
				rule.WithinDays = &test.days
			}
			r := providertest.Request("a")
			r.Option, r.CurrencyCode = &rule, "EUR"
			if test.option != "" {
				r.ServiceOptions = map[string]any{"option": test.option}
			}
			price, err := p.PriceByRule(t.Context(), r.ServiceOptions, rule, provider.Context{
				Lines: r.Lines, CurrencyCode: "EUR",
			})
			if err != nil || price.Amount != test.price.Amount || price.DeliveryDays != test.price.DeliveryDays {
				t.Errorf("it costs %+v, %v; want %+v", price, err, test.price)
			}
			if _, err := p.Create(t.Context(), r); err != nil || len(*options) != 1 || (*options)[0] != test.want {
				t.Errorf("it is asked for %q, %v; want %q", *options, err, test.want)
			}
		})
	}
}

// TestRuleWithoutRates: a warehouse that gives no prices is asked as its service is set; one that is busy is asked
// again before anything is sent.
func TestRuleWithoutRates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault fault
		class provider.Class // "": it is created
	}{
		"none":       {fault: answer(404, map[string]string{"Content-Type": "application/problem+json"}, `{}`)},
		"refused":    {fault: answer(400, nil, ``)},
		"busy":       {answer(503, nil, ``), provider.Retryable},
		"away":       {reset, provider.Retryable},
		"unreadable": {fault: answer(200, nil, `[]`)},
	} {
		reference, puts := open(t, warehouse.Config{}).Handler(), 0
		p := newProvider(t, serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
			if r.URL.Path == "/rates" {
				test.fault(w, r, nil)
				return
			}
			puts++
			reference.ServeHTTP(w, r)
		})).URL)
		r := providertest.Request("a")
		r.Option = &fulfillment.ShippingOption{Rule: fulfillment.RuleFastest}
		_, err := p.Create(t.Context(), r)
		if provider.Classify(err) != test.class || (puts == 1) != (test.class == "") {
			t.Errorf("%s: %v after %d requests, want %q", name, err, puts, test.class)
		}
	}
}

// TestRatesAreWhatCanBeChosen: each rate that the warehouse has is one that an order can choose by its ID, with its
// price and how long it takes.
func TestRatesAreWhatCanBeChosen(t *testing.T) {
	t.Parallel()
	p, options := asked(t, "")
	at := fulfillment.Location{ID: 1, Active: true, StocksAll: true, Service: &fulfillment.Service{
		ID: 8, Provider: http.ID, Options: map[string]any{"option": "express"},
	}}
	var said, chosen []string
	for i, r := range rate.Priced(t.Context(), p, at, provider.Context{CurrencyCode: "EUR"}) {
		if r.Price == nil {
			t.Fatalf("%s: %s", r.OptionID, r.WhyNot)
		}
		said = append(said, fmt.Sprintf("%s %s in %d", r.OptionID, r.Price.Amount, r.Price.DeliveryDays))
		if _, err := p.ValidateData(t.Context(), map[string]any{"id": r.OptionID}, nil, provider.Context{}); err != nil {
			t.Errorf("%s can't be chosen: %v", r.OptionID, err)
		}
		request := providertest.Request(fmt.Sprint("a", i))
		request.ServiceOptions = rate.DataOf(at.Service.Options, provider.Option{ID: r.OptionID})
		if _, err := p.Create(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		chosen = append(chosen, (*options)[i])
	}
	if got := strings.Join(said, ", "); got != "standard 4.90 in 4, http-fulfillment 9.90 in 1, express 9.90 in 1" {
		t.Errorf("there are %s", got)
	}
	if got := strings.Join(chosen, ", "); got != "standard, express, express" {
		t.Errorf("they are asked for as %s", got)
	}
}
