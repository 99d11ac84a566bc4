package shipbob_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// began is when the tests' clocks begin.
var began = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a ShipBob and our provider for it.
type world struct {
	*shipbob.Provider
	server *shipbobtest.Server
	clock  *clock
}

func newWorld(t *testing.T) world {
	t.Helper()
	c := &clock{at: began}
	server := shipbobtest.New(c.now)
	t.Cleanup(server.Close)
	server.Check = schemaCheck(t)
	return world{Provider: providerFor(server, c), server: server, clock: c}
}

func providerFor(server *shipbobtest.Server, c *clock) *shipbob.Provider {
	return shipbob.New(shipbob.Config{
		URL: server.URL, Secrets: secrets, Now: c.now,
		Client: &http.Client{Timeout: 10 * time.Second},
	})
}

func secrets(name string) (string, error) {
	switch name {
	case "SHIPBOB_TOKEN":
		return shipbobtest.Token, nil
	case "SHIPBOB_WEBHOOK_SECRET":
		return shipbobtest.WebhookSecret, nil
	}
	return "", &provider.Error{Class: provider.Permanent, Message: "set the secret " + name}
}

// request is a request of two lines, as Packhorse makes it.
func request(n int) provider.Request {
	r := providertest.Request(fulfillment.EffectKey(fulfillment.ID(n), 3))
	r.FulfillmentOrderID = fulfillment.ID(n)
	return r
}

func reference(r provider.Request) string { return provider.PathKey(r.Key) }

func (w world) create(t *testing.T, r provider.Request) provider.Answer {
	t.Helper()
	answer, err := w.Create(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func query(r provider.Request) provider.Query {
	return provider.Query{
		Key: r.Key, Kind: fulfillment.EffectRequest, RequestKey: r.Key, FulfillmentOrderID: r.FulfillmentOrderID,
		ServiceID: r.ServiceID,
	}
}

func (w world) lookup(t *testing.T, q provider.Query) []provider.Found {
	t.Helper()
	found, err := w.Lookup(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func cancellation(r provider.Request) provider.Cancellation {
	return provider.Cancellation{
		Key: r.Key + "/cancel", RequestKey: r.Key, FulfillmentOrderID: r.FulfillmentOrderID, ServiceID: r.ServiceID,
	}
}

// poll asks what is new until there is no more, and returns the next cursor.
func (w world) poll(t *testing.T, cursor string) ([]provider.News, string) {
	t.Helper()
	var all []provider.News
	for {
		news, next, more, err := w.Changes(t.Context(), provider.Polled{ServiceID: 7}, cursor)
		if err != nil {
			t.Fatal(err)
		}
		all, cursor = append(all, news...), next
		if !more {
			return all, cursor
		}
	}
}

// told is the news in short: "CreateFulfillment 11×2 12×1 1Z9", each ID once.
func told(news []provider.News) []string {
	var list []string
	seen := make(map[string]bool)
	for _, n := range news {
		if seen[n.ID] {
			continue
		}
		seen[n.ID] = true
		text := string(n.Command.Verb())
		switch c := n.Command.(type) {
		case *fulfillment.CreateFulfillment:
			for _, l := range c.Lines {
				text += fmt.Sprintf(" %d×%d", l.ID, l.Quantity)
			}
			if c.Tracking != nil {
				text += " " + c.Tracking.Number
			}
		case *fulfillment.UpdateTracking:
			text += " " + c.Tracking.Number
		case *fulfillment.RecordEvent:
			text = string(c.Status)
		case *fulfillment.PlaceHold:
			text += " " + c.Handle + " " + string(c.Reason)
		case *fulfillment.ReleaseHold:
			text += fmt.Sprint(" ", c.Handles)
		}
		list = append(list, text)
	}
	return list
}

// TestSettleIsASetting: how long lists are given is as it is set once the settings are loaded.
func TestSettleIsASetting(t *testing.T) {
	t.Parallel()
	settings := new(shipbob.Environment)
	entry := shipbob.Entry(settings)
	if got := entry.Settles(); got != shipbob.DefaultSettle {
		t.Errorf("it settles in %s", got)
	}
	if settings.Settle = 5 * time.Second; entry.Settles() != settings.Settle {
		t.Errorf("it is set to %s, and settles in %s", settings.Settle, entry.Settles())
	}
}
