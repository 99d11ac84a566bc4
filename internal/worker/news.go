package worker

import (
	"context"
	"log/slog"

	"packhorse/internal/config"
	"packhorse/internal/inbox"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/telemetry"
)

// newsWorker works with what fulfillment services tell by themselves.
func newsWorker(
	c config.Worker, store *postgres.Store, reporter provider.Reporter, providers []served, came <-chan struct{},
	logger *slog.Logger, metrics *telemetry.Metrics,
) *inbox.Worker {
	open := map[string]inbox.Served{}
	for _, s := range providers {
		_, polls := rates(c, s)
		open[s.entry.ID] = inbox.Served{Provider: s.provider, PollEvery: s.entry.PollEvery, PollRate: polls}
	}
	return &inbox.Worker{
		Store: store, Reporter: reporter, Providers: open, Came: came, Logger: logger, Metrics: metrics,
	}
}

// countNews counts what was not told, for the gauges.
func countNews(ctx context.Context, store *postgres.Store) ([]telemetry.NewsCount, error) {
	counts, err := store.CountNews(ctx)
	if err != nil {
		return nil, err
	}
	news := make([]telemetry.NewsCount, len(counts))
	for i, c := range counts {
		news[i] = telemetry.NewsCount{Provider: c.Provider, State: c.State, Count: c.Count, Oldest: c.Oldest}
	}
	return news, nil
}
