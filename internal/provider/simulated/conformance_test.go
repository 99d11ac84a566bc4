package simulated_test

import (
	"context"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/simulated"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

func postgresLedger(t *testing.T) *simulated.PostgresLedger {
	t.Helper()
	l, err := simulated.OpenLedger(t.Context(), devstacktest.Database(t, simulated.Migrate))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// ledgers are the implementations that all tests of ledgers run against.
var ledgers = map[string]func(*testing.T) simulated.Ledger{
	"memory":   func(*testing.T) simulated.Ledger { return &simulated.MemoryLedger{} },
	"postgres": func(t *testing.T) simulated.Ledger { return postgresLedger(t) },
}

func newProvider(t *testing.T, c simulated.Config) *simulated.Provider {
	t.Helper()
	p, err := simulated.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConformance(t *testing.T) {
	t.Parallel()
	priced := simulated.DefaultSettings()
	priced.Price, priced.CurrencyCode = "4.90", "EUR"
	pending := simulated.DefaultSettings()
	pending.Answer = simulated.AnswerPending
	rejecting := simulated.DefaultSettings()
	rejecting.RejectionRate, rejecting.CancelRefusalRate = 1, 1
	for ledger, open := range ledgers {
		for name, settings := range map[string]*simulated.Settings{
			"defaults": nil, "priced": &priced, "pending": &pending, "rejecting": &rejecting,
		} {
			if ledger == "postgres" && (name == "priced" || name == "rejecting") {
				continue // They take no other way through the ledger, and each test there costs a database.
			}
			t.Run(ledger+"/"+name, func(t *testing.T) {
				t.Parallel()
				providertest.Run(t, func(t *testing.T) provider.Provider {
					return newProvider(t, simulated.Config{Seed: 1, Defaults: settings, Ledger: open(t),
						Reporter: &book{began: time.Now()}, Logger: discard})
				})
			})
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	bad := simulated.DefaultSettings()
	bad.Answer = "maybe"
	for name, c := range map[string]simulated.Config{
		"no_ledger":    {},
		"bad_defaults": {Ledger: &simulated.MemoryLedger{}, Defaults: &bad},
	} {
		if _, err := simulated.New(c); err == nil {
			t.Errorf("%s: it was made", name)
		}
	}
	if err := newProvider(
		t, simulated.Config{Ledger: &simulated.MemoryLedger{}},
	).Run(context.Background()); err == nil {
		t.Error("it ran without a reporter")
	}
}
