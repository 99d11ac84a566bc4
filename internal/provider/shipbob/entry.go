package shipbob

import (
	"context"
	"time"

	"packhorse/internal/provider"
)

// Environment is what can be set for all services at ShipBob together.
type Environment struct {
	URL        string `envconfig:"PACKHORSE_SHIPBOB_URL" default:"https://api.shipbob.com/2026-01" desc:"address of ShipBob's API, with its version"`
	SandboxURL string `envconfig:"PACKHORSE_SHIPBOB_SANDBOX_URL" default:"https://sandbox-api.shipbob.com/2026-01" desc:"address of the API of ShipBob's sandbox, for services with the option sandbox"`

	Timeout time.Duration `envconfig:"PACKHORSE_SHIPBOB_TIMEOUT" default:"25s" min:"1s" max:"28s" desc:"longest call of ShipBob's API"`
	Settle  time.Duration `envconfig:"PACKHORSE_SHIPBOB_SETTLE" default:"1m" min:"1s" max:"1h" desc:"how far ShipBob's lists may lag behind: an order that they don't have for so long is not there"`
}

// callsPerSecond is what all workers together ask of ShipBob: 45 times a minute for fulfillment orders, and 15 times
// what is new ([provider.PollShare]). A request, a cancellation and a lookup take one or two of the 150 calls that
// ShipBob bears in a minute, a page of news and the tracking of its orders one to five.
const callsPerSecond = 1

// Entry is the provider in the catalogue, with these settings.
func Entry(settings *Environment) provider.Entry {
	return provider.Entry{
		ID:       ID,
		What:     "ShipBob, a warehouse that takes orders, ships them from its centers and tells how it goes",
		Settings: settings,
		Settle:   DefaultSettle, SettleSetting: &settings.Settle,
		Queue:     &provider.Queue{Rate: callsPerSecond},
		PollEvery: pollEvery,
		Secrets:   map[string]string{"tokenSecretName": tokenSecret, "webhookSecretName": webhookSecret},
		Offline:   New(Config{}),
		Migrate:   Migrate,
		Open: func(ctx context.Context, host provider.Host) (provider.Provider, func(), error) {
			kept, err := openMarks(ctx, host.DatabaseURL)
			if err != nil {
				return nil, nil, err
			}
			p := New(Config{
				URL: settings.URL, SandboxURL: settings.SandboxURL, Secrets: host.Secrets, Logger: host.Logger,
				Timeout: settings.Timeout, Settle: settings.Settle,
			})
			p.marks = kept
			return p, kept.pool.Close, nil
		},
	}
}
