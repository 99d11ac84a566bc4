package http_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	nethttp "net/http"
	"net/http/httptest"
	"testing"
	"time"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/http"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/standardwebhook"
)

const (
	secret         = "whsec_dGhlIHdhcmVob3VzZSdzIG93biBzZWNyZXQgb2YgdGVzdHM="
	callbackSecret = "whsec_d2hhdCB0aGUgd2FyZWhvdXNlIHRlbGxzIGlzIHNpZ25lZCBieQ=="
)

// secrets are those of the tests.
func secrets(name string) (string, error) {
	text, ok := map[string]string{"WAREHOUSE": secret, "CALLBACKS": callbackSecret}[name]
	if !ok {
		return "", fmt.Errorf("there is no secret %s", name)
	}
	return text, nil
}

func parsed(t testing.TB, text string) standardwebhook.Secrets {
	t.Helper()
	s, err := standardwebhook.ParseSecrets(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serve serves a handler until the test ends.
func serve(t testing.TB, handler nethttp.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// quiet is for what fails on purpose.
var quiet = slog.New(slog.DiscardHandler)

func open(t testing.TB, c warehouse.Config) *warehouse.Warehouse {
	t.Helper()
	c.Secrets, c.Callbacks, c.Logger = parsed(t, secret), parsed(t, callbackSecret), quiet
	w, err := warehouse.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func newProvider(t testing.TB, url string) *http.Provider {
	t.Helper()
	p := http.New(http.Config{
		Secrets: secrets, Rules: callback.Rules{AllowPrivate: true},
		Defaults: http.Settings{URL: url, SecretName: "WAREHOUSE", CallbackSecretName: "CALLBACKS"},
	})
	t.Cleanup(p.Close)
	return p
}

// TestConformance is over real HTTP, with the reference warehouse.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]warehouse.Config{
		"at_once": {}, "pending": {Pending: true}, "rejecting": {OutOfStock: []string{"MUG"}},
		"with_a_file": {File: "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			providertest.Run(t, func(t *testing.T) provider.Provider {
				c := c
				if c.File != "" {
					c.File = t.TempDir() + "/warehouse.json"
				}
				return newProvider(t, serve(t, open(t, c).Handler()).URL)
			}, deliveries(t)...)
		})
	}
}

// callbacks are one of each type, with what each tells: verbs of commands.
var callbacks = []struct {
	Type, Data string
	verb       fulfillment.Verb // "": nothing; of Progressed and ReturnReceived no command tells
}{
	{"request.accepted", `{"reference":"W-1","estimatedShippedAt":"2026-03-04T12:00:00Z"}`, "AcceptFulfillmentRequest"},
	{"request.rejected", `{"reason":"INVALID_SKU","message":"We have no such thing.","lines":[{"lineId":"11"}]}`,
		"RejectFulfillmentRequest"},
	{"request.held", `{"reason":"INCORRECT_ADDRESS","handle":"address","message":"There is no such street."}`, "Hold"},
	{"request.released", `{}`, "ReleaseHold"},
	{"request.progressed", `{"message":"picked"}`, "Progressed"},
	{"fulfillment.shipped", `{"shipmentId":"S-1","lines":[{"lineId":"11","quantity":2}],"notifyCustomer":true,
		"parcels":[{"trackingNumber":"T1","trackingCompany":"UPS"},{"trackingNumber":"T2"}]}`, "CreateFulfillment"},
	{"fulfillment.shipped", `{"shipmentId":"S-1","revision":1,"parcels":[{"trackingNumber":"T3"}]}`, "UpdateTracking"},
	{"fulfillment.cancelled", `{"shipmentId":"S-1"}`, "CancelFulfillment"},
	{"fulfillment.event", `{"shipmentId":"S-1","trackingNumber":"T1","status":"IN_TRANSIT",
		"happenedAt":"2026-03-04T13:00:00+01:00","city":"Kiel"}`, "RecordEvent"},
	{"cancellation.accepted", `{}`, "AcceptCancellationRequest"},
	{"cancellation.rejected", `{"message":"It has left."}`, "RejectCancellationRequest"},
	{"return.received", `{"lines":[{"lineId":"11","quantity":1,"disposition":"RESTOCKED"}]}`, "ReturnReceived"},
}

// deliveries are all callbacks, signed now.
func deliveries(t testing.TB) []provider.Delivery {
	var list []provider.Delivery
	for i, c := range callbacks {
		body, err := json.Marshal(map[string]any{
			"type": c.Type, "key": "fo-7-12", "sequence": i + 1, "occurredAt": "2026-03-04T12:00:00Z",
			"data": json.RawMessage(c.Data),
		})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, delivered(t, fmt.Sprintf("msg_%d", i), body))
	}
	return list
}

func delivered(t testing.TB, id string, body []byte) provider.Delivery {
	t.Helper()
	d := provider.Delivery{
		Service: 8, Method: nethttp.MethodPost, Path: "/providers/http/8", Header: nethttp.Header{}, Body: body,
		ReceivedAt: time.Now(),
	}
	if err := parsed(t, callbackSecret).Sign(d.Header, id, d.ReceivedAt, body); err != nil {
		t.Fatal(err)
	}
	return d
}

// respond answers everything alike.
func respond(status int, body string) nethttp.Handler {
	return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		answer(status, nil, body)(w, nil, nil)
	})
}

// catalogued is the provider as it checks options where it is not connected.
func catalogued(t testing.TB) provider.Provider {
	t.Helper()
	return http.Entry().Offline
}
