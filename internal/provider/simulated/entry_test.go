package simulated_test

import (
	"log/slog"
	"reflect"
	"testing"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/simulated"
)

// TestLedgerHasADatabaseOfItsOwn: where a setting names one, Packhorse's database has nothing of the ledger, and the
// ledger knows what was asked for.
func TestLedgerHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	packhorse, outside := devstacktest.Database(t), devstacktest.Database(t)
	entry := simulated.Entry(&simulated.Environment{Seed: 1, DatabaseURL: config.DatabaseURL(outside)})
	if err := entry.Migrate(t.Context(), packhorse); err != nil {
		t.Fatal(err)
	}
	p, done, err := entry.Open(t.Context(), provider.Host{DatabaseURL: packhorse, Logger: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	request := providertest.Request("key")
	if _, err := p.Create(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	effects := allEffects(t, open(t, outside))
	var units []fulfillment.Quantity
	for _, line := range request.Lines {
		units = append(units, fulfillment.Quantity{ID: line.LineItemID, Quantity: line.Quantity})
	}
	if len(effects) != 1 || effects[0].OrderID != request.OrderID || !reflect.DeepEqual(effects[0].Units, units) {
		t.Errorf("the ledger has %+v, want order %d with units %v", effects, request.OrderID, units)
	}
	if _, err := open(t, packhorse).Effects(t.Context()); err == nil {
		t.Error("Packhorse's database has a ledger, too")
	}
}

func open(t *testing.T, url string) *simulated.PostgresLedger {
	t.Helper()
	l, err := simulated.OpenLedger(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}
