// Package serve is the API process as a function: it answers the Admin API over HTTP until its context ends, then drains.
// The serve command and the tests run the same one.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"

	"packhorse/internal/access"
	"packhorse/internal/command"
	"packhorse/internal/config"
	"packhorse/internal/gateway"
	"packhorse/internal/graphiql"
	"packhorse/internal/graphql"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/graphql/cost"
	"packhorse/internal/graphql/document"
	"packhorse/internal/graphql/exec"
	"packhorse/internal/graphql/schema"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio/connect"
)

// Settings is everything that an API process can be told.
type Settings struct {
	Database  config.Database
	Temporal  config.Temporal
	Gateway   config.Gateway
	Callbacks config.CallbackConfig
}

// Specs is what config.Load fills.
func (s *Settings) Specs() []any {
	return []any{&s.Database, &s.Temporal, &s.Gateway, &s.Callbacks}
}

const (
	cachedDocuments = 1000
	cachedBuckets   = 10_000
	sweepInterval   = time.Hour
	healthGrace     = 5 * time.Second
)

// Run serves until the context ends, then takes no new requests, lets running ones end within the grace, and returns.
// ready is called with the address of the API once it takes requests; it may be nil. Run returns an error if it could not
// start or had to stop by itself.
func Run(ctx context.Context, settings Settings, logs io.Writer, ready func(address string)) (err error) {
	defer func() {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) { // Told to stop before it had started: that is no failure.
			err = nil
		}
	}()
	logger := telemetry.NewLogger(logs, settings.Gateway.LogLevel, settings.Gateway.LogFormat)
	store, err := postgres.Open(ctx, string(settings.Database.URL), postgres.Options{
		MaxConns: settings.Database.MaxConns, Callbacks: settings.Callbacks.Rules(),
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
	connection, err := connect.Dial(ctx, settings.Temporal, logger, telemetry.NewMetricsHandler(registry))
	if err != nil {
		return err
	}
	defer connection.Close()

	health := newHealth(settings.Gateway, registry, logger, store, connection)
	if err := health.Start(); err != nil {
		return err
	}
	context.AfterFunc(ctx, health.Drain)
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), healthGrace)
		defer cancel()
		err = errors.Join(err, health.Shutdown(stop))
	}()

	callers := access.NewAuthenticator(store, access.AuthenticatorOptions{Logger: logger})
	handler, err := newHandler(settings.Gateway, registry, logger, store, connection, callers)
	if err != nil {
		return err
	}
	defer inBackground(ctx, callers.Run, func(ctx context.Context) { sweep(ctx, store, logger) })()

	logger.Info("The API is ready.", "listen", listener.Addr().String(), "metrics", health.Addr())
	if ready != nil {
		ready(listener.Addr().String())
	}
	err = gateway.Serve(ctx, listener, handler, gateway.ServerOptions{
		RequestTimeout: settings.Gateway.RequestTimeout, IdleTimeout: settings.Gateway.IdleTimeout,
		StopTimeout: settings.Gateway.StopTimeout, Logger: logger,
	})
	logger.Info("The API has stopped.")
	return err
}

func newHealth(settings config.Gateway, registry *prometheus.Registry, logger *slog.Logger, store *postgres.Store, connection client.Client) *telemetry.Server {
	return &telemetry.Server{
		Address: settings.MetricsAddress, Registry: registry, Logger: logger,
		Checks: []telemetry.Check{
			{Name: "postgres", Ready: store.Ready},
			{Name: "temporal", Ready: func(ctx context.Context) error {
				_, err := connection.CheckHealth(ctx, &client.CheckHealthRequest{})
				return err
			}},
		},
	}
}

// newHandler puts the API together.
func newHandler(settings config.Gateway, registry *prometheus.Registry, logger *slog.Logger, store *postgres.Store, connection client.Client, callers *access.Authenticator) (http.Handler, error) {
	documents, err := document.NewCache(schema.Load(), cachedDocuments)
	if err != nil {
		return nil, err
	}
	buckets, err := cost.NewBuckets(cost.Rate{Maximum: float64(settings.CostBucket), RestorePerSecond: settings.CostRestoreRate}, cachedBuckets)
	if err != nil {
		return nil, err
	}
	limits := cost.DefaultLimits
	limits.MaxCost = settings.CostLimit
	shop := admin.ShopSettings{Name: settings.ShopName, CurrencyCode: settings.ShopCurrency, TimeZone: settings.ShopTimeZone}
	options := gateway.Options{
		Schema: exec.NewExecutableSchema(exec.Config{Schema: schema.Load(), Resolvers: graphql.NewResolver(
			store, command.New(connection, store, command.Options{}), callers.Forget)}),
		Documents: documents, Callers: callers, Keys: store, Buckets: buckets, Limits: limits,
		MayCall: func(c access.Caller, field string) bool { return c.MayCall(field) == nil },
		Around: func(ctx context.Context) context.Context {
			return admin.WithNamespace(admin.WithLoaders(ctx, admin.NewLoaders(store, shop)), settings.GIDNamespace)
		},
		Timeout: settings.RequestTimeout, MaxBody: settings.MaxBodyBytes, Logger: logger, Registry: registry,
	}
	if settings.GraphiQL {
		options.GraphiQL = graphiql.Handler(gateway.Endpoint())
	}
	return gateway.New(options), nil
}

// inBackground runs the jobs until the function that it returns is called, which waits for their ends. They outlive ctx,
// because running requests do.
func inBackground(ctx context.Context, jobs ...func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	for _, job := range jobs {
		group.Go(func() { job(ctx) })
	}
	return func() {
		cancel()
		group.Wait()
	}
}

// sweep forgets expired idempotency keys, now and every hour.
func sweep(ctx context.Context, store *postgres.Store, logger *slog.Logger) {
	tick := time.NewTicker(sweepInterval)
	defer tick.Stop()
	for {
		n, err := store.DeleteExpiredKeys(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			logger.Warn("can't delete expired idempotency keys, trying again", "error", err, "after", sweepInterval.String())
		case n > 0:
			logger.Info("Expired idempotency keys are deleted.", "count", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
