package easypost

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/provider"
)

// Environment is what can be set for all services with EasyPost together. The rest is a service's [Options].
type Environment struct {
	URL       string        `envconfig:"PACKHORSE_EASYPOST_URL" default:"https://api.easypost.com/v2" desc:"EasyPost's API"`
	Timeout   time.Duration `envconfig:"PACKHORSE_EASYPOST_TIMEOUT" default:"20s" min:"1s" max:"60s" desc:"longest call of EasyPost's API"`
	LookEvery time.Duration `envconfig:"PACKHORSE_EASYPOST_LOOK_EVERY" default:"6h" min:"1s" max:"168h" desc:"how often EasyPost is asked for a parcel that is on its way, or a refund that is not decided"`
	// DatabaseURL is where the ledger is. One that is not set back with Packhorse's own database forgets no purchase.
	DatabaseURL config.DatabaseURL `envconfig:"PACKHORSE_EASYPOST_DATABASE_URL" desc:"PostgreSQL database of the ledger of EasyPost's shipments (default: Packhorse's)"`
}

// Entry is the provider in the catalogue, with these settings.
func Entry(settings *Environment) provider.Entry {
	ledgerURL := func(databaseURL string) string { return cmp.Or(string(settings.DatabaseURL), databaseURL) }
	return provider.Entry{
		ID:        ID,
		What:      "EasyPost: buys the carriers' labels, and follows the parcels",
		Settings:  settings,
		Settle:    0, // A shipment is in the ledger before its label is bought, and is asked itself.
		Queue:     &provider.Queue{},
		PollEvery: pollEvery,
		Secrets:   map[string]string{"apiKeySecretName": apiKeySecret, "webhookSecretName": webhookSecret},
		Offline:   &Provider{defaults: DefaultOptions()},
		Migrate: func(ctx context.Context, databaseURL string) error {
			return Migrate(ctx, ledgerURL(databaseURL))
		},
		Open: func(ctx context.Context, host provider.Host) (provider.Provider, func(), error) {
			if u, err := url.Parse(settings.URL); err != nil || settings.URL != "" && u.Host == "" {
				return nil, nil, refuse("PACKHORSE_EASYPOST_URL must be an address such as %s", DefaultURL)
			}
			ledger, err := OpenLedger(ctx, ledgerURL(host.DatabaseURL))
			if err != nil {
				return nil, nil, err
			}
			p, err := New(Config{
				URL: settings.URL, Ledger: ledger, Secrets: host.Secrets, Timeout: settings.Timeout,
				LookEvery: settings.LookEvery, Logger: host.Logger,
			})
			if err != nil {
				ledger.Close()
				return nil, nil, err
			}
			return p, func() { p.Close(); ledger.Close() }, nil
		},
	}
}
