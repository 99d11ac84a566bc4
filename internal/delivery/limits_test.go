package delivery

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// TestASubscriptionHasATimeoutOfItsOwn, and the worker's where it has none.
func TestASubscriptionHasATimeoutOfItsOwn(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-gone }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(gone) })
	store := &scopes{app: access.Caller{App: access.App{ID: 5, Scopes: access.Scopes()}}}
	c := &Courier{Store: store, Client: NewClient(callback.Rules{AllowPrivate: true}, Options{Timeout: wait})}
	t.Cleanup(c.Client.Close)
	r := c.Send(t.Context(), webhook.Subscription{AppID: 5, URI: server.URL, TimeoutMS: 20}, Attempt{
		Event: webhook.Event{Position: 1, OrderID: 2, Topic: fulfillment.TopicOrderCreated}, Body: []byte("{}"),
	})
	if r.Err == nil || !strings.Contains(r.Err.Error(), "no answer within 20ms") {
		t.Errorf("it ended with %+v", r)
	}
	for own, want := range map[time.Duration]time.Duration{
		0: wait, 2 * time.Second: 2 * time.Second, time.Hour: MaxTimeout,
	} {
		if got := c.Client.Within(own).timeout; got != want {
			t.Errorf("within %v: %v, want %v", own, got, want)
		}
	}
}

// TestAnotherConcurrencyIsTakenOver by whoever delivers already.
func TestAnotherConcurrencyIsTakenOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	atOnce := func(n int) {
		t.Helper()
		if _, err := o.Store.UpdateSubscription(
			t.Context(), o.sub.ID, func(s webhook.Subscription) (webhook.Subscription, error) {
				s.Concurrency = n
				return s, nil
			},
		); err != nil {
			t.Fatal(err)
		}
	}
	atOnce(1)
	var underWay, most atomic.Int64
	goOn := make(chan struct{})
	answerAll := sync.OnceFunc(func() { close(goOn) })
	o.answer(func(Attempt) Result {
		if now := underWay.Add(1); now > most.Load() {
			most.Store(now)
		}
		<-goOn
		underWay.Add(-1)
		return Result{Status: http.StatusOK}
	})
	defer o.follow()()
	defer answerAll()
	for order := range 30 {
		o.raise(order+1, 1)
	}
	o.eventually("the first request", func() bool { return underWay.Load() == 1 })
	goOn <- struct{}{}
	o.eventually("the second request", func() bool { heard, _ := o.requests(); return len(heard) == 2 })
	if most.Load() != 1 {
		t.Errorf("%d orders were told at once", most.Load())
	}
	atOnce(20)
	o.eventually("20 requests at once", func() bool { return underWay.Load() == 20 })
	answerAll()
	o.allTold(30)
	if most.Load() > 20 {
		t.Errorf("%d orders were told at once", most.Load())
	}
}
