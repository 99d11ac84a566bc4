package worker

import (
	"log/slog"

	"packhorse/internal/paper"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
)

// keeper keeps labels and documents. The function that it returns ends its connections.
func keeper(s Settings, store *postgres.Store, logger *slog.Logger, opened []served) (*paper.Keeper, func()) {
	fetcher := paper.NewFetcher(s.Callbacks.Rules(), nil)
	providers := make([]provider.Provider, len(opened))
	for i, o := range opened {
		providers[i] = o.provider
	}
	return paper.NewKeeper(store, fetcher, logger, providers...), fetcher.Close
}
