package http_test

import (
	"encoding/json"
	"fmt"
	"io"
	nethttp "net/http"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/http"
	"packhorse/internal/provider/providertest"
)

// schema is one of the contract's.
func schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	s, err := http.Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func instance(t testing.TB, body string) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestContractIsWhole: each schema of the contract can be used, and each reference leads somewhere.
func TestContractIsWhole(t *testing.T) {
	t.Parallel()
	document := http.Document()
	info := document["info"].(map[string]any)
	if info["version"] != http.Version || document["openapi"] != "3.1.0" {
		t.Errorf("version %v of %v", info["version"], document["openapi"])
	}
	components := document["components"].(map[string]any)
	for name := range components["schemas"].(map[string]any) {
		schema(t, name)
	}
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch value := value.(type) {
		case map[string]any:
			if ref, ok := value["$ref"].(string); ok {
				var found any = document
				for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
					object, _ := found.(map[string]any)
					found = object[part]
				}
				if found == nil {
					t.Errorf("%s: %s leads nowhere", at, ref)
				}
			}
			for name, one := range value {
				walk(at+"/"+name, one)
			}
		case []any:
			for i, one := range value {
				walk(fmt.Sprint(at, "/", i), one)
			}
		}
	}
	walk("", document)
}

// TestContractHasTheDomainsWords: what the contract lists is what Packhorse knows.
func TestContractHasTheDomainsWords(t *testing.T) {
	t.Parallel()
	answer, event := schema(t, "Answer"), schema(t, "Event")
	for _, reason := range fulfillment.RejectionReasons {
		if err := answer.Validate(map[string]any{"outcome": "REJECTED", "reason": string(reason)}); err != nil {
			t.Error(err)
		}
	}
	for _, status := range fulfillment.EventStatuses {
		err := event.Validate(map[string]any{
			"shipmentId": "S", "status": string(status), "happenedAt": "2026-03-04T12:00:00Z",
		})
		if err != nil {
			t.Error(err)
		}
	}
	types := http.Document()["webhooks"].(map[string]any)
	for _, c := range callbacks {
		if types[c.Type] == nil {
			t.Errorf("the contract has no %s", c.Type)
		}
	}
	if len(types) != 11 {
		t.Errorf("the contract has %d callbacks", len(types))
	}
}

// TestWhatIsSentIsTheContracts: each body that Packhorse sends is valid, its key is that of the path, and it is signed.
func TestWhatIsSentIsTheContracts(t *testing.T) {
	t.Parallel()
	handler := nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = parsed(t, secret).Verify(r.Header, body, time.Now())
		}
		name := map[string]string{"requests": "FulfillmentRequest", "returns": "ReturnRequest", "rates": "RateRequest"}[strings.Split(r.URL.Path, "/")[1]]
		if strings.Contains(r.URL.Path, "/cancellations/") {
			name = "Cancellation"
		}
		if err == nil {
			err = schema(t, name).Validate(instance(t, string(body)))
		}
		if err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		var said struct {
			Key        string
			OptionData map[string]any
		}
		_ = json.Unmarshal(body, &said)
		if name == "FulfillmentRequest" && said.OptionData["point"] != "42" {
			t.Errorf("what the customer chose is not told: %s", body)
		}
		if r.Method == nethttp.MethodPut && !strings.HasSuffix(r.URL.Path, "/"+said.Key) {
			t.Errorf("%s has the key %s", r.URL.Path, said.Key)
		}
		if r.Header.Get("Packhorse-Version") != http.Version {
			t.Errorf("it speaks %q", r.Header.Get("Packhorse-Version"))
		}
		answer(201, nil, `{"outcome":"ACCEPTED","rates":[{"option":"a","amount":"9.90","currencyCode":"EUR"},
			{"option":"b","amount":"10.00","currencyCode":"EUR"},{"option":"c","amount":"1","currencyCode":"USD"}]}`)(w, r, nil)
	})
	p := newProvider(t, serve(t, handler).URL)
	r := providertest.Request("fulfillment-order/7#12")
	r.Lines[0].Grams, r.Lines[0].HSCode, r.Lines[0].CountryOfOrigin, r.Lines[0].UnitPrice = 300, "691110", "PT", "12.50"
	r.From, r.FulfillBy, r.CurrencyCode, r.Message = r.Destination, new(time.Now()), "EUR", "With care"
	r.OptionData = map[string]any{"point": "42"}
	if _, err := p.Create(t.Context(), r); err != nil {
		t.Error(err)
	}
	for _, c := range []provider.Cancellation{
		{Key: "fulfillment-order/7#13", RequestKey: r.Key, Reference: "W-1"}, {Key: "a/b", RequestKey: "ä.", Withdraw: true},
	} {
		if _, err := p.Cancel(t.Context(), c); err != nil {
			t.Error(err)
		}
	}
	_, err := p.CreateReturn(t.Context(), provider.ReturnRequest{Key: "fulfillment-order/7#14", Lines: r.Lines, FulfillmentID: 9})
	if err != nil {
		t.Error(err)
	}
	price, err := p.Price(t.Context(), nil, nil, provider.Context{Lines: r.Lines, CurrencyCode: "EUR", Destination: r.Destination})
	if err != nil || price.Amount != "9.90" {
		t.Errorf("the price is %+v, %v; want the cheapest in EUR", price, err)
	}
}

// TestCallbacksAreTheContracts: what the tests say that a warehouse tells is valid.
func TestCallbacksAreTheContracts(t *testing.T) {
	t.Parallel()
	for i, d := range deliveries(t) {
		if err := http.Callback(callbacks[i].Type, instance(t, string(d.Body))); err != nil {
			t.Errorf("%s: %v", callbacks[i].Type, err)
		}
	}
}
