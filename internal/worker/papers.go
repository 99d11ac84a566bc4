package worker

import (
	"log/slog"

	"packhorse/internal/paper"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/telemetry"
)

// keeper keeps labels and documents. The function that it returns ends its connections.
func keeper(
	s Settings, store *postgres.Store, logger *slog.Logger, metrics *telemetry.Metrics, opened []served,
) (*paper.Keeper, func()) {
	fetcher := paper.NewFetcher(s.Callbacks.Rules(), nil)
	providers := make([]provider.Provider, len(opened))
	for i, o := range opened {
		providers[i] = o.provider
	}
	k := paper.NewKeeper(store, fetcher, logger, providers...)
	k.Metrics = metrics
	return k, fetcher.Close
}
