package simulated

import (
	"context"
	"time"

	"packhorse/internal/provider"
)

// Environment is what can be set for all simulated services together. How one of them behaves is its [Settings].
type Environment struct {
	Seed uint64 `envconfig:"PACKHORSE_SIMULATED_SEED" default:"1" desc:"seed of what the simulated provider does"`
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
		Migrate:  Migrate,
		Open: func(ctx context.Context, host provider.Host) (provider.Provider, func(), error) {
			ledger, err := OpenLedger(ctx, host.DatabaseURL)
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
