package delivery

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// replay asks for events again, of which there are so many.
func (o *office) replay(after, until int64, events int) {
	o.T.Helper()
	done, err := o.Store.Replay(o.T.Context(), o.sub.ID, webhook.Replay{After: after, Until: until})
	if err != nil || done.Events != events {
		o.T.Fatalf("a replay after %d up to %d is %+v, %v; want %d events", after, until, done, err, events)
	}
}

// apart are attempts that were asked for, and the others.
func apart(attempts []Attempt) (replays, others []Attempt) {
	for _, a := range attempts {
		if a.Replay {
			replays = append(replays, a)
		} else {
			others = append(others, a)
		}
	}
	return replays, others
}

// TestADeadLetterIsReplayed to a follower that is there, at once, in the same bytes.
func TestADeadLetterIsReplayed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{10 * time.Millisecond}, 3)
	o.answer(func(a Attempt) Result {
		if a.Sequence == 2 {
			return Result{Status: http.StatusBadRequest}
		}
		return Result{Status: http.StatusOK}
	})
	defer o.follow()()
	o.raise(1, 3)
	o.allTold(2)
	dead := o.Number(`SELECT position FROM webhook_deliveries WHERE state = 'DEAD'`)
	heard, _ := o.requests()
	o.replay(dead-1, dead, 1) // It is not better yet: it is given up again.
	o.eventually("four more attempts", func() bool {
		now, _ := o.requests()
		return len(now) == len(heard)+4 && o.Number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'DEAD'`) == 1
	})
	o.answer(nil)
	o.replay(0, math.MaxInt64, 3)
	o.allTold(5)
	heard, told := o.requests()
	replays, others := apart(told)
	if len(replays) != 3 || len(others) != 2 {
		t.Fatalf("%d replays and %d others were taken", len(replays), len(others))
	}
	for i, a := range replays {
		first := heard[slices.IndexFunc(heard, func(b Attempt) bool { return b.Position == a.Position })]
		if string(a.Body) != string(first.Body) || a.Sequence != int64(i+1) || a.CommandID != "c" || !a.At.Equal(first.At) {
			t.Errorf("it was told again %+v, at first %+v", a, first)
		}
	}
	if replays[1].Number != 9 {
		t.Errorf("the dead letter was taken at attempt %d", replays[1].Number)
	}
	if n := o.Number(`SELECT count(*) FROM webhook_attempts WHERE replay`); n != 7 {
		t.Errorf("%d attempts of replays were noted", n)
	}
	if n := o.Number(`SELECT count(*) FROM webhook_deliveries`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// TestAReplayGoesBesideLiveEvents: both have the order of their orders, and none waits for the other.
func TestAReplayGoesBesideLiveEvents(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{20 * time.Millisecond}, 1000)
	stop := o.follow()
	for order := 1; order <= 3; order++ {
		o.raise(order, 10)
	}
	o.allTold(30)
	o.answer(func(a Attempt) Result {
		if a.Replay && a.OrderID == 1 || !a.Replay && a.OrderID == 2 {
			return Result{Status: http.StatusServiceUnavailable}
		}
		return Result{Status: http.StatusOK}
	})
	o.replay(20, math.MaxInt64, 20) // Without order 1.
	o.replay(0, 20, 10)
	for order := 1; order <= 3; order++ {
		o.raise(order, 10)
	}
	o.eventually("20 replays of orders 2 and 3, and 20 live events of 1 and 3", func() bool {
		_, told := o.requests()
		replays, others := apart(told)
		return len(replays) == 20 && len(others) == 50
	})
	stop()
	if n := o.parked(); n != 20 {
		t.Errorf("%d wait, want 10 replays and 10 others", n)
	}
	o.answer(nil)
	defer o.follow()() // Another one knows, too, which are replays.
	o.allTold(90)
	_, told := o.requests()
	replays, others := apart(told)
	if len(replays) != 30 || len(others) != 60 {
		t.Errorf("%d replays and %d others were taken", len(replays), len(others))
	}
	for what, attempts := range map[string][]Attempt{"replay": replays, "live": others} {
		last := map[fulfillment.ID]int64{}
		for _, a := range attempts {
			if a.Position <= last[a.OrderID] {
				t.Errorf("%s of order %d: position %d comes after %d", what, a.OrderID, a.Position, last[a.OrderID])
			}
			last[a.OrderID] = a.Position
			if string(a.Body) != fmt.Sprintf(`{"position":%d}`, a.Position) {
				t.Errorf("%s at %d has the body %s", what, a.Position, a.Body)
			}
		}
	}
}

// TestAReplayOfPoisonStopsNothing: what no receiver takes says nothing of the receiver.
func TestAReplayOfPoisonStopsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Probe = time.Hour
	o.config.Retries = slices.Repeat([]time.Duration{10 * time.Millisecond}, 1000)
	defer o.follow()()
	for order := 1; order <= 10; order++ {
		o.raise(order, 1)
	}
	o.allTold(10)
	o.answer(func(a Attempt) Result {
		if a.Replay {
			return Result{Status: http.StatusBadRequest}
		}
		return Result{Status: http.StatusOK}
	})
	o.replay(0, math.MaxInt64, 10)
	o.eventually("fifty failures", func() bool { heard, _ := o.requests(); return len(heard) >= 60 })
	o.raise(1, 5)
	o.eventually("the live events", func() bool { _, told := o.requests(); return len(told) == 15 })
}

// TestWhatIsNotForASubscriptionIsNoAttempt, and does not wait, when it is asked for again.
func TestWhatIsNotForASubscriptionIsNoAttempt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	render := o.config.Render
	o.config.Render = func(
		ctx context.Context, to webhook.Subscription, events []postgres.FeedEntry,
	) ([]Rendered, error) {
		rendered, err := render(ctx, to, events)
		for i, e := range events {
			if e.OrderID == 1 {
				rendered[i] = Rendered{}
			}
		}
		return rendered, err
	}
	defer o.follow()()
	o.raise(1, 5)
	o.raise(2, 5)
	o.allTold(5)
	o.replay(0, math.MaxInt64, 10)
	o.allTold(10)
	if n := o.Number(`SELECT count(*) FROM webhook_attempts`); n != 10 {
		t.Errorf("%d attempts were noted, want 10", n)
	}
}
