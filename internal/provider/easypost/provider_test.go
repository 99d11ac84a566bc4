package easypost_test

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/providertest/httpfault"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

var discard = slog.New(slog.NewTextHandler(io.Discard, nil))

// secret is what webhooks are signed with in tests.
const secret = "sécret"

func secrets(name string) (string, error) {
	switch name {
	case "EASYPOST_API_KEY":
		return easyposttest.Key, nil
	case "EASYPOST_WEBHOOK_SECRET":
		return secret + "\nformer\n", nil
	}
	return "", &provider.Error{Class: provider.Permanent, Message: "set the secret " + name}
}

// warehouse is where parcels are sent from, in the country of the suite's customer.
var warehouse = &fulfillment.Address{
	Company: "Example Goods", FirstName: "Erika", LastName: "Muster", Address1: "Lagerweg 1", City: "Hamburg",
	Zip: "20095", CountryCode: "DE", Phone: "040123456",
}

// options are those of a service that can send anything within its country.
func options() easypost.Options {
	o := easypost.DefaultOptions()
	o.From, o.DefaultGrams = warehouse, 200
	return o
}

// newProvider is a provider of this server, with a ledger; nil: one in memory.
func newProvider(
	t *testing.T, server *easyposttest.Server, ledger easypost.Ledger, o easypost.Options,
) *easypost.Provider {
	t.Helper()
	if ledger == nil {
		ledger = &easypost.MemoryLedger{}
	}
	p, err := easypost.New(easypost.Config{
		URL: server.URL, Ledger: ledger, Secrets: secrets, Defaults: &o, Now: server.Now, Logger: discard,
		Timeout: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func postgresLedger(t *testing.T) *easypost.PostgresLedger {
	t.Helper()
	l, err := easypost.OpenLedger(t.Context(), devstacktest.Database(t, easypost.Migrate))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// ledgers are the implementations that all tests of ledgers run against.
var ledgers = map[string]func(*testing.T) easypost.Ledger{
	"memory":   func(*testing.T) easypost.Ledger { return &easypost.MemoryLedger{} },
	"postgres": func(t *testing.T) easypost.Ledger { return postgresLedger(t) },
}

func create(t *testing.T, p *easypost.Provider, r provider.Request) provider.Answer {
	t.Helper()
	answer, err := p.Create(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// queryOf asks what became of a request.
func queryOf(r provider.Request) provider.Query {
	return provider.Query{
		Key: r.Key, Kind: fulfillment.EffectRequest, RequestKey: r.Key, FulfillmentOrderID: r.FulfillmentOrderID,
		ServiceID: r.ServiceID, ServiceOptions: r.ServiceOptions,
	}
}

func cancellationOf(r provider.Request) provider.Cancellation {
	return provider.Cancellation{
		Key: r.Key + "/cancel", RequestKey: r.Key, FulfillmentOrderID: r.FulfillmentOrderID, ServiceID: r.ServiceID,
		ServiceOptions: r.ServiceOptions,
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	scan := options()
	scan.Ship = easypost.ShipOnFirstScan
	several := options()
	several.MaxParcelGrams, several.LabelFormat, several.Forms = 400, "ZPL", []string{"return_packing_slip"}
	for name, o := range map[string]easypost.Options{"memory": options(), "first_scan": scan, "several_parcels": several} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			providertest.Suite{
				New:        func(t *testing.T) provider.Provider { return newProvider(t, easyposttest.New(t), nil, o) },
				Deliveries: deliveries(t),
				Faulty: func(t *testing.T, faults *httpfault.Faults) provider.Provider {
					system := easyposttest.NewHandler()
					server := httptest.NewServer(faults.Wrap(system))
					t.Cleanup(server.Close)
					system.URL = server.URL + "/v2"
					return newProvider(t, system, nil, o)
				},
			}.Run(t)
		})
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		providertest.Run(t, func(t *testing.T) provider.Provider {
			return newProvider(t, easyposttest.New(t), postgresLedger(t), options())
		}, deliveries(t)...)
	})
}
