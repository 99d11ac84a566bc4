package serve

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"

	"packhorse/internal/access"
	"packhorse/internal/config"
	"packhorse/internal/gateway"
	"packhorse/internal/graphiql"
	"packhorse/internal/graphql"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/graphql/document"
	"packhorse/internal/graphql/schema"
	"packhorse/internal/inbox"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
)

const (
	cachedDocuments = 1000
	cachedBuckets   = 10_000
	sweepInterval   = 10 * time.Minute
)

// Options is what an [API] is put together from.
type Options struct {
	Settings config.Gateway
	Store    *postgres.Store
	// Temporal is the connection to the workflows; nil: queries are answered, and nothing else.
	Temporal client.Client
	// Receivers verify what systems of fulfillment services send, by the IDs of their providers.
	Receivers map[string]provider.Receiver
	Logger    *slog.Logger
	// Registry gets the metrics; nil: nobody sees them.
	Registry prometheus.Registerer
	// Limits is what one operation may ask for. Default: document.DefaultLimits with the CostLimit of the settings.
	Limits document.Limits
}

// API is the Admin API on open connections.
type API struct {
	// Handler answers requests.
	Handler *gateway.Gateway

	settings config.Gateway
	tls      *tls.Config // nil: plain HTTP
	logger   *slog.Logger
	store    *postgres.Store
	callers  *access.Authenticator
	watch    *postgres.FeedWatch
}

// New puts the API together: here, and nowhere else.
func New(o Options) (*API, error) {
	settings := o.Settings
	secured, err := tlsConfig(settings, o.Logger)
	if err != nil {
		return nil, err
	}
	documents, err := document.NewCache(schema.Load(), cachedDocuments)
	if err != nil {
		return nil, err
	}
	buckets, err := gateway.NewBuckets(
		gateway.Rate{Maximum: float64(settings.CostBucket), RestorePerSecond: settings.CostRestoreRate}, cachedBuckets,
	)
	if err != nil {
		return nil, err
	}
	limits := document.DefaultLimits
	limits.MaxCost = settings.CostLimit
	limits.MaxArguments = cmp.Or(settings.MaxBodyBytes, limits.MaxArguments)
	callers := access.NewAuthenticator(o.Store, access.AuthenticatorOptions{Logger: o.Logger})
	watch := postgres.NewFeedWatch(o.Store)
	resolver := graphql.NewResolver(
		o.Store, operation.NewCommands(o.Temporal, o.Store, operation.Options{Waiting: operation.LogWaiting(o.Logger)}),
		callers.Forget, settings.ShopDomain,
	)
	shop := admin.ShopSettings{
		Name: settings.ShopName, CurrencyCode: settings.ShopCurrency, TimeZone: settings.ShopTimeZone,
		Domain: settings.ShopDomain, Email: settings.ShopEmail,
	}
	options := gateway.Options{
		Schema:    admin.NewExecutableSchema(admin.Config{Schema: schema.Load(), Resolvers: resolver}),
		Documents: documents, Callers: callers, Keys: o.Store, Buckets: buckets, Limits: cmp.Or(o.Limits, limits),
		MayCall: access.Caller.May,
		Around:  admin.Around(o.Store, shop, settings.GIDNamespace), AroundFields: admin.Guard,
		Feed: o.Store, FeedWatch: watch, Papers: operation.Documents{Store: o.Store},
		News:    inbox.NewDoor(o.Store, o.Receivers, o.Logger, o.Registry),
		Timeout: settings.RequestTimeout, MaxBody: settings.MaxBodyBytes, MaxAnswer: settings.MaxAnswerBytes,
		Logger: o.Logger, Registry: o.Registry,
	}
	if settings.GraphiQL {
		options.GraphiQL = graphiql.Handler(gateway.Endpoint())
	}
	return &API{
		Handler: gateway.New(options), settings: settings, tls: secured, logger: o.Logger, store: o.Store,
		callers: callers, watch: watch,
	}, nil
}

// Serve answers on the listener until the context ends, lets running requests end, and returns. Meanwhile it follows
// changes of apps and tokens and the feed, and forgets idempotency keys that have expired.
func (a *API) Serve(ctx context.Context, listener net.Listener) error {
	follow := func(ctx context.Context) { _ = a.watch.Run(ctx) } // It ends with its context, and in no other way.
	defer inBackground(ctx, a.callers.Run, follow, a.sweep)()
	return gateway.Serve(ctx, listener, a.Handler, gateway.ServerOptions{
		RequestTimeout: a.settings.RequestTimeout, IdleTimeout: a.settings.IdleTimeout,
		StopTimeout: a.settings.StopTimeout, TLS: a.tls, Logger: a.logger,
	})
}

// inBackground runs the jobs until the function that it returns is called, which waits for their ends. They outlive
// ctx, because running requests do.
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

// sweep forgets expired idempotency keys, and answers that were kept long enough, now and every few minutes.
func (a *API) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepInterval)
	defer tick.Stop()
	for {
		n, err := a.store.DeleteExpiredKeys(ctx)
		if err == nil {
			_, err = a.store.DeleteKeptAnswers(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.logger.Warn(
				"can't delete expired idempotency keys, trying again", "error", err, "after", sweepInterval.String(),
			)
		case n > 0:
			a.logger.Info("Expired idempotency keys are deleted.", "count", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
