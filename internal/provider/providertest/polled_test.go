package providertest_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/providertest"
)

// polled is a Poller that has three pieces of news, one a page. The zero value keeps all rules.
type polled struct {
	manual.Provider
	alter   func(*provider.News) // before it is told
	cursor  string               // instead of its own
	endless bool
}

func (p polled) Changes(_ context.Context, of provider.Polled, cursor string) ([]provider.News, string, bool, error) {
	at, _ := strconv.Atoi(cursor)
	if at >= 3 && !p.endless {
		return nil, cursor, false, nil
	}
	news := provider.News{ID: fmt.Sprint("event-", at+1), Service: of.ServiceID,
		About: provider.Subject{TrackingNumber: "1Z1"}, Command: &fulfillment.RecordEvent{Status: fulfillment.EventInTransit}}
	if p.alter != nil {
		p.alter(&news)
	}
	next := strconv.Itoa(at + 1)
	if p.cursor != "" {
		next = p.cursor
	}
	return []provider.News{news}, next, at < 2 || p.endless, nil
}

func TestPollerPasses(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(*testing.T) provider.Provider { return polled{} })
}
