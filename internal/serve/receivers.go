package serve

import (
	"context"
	"fmt"

	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
)

// OpenReceivers opens the providers that receive news, by their IDs. What they are asked here is only whether a
// delivery is their system's: that needs no more than a secret, so it is all the same whether a worker serves them. The
// function that it returns ends them; after an error there is nothing to end.
func OpenReceivers(
	ctx context.Context, entries catalogue.Catalogue, host provider.Host,
) (map[string]provider.Receiver, func(), error) {
	receivers := map[string]provider.Receiver{}
	var ends []func()
	end := func() {
		for _, end := range ends {
			end()
		}
	}
	for _, entry := range entries {
		if !receives(entry) {
			continue
		}
		opened, close, err := entry.Open(ctx, host)
		if err != nil {
			end()
			return nil, nil, fmt.Errorf("open the provider %s: %w", entry.ID, err)
		}
		if close != nil {
			ends = append(ends, close)
		}
		if receiver, ok := opened.(provider.Receiver); ok {
			receivers[entry.ID] = receiver
		}
	}
	return receivers, end, nil
}

func receives(entry provider.Entry) bool {
	_, ok := entry.Offline.(provider.Receiver)
	return ok
}
