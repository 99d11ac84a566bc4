// Package gatewaytest gives a test the whole of Packhorse in one process: a database, a Temporal namespace, a worker,
// the Admin API on a port of its own, and apps that talk to it over HTTP.
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

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/gateway"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/graphql/document"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/serve"
	"packhorse/internal/telemetry"
	"packhorse/internal/worker/workertest"
)

// Options adjust a Server. The zero value is usable.
type Options struct {
	// Limits is what one operation may ask for. Default: document.DefaultLimits.
	Limits document.Limits
	// Rate is what a token may ask for in a time. Default: more than any test can.
	Rate gateway.Rate
	// Timeout is how long a request may take. Default: one minute.
	Timeout time.Duration
	// MaxAnswer is the largest answer in bytes. Default: gateway.DefaultMaxAnswer.
	MaxAnswer int
	// HTTPS has it serve HTTPS, with a certificate that only programs trust which are told of Server.Certificate.
	HTTPS bool
	// Receivers take the news of services, by their providers. Default: none.
	Receivers map[string]provider.Receiver
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
	// Certificate is the file with the certificate of a server with HTTPS.
	Certificate string

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
	s.store, err = postgres.Open(t.Context(), databaseURL, postgres.Options{
		MaxConns: cmp.Or(o.MaxConns, 8), Tracer: &s.statements, Secrets: config.SealKeys(workertest.SecretsKey).Ring(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.store.Close)
	s.sql = devstacktest.Pool(t, databaseURL)
	rate := cmp.Or(o.Rate, gateway.Rate{Maximum: 1e9, RestorePerSecond: 1e9})
	key, scheme := "", "http://"
	if o.HTTPS {
		s.Certificate, key = certificate(t)
		scheme = "https://"
	}
	api, err := serve.New(serve.Options{
		Settings: config.Gateway{
			GIDNamespace: admin.DefaultNamespace, RequestTimeout: cmp.Or(o.Timeout, time.Minute),
			MaxAnswerBytes: o.MaxAnswer, CostBucket: int(rate.Maximum), CostRestoreRate: rate.RestorePerSecond,
			TLSCert: s.Certificate, TLSKey: key,
		},
		Limits: cmp.Or(o.Limits, document.DefaultLimits),
		Store:  s.store, Receivers: o.Receivers, Temporal: temporal,
		Logger: telemetry.NewLogger(t.Output(), slog.LevelError, "text"),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Handler = api.Handler

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.URL = scheme + listener.Addr().String() + gateway.Endpoint()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	s.http = &http.Client{Transport: transport, Timeout: 2 * time.Minute}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s.cancel = cancel
	go func() { s.done <- api.Serve(ctx, listener) }()
	t.Cleanup(s.Stop)
	return s
}

// SQL is the database, for what the API does not tell.
func (s *Server) SQL() *pgxpool.Pool { return s.sql }

// Stop takes no more requests, waits for those that run, and is over when they are answered. A second call does
// nothing.
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
