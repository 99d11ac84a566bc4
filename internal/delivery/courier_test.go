package delivery

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// scopes is a store with one app.
type scopes struct {
	app   access.Caller
	asked int           // how often
	own   access.Secret // of the subscription
}

func (s *scopes) Subscriber(context.Context, fulfillment.ID) (access.Caller, error) {
	s.asked++
	return s.app, nil
}

func (s *scopes) WebhookFacts(_ context.Context, events []*fulfillment.Event) ([]webhook.Facts, error) {
	return make([]webhook.Facts, len(events)), nil
}

func (s *scopes) WebhookSecret(context.Context, fulfillment.ID) (access.Secret, error) {
	return s.own, nil
}

func (s *scopes) Secrets(context.Context, fulfillment.ID) (current, previous string, err error) {
	return "phss_1", "", nil
}

// TestWhatAnAppMayNotSeeAnyMoreIsNotSent, whatever body there is already: by the scopes of now and the place of then.
func TestWhatAnAppMayNotSeeAnyMoreIsNotSent(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	t.Cleanup(server.Close)
	const own, other = fulfillment.ID(7), fulfillment.ID(8)
	at := func(services ...fulfillment.ID) webhook.Event {
		return webhook.Event{Position: 1, OrderID: 2, Topic: fulfillment.TopicMoved, Services: services}
	}
	for name, test := range map[string]struct {
		scopes []access.Scope
		event  webhook.Event
		sent   bool
	}{
		"its own":                       {[]access.Scope{access.ReadAssigned}, at(own), true},
		"to its own":                    {[]access.Scope{access.ReadAssigned}, at(other, other, own), true},
		"another service's":             {[]access.Scope{access.ReadAssigned}, at(other), false},
		"the merchant's":                {[]access.Scope{access.ReadAssigned}, at(0), false},
		"without a scope":               {nil, at(own), false},
		"noted before, with a scope":    {[]access.Scope{access.ReadAssigned}, at(), true},
		"noted before, without a scope": {[]access.Scope{access.ReadOrders}, at(), false},
	} {
		store := &scopes{app: access.Caller{
			App: access.App{ID: 5, Scopes: test.scopes}, Services: []fulfillment.ID{own},
		}}
		c := &Courier{Store: store, Client: NewClient(callback.Rules{AllowPrivate: true}, Options{})}
		before := arrived.Load()
		r := c.Send(t.Context(), webhook.Subscription{AppID: 5, URI: server.URL}, Attempt{Event: test.event, Body: []byte("{}")})
		c.Client.Close()
		if r.Err != nil || r.Withheld == test.sent || arrived.Load() > before != test.sent {
			t.Errorf("%s: %+v, %d arrived", name, r, arrived.Load()-before)
		}
	}
}

// TestAnAppIsLookedUpForEachPage, so that nothing is left out by what was known of it before.
func TestAnAppIsLookedUpForEachPage(t *testing.T) {
	t.Parallel()
	const own, added = fulfillment.ID(7), fulfillment.ID(8)
	store := &scopes{app: access.Caller{
		App: access.App{ID: 5, Scopes: []access.Scope{access.ReadAssigned}}, Services: []fulfillment.ID{own},
	}}
	c := &Courier{Store: store}
	render := func(service fulfillment.ID) Rendered {
		t.Helper()
		event := fmt.Appendf(nil, `{"topic":%q,"orderId":"2","fulfillmentOrderId":"3","after":{},
			"details":{"serviceId":"%d"}}`, fulfillment.TopicRoutingComplete, service)
		rendered, err := c.Render(t.Context(), webhook.Subscription{AppID: 5}, []postgres.FeedEntry{{
			Position: 1, OrderID: 2, FulfillmentOrderID: 3, Topic: fulfillment.TopicRoutingComplete, Event: event,
		}})
		if err != nil || rendered[0].Err != nil || rendered[0].Event == nil {
			t.Fatalf("got %+v, %v", rendered, err)
		}
		return rendered[0]
	}
	for i := range 3 {
		if render(own).Body == nil {
			t.Errorf("page %d: what it may see has no body", i)
		}
	}
	store.app.Services = append(store.app.Services, added)
	if render(added).Body == nil {
		t.Error("what it may see since just now has no body")
	}
	store.app.Services = store.app.Services[:1]
	if render(9).Body != nil {
		t.Error("what it may not see has a body")
	}
}
