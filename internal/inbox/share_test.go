package inbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/inbox"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
	"packhorse/internal/worker/workertest"
)

// desk is a Reporter that counts what it is told, and refuses or fails as a test says.
type desk struct {
	mu    sync.Mutex
	told  map[string]int
	fails func(commandID string, n int) error
}

func (d *desk) Send(_ context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	commandID := cmd.Envelope().CommandID
	if d.told == nil {
		d.told = map[string]int{}
	}
	d.told[commandID]++
	if d.fails != nil {
		if err := d.fails(commandID, d.told[commandID]); err != nil {
			return fulfillment.Result{}, err
		}
	}
	return fulfillment.Result{FulfillmentOrderID: id}, nil
}

// office is a store with news, and workers that tell it to a desk.
type office struct {
	*postgres.Store
	t       *testing.T
	desk    desk
	service fulfillment.ID
}

func newOffice(t *testing.T) *office {
	t.Helper()
	store, err := postgres.Open(t.Context(), devstacktest.Database(t, postgres.Migrate), postgres.Options{MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	service, err := store.AddService(t.Context(), fulfillment.Service{Name: "Courier", Provider: courierID})
	if err != nil {
		t.Fatal(err)
	}
	return &office{Store: store, t: t, service: service.ID}
}

// work runs so many workers until the test ends.
func (o *office) work(workers int) {
	ctx, stop := context.WithCancel(context.WithoutCancel(o.t.Context()))
	var group sync.WaitGroup
	for range workers {
		watch := postgres.NewFeedWatch(o.Store)
		w := &inbox.Worker{
			Store: o.Store, Reporter: &o.desk, Came: watch.News(),
			Logger: telemetry.NewLogger(o.t.Output(), slog.LevelError, "text"),
		}
		group.Go(func() { _ = watch.Run(ctx) })
		group.Go(func() { _ = w.Run(ctx) })
	}
	o.t.Cleanup(func() { stop(); group.Wait() })
}

// hear keeps news for a fulfillment order.
func (o *office) hear(keys ...string) {
	o.t.Helper()
	var items []news.Item
	for _, key := range keys {
		items = append(items, news.Item{
			Provider: courierID, ServiceID: o.service, Key: key, Source: news.FromDelivery, ReceivedAt: time.Now(),
			About: news.Subject{FulfillmentOrderID: 7}, Verb: fulfillment.VerbAcceptFulfillmentRequest,
			Payload: []byte(`{}`),
		})
	}
	if err := o.KeepNews(o.t.Context(), items); err != nil {
		o.t.Fatal(err)
	}
}

// await waits until there is so much news in a state.
func (o *office) await(state news.State, n int) []news.Item {
	o.t.Helper()
	var found []news.Item
	workertest.WaitFor(o.t, string(state)+" news", func() bool {
		page, err := o.NewsList(
			o.t.Context(), postgres.NewsFilter{States: []news.State{state}}, postgres.Page{Limit: postgres.MaxLimit},
		)
		if err != nil {
			o.t.Fatal(err)
		}
		found = page.Items
		return len(found) == n
	})
	return found
}

// TestWorkersShare: of two workers each piece of news is told by one.
func TestWorkersShare(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.work(2)
	const all = 200
	for n := range all / 10 {
		var keys []string
		for i := range 10 {
			keys = append(keys, fmt.Sprintf("evt_%d_%d", n, i))
		}
		o.hear(keys...)
	}
	o.await(news.Done, all)
	o.desk.mu.Lock()
	defer o.desk.mu.Unlock()
	if len(o.desk.told) != all {
		t.Errorf("%d were told", len(o.desk.told))
	}
	for id, n := range o.desk.told {
		if n != 1 {
			t.Errorf("%s was told %d times", id, n)
		}
	}
}

// TestWhatMayPassIsToldAgain, and so is what got no answer; what is refused for good is not.
func TestWhatMayPassIsToldAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.desk.fails = func(commandID string, n int) error {
		switch {
		case commandID == "courier/early" && n < 4:
			return &fulfillment.Error{
				Code: fulfillment.CodeInvalidState, Status: fulfillment.StatusOpen,
				RequestStatus: fulfillment.RequestSubmitted, Message: "It is not accepted yet.",
			}
		case commandID == "courier/away" && n < 4:
			return &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "No worker answers."}
		case commandID == "courier/never":
			return &fulfillment.Error{Code: fulfillment.CodeAccessDenied, Message: "It is another's."}
		}
		return nil
	}
	o.work(1)
	o.hear("early", "away", "never")
	o.await(news.Done, 2)
	item := o.await(news.Refused, 1)[0]
	if item.Key != "never" || item.Code != fulfillment.CodeAccessDenied || item.Reason != "It is another's." ||
		item.FinishedAt == nil {
		t.Errorf("refused is %+v", item)
	}
	o.desk.mu.Lock()
	defer o.desk.mu.Unlock()
	if o.desk.told["courier/early"] != 4 || o.desk.told["courier/away"] != 4 || o.desk.told["courier/never"] != 1 {
		t.Errorf("they were told %v times", o.desk.told)
	}
}
