package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"packhorse/internal/config"
	"packhorse/internal/operation"
	"packhorse/internal/pooler"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio/connect"
)

// pingTimeout bounds the first question to the database, also where --timeout is longer: a person waits for it.
const pingTimeout = 10 * time.Second

// servers is the backend of production: what the environment variables point to.
type servers struct {
	log io.Writer // of what goes on behind a command that takes longer

	database  config.Database
	temporal  config.Temporal
	callbacks config.CallbackConfig
	secrets   config.Secrets
	named     config.ProviderSecrets
	cli       *config.CLI
	loaded    bool

	store *postgres.Store
	conn  client.Client

	opening   sync.Mutex
	providers map[string]provider.Provider // those that are open
	ends      []func()                     // end their connections
}

// settings reads the environment once. Temporal's settings are read with the database's: whoever repairs them wants to
// know all that is wrong.
func (s *servers) settings() error {
	if s.loaded {
		return nil
	}
	if err := config.Load(&s.database, &s.temporal, &s.callbacks, &s.secrets, &s.named); err != nil {
		return err
	}
	s.loaded = true
	return nil
}

// ledger opens what the simulated provider did.
func (s *servers) ledger(ctx context.Context) (*simulated.PostgresLedger, error) {
	var environment simulated.Environment
	if err := config.Load(&environment); err != nil {
		return nil, err
	}
	return simulated.OpenLedger(ctx, environment.LedgerURL(string(s.database.URL)))
}

func (s *servers) workflowURL(workflowID string) string {
	if s.settings() != nil { // Whoever needs the servers is told.
		return ""
	}
	return s.temporal.WorkflowURL(workflowID)
}

func (s *servers) book(ctx context.Context) (book, error) {
	store, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return store, nil
}

func (s *servers) feedWatch(ctx context.Context) (feedWatch, error) {
	store, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	watch := postgres.NewFeedWatch(store)
	go func() { _ = watch.Run(ctx) }() // It ends with its context, and in no other way.
	return watch, nil
}

func (s *servers) open(ctx context.Context) (*postgres.Store, error) {
	if s.store != nil {
		return s.store, nil
	}
	if err := s.settings(); err != nil {
		return nil, err
	}
	store, err := postgres.Open(ctx, string(s.database.URL), postgres.Options{
		MaxConns: s.database.MaxConns, Callbacks: s.callbacks.Rules(),
		Webhooks: s.callbacks.WebhookRules(), Secrets: s.secrets.Keys.Ring(),
	})
	if err != nil {
		return nil, err
	}
	ping, cancel := context.WithTimeout(ctx, min(pingTimeout, s.cli.Timeout))
	defer cancel()
	if err := store.Ping(ping); err != nil {
		store.Close()
		return nil, s.databaseProblem(err)
	}
	s.store = store
	return store, nil
}

func (s *servers) databaseProblem(err error) error {
	if errors.Is(err, pooler.ErrPooler) {
		return err
	}
	var network *net.OpError
	var answer *pgconn.PgError
	switch { // pgx says it once for each address that it tried.
	case errors.As(err, &answer):
		err = answer
	case errors.As(err, &network):
		err = network
	}
	return &unreachableError{
		server: "PostgreSQL", address: s.databaseAddress(), setting: "PACKHORSE_DATABASE_URL", err: err,
	}
}

func (s *servers) sender(ctx context.Context) (sender, error) {
	store, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	return operation.NewCommands(conn, store, operation.Options{Timeout: s.cli.Timeout, Waiting: s.waiting()}), nil
}

// provider opens a provider as a worker does, but for what it would tell by itself.
func (s *servers) provider(ctx context.Context, id string) (provider.Provider, error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	if p := s.providers[id]; p != nil {
		return p, nil
	}
	if err := s.settings(); err != nil {
		return nil, err
	}
	entry, err := catalogue.New().Find(id)
	if err != nil {
		return nil, err
	}
	if entry.Settings != nil {
		if err := config.Load(entry.Settings); err != nil {
			return nil, err
		}
	}
	p, end, err := entry.Open(ctx, provider.Host{
		DatabaseURL: string(s.database.URL), Secrets: provider.NamedSecrets(s.named.Folder),
		Rules: s.callbacks.Rules(), Logger: s.logger(),
	})
	if err != nil {
		return nil, fmt.Errorf("open the provider %s: %w", id, err)
	}
	if s.providers == nil {
		s.providers = map[string]provider.Provider{}
	}
	s.providers[id] = p
	if end != nil {
		s.ends = append(s.ends, end)
	}
	return p, nil
}

// waiting tells what commands wait for, so that nobody stares at a silent terminal.
func (s *servers) waiting() func(context.Context, error) { return operation.LogWaiting(s.logger()) }

func (s *servers) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: s.cli.LogLevel}
	if s.cli.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(s.log, options))
	}
	return slog.New(slog.NewTextHandler(s.log, options))
}

func (s *servers) dial(ctx context.Context) (client.Client, error) {
	if s.conn != nil {
		return s.conn, nil
	}
	if err := s.settings(); err != nil {
		return nil, err
	}
	dial, cancel := context.WithTimeout(ctx, s.cli.Timeout)
	defer cancel()
	conn, err := connect.Dial(dial, s.temporal, s.logger(), nil)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, &unreachableError{
			server: "Temporal", address: s.temporal.Address, setting: "TEMPORAL_ADDRESS", err: err,
		}
	}
	if err != nil {
		return nil, err
	}
	s.conn = conn
	return conn, nil
}

func (s *servers) where() string {
	if s.settings() != nil {
		return "settings are missing"
	}
	return fmt.Sprintf("Temporal at %s, PostgreSQL at %s", s.temporal.Address, s.databaseAddress())
}

// databaseAddress is host, port and database, without user and password.
func (s *servers) databaseAddress() string {
	parsed, err := pgconn.ParseConfig(string(s.database.URL))
	if err != nil {
		return s.database.URL.String()
	}
	if strings.HasPrefix(parsed.Host, "/") {
		return fmt.Sprintf("%s (database %s)", parsed.Host, parsed.Database)
	}
	return fmt.Sprintf("%s (database %s)", net.JoinHostPort(parsed.Host, fmt.Sprint(parsed.Port)), parsed.Database)
}

func (s *servers) close() {
	for _, end := range s.ends {
		end()
	}
	if s.conn != nil {
		s.conn.Close()
	}
	if s.store != nil {
		s.store.Close()
	}
}

// isUnreachable tells a server that is away from a mistake. It asks for net.OpError, because a file that isn't there is
// a net.Error, too.
func isUnreachable(err error) bool {
	var connect *pgconn.ConnectError
	var network *net.OpError
	var away *serviceerror.Unavailable
	if errors.As(err, new(*pgconn.PgError)) {
		return postgres.IsUnavailable(err)
	}
	return errors.As(err, new(*unreachableError)) || errors.As(err, &connect) || errors.As(err, &network) ||
		errors.As(err, &away) ||
		errors.Is(err, context.DeadlineExceeded)
}

// isListening tells that this process could not take an address to be reached at.
func isListening(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) && network.Op == "listen"
}

// isUnprepared tells that the database lacks a table or a column.
func isUnprepared(err error) bool {
	const undefinedTable, undefinedColumn = "42P01", "42703" // SQLSTATE
	var answer *pgconn.PgError
	return errors.As(err, &answer) && (answer.Code == undefinedTable || answer.Code == undefinedColumn)
}

// reach says what to look at when a server can't be reached.
func reach(err error) string {
	var away *unreachableError
	if !errors.As(err, &away) {
		return "Look whether PostgreSQL and Temporal are up."
	}
	return fmt.Sprintf(
		"Look whether %s is up at %s, and whether %s says the right address.", away.server, away.address, away.setting,
	)
}
