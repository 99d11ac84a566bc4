package worker

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"packhorse/activities"
	"packhorse/internal/config"
	"packhorse/internal/provider"
)

// served is a provider that this process serves.
type served struct {
	entry    provider.Entry
	provider provider.Provider
	close    func() // nil: there is nothing to close
}

// openProviders connects the providers that the settings name. When one can't be, none stays open.
func openProviders(ctx context.Context, s Settings, reporter provider.Reporter, logger *slog.Logger) ([]served, error) {
	selected, err := s.served()
	if err != nil {
		return nil, err
	}
	host := provider.Host{
		DatabaseURL: string(s.Database.URL), Reporter: reporter, Secrets: provider.NamedSecrets(s.Named.Folder),
		Rules: s.Callbacks.Rules(), Logger: logger,
	}
	var opened []served
	for _, entry := range selected {
		p, end, err := entry.Open(ctx, host)
		if err != nil {
			closeProviders(opened)
			return nil, fmt.Errorf("open the provider %s: %w", entry.ID, err)
		}
		opened = append(opened, served{entry, p, end})
	}
	return opened, nil
}

func closeProviders(list []served) {
	for _, s := range list {
		if s.close != nil {
			s.close()
		}
	}
}

// providerWorkers is one worker for each provider that is called: its own queue and limits, so a slow one can't starve
// the rest.
func providerWorkers(c config.Worker, connection client.Client, f *fleet, onFatal func(error)) []sdkworker.Worker {
	var workers []sdkworker.Worker
	for _, s := range f.providers {
		if s.entry.Queue == nil {
			continue
		}
		options := limited(c, s)
		options.OnFatalError = onFatal
		w := sdkworker.New(connection, provider.TaskQueue(s.entry.ID), options)
		w.RegisterActivity(&activities.Providers{
			Store: f.activities.Store, Papers: f.papers, Inbox: f.inbox.Store, Provider: s.provider,
			Settle: s.entry.Settles(), Metrics: f.metrics,
		})
		workers = append(workers, w)
	}
	return workers
}

// ProviderOptions are those of the worker on each provider's task queue, before the provider's own limits.
func ProviderOptions(c config.Worker) sdkworker.Options {
	return sdkworker.Options{
		DisableWorkflowWorker:              true,
		MaxConcurrentActivityExecutionSize: c.ProviderConcurrency,
		TaskQueueActivitiesPerSecond:       c.ProviderRate,
		WorkerStopTimeout:                  c.StopTimeout,
		DeploymentOptions:                  deployment(c),
	}
}

// limited is the options of a provider's queue with the lower of the worker's limits and the provider's.
func limited(c config.Worker, s served) sdkworker.Options {
	o := ProviderOptions(c)
	o.MaxConcurrentActivityExecutionSize = lower(o.MaxConcurrentActivityExecutionSize, s.entry.Queue.Concurrency)
	o.TaskQueueActivitiesPerSecond, _ = rates(c, s)
	return o
}

// rates are how many calls a second all workers together make to a provider's system, and how many times they ask it
// what is new; 0: no limit. Both together are what it bears.
func rates(c config.Worker, s served) (calls, polls float64) {
	calls = c.ProviderRate
	if s.entry.Queue != nil {
		calls = lower(calls, s.entry.Queue.Rate)
	}
	if _, polled := s.provider.(provider.Poller); polled {
		polls = calls * provider.PollShare
	}
	return calls - polls, polls
}

// lower is the lower one of two limits, of which 0 is none.
func lower[T int | float64](a, b T) T {
	if a == 0 || b == 0 {
		return cmp.Or(a, b)
	}
	return min(a, b)
}
