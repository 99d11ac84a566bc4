package http_test

import (
	"encoding/json"
	"fmt"
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

// TestOptionThatIsChosenIsNamed: a request and a question for prices name the warehouse's option that was chosen; the
// provider's own ones leave it to the service.
func TestOptionThatIsChosenIsNamed(t *testing.T) {
	t.Parallel()
	var named []string
	p := newProvider(t, serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		var said struct{ Option string }
		_ = json.NewDecoder(r.Body).Decode(&said)
		named = append(named, said.Option)
		answer(200, nil, fmt.Sprintf(`{"outcome":"ACCEPTED","rates":[{"option":%q,"amount":"1","currencyCode":"EUR"}]}`,
			said.Option))(w, r, nil)
	})).URL)
	for _, test := range []struct {
		options map[string]any
		want    string
	}{
		{nil, ""},
		{map[string]any{"option": "standard"}, "standard"},
		{map[string]any{"id": http.Option}, ""},
		{map[string]any{"id": http.Option, "option": "standard"}, "standard"},
		{map[string]any{"id": http.ReturnOption, "option": "standard"}, "standard"},
		{map[string]any{"id": "express"}, "express"},
		{map[string]any{"id": "express", "option": "standard"}, "express"},
	} {
		named = nil
		r := providertest.Request("a")
		r.ServiceOptions = test.options
		_, err := p.Create(t.Context(), r)
		if err == nil {
			_, err = p.Price(t.Context(), test.options, nil, provider.Context{Lines: r.Lines})
		}
		if err != nil || len(named) != 2 || named[0] != test.want || named[1] != test.want {
			t.Errorf("with %v it is asked for %q, %v; want %q", test.options, named, err, test.want)
		}
	}
	for _, id := range []any{7, "", nil, strings.Repeat("x", 201), "a\x00"} {
		err := p.ValidateOption(t.Context(), map[string]any{"id": id})
		if provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), "id must be the id of an option") {
			t.Errorf("the id %q: %v", id, err)
		}
	}
}

// TestHTTPHasPrices: what a warehouse's service costs is said of the option that the provider lists, with the longest
// time that it takes.
func TestHTTPHasPrices(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		more string
		days int
	}{
		{"", 0}, {`,"minDays":2`, 2}, {`,"maxDays":5`, 5}, {`,"minDays":2,"maxDays":5`, 5},
		{`,"minDays":0,"maxDays":0`, 1}, {`,"minDays":2,"maxDays":"soon"`, 2}, {`,"maxDays":-1`, 0},
		{`,"minDays":null,"maxDays":99999999999`, 0},
	} {
		server := serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
			answer(200, nil, `{"rates":[{"option":"a","amount":"9.90","currencyCode":"EUR"`+test.more+`}]}`)(w, r, nil)
		}))
		at := fulfillment.Location{ID: 1, Active: true, StocksAll: true, Service: &fulfillment.Service{
			ID: 8, Provider: http.ID, Options: map[string]any{"timeout": "5s"},
		}}
		rates := rate.Priced(t.Context(), newProvider(t, server.URL), at, provider.Context{CurrencyCode: "EUR"})
		want := provider.Price{Amount: "9.90", CurrencyCode: "EUR", DeliveryDays: test.days}
		if len(rates) != 2 || rates[0].OptionID != http.Option || rates[0].Price == nil || *rates[0].Price != want ||
			rates[1].OptionID != "a" || rates[1].Price == nil || *rates[1].Price != want {
			t.Errorf("%q: %+v, want two with %+v", test.more, rates, want)
		}
	}
}

// TestOptionIsOneThatTheWarehouseLists: what it doesn't list can't be chosen. When it can't say, the choice waits; when
// it will never say, the request tells.
func TestOptionIsOneThatTheWarehouseLists(t *testing.T) {
	t.Parallel()
	reference := open(t, warehouse.Config{}).Handler()
	problem := map[string]string{"Content-Type": "application/problem+json"}
	for name, test := range map[string]struct {
		fault fault // nil: the reference warehouse
		id    string
		class provider.Class
		says  string
	}{
		"listed": {id: "express"},
		"not listed": {id: "balloon", class: provider.Permanent,
			says: `no option "balloon": to ship by, it lists "standard", "express"`},
		"the provider's": {fault: reset, id: http.Option},
		"lists none": {fault: answer(200, nil, `{"options":[]}`), id: "express", class: provider.Permanent,
			says: "it lists none"},
		"for returns": {fault: answer(200, nil, `{"options":[{"id":"back","isReturn":true},{"id":"express"}]}`),
			id: "back", class: provider.Permanent, says: `"back" is for goods that come back, and ships nothing`},
		"away":            {fault: reset, id: "express", class: provider.Retryable},
		"busy":            {fault: answer(503, nil, ``), id: "express", class: provider.Retryable},
		"not authorized":  {fault: answer(401, nil, ``), id: "express"},
		"says none of it": {fault: answer(404, problem, `{}`), id: "express"},
		"unreadable":      {fault: answer(200, nil, `[]`), id: "express"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				if test.fault == nil {
					reference.ServeHTTP(w, r)
					return
				}
				test.fault(w, r, reference)
			}))
			chosen := map[string]any{"point": "42"}
			got, err := newProvider(t, server.URL).ValidateData(t.Context(), map[string]any{"id": test.id}, chosen,
				provider.Context{})
			if provider.Classify(err) != test.class || err == nil && got["point"] != "42" ||
				err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, %v; want %q, %q", got, err, test.class, test.says)
			}
		})
	}
}
