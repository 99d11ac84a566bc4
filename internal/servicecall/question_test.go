package servicecall

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"packhorse/internal/callback"
	"packhorse/internal/delivery"
	"packhorse/internal/fulfillment"
	"packhorse/internal/telemetry"
)

// told has the service's server answer questions.
func (o *office) told(tells func(call callback.Call, suffix string) delivery.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tells = tells
}

// questions is how often something was asked.
func (o *office) questions() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
}

// TestOnlyAnAnswerTellsThePath: where the plain path is not found and nobody answers at the other one, or what comes is
// no answer, the plain one is still the first to be tried; an answer there is remembered.
func TestOnlyAnAnswerTellsThePath(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(s *fulfillment.Service) { s.InventoryManagement = true })
	answers := func(other delivery.Result) {
		o.told(func(_ callback.Call, suffix string) delivery.Result {
			if suffix == "" {
				return delivery.Result{Status: http.StatusNotFound}
			}
			return other
		})
	}
	answers(delivery.Result{Err: errors.New("no answer within 5s"), Unanswered: true})
	defer o.follow()()
	o.eventually("two questions", func() bool { return o.questions() >= 4 })
	if s := o.standing(callback.Stock); s.Suffix != "" || s.Error != "no answer within 5s" {
		t.Errorf("after silence it is %+v", s)
	}
	for _, other := range []delivery.Result{
		{Status: http.StatusUnprocessableEntity}, {Status: http.StatusNoContent},
		{Status: http.StatusOK, Answer: []byte("<p>Welcome!</p>")},
	} {
		answers(other)
		before := o.questions()
		o.eventually("further questions", func() bool { return o.questions() >= before+4 })
		if s := o.standing(callback.Stock); s.Suffix != "" || s.Error == "" {
			t.Errorf("after %d it is %+v", other.Status, s)
		}
	}
	answers(delivery.Result{Status: http.StatusOK, Answer: []byte("{}")})
	o.eventually("the path", func() bool { return o.standing(callback.Stock).Suffix == ".json" })
}

// TestCallsThatFailKeepNothingUnread: while a call fails again and again, and each time is noted, the feed is read all
// the same.
func TestCallsThatFailKeepNothingUnread(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(s *fulfillment.Service) { s.InventoryManagement = true })
	o.config.Bell = &Bell{} // It never rings.
	o.told(func(callback.Call, string) delivery.Result {
		return delivery.Result{Status: http.StatusInternalServerError}
	})
	defer o.follow()()
	o.eventually("questions", func() bool { return o.questions() >= 2 })
	o.requested(o.service.LocationID, 1)
	o.eventually("the ping", func() bool { pings, _ := o.heard(); return len(pings) == 1 })
}

// TestQuestionNotAskedAnyMore: a service that is not to be asked any more does not fail any more.
func TestQuestionNotAskedAnyMore(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(s *fulfillment.Service) { s.InventoryManagement = true })
	o.told(func(callback.Call, string) delivery.Result {
		return delivery.Result{Status: http.StatusInternalServerError}
	})
	registry := telemetry.NewRegistry()
	o.config.Metrics = telemetry.NewMetrics(registry)
	defer o.follow()()
	o.eventually("the failure", func() bool { return o.standing(callback.Stock).Error != "" })
	failing, age, err := o.Store.CalledServices(t.Context())
	if err != nil || failing != 1 || age <= 0 || age > time.Hour {
		t.Errorf("%d fail, the oldest stock is of %v ago, %v", failing, age, err)
	}
	if n, err := testutil.GatherAndCount(registry, "packhorse_callbacks_total"); err != nil || n != 1 {
		t.Errorf("%d kinds of calls are counted, %v", n, err)
	}
	not := fulfillment.ServiceUpdate{ID: o.service.ID, InventoryManagement: new(false)}
	if _, err := o.Store.UpdateService(t.Context(), not); err != nil {
		t.Fatal(err)
	}
	o.eventually("that all is well", func() bool {
		s := o.standing(callback.Stock)
		return s.Error == "" && s.FailingSince == nil && s.NextAt == nil
	})
	if failing, age, err := o.Store.CalledServices(t.Context()); err != nil || failing != 0 || age != 0 {
		t.Errorf("%d fail, the oldest stock is of %v ago, %v", failing, age, err)
	}
}

// shelves is a store with a thousand shipments that wait for tracking numbers.
type shelves struct{ Book }

func (shelves) Untracked(_ context.Context, _, after fulfillment.ID) (some []callback.Untracked, _ error) {
	for id := after + 1; id <= 1000 && len(some) < callback.MaxNames; id++ {
		some = append(some, callback.Untracked{ID: id, FulfillmentOrderID: id, Name: fmt.Sprintf("#%d-F1", id)})
	}
	return some, nil
}

// TestQuestionsEndWithTheTurn: who is told to stop asks no further question, and whoever follows next goes on at once.
func TestQuestionsEndWithTheTurn(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(s *fulfillment.Service) { s.TrackingSupport = true })
	o.config.Book, o.config.Pace.Fetch = shelves{o.Store}, time.Hour
	turn, end := context.WithCancel(t.Context())
	o.told(func(callback.Call, string) delivery.Result {
		end()
		return delivery.Result{Status: http.StatusOK, Answer: []byte("{}")}
	})
	if _, err := Follow(turn, o.config, o.service.ID); err != nil {
		t.Fatal(err)
	}
	s := o.standing(callback.TrackingNumbers)
	if n := o.questions(); n != 1 || s.NextAt == nil || time.Until(*s.NextAt) > time.Minute {
		t.Errorf("it asked %d questions, and stands %+v", n, s)
	}
}

// endless is a store whose feed is always farther ahead.
type endless struct{ Book }

func (endless) ServiceEvents(ctx context.Context, _ fulfillment.ID, after int64) (
	events []callback.Event, next int64, more, lost bool, err error,
) {
	return nil, after + 1, true, false, ctx.Err()
}

// TestFarBehindTheFeed: while there is more to read than can be at once, what was read is noted, and calls are made.
func TestFarBehindTheFeed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(s *fulfillment.Service) { s.InventoryManagement = true })
	o.config.Book = endless{o.Store}
	defer o.follow()()
	o.eventually("a question", func() bool { return o.questions() > 0 })
	o.eventually("the cursor", func() bool {
		var cursor int64
		err := o.Pool.QueryRow(t.Context(), `SELECT cursor FROM service_callbacks`).Scan(&cursor)
		return err == nil && cursor > 2*pagesAtOnce
	})
}
