package servicecall

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/delivery"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/feed/feedtest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/seal"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// office has one service, whose server is a function.
type office struct {
	feedtest.Office
	service fulfillment.Service
	config  Config

	mu     sync.Mutex
	pings  []callback.Standing
	urls   []string
	answer func() delivery.Result // nil: 200
	asked  []string
	tells  func(call callback.Call, suffix string) delivery.Result // nil: {}
}

func newOffice(t *testing.T, change ...func(*fulfillment.Service)) *office {
	t.Helper()
	o := &office{Office: feedtest.Open(t, slog.LevelError)}
	bell := &Bell{Feed: o.Watch, Store: o.Store, Logger: o.Logger}
	ringing, stop := context.WithCancel(context.WithoutCancel(t.Context())) // Until what uses it has ended.
	var group sync.WaitGroup
	t.Cleanup(func() { stop(); group.Wait() })
	group.Go(func() { _ = bell.Run(ringing) })
	o.Exec(`INSERT INTO apps (id, handle, name, scopes) VALUES (5, 'north', 'North', '{read_orders}')`)
	service := fulfillment.Service{
		Name: "North", Provider: fulfillment.ManualProvider, AppID: 5, CallbackURL: "https://example.com/cb",
	}
	for _, one := range change {
		one(&service)
	}
	var err error
	if o.service, err = o.Store.AddService(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	o.config = Config{
		Book: o.Store, Line: o, Bell: bell, Changes: o.Watch.Changes, Logger: o.Logger,
		Pace: callback.Pace{
			Ping: 300 * time.Millisecond, Fetch: 300 * time.Millisecond,
			Retries: slices.Repeat([]time.Duration{20 * time.Millisecond}, 1000),
		},
	}
	return o
}

// Ask is that of [Line].
func (o *office) Ask(
	_ context.Context, _ fulfillment.Service, call callback.Call, suffix string, p callback.Parameters,
) delivery.Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, string(call)+suffix+"?"+p.String())
	if o.tells != nil {
		return o.tells(call, suffix)
	}
	return delivery.Result{Status: http.StatusOK, Answer: []byte("{}")}
}

// Ping is that of [Line].
func (o *office) Ping(_ context.Context, to fulfillment.Service, s callback.Standing) delivery.Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pings, o.urls = append(o.pings, s), append(o.urls, to.CallbackURL)
	if o.answer != nil {
		return o.answer()
	}
	return delivery.Result{Status: http.StatusOK}
}

func (o *office) answers(answer func() delivery.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = answer
}

func (o *office) heard() (pings []callback.Standing, urls []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.pings), slices.Clone(o.urls)
}

// requested raises the event that fulfillment was requested of a fulfillment order at a location.
func (o *office) requested(location fulfillment.ID, orders ...int) {
	o.T.Helper()
	for _, order := range orders {
		o.Exec(`INSERT INTO outbox (order_id, fulfillment_order_id, sequence, position, topic, payload)
			VALUES ($1, $1, 2, 0, $2, $3)`, order, fulfillment.TopicRequestSubmitted, fmt.Sprintf(
			`{"kind":"FULFILLMENT_REQUESTED","before":{"status":"OPEN","requestStatus":"UNSUBMITTED","locationId":"%[1]d"},
			"after":{"status":"OPEN","requestStatus":"SUBMITTED","locationId":"%[1]d"}}`, location))
	}
}

// follow calls the service until stop is called, which tells how it ended.
func (o *office) follow() (stop func() Outcome) {
	o.T.Helper()
	ctx, cancel := context.WithCancel(o.T.Context())
	ended := make(chan Outcome, 1)
	go func() {
		outcome, err := Follow(ctx, o.config, o.service.ID)
		if err != nil {
			o.T.Error(err)
		}
		ended <- outcome
	}()
	o.eventually("somebody who follows", func() bool {
		calls, _, err := o.Store.ServiceCalls(o.T.Context(), o.service.ID)
		return err == nil && len(calls) > 0
	})
	return sync.OnceValue(func() Outcome { cancel(); return <-ended })
}

func (o *office) eventually(what string, ok func() bool) {
	o.T.Helper()
	o.Eventually(what, ok, func() string {
		pings, urls := o.heard()
		return fmt.Sprintf("%d pings at %v", len(pings), urls)
	})
}

func (o *office) standing(call callback.Call) (found callback.Standing) {
	o.T.Helper()
	calls, _, err := o.Store.ServiceCalls(o.T.Context(), o.service.ID)
	if err != nil {
		o.T.Fatal(err)
	}
	for _, c := range calls {
		if c.Call == call {
			found = c
		}
	}
	return found
}

// TestOthersAreNotCalled: what happens at other locations is nobody's business here, and what was noted is not told
// again by who follows next.
func TestOthersAreNotCalled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	stop := o.follow()
	o.requested(o.service.LocationID+1, 1, 2)
	o.requested(o.service.LocationID, 3)
	o.eventually("the ping", func() bool { pings, _ := o.heard(); return len(pings) == 1 })
	o.eventually("that it was noted", func() bool { return o.standing(callback.FulfillmentRequest).SucceededAt != nil })
	if outcome := stop(); outcome.Gone || outcome.Stopped != "" {
		t.Errorf("it ended with %+v", outcome)
	}
	defer o.follow()()
	o.requested(o.service.LocationID, 4)
	o.eventually("the second one", func() bool { pings, _ := o.heard(); return len(pings) == 2 })
	pings, _ := o.heard()
	if !slices.Equal(pings[0].About, []fulfillment.ID{3}) || !slices.Equal(pings[1].About, []fulfillment.ID{4}) ||
		pings[0].Number != 1 || pings[1].Number != 2 || pings[0].Position == 0 {
		t.Errorf("they were %+v", pings)
	}
	o.eventually("rest, as the book has no request", func() bool {
		return o.standing(callback.FulfillmentRequest).NextAt == nil
	})
}

// TestOnlyOneCalls: who was there before can't note anything any more, calls nobody, and ends.
func TestOnlyOneCalls(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.follow()
	begun, err := o.Store.FollowService(t.Context(), o.service.ID)
	if err != nil || begun.Epoch != 2 {
		t.Fatalf("%+v, %v", begun, err)
	}
	o.requested(o.service.LocationID, 1)
	if outcome := first(); outcome.Gone || outcome.Stopped != "" {
		t.Errorf("the first one ended with %+v", outcome)
	}
	defer o.follow()()
	o.eventually("the ping", func() bool { pings, _ := o.heard(); return len(pings) > 0 })
	o.eventually("its end", func() bool { return o.standing(callback.FulfillmentRequest).NextAt == nil })
	if pings, _ := o.heard(); len(pings) != 1 {
		t.Errorf("it was told %d times", len(pings))
	}
	_, err = o.Store.NoteCalls(t.Context(), callback.Progress{ServiceID: o.service.ID, Epoch: 2})
	if !errors.Is(err, fulfillment.ErrStale) {
		t.Errorf("who was there before notes: %v", err)
	}
}

// TestCallWithoutResult is made again by who follows next, as the same message.
func TestCallWithoutResult(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	begun, err := o.Store.FollowService(t.Context(), o.service.ID)
	if err != nil {
		t.Fatal(err)
	}
	s := callback.Standing{Call: callback.FulfillmentRequest}
	s.Happened(1, 7, o.config.Pace, begun.Now)
	s.Begin(begun.Now)
	if _, err := o.Store.NoteCalls(t.Context(), callback.Progress{
		ServiceID: o.service.ID, Epoch: begun.Epoch, URL: begun.URL, Calls: []callback.Standing{s},
	}); err != nil {
		t.Fatal(err)
	}
	defer o.follow()() // The one before was killed.
	o.eventually("the ping", func() bool { pings, _ := o.heard(); return len(pings) == 1 })
	if pings, _ := o.heard(); pings[0].Number != 1 || !slices.Equal(pings[0].About, []fulfillment.ID{7}) {
		t.Errorf("it was told %+v", pings[0])
	}
}

// TestAnotherAddress is called at once, with what the old one did not take; without one, and after the service is
// deleted, nobody follows any more.
func TestAnotherAddress(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Pace.Retries = []time.Duration{time.Hour}
	o.answers(func() delivery.Result { return delivery.Result{Status: http.StatusInternalServerError} })
	stop := o.follow()
	o.requested(o.service.LocationID, 1)
	o.eventually("the failure", func() bool { return o.standing(callback.FulfillmentRequest).Error != "" })
	o.answers(nil)
	to := "https://example.com/other"
	moved := fulfillment.ServiceUpdate{ID: o.service.ID, CallbackURL: &to}
	if _, err := o.Store.UpdateService(t.Context(), moved); err != nil {
		t.Fatal(err)
	}
	o.eventually("the new address", func() bool { _, urls := o.heard(); return urls[len(urls)-1] == to })
	o.eventually("that all is well", func() bool { return o.standing(callback.FulfillmentRequest).Error == "" })
	o.Exec(`UPDATE services SET deleted_at = now() WHERE id = $1`, o.service.ID)
	stop()
	if outcome, err := Follow(t.Context(), o.config, o.service.ID); err != nil || !outcome.Gone {
		t.Errorf("it ended with %+v, %v", outcome, err)
	}
	if alone, err := o.Store.UncalledServices(t.Context(), 0); err != nil || len(alone) != 0 {
		t.Errorf("%v are to be called, %v", alone, err)
	}
}

// TestOldAddressIsGone: who is told so by an address that the service has no more calls the new one.
func TestOldAddressIsGone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Changes = func(fulfillment.ID) (<-chan struct{}, func()) { return nil, func() {} } // It hears of it late.
	to := "https://example.com/other"
	o.answers(func() delivery.Result {
		moved := fulfillment.ServiceUpdate{ID: o.service.ID, CallbackURL: &to}
		if _, err := o.Store.UpdateService(t.Context(), moved); err != nil {
			t.Error(err)
		}
		o.answer = nil
		return delivery.Result{Status: http.StatusGone}
	})
	defer o.follow()()
	o.requested(o.service.LocationID, 1)
	o.eventually("the new address", func() bool {
		_, urls := o.heard()
		return len(urls) > 0 && urls[len(urls)-1] == to
	})
	if _, stopped, err := o.Store.ServiceCalls(t.Context(), o.service.ID); err != nil || stopped != "" {
		t.Errorf("it is stopped: %q, %v", stopped, err)
	}
}

// TestNothingIsSigned without keys: that is no attempt, and the reason says what to do.
func TestNothingIsSigned(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.answers(func() delivery.Result {
		return delivery.Result{Err: &delivery.AwayError{Err: fmt.Errorf("sign: %w", seal.ErrNoKeys)}}
	})
	defer o.follow()()
	o.requested(o.service.LocationID, 1)
	o.eventually("the reason", func() bool { return o.standing(callback.FulfillmentRequest).Error == noKeys })
	if s := o.standing(callback.FulfillmentRequest); s.Attempts != 0 || !s.Owed || s.NextAt == nil {
		t.Errorf("it stands %+v", s)
	}
}

// flaky is a store that can't note.
type flaky struct {
	Book
	mu   sync.Mutex
	down bool
	lost int
}

func (f *flaky) NoteCalls(ctx context.Context, p callback.Progress) (callback.Following, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		f.lost++
		return callback.Following{}, errors.New("the database is away")
	}
	return f.Book.NoteCalls(ctx, p)
}

// TestNothingIsCalledThatCannotBeNoted: while the database is away nobody is called.
func TestNothingIsCalledThatCannotBeNoted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	book := &flaky{Book: o.Store}
	o.config.Book = book
	defer o.follow()()
	book.mu.Lock()
	book.down = true
	book.mu.Unlock()
	o.requested(o.service.LocationID, 1)
	o.eventually("two tries", func() bool { book.mu.Lock(); defer book.mu.Unlock(); return book.lost >= 2 })
	if pings, _ := o.heard(); len(pings) != 0 {
		t.Errorf("it was told %+v", pings)
	}
	book.mu.Lock()
	book.down = false
	book.mu.Unlock()
	o.eventually("the ping", func() bool { pings, _ := o.heard(); return len(pings) == 1 })
}
