// Package serve is the API process as a function: it answers the Admin API over HTTP until its context ends, then
// drains. The serve command and the tests run the same one.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio/connect"
)

// Settings is everything that an API process can be told.
type Settings struct {
	Database  config.Database
	Temporal  config.Temporal
	Gateway   config.Gateway
	Callbacks config.CallbackConfig
	Secrets   config.Secrets
	Named     config.ProviderSecrets
	Providers catalogue.Catalogue // of which those are opened that receive news
}

// Specs is what config.Load fills.
func (s *Settings) Specs() []any {
	specs := []any{&s.Database, &s.Temporal, &s.Gateway, &s.Callbacks, &s.Secrets, &s.Named}
	for _, entry := range s.Providers {
		if receives(entry) && entry.Settings != nil {
			specs = append(specs, entry.Settings)
		}
	}
	return specs
}

const healthGrace = 5 * time.Second

// Run serves until the context ends, then takes no new requests, lets running ones end within the grace, and returns.
// ready is called with the address of the API once it takes requests; it may be nil. When PostgreSQL or Temporal is
// away or unprepared, it is served nevertheless: requests that need the one are told so, and /readyz says why. Run
// returns an error if its settings are wrong or it had to stop by itself.
func Run(ctx context.Context, settings Settings, logs io.Writer, ready func(address string)) (err error) {
	defer func() {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			// Told to stop before it had started: that is no failure.
			err = nil
		}
	}()
	logger := telemetry.NewLogger(logs, settings.Gateway.LogLevel, settings.Gateway.LogFormat)
	store, err := postgres.Open(ctx, string(settings.Database.URL), postgres.Options{
		MaxConns: settings.Database.MaxConns, Callbacks: settings.Callbacks.Rules(),
		Webhooks: settings.Callbacks.WebhookRules(), Secrets: settings.Secrets.Keys.Ring(),
	})
	if err != nil {
		return err
	}
	defer store.Close()
	// First, so that a taken port is told at once.
	listener, err := net.Listen("tcp", settings.Gateway.Address)
	if err != nil {
		return fmt.Errorf("serve the API at PACKHORSE_API_ADDRESS: %w", err)
	}
	defer listener.Close() // It is closed already when it was served.
	registry := telemetry.NewRegistry()
	connection, err := connect.Open(settings.Temporal, logger, telemetry.NewMetricsHandler(registry))
	if err != nil {
		return err
	}
	defer connection.Close()
	health := &telemetry.Server{
		Address: settings.Gateway.MetricsAddress, Registry: registry, Logger: logger,
		Checks: []telemetry.Check{
			{Name: "postgres", Ready: store.Ready}, {Name: "temporal", Ready: connection.Ready},
		},
		Warnings: []telemetry.Check{
			// It is ready nevertheless: whoever only reads is answered.
			{Name: "writes", Ready: store.TakesWrites},
			{Name: "retention", Ready: connection.CheckRetention},
		},
	}
	if err := health.Start(); err != nil {
		return err
	}
	context.AfterFunc(ctx, health.Drain)
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), healthGrace)
		defer cancel()
		err = errors.Join(err, health.Shutdown(stop))
	}()
	receivers, closeReceivers, err := OpenReceivers(ctx, settings.Providers, provider.Host{
		DatabaseURL: string(settings.Database.URL), Rules: settings.Callbacks.Rules(),
		Secrets: provider.NamedSecrets(settings.Named.Folder), Logger: logger,
	})
	if err != nil {
		return err
	}
	defer closeReceivers()
	api, err := New(
		Options{
			Settings: settings.Gateway, Store: store, Temporal: connection.Client, Receivers: receivers, Logger: logger,
			Registry: registry,
		},
	)
	if err != nil {
		return err
	}
	defer inBackground(
		ctx, tellAbsence(logger, "PostgreSQL", store.Ready),
		func(ctx context.Context) {
			tellAbsence(logger, "Temporal", connection.Ready)(ctx)
			if short := connection.CheckRetention(ctx); short != nil {
				logger.WarnContext(ctx, "Temporal forgets too soon.", "reason", short)
			}
		},
	)()
	logger.Info(
		"The API is served.", "listen", listener.Addr().String(), "https", api.tls != nil, "metrics", health.Addr(),
	)
	if ready != nil {
		ready(listener.Addr().String())
	}
	err = api.Serve(ctx, listener)
	logger.Info("The API has stopped.")
	return err
}

// tellAbsence logs that something is away while the API starts. The API is served meanwhile, as in an outage that comes
// later: what does not need it is answered.
func tellAbsence(logger *slog.Logger, what string, ready func(context.Context) error) func(context.Context) {
	return func(ctx context.Context) { _ = telemetry.NewStartup(logger).Await(ctx, what, ready) }
}
