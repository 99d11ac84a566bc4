// Package worker is the worker process as a function: it takes workflow tasks and activities from Temporal until its
// context ends, then drains. The worker program and the tests run the same one.
package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"packhorse/activities"
	"packhorse/internal/config"
	"packhorse/internal/delivery"
	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/inbox"
	"packhorse/internal/operation"
	"packhorse/internal/paper"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/servicecall"
	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio"
	"packhorse/internal/temporalio/connect"
	"packhorse/internal/update"
	"packhorse/internal/watch"
	"packhorse/workflows"
)

// Run works until the context ends, then stops taking tasks, lets running ones end within the grace, and returns.
// While PostgreSQL or Temporal is away or unprepared it waits, answers for its health, and takes no tasks. It returns
// an error if its settings are wrong or it had to stop by itself.
func Run(ctx context.Context, settings Settings, logs io.Writer) (err error) {
	defer func() {
		if ctx.Err() != nil && isCancelled(err) { // Told to stop before it had started: that is no failure.
			err = nil
		}
	}()
	logger := telemetry.NewLogger(logs, settings.Worker.LogLevel, settings.Worker.LogFormat)
	registry := telemetry.NewRegistry()
	metrics := telemetry.NewMetrics(registry)
	store, err := postgres.Open(ctx, string(settings.Database.URL), postgres.Options{
		MaxConns: settings.Database.MaxConns, Tracer: postgres.NewStatementCount(registry), Abridged: true,
		Secrets: settings.Secrets.Keys.Ring(),
	})
	if err != nil {
		return err
	}
	defer store.Close()
	metrics.CountOpen(func(ctx context.Context) ([]telemetry.OpenCount, error) { return countOpen(ctx, store) })
	metrics.CountNews(func(ctx context.Context) ([]telemetry.NewsCount, error) { return countNews(ctx, store) })
	doubt := new(watch.Doubt)
	connection, err := connect.Open(
		settings.Temporal, logger, telemetry.NewMetricsHandler(registry), doubt.Intercept,
	)
	if err != nil {
		return err
	}
	defer connection.Close()
	startup := telemetry.NewStartup(logger)
	health := &telemetry.Server{
		Address: settings.Worker.MetricsAddress, Registry: registry, Logger: logger,
		Checks: []telemetry.Check{
			{Name: "postgres", Ready: store.Ready},
			{Name: "writes", Ready: store.TakesWrites},
			{Name: "temporal", Ready: connection.Ready},
			startup.Check(),
		},
		Warnings: []telemetry.Check{{Name: "retention", Ready: connection.CheckRetention}},
	}
	if err := health.Start(); err != nil {
		return err
	}
	context.AfterFunc(ctx, health.Drain)
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, health.Shutdown(stop))
	}()
	logWaiting := update.LogWaiting(logger)
	updates := update.New(connection.Client, store, update.Options{
		Timeout: 50 * time.Second, Waiting: func(ctx context.Context, cause error) {
			activities.TellWaiting(ctx, update.ExplainCause(cause))
			logWaiting(ctx, cause)
		},
	})
	reporter := operation.CommandsOver(updates, connection.Client, store)
	providers, err := openProviders(ctx, settings, reporter, logger)
	if err != nil {
		return err
	}
	defer closeProviders(providers)
	if err := await(ctx, startup, store, connection, settings.Temporal.Namespace); err != nil {
		return err
	}
	if short := connection.CheckRetention(ctx); short != nil {
		logger.Warn("Temporal forgets too soon.", "reason", short)
	}
	courier, feedWatch := courier(settings, store), postgres.NewFeedWatch(store)
	defer courier.Client.Close()
	overdue := openWatch(settings.Worker, watch.Config{
		Store: store, Temporal: connection.Client, Updates: updates, Logger: logger, Metrics: metrics, Doubt: doubt,
	})
	keeping := feed.Config{
		Store: store, Logger: logger, Metrics: metrics, Retention: settings.Worker.FeedRetention,
		Deliver: reporter.Deliver, Call: reporter.Call, Reached: feedWatch.Reached,
	}
	if overdue != nil {
		keeping.Compared = overdue.Compared
	}
	papers, endPapers := keeper(settings, store, logger, metrics, providers)
	defer endPapers()
	line := serviceLine(settings, store)
	defer line.Client.Close()
	bell := &servicecall.Bell{Feed: feedWatch, Store: store, Logger: logger}
	return serve(ctx, settings, connection.Client, &fleet{
		activities: &activities.Activities{Store: store, Workflows: updates, Metrics: metrics},
		returns:    &activities.Returns{Store: store},
		providers:  providers,
		papers:     papers,
		watch:      overdue,
		feed:       keeping,
		feedWatch:  feedWatch,
		deliveries: deliveries(delivery.Config{
			Book: store, Render: courier.Render, Send: courier.Send, Feed: feedWatch, Changes: feedWatch.Changes,
			Logger: logger, Concurrency: settings.Webhooks.WebhookAtOnce, Retries: settings.Webhooks.WebhookRetries,
			Probe: settings.Webhooks.WebhookProbe,
		}, store, connection.Client),
		inbox: newsWorker(settings.Worker, store, reporter, providers, feedWatch.News(), logger, metrics),
		bell:  bell,
		callbacks: callbacks(servicecall.Config{
			Book: store, Line: line, Bell: bell, Changes: feedWatch.Changes, Logger: logger,
			Pace: pace(settings.Webhooks), Metrics: metrics,
			Track: func(ctx context.Context, id fulfillment.ID, update *fulfillment.UpdateTracking) error {
				_, err := reporter.Send(ctx, id, update)
				return err
			},
		}, connection.Client),
		startup: startup,
		logger:  logger,
		metrics: metrics,
	})
}

// await waits until work can be done: with tables that are not there, or search attributes that Temporal doesn't know,
// every task would fail.
func await(
	ctx context.Context, startup *telemetry.Startup, store *postgres.Store, connection *connect.Connection,
	namespace string,
) error {
	if err := startup.Await(ctx, "PostgreSQL", store.Ready); err != nil {
		return err
	}
	if err := startup.Await(ctx, "Temporal", connection.Ready); err != nil {
		return err
	}
	return startup.Await(ctx, "the search attributes", func(ctx context.Context) error {
		return temporalio.CheckSearchAttributes(ctx, connection.Client, namespace)
	})
}

// isCancelled tells whether something ended only because its context did.
func isCancelled(err error) bool {
	var cancelled *serviceerror.Canceled
	return errors.Is(err, context.Canceled) || errors.As(err, &cancelled)
}

// fleet is what the workers of one process work with.
type fleet struct {
	activities *activities.Activities
	returns    *activities.Returns
	providers  []served
	papers     *paper.Keeper
	watch      *watch.Watch // nil when it is turned off
	feed       feed.Config
	feedWatch  *postgres.FeedWatch
	deliveries *activities.Deliveries
	inbox      *inbox.Worker
	bell       *servicecall.Bell
	callbacks  *activities.Callbacks
	startup    *telemetry.Startup
	logger     *slog.Logger
	metrics    *telemetry.Metrics
}

// serve starts a worker for the main task queue and one for each provider's, and waits for the end.
func serve(ctx context.Context, settings Settings, connection client.Client, f *fleet) error {
	c := settings.Worker
	sdkworker.SetStickyWorkflowCacheSize(c.StickyCacheSize)
	group, ctx := errgroup.WithContext(ctx)
	fatal := make(chan error, 1)
	onFatal := func(err error) {
		select {
		case fatal <- err:
		default:
		}
	}
	var workers []sdkworker.Worker
	all := append(
		[]sdkworker.Worker{mainWorker(c, connection, f, onFatal)}, providerWorkers(c, connection, f, onFatal)...,
	)
	if settings.Webhooks.Subscriptions > 0 {
		all = append(all, webhookWorker(c, settings.Webhooks, connection, f, onFatal))
	}
	for _, w := range all {
		if err := w.Start(); err != nil {
			stop(workers)
			return fmt.Errorf("start a worker: %w", err)
		}
		workers = append(workers, w)
	}
	f.startup.Done()
	f.logger.Info("Worker is ready.", "providers", c.Providers)
	for _, s := range f.providers {
		if runner, ok := s.provider.(provider.Runner); ok {
			group.Go(func() error { return runner.Run(ctx) })
		}
	}
	if f.watch != nil {
		group.Go(func() error { return f.watch.Run(ctx) })
	}
	group.Go(func() error { return feed.Run(ctx, f.feed) })
	group.Go(func() error { return f.feedWatch.Run(ctx) })
	group.Go(func() error { return f.bell.Run(ctx) })
	group.Go(func() error { return f.papers.Run(ctx) })
	group.Go(func() error { return f.inbox.Run(ctx) })
	group.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case err := <-fatal:
			return fmt.Errorf("worker stopped by itself: %w", err)
		}
	})
	err := group.Wait()
	f.logger.Info("Worker is stopping: running work may end.", "grace", c.StopTimeout.String())
	stop(workers)
	f.logger.Info("Worker has stopped.")
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// openWatch is the watch that the settings want; nil: none.
func openWatch(c config.Worker, with watch.Config) *watch.Watch {
	if c.WatchInterval <= 0 {
		return nil
	}
	with.Interval, with.Grace, with.Silence = c.WatchInterval, c.WatchGrace, c.ParcelSilence
	return watch.New(with)
}

// stop drains all workers at the same time.
func stop(workers []sdkworker.Worker) {
	var group errgroup.Group
	for _, w := range workers {
		group.Go(func() error { w.Stop(); return nil })
	}
	_ = group.Wait()
}

// Options are those of the worker on the main task queue.
func Options(c config.Worker) sdkworker.Options {
	return sdkworker.Options{
		MaxConcurrentWorkflowTaskExecutionSize:  c.MaxConcurrentWorkflowTasks,
		MaxConcurrentActivityExecutionSize:      c.MaxConcurrentActivities,
		MaxConcurrentLocalActivityExecutionSize: c.MaxConcurrentActivities,
		MaxConcurrentWorkflowTaskPollers:        c.WorkflowPollers,
		MaxConcurrentActivityTaskPollers:        c.ActivityPollers,
		WorkerStopTimeout:                       c.StopTimeout,
		DeploymentOptions:                       deployment(c),
		DeadlockDetectionTimeout:                deadlock,
	}
}

// deadlock is after how long without a step a workflow's goroutine is taken for one that waits outside of Temporal. On
// a machine that is very busy, a goroutine may not get its turn for more than the second that is the SDK's default.
const deadlock = 10 * time.Second

func mainWorker(c config.Worker, connection client.Client, f *fleet, onFatal func(error)) sdkworker.Worker {
	options := Options(c)
	options.OnFatalError = onFatal
	options.Interceptors = []interceptor.WorkerInterceptor{&countRefusals{metrics: f.metrics}}
	w := sdkworker.New(connection, temporalio.TaskQueue, options)
	w.RegisterWorkflowWithOptions(
		workflows.Order, workflow.RegisterOptions{Name: temporalio.OrderType, VersioningBehavior: behavior(c)},
	)
	w.RegisterWorkflowWithOptions(
		workflows.FulfillmentOrder,
		workflow.RegisterOptions{Name: temporalio.FulfillmentOrderType, VersioningBehavior: behavior(c)},
	)
	w.RegisterWorkflowWithOptions(workflows.ServiceDeletion,
		workflow.RegisterOptions{Name: temporalio.ServiceDeletionType, VersioningBehavior: behavior(c)})
	w.RegisterWorkflowWithOptions(workflows.WebhookSubscription,
		workflow.RegisterOptions{Name: temporalio.WebhookSubscriptionType, VersioningBehavior: behavior(c)})
	w.RegisterWorkflowWithOptions(workflows.ServiceCallbacks,
		workflow.RegisterOptions{Name: temporalio.ServiceCallbacksType, VersioningBehavior: behavior(c)})
	w.RegisterWorkflowWithOptions(
		workflows.Return, workflow.RegisterOptions{Name: temporalio.ReturnType, VersioningBehavior: behavior(c)},
	)
	w.RegisterActivity(f.activities)
	w.RegisterActivity(f.returns)
	return w
}

// deployment turns worker versioning on when the worker was told its version. Fulfillment orders live for months, so
// they move to a new version by themselves; a change that they would not survive is patched.
func deployment(c config.Worker) sdkworker.DeploymentOptions {
	if !c.Versioned() {
		return sdkworker.DeploymentOptions{}
	}
	return sdkworker.DeploymentOptions{
		UseVersioning: true,
		Version:       sdkworker.WorkerDeploymentVersion{DeploymentName: c.DeploymentName, BuildID: c.BuildID},
	}
}

func behavior(c config.Worker) workflow.VersioningBehavior {
	if !c.Versioned() {
		return workflow.VersioningBehaviorUnspecified
	}
	return workflow.VersioningBehaviorAutoUpgrade
}

// countOpen counts the fulfillment orders that are not closed, for the gauge.
func countOpen(ctx context.Context, store *postgres.Store) ([]telemetry.OpenCount, error) {
	counts, err := store.CountByStatus(ctx)
	if err != nil {
		return nil, err
	}
	open := make([]telemetry.OpenCount, len(counts))
	for i, c := range counts {
		open[i] = telemetry.OpenCount{Status: string(c.Status), RequestStatus: string(c.RequestStatus), Count: c.Count}
	}
	return open, nil
}
