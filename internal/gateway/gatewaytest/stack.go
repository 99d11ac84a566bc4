// Package gatewaytest gives a test the whole of Packhorse in one process: a database, a Temporal namespace, a worker, the
// Admin API on a port of its own, and apps that talk to it over HTTP.
package gatewaytest

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"packhorse/internal/access"
	"packhorse/internal/command"
	"packhorse/internal/gateway"
	"packhorse/internal/graphql"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/graphql/cost"
	"packhorse/internal/graphql/document"
	"packhorse/internal/graphql/exec"
	"packhorse/internal/graphql/schema"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
	"packhorse/internal/worker/workertest"
)

// Options adjust a Server. The zero value is usable.
type Options struct {
	// Limits is what one operation may ask for. Default: cost.DefaultLimits.
	Limits cost.Limits
	// Rate is what a token may ask for in a time. Default: more than any test can.
	Rate cost.Rate
	// Timeout is how long a request may take. Default: one minute.
	Timeout time.Duration
	// MaxConns bounds the connections to the database. Default: 8.
	MaxConns int32
}

// Stack is a running engine with the Admin API in front of it.
type Stack struct {
	*workertest.Stack
	*Server
}

// Start runs a Stack until the test ends. The test's package needs devstacktest.Main.
func Start(t testing.TB, o Options) *Stack {
	t.Helper()
	engine := workertest.Start(t)
	return &Stack{Stack: engine, Server: Serve(t, string(engine.Settings.Database.URL), engine.Temporal, o)}
}

// Server is the Admin API of one gateway. Several may stand before one engine.
type Server struct {
	URL     string           // of the endpoint
	Handler *gateway.Gateway // the same without a network between

	t          testing.TB
	store      *postgres.Store
	sql        *pgxpool.Pool
	statements statements
	http       *http.Client
	cancel     context.CancelFunc
	done       chan error
}

// Serve runs a gateway on a migrated database until the test ends. Without a connection to Temporal it answers queries
// and nothing else.
func Serve(t testing.TB, databaseURL string, temporal client.Client, o Options) *Server {
	t.Helper()
	s := &Server{t: t, done: make(chan error, 1)}
	var err error
	s.store, err = postgres.Open(t.Context(), databaseURL, postgres.Options{MaxConns: cmp.Or(o.MaxConns, 8), Tracer: &s.statements})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.store.Close)
	if s.sql, err = pgxpool.New(t.Context(), databaseURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.sql.Close)
	logger := telemetry.NewLogger(t.Output(), slog.LevelError, "text")
	s.Handler = s.gateway(temporal, logger, o)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.URL = "http://" + listener.Addr().String() + gateway.Endpoint()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	s.http = &http.Client{Transport: transport, Timeout: 2 * time.Minute}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s.cancel = cancel
	go func() {
		s.done <- gateway.Serve(ctx, listener, s.Handler, gateway.ServerOptions{RequestTimeout: o.timeout(), Logger: logger})
	}()
	t.Cleanup(s.Stop)
	return s
}

func (o Options) timeout() time.Duration { return cmp.Or(o.Timeout, time.Minute) }

// SQL is the database, for what the API does not tell.
func (s *Server) SQL() *pgxpool.Pool { return s.sql }

// gateway puts one together as the program does.
func (s *Server) gateway(temporal client.Client, logger *slog.Logger, o Options) *gateway.Gateway {
	callers := access.NewAuthenticator(s.store, access.AuthenticatorOptions{Logger: logger})
	watching, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		callers.Run(watching)
	}()
	s.t.Cleanup(func() { cancel(); <-watched })

	resolver := graphql.NewResolver(s.store, command.New(temporal, s.store, command.Options{}), callers.Forget)
	executable := exec.NewExecutableSchema(exec.Config{Schema: schema.Load(), Resolvers: resolver})
	documents, err := document.NewCache(schema.Load(), 100)
	if err != nil {
		s.t.Fatal(err)
	}
	buckets, err := cost.NewBuckets(cmp.Or(o.Rate, cost.Rate{Maximum: 1e9, RestorePerSecond: 1e9}), 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return gateway.New(gateway.Options{
		Schema: executable, Documents: documents, Callers: callers, Keys: s.store, Buckets: buckets, Limits: o.Limits,
		MayCall: func(c access.Caller, field string) bool { return c.MayCall(field) == nil },
		Timeout: o.timeout(), Logger: logger,
		Around: func(ctx context.Context) context.Context {
			return admin.WithLoaders(ctx, admin.NewLoaders(s.store, admin.ShopSettings{}))
		},
	})
}

// Stop takes no more requests, waits for those that run, and is over when they are answered. A second call does nothing.
func (s *Server) Stop() {
	s.t.Helper()
	if s.cancel == nil {
		return
	}
	s.cancel()
	if err := <-s.done; err != nil {
		s.t.Errorf("gateway: %v", err)
	}
	s.cancel = nil
}
