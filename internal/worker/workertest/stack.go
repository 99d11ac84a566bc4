// Package workertest gives a test the whole engine: a database and a Temporal namespace of its own, a worker in
// process, and a client to command it with.
package workertest

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio"
	"packhorse/internal/temporalio/connect"
	"packhorse/internal/update"
	"packhorse/internal/worker"
)

// patience is how long a test waits for an answer or for what is to come. Each workflow task that gets lost on a busy
// machine takes ten seconds.
const patience = 3 * time.Minute

// Stack is a running engine.
type Stack struct {
	Store    *postgres.Store
	Temporal client.Client
	Command  *operation.Commands
	Updates  *update.Client // under Command
	Settings worker.Settings

	t      testing.TB
	cancel context.CancelFunc
	done   chan error
}

// providers is the catalogue of the tests.
func providers() catalogue.Catalogue {
	return catalogue.Catalogue{manual.Entry(), simulated.Entry(&simulated.Environment{Seed: 1})}
}

// migrate makes the tables of Packhorse and of its providers.
func migrate(ctx context.Context, url string) error {
	if err := postgres.Migrate(ctx, url); err != nil {
		return err
	}
	return providers().Migrate(ctx, url)
}

// SecretsKey is the key that secrets are sealed with in tests: everybody on one database has the same.
const SecretsKey = "dGVzdHMgaGF2ZSBub3RoaW5nIHRvIGhpZGUuLi4uLi4="

// Start runs an engine until the test ends. The test's package needs devstacktest.Main.
func Start(t testing.TB) *Stack {
	t.Helper()
	return StartOn(t, devstacktest.Database(t, migrate))
}

// StartPausable is [Start] with workflows that can be paused, as far as callers and the worker can tell.
func StartPausable(t testing.TB) (*Stack, *Pauses) {
	t.Helper()
	var pauses *Pauses
	stack := startOn(t, devstacktest.Database(t, migrate), func(address string) (in string) {
		pauses, in = startPauses(t, address)
		return in
	})
	return stack, pauses
}

// StartOn runs an engine on this database, which is migrated first.
func StartOn(t testing.TB, databaseURL string) *Stack {
	t.Helper()
	return startOn(t, databaseURL, func(address string) string { return address })
}

// startOn is StartOn with what stands between the engine and the server at the address.
func startOn(t testing.TB, databaseURL string, between func(address string) string) *Stack {
	t.Helper()
	ctx := t.Context()
	if err := migrate(ctx, databaseURL); err != nil {
		t.Fatal(err)
	}
	server, namespace := devstacktest.Namespace(t, temporalio.SearchAttributes())
	s := &Stack{t: t}
	s.Settings.Database = config.Database{URL: config.DatabaseURL(databaseURL), MaxConns: 8}
	s.Settings.Temporal = config.Temporal{Address: between(server.Address()), Namespace: namespace}
	s.Settings.Worker = config.Worker{
		MetricsAddress: "127.0.0.1:0", StopTimeout: 5 * time.Second,
		StickyCacheSize: 1000, MaxConcurrentWorkflowTasks: 100, MaxConcurrentActivities: 100,
		WorkflowPollers: 16, ActivityPollers: 8, ProviderConcurrency: 20,
		Providers: config.Names{fulfillment.ManualProvider, simulated.DefaultID},
		LogLevel:  slog.LevelError, LogFormat: "text",
	}
	s.Settings.Webhooks = config.Webhooks{
		ShopDomain: "shop.example", ShopCurrency: "EUR", ShopTimeZone: "UTC", GIDNamespace: "shopify",
		WebhookTimeout: 5 * time.Second, WebhookAtOnce: 8, Subscriptions: 100,
	}
	s.Settings.Callbacks.AllowPrivate = true
	s.Settings.Providers = providers()
	s.Settings.Secrets = config.Secrets{Keys: SecretsKey}
	var err error
	s.Store, err = postgres.Open(ctx, databaseURL, postgres.Options{
		MaxConns: 8, Secrets: s.Settings.Secrets.Keys.Ring(), Callbacks: s.Settings.Callbacks.Rules(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Store.Close)
	dialing, cancel := context.WithTimeout(ctx, time.Minute) // It tries for as long as it may.
	defer cancel()
	logger := telemetry.NewLogger(t.Output(), slog.LevelError, "text")
	if s.Temporal, err = connect.Dial(dialing, s.Settings.Temporal, logger, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Temporal.Close)
	s.Updates = update.New(s.Temporal, s.Store, update.Options{Timeout: patience})
	s.Command = operation.CommandsOver(s.Updates, s.Temporal, s.Store)
	s.StartWorker()
	t.Cleanup(s.StopWorker)
	return s
}

// For is the same engine for a subtest, which then is the one that fails.
func (s *Stack) For(t testing.TB) *Stack {
	c := *s
	c.t = t
	return &c
}

// StartWorker starts the worker again after [Stack.StopWorker].
func (s *Stack) StartWorker() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	s.cancel, s.done = cancel, make(chan error, 1)
	go func() { s.done <- worker.Run(ctx, s.Settings, s.t.Output()) }()
}

// StopWorker drains the worker; a second call does nothing.
func (s *Stack) StopWorker() {
	s.t.Helper()
	if s.cancel == nil {
		return
	}
	s.cancel()
	if err := <-s.done; err != nil {
		s.t.Errorf("worker: %v", err)
	}
	s.cancel = nil
}

// Warehouse adds a location of the merchant's own that stocks everything.
func (s *Stack) Warehouse(name string) fulfillment.Location {
	s.t.Helper()
	location, err := s.Store.AddLocation(s.t.Context(), fulfillment.Location{Name: name, Active: true, StocksAll: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return location
}

// Service adds a fulfillment service and its location.
func (s *Stack) Service(service fulfillment.Service) fulfillment.Service {
	s.t.Helper()
	made, err := s.Store.AddService(s.t.Context(), service)
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// Order creates an order of one line at a location and returns its only fulfillment order's ID.
func (s *Stack) Order(location fulfillment.ID, quantity int) fulfillment.ID {
	s.t.Helper()
	created, err := s.Command.CreateOrder(s.t.Context(), fulfillment.Order{
		LineItems: []fulfillment.LineItem{{Title: "Blanket", SKU: "BLANKET", Quantity: quantity, LocationID: location}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(created.FulfillmentOrderIDs) != 1 {
		s.t.Fatalf("order became %d fulfillment orders, want 1", len(created.FulfillmentOrderIDs))
	}
	return created.FulfillmentOrderIDs[0]
}

// Send sends a command that must succeed.
func (s *Stack) Send(id fulfillment.ID, cmd fulfillment.Command) fulfillment.Result {
	s.t.Helper()
	result, err := s.Command.Send(s.t.Context(), id, cmd)
	if err != nil {
		s.t.Fatalf("%s: %v", cmd.Verb(), err)
	}
	return result
}

// Load reads a fulfillment order from the store.
func (s *Stack) Load(id fulfillment.ID) *fulfillment.FulfillmentOrder {
	s.t.Helper()
	fo, err := s.Store.Load(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return fo
}

// Ledger is what the simulated provider did. It is open until the test ends.
func (s *Stack) Ledger() *simulated.PostgresLedger {
	s.t.Helper()
	ledger, err := simulated.OpenLedger(s.t.Context(), string(s.Settings.Database.URL))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(ledger.Close)
	return ledger
}

// Eventually waits until the fulfillment order in the store is as wanted.
func (s *Stack) Eventually(
	id fulfillment.ID, what string, ok func(*fulfillment.FulfillmentOrder) bool,
) *fulfillment.FulfillmentOrder {
	s.t.Helper()
	deadline := time.After(patience)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		fo := s.Load(id)
		if ok(fo) {
			return fo
		}
		select {
		case <-deadline:
			s.t.Fatalf("fulfillment order %d never became %s: it is %s/%s", id, what, fo.Status, fo.RequestStatus)
		case <-ticker.C:
		}
	}
}

// State asks a fulfillment order's workflow for its state. That of a new one starts a moment after it is in the store.
func (s *Stack) State(id fulfillment.ID) *fulfillment.FulfillmentOrder {
	s.t.Helper()
	var value converter.EncodedValue
	WaitFor(s.t, "the workflow of fulfillment order "+id.String(), func() bool {
		var err error
		value, err = s.Temporal.QueryWorkflow(
			s.t.Context(), temporalio.FulfillmentOrderID(id), "", temporalio.StateQuery,
		)
		if errors.As(err, new(*serviceerror.NotFound)) {
			return false
		}
		if err != nil {
			s.t.Fatal(err)
		}
		return true
	})
	var fo *fulfillment.FulfillmentOrder
	if err := value.Get(&fo); err != nil {
		s.t.Fatal(err)
	}
	return fo
}

// WaitFor waits until something is so, and gives up after three minutes.
func WaitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("never saw %s", what)
		case <-ticker.C:
		}
	}
}
