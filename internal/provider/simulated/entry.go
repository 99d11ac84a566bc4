package simulated

import (
	"cmp"
	"context"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/provider"
)

// Environment is what can be set for all simulated services together. How one of them behaves is its [Settings].
type Environment struct {
	Seed uint64 `envconfig:"PACKHORSE_SIMULATED_SEED" default:"1" desc:"seed of what the simulated provider does"`
	// DatabaseURL is where the ledger is. In the outside world it would not be set back with Packhorse's own database.
	DatabaseURL config.DatabaseURL `envconfig:"PACKHORSE_SIMULATED_DATABASE_URL" desc:"PostgreSQL database of the simulated provider's ledger (default: Packhorse's)"`
}

// LedgerURL is the ledger's database, where Packhorse's own has this URL.
func (e *Environment) LedgerURL(databaseURL string) string {
	return cmp.Or(string(e.DatabaseURL), databaseURL)
}

// Entry is the provider in the catalogue, with these settings.
func Entry(settings *Environment) provider.Entry {
	return provider.Entry{
		ID:       DefaultID,
		What:     "A pretended service that accepts, ships and delivers by itself, and fails as it is told to",
		Settings: settings,
		Settle:   time.Second, // Its ledger never lags; it stands in for systems that do.
		Queue:    &provider.Queue{},
		Offline:  &Provider{config: Config{ID: DefaultID}, defaults: DefaultSettings()},
		Migrate: func(ctx context.Context, databaseURL string) error {
			return Migrate(ctx, settings.LedgerURL(databaseURL))
		},
		Open: func(ctx context.Context, host provider.Host) (provider.Provider, func(), error) {
			ledger, err := OpenLedger(ctx, settings.LedgerURL(host.DatabaseURL))
			if err != nil {
				return nil, nil, err
			}
			p, err := New(Config{
				Seed: int64(settings.Seed), Ledger: ledger, Reporter: host.Reporter, Logger: host.Logger,
			})
			if err != nil {
				ledger.Close()
				return nil, nil, err
			}
			return p, ledger.Close, nil
		},
	}
}
