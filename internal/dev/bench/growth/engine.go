package growth

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/temporalio/connect"
	"packhorse/internal/worker"
)

// engine is a worker in this process and what commands it.
type engine struct {
	settings worker.Settings
	store    *postgres.Store
	location fulfillment.ID
	temporal client.Client
	commands *operation.Commands
	cancel   context.CancelFunc
	done     chan error
}

func newEngine(ctx context.Context, databaseURL string, server config.Temporal) (*engine, error) {
	e := &engine{settings: worker.Settings{
		Database: config.Database{URL: config.DatabaseURL(databaseURL), MaxConns: 8},
		Temporal: server,
		Worker: config.Worker{
			MetricsAddress: "127.0.0.1:0", StopTimeout: 5 * time.Second, StickyCacheSize: 1000,
			MaxConcurrentWorkflowTasks: 100, MaxConcurrentActivities: 100, WorkflowPollers: 16, ActivityPollers: 8,
			ProviderConcurrency: 20, Providers: config.Names{fulfillment.ManualProvider}, LogLevel: slog.LevelError,
			LogFormat: "text",
		},
		Providers: catalogue.New(),
	}}
	var err error
	if e.store, err = postgres.Open(ctx, databaseURL, postgres.Options{MaxConns: 4}); err != nil {
		return nil, err
	}
	location, err := e.store.AddLocation(ctx, fulfillment.Location{Name: "Berlin", Active: true, StocksAll: true})
	if err != nil {
		e.store.Close()
		return nil, err
	}
	e.location = location.ID
	if e.temporal, err = connect.Dial(ctx, server, nil, nil); err != nil {
		e.store.Close()
		return nil, err
	}
	e.commands = operation.NewCommands(e.temporal, e.store, operation.Options{Timeout: time.Minute})
	e.start(ctx)
	return e, nil
}

func (e *engine) close() error {
	err := e.stop()
	e.temporal.Close()
	e.store.Close()
	return err
}

func (e *engine) start(ctx context.Context) {
	ctx, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.done = make(chan error, 1)
	go func() { e.done <- worker.Run(ctx, e.settings, io.Discard) }()
}

func (e *engine) stop() error {
	e.cancel()
	if err := <-e.done; err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	e.done <- nil // A second stop has nothing to wait for.
	return nil
}

// order makes one with a fulfillment order at the merchant's own.
func (e *engine) order(ctx context.Context) (fulfillment.ID, error) {
	created, err := e.commands.CreateOrder(ctx, fulfillment.Order{
		LineItems: []fulfillment.LineItem{
			{Title: "Saddle", SKU: "SAD-1", Quantity: 3, LocationID: e.location},
			{Title: "Bell", SKU: "BEL-1", Quantity: 1, LocationID: e.location},
		},
	})
	if err != nil {
		return 0, err
	}
	return created.FulfillmentOrderIDs[0], nil
}

// send sends the n-th command of a long life: holds, releases and deadlines by turns.
func (e *engine) send(ctx context.Context, id fulfillment.ID, n int) error {
	deadline := time.Now().Add(time.Duration(24+n) * time.Hour).UTC()
	cmd := []fulfillment.Command{
		&fulfillment.PlaceHold{Reason: fulfillment.HoldOther, ReasonNotes: "The buyer has a question."},
		&fulfillment.SetDeadline{FulfillBy: &deadline},
		&fulfillment.ReleaseHold{},
		&fulfillment.SetDeadline{},
	}[n%4]
	_, err := e.commands.Send(ctx, id, cmd)
	return err
}
