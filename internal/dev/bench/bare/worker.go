package bare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio/connect"
	"packhorse/internal/worker"
)

// Run is a worker of this kind, with the settings, the options and the metrics of Packhorse's. It works until the
// context ends.
func Run(ctx context.Context, kind Kind, settings worker.Settings, logs io.Writer) (err error) {
	logger := telemetry.NewLogger(logs, settings.Worker.LogLevel, settings.Worker.LogFormat)
	registry := telemetry.NewRegistry()
	pool, err := openPool(ctx, settings, postgres.NewStatementCount(registry))
	if err != nil {
		return err
	}
	defer pool.Close()
	connection, err := connect.Dial(ctx, settings.Temporal, logger, telemetry.NewMetricsHandler(registry))
	if err != nil {
		return err
	}
	defer connection.Close()

	sdkworker.SetStickyWorkflowCacheSize(settings.Worker.StickyCacheSize)
	main := sdkworker.New(connection, kind.TaskQueue(), worker.Options(settings.Worker))
	l := lives{kind}
	main.RegisterWorkflowWithOptions(l.order, workflow.RegisterOptions{Name: OrderType})
	main.RegisterWorkflowWithOptions(l.fulfillmentOrder, workflow.RegisterOptions{Name: FulfillmentOrderType})
	main.RegisterActivity(&book{pool})
	calls := sdkworker.New(connection, kind.ProviderTaskQueue(), worker.ProviderOptions(settings.Worker))
	calls.RegisterActivity(&provider{})
	for _, w := range []sdkworker.Worker{main, calls} {
		if err := w.Start(); err != nil {
			return fmt.Errorf("start the %s worker: %w", kind, err)
		}
		defer w.Stop()
	}

	health := &telemetry.Server{Address: settings.Worker.MetricsAddress, Registry: registry, Logger: logger}
	if err := health.Start(); err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, health.Shutdown(stop))
	}()
	<-ctx.Done()
	return nil
}

func openPool(ctx context.Context, settings worker.Settings, tracer *postgres.StatementCount) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(string(settings.Database.URL))
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	if settings.Database.MaxConns > 0 {
		config.MaxConns = settings.Database.MaxConns
	}
	config.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return pool, nil
}
