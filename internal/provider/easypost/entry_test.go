package easypost_test

import (
	"testing"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
)

// TestEntryOpens: as a worker opens it, with a ledger in a database of its own, and the secret read at each call.
func TestEntryOpens(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	packhorse, outside := devstacktest.Database(t), devstacktest.Database(t)
	entry := easypost.Entry(&easypost.Environment{
		URL: server.URL, Timeout: 10 * time.Second, DatabaseURL: config.DatabaseURL(outside),
	})
	if err := entry.Migrate(t.Context(), packhorse); err != nil {
		t.Fatal(err)
	}
	key := "not the key"
	p, done, err := entry.Open(t.Context(), provider.Host{DatabaseURL: packhorse, Logger: discard,
		Secrets: func(string) (string, error) { return key, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	r := providertest.Request("a")
	r.From = warehouse
	r.ServiceOptions = map[string]any{"defaultGrams": 500}
	if _, err := p.Create(t.Context(), r); provider.Classify(err) != provider.Permanent {
		t.Errorf("a key that is none: %v", err)
	}
	key = easyposttest.Key
	if answer, err := p.Create(t.Context(), r); err != nil || answer.Outcome != fulfillment.OutcomeAccepted {
		t.Errorf("answered %+v, %v", answer, err)
	}
	ledger, err := easypost.OpenLedger(t.Context(), outside)
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	if call, found, err := ledger.Find(t.Context(), "a"); err != nil || !found || !call.Parcels[0].Bought {
		t.Errorf("the ledger has %+v, %t, %v", call, found, err)
	}
	if _, _, err := easypost.Entry(&easypost.Environment{URL: "easypost"}).Open(
		t.Context(), provider.Host{DatabaseURL: packhorse}); provider.Classify(err) != provider.Permanent {
		t.Errorf("an address that is none: %v", err)
	}
}
