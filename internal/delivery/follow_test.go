package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/feed/feedtest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

const wait = 30 * time.Second // for what is to come, on a busy machine

// office has one subscription, whose receiver is a function.
type office struct {
	feedtest.Office
	sub    webhook.Subscription
	config Config

	mu      sync.Mutex
	heard   []Attempt              // in the order of arrival
	told    []Attempt              // of which it has taken
	answers func(a Attempt) Result // nil: 204
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{Office: feedtest.Open(t, slog.LevelInfo)}
	o.Exec(`INSERT INTO apps (id, handle, name, scopes) VALUES (5, 'desk', 'Desk', '{read_orders}')`)
	var err error
	o.sub, err = o.Store.AddSubscription(t.Context(), webhook.Subscription{
		AppID: 5, Topic: webhook.TopicOf(fulfillment.TopicMoved), URI: "https://example.com/hook", Format: webhook.FormatJSON,
		APIVersion: "2026-07",
	})
	if err != nil {
		t.Fatal(err)
	}
	o.config = Config{
		Book: o.Store, Feed: o.Watch, Changes: o.Watch.Changes, Logger: o.Logger,
		Render: func(_ context.Context, _ webhook.Subscription, events []postgres.FeedEntry) ([]Rendered, error) {
			rendered := make([]Rendered, len(events))
			for i, e := range events {
				rendered[i].Body = fmt.Appendf(nil, `{"position":%d}`, e.Position)
			}
			return rendered, nil
		},
		Send: o.send,
	}
	return o
}

// raise commits events of an order: so many of the topic that is subscribed to, each with another one before it.
func (o *office) raise(order, events int) {
	o.T.Helper()
	o.Exec(`INSERT INTO outbox (order_id, fulfillment_order_id, sequence, position, topic, payload)
		SELECT $1, $1, coalesce((SELECT max(sequence) FROM events WHERE order_id = $1), 0) + (g + 1) / 2, g % 2,
			CASE g % 2 WHEN 0 THEN $2 ELSE '' END, '{"at":"2026-03-04T05:06:07Z","commandId":"c"}'
		FROM generate_series(1, $3::int * 2) g ORDER BY g`, order, fulfillment.TopicMoved, events)
}

func (o *office) send(_ context.Context, _ webhook.Subscription, a Attempt) Result {
	o.mu.Lock()
	o.heard = append(o.heard, a)
	answers := o.answers
	o.mu.Unlock()
	r := Result{Status: http.StatusNoContent}
	if answers != nil {
		r = answers(a)
	}
	if r.OK() {
		o.mu.Lock()
		o.told = append(o.told, a)
		o.mu.Unlock()
	}
	return r
}

func (o *office) answer(answers func(a Attempt) Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers = answers
}

// requests are what the receiver has heard of, and what it took of it.
func (o *office) requests() (heard, told []Attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.heard), slices.Clone(o.told)
}

// follow delivers until stop is called, which tells how it ended.
func (o *office) follow() (stop func() Outcome) {
	o.T.Helper()
	ctx, cancel := context.WithCancel(o.T.Context())
	ended := make(chan Outcome, 1)
	go func() {
		outcome, err := Follow(ctx, o.config, o.sub.ID)
		if err != nil {
			o.T.Error(err)
		}
		ended <- outcome
	}()
	return sync.OnceValue(func() Outcome { cancel(); return <-ended })
}

func (o *office) eventually(what string, ok func() bool) {
	o.T.Helper()
	o.Eventually(what, ok, func() string {
		heard, told := o.requests()
		return fmt.Sprintf("%d attempts, %d taken", len(heard), len(told))
	})
}

// allTold waits until so many events were taken, and all of that was noted.
func (o *office) allTold(events int) {
	o.T.Helper()
	o.eventually(fmt.Sprintf("%d events taken and noted", events), func() bool {
		_, told := o.requests()
		return len(told) >= events && o.parked() == 0 && o.Number(`SELECT cursor FROM webhook_subscriptions`) >=
			told[len(told)-1].Position
	})
}

func (o *office) parked() int64 {
	return o.Number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'PENDING'`)
}

// inOrder checks that each order's events were taken in their order, each once.
func (o *office) inOrder(events int) {
	o.T.Helper()
	_, told := o.requests()
	last := map[fulfillment.ID]int64{}
	for _, a := range told {
		if a.Position <= last[a.OrderID] {
			o.T.Errorf("order %d: position %d comes after %d", a.OrderID, a.Position, last[a.OrderID])
		}
		last[a.OrderID] = a.Position
	}
	if len(told) != events {
		o.T.Errorf("%d were taken, want %d", len(told), events)
	}
}

// TestEveryEventIsDelivered once, in the order of its order, and no other topic's; whoever follows next goes on there.
func TestEveryEventIsDelivered(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	stop := o.follow()
	for order := 1; order <= 5; order++ {
		o.raise(order, 20)
	}
	o.allTold(100)
	if outcome := stop(); outcome.State != webhook.Enabled || outcome.Gone {
		t.Errorf("it ended with %+v", outcome)
	}
	o.raise(1, 3)
	defer o.follow()()
	o.allTold(103)
	o.inOrder(103)
	_, told := o.requests()
	for _, a := range told {
		if a.Number != 1 || a.Topic != fulfillment.TopicMoved || a.CommandID != "c" || a.Place != 0 ||
			string(a.Body) != fmt.Sprintf(`{"position":%d}`, a.Position) {
			t.Errorf("it was told %+v", a)
		}
	}
	if n := o.Number(`SELECT count(*) FROM webhook_attempts WHERE status = 204 AND error = ''`); n != 103 {
		t.Errorf("%d attempts were noted, want 103", n)
	}
}

// TestAnOrderThatFailsWaitsAlone: the others go on; of that one the receiver gets the first event again and again, with
// the same body, and then all in their order.
func TestAnOrderThatFailsWaitsAlone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{20 * time.Millisecond}, 1000)
	o.answer(func(a Attempt) Result {
		if a.OrderID == 1 {
			return Result{Status: http.StatusServiceUnavailable, Answer: []byte("busy")}
		}
		return Result{Status: http.StatusOK}
	})
	defer o.follow()()
	for order := 1; order <= 3; order++ {
		o.raise(order, 20)
	}
	o.eventually("the others' events, and the first of order 1 five times", func() bool {
		heard, told := o.requests()
		return len(told) == 40 && len(heard) >= 45
	})
	heard, _ := o.requests()
	var first []Attempt
	for _, a := range heard {
		if a.OrderID == 1 {
			first = append(first, a)
		}
	}
	for i, a := range first {
		if a.Position != first[0].Position || a.Number != i+1 || string(a.Body) != string(first[0].Body) {
			t.Errorf("attempt %d is %+v, the first was %+v", i+1, a, first[0])
		}
	}
	o.eventually("a cursor that has passed it", func() bool {
		return o.Number(`SELECT cursor FROM webhook_subscriptions`) == 120 && o.parked() == 20
	})
	o.answer(nil)
	o.allTold(60)
	o.inOrder(60)
	if n := o.Number(`SELECT count(*) FROM webhook_attempts WHERE status = 503 AND error LIKE '503 %' AND answer =
		'busy'`); n < 5 {
		t.Errorf("%d failed attempts were noted", n)
	}
}

// TestNothingIsLostByASetBack: whoever delivers finds out that the database does not have what he has noted, notes
// nothing more, and begins anew with what it has.
func TestNothingIsLostByASetBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{20 * time.Millisecond}, 1000)
	o.answer(func(a Attempt) Result {
		if a.OrderID == 1 {
			return Result{Status: http.StatusServiceUnavailable}
		}
		return Result{Status: http.StatusOK}
	})
	o.Exec(`CREATE TABLE copy (cursor bigint, epoch bigint, followed_at timestamptz)`)
	ended := make(chan Outcome, 1)
	go func() {
		outcome, err := Follow(t.Context(), o.config, o.sub.ID)
		if err != nil {
			t.Error(err)
		}
		ended <- outcome
	}()
	o.raise(2, 1)
	o.allTold(1)
	o.Exec(`INSERT INTO copy SELECT cursor, epoch, followed_at FROM webhook_subscriptions`)
	o.raise(1, 1)
	o.raise(3, 1)
	o.eventually("a cursor that has passed what fails", func() bool {
		return o.parked() == 1 && o.Number(`SELECT cursor FROM webhook_subscriptions`) == 6
	})
	tx, err := o.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`UPDATE webhook_subscriptions s SET cursor = c.cursor, epoch = c.epoch, followed_at = c.followed_at FROM copy c`,
		`DELETE FROM webhook_deliveries`,
	} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case outcome := <-ended:
		if outcome.State != webhook.Enabled {
			t.Errorf("it ended with %+v", outcome)
		}
	case <-time.After(wait):
		t.Fatal("it goes on")
	}
	if cursor := o.Number(`SELECT cursor FROM webhook_subscriptions`); cursor != 2 {
		t.Errorf("the cursor is at %d, want 2", cursor)
	}
	defer o.follow()()
	o.answer(nil)
	o.eventually("what had failed", func() bool {
		_, told := o.requests()
		return slices.ContainsFunc(told, func(a Attempt) bool { return a.OrderID == 1 })
	})
}

// TestWhatIsNeverTakenDoesNotKeepAReceiverFailing: when it is well again, an event that it never takes is given up,
// though it is the oldest that waits, and the only one that was read.
func TestWhatIsNeverTakenDoesNotKeepAReceiverFailing(t *testing.T) {
	t.Parallel()
	for name, orders := range map[string]int{"others wait": 8, "one waits": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.config.Probe = 20 * time.Millisecond
			o.config.Retries = slices.Repeat([]time.Duration{20 * time.Millisecond}, 20)
			var well atomic.Bool
			o.answer(func(a Attempt) Result {
				if a.OrderID == 1 || !well.Load() {
					return Result{Status: http.StatusUnprocessableEntity}
				}
				return Result{Status: http.StatusOK}
			})
			stop := o.follow()
			for order := 1; order <= orders; order++ {
				o.raise(order, 1)
			}
			o.eventually("probes", func() bool { heard, _ := o.requests(); return len(heard) >= 12 })
			o.raise(9, 1)
			well.Store(true)
			o.eventually("all others, and a dead letter", func() bool {
				_, told := o.requests()
				return len(told) == orders && o.Number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'DEAD'`) == 1
			})
			stop()
		})
	}
}

// TestWhatWasGivenUpIsSaid with the next event of its order, also by another one who delivers.
func TestWhatWasGivenUpIsSaid(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = []time.Duration{10 * time.Millisecond}
	o.answer(func(Attempt) Result { return Result{Status: http.StatusUnprocessableEntity} })
	stop := o.follow()
	o.raise(1, 1)
	o.eventually("a dead letter", func() bool {
		return o.Number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'DEAD'`) == 1
	})
	stop()
	o.answer(nil)
	defer o.follow()()
	o.raise(2, 1)
	o.raise(1, 2)
	o.allTold(3)
	_, told := o.requests()
	said := map[int64][]int64{}
	for _, a := range told {
		said[a.Position] = a.Skipped
	}
	if len(said[4]) != 0 || !slices.Equal(said[6], []int64{2}) || len(said[8]) != 0 {
		t.Errorf("it said %v", said)
	}
}

// TestWhatHasARowIsNotReadAgain: the cursor stops at the first event that has none, and others behind it may have
// theirs when somebody else goes on there. Each is one event then, however long it fails.
func TestWhatHasARowIsNotReadAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{20 * time.Millisecond}, 1000)
	o.config.Probe = 20 * time.Millisecond
	o.answer(func(Attempt) Result { return Result{Status: http.StatusServiceUnavailable} })
	stop := o.follow()
	o.raise(1, 1)
	o.raise(2, 2)
	o.eventually("rows of all", func() bool { return o.parked() == 3 })
	stop()
	// The first one had been on its way only, when whoever delivered died.
	o.Exec(`DELETE FROM webhook_deliveries WHERE order_id = 1`)
	o.Exec(`UPDATE webhook_subscriptions SET cursor = 0`)
	defer o.follow()()
	o.eventually("rows of all, and the cursor behind them", func() bool {
		return o.parked() == 3 && o.Number(`SELECT cursor FROM webhook_subscriptions`) == 6
	})
	o.answer(nil)
	o.allTold(3)
	o.inOrder(3)
}

// TestAnotherAddressIsNotGone: what was answered where the receiver was does not disable the subscription any more.
func TestAnotherAddressIsNotGone(t *testing.T) {
	t.Parallel()
	for name, hears := range map[string]bool{"and the delivery has heard of it": true, "unheard": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			called, answer := make(chan string, 10), make(chan struct{})
			o.config.Send = func(_ context.Context, to webhook.Subscription, a Attempt) Result {
				called <- to.URI
				if a.Number == 1 {
					<-answer
					return Result{Status: http.StatusGone}
				}
				return Result{Status: http.StatusOK}
			}
			if !hears {
				o.config.Changes = func(fulfillment.ID) (<-chan struct{}, func()) { return nil, func() {} }
			}
			stop := o.follow()
			o.raise(1, 1)
			before := <-called
			const other = "https://example.com/other"
			o.Exec(`UPDATE webhook_subscriptions SET uri = $1`, other)
			if hears {
				o.Exec(`SELECT pg_notify('packhorse_webhooks', $1::text)`, o.sub.ID)
				noted := o.Number(`SELECT extract(epoch FROM followed_at) * 1e6 FROM webhook_subscriptions`)
				o.eventually("that it heard of it", func() bool {
					return o.Number(`SELECT extract(epoch FROM followed_at) * 1e6 FROM webhook_subscriptions`) > noted
				})
			}
			close(answer)
			o.eventually("the end of its turn, or what is told again", func() bool {
				return o.Number(`SELECT count(*) FROM webhook_attempts WHERE status = 410`) == 1
			})
			if !hears {
				if outcome := stop(); outcome.State != webhook.Enabled {
					t.Errorf("it ended with %+v", outcome)
				}
				stop = o.follow()
			}
			defer stop()
			select {
			case after := <-called:
				if before == other || after != other {
					t.Errorf("%s was called, then %s", before, after)
				}
			case <-time.After(wait):
				t.Error("where the receiver is nobody calls")
			}
			if n := o.Number(`SELECT count(*) FROM webhook_subscriptions WHERE state = 'ENABLED'`); n != 1 {
				t.Error("it is disabled")
			}
		})
	}
}

// flaky is a store that fails to note.
type flaky struct {
	Book
	mu    sync.Mutex
	down  bool
	lost  bool // it notes, and its answer is lost
	fails int
}

// failed is how often it could not note.
func (f *flaky) failed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fails
}

func (f *flaky) set(down, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down, f.lost = down, lost
}

func (f *flaky) Progress(ctx context.Context, p webhook.Progress) (webhook.Following, error) {
	f.mu.Lock()
	down, lost := f.down, f.lost
	if down {
		f.fails++
	}
	f.mu.Unlock()
	if down {
		return webhook.Following{}, errors.New("the database is away")
	}
	now, err := f.Book.Progress(ctx, p)
	if lost && err == nil {
		err = errors.New("the answer was lost")
	}
	return now, err
}

// TestNothingIsSentThatCannotBeNoted: while the database is away no attempt is made beyond what is under way.
func TestNothingIsSentThatCannotBeNoted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	book := &flaky{Book: o.Store}
	o.config.Book, o.config.Concurrency = book, 2
	stop := o.follow()
	o.raise(1, 1)
	o.allTold(1)
	book.set(true, false)
	for order := 1; order <= 10; order++ {
		o.raise(order, 200)
	}
	o.eventually("attempts", func() bool { heard, _ := o.requests(); return len(heard) > 1 })
	// What it has sent it wants to note before it sends more.
	o.eventually("two tries to note that", func() bool { return book.failed() >= 2 })
	before, _ := o.requests()
	o.eventually("a third one", func() bool { return book.failed() >= 3 })
	// While the first note was on its way, as many again could be sent as it had.
	if after, _ := o.requests(); len(after) != len(before) || len(after) > 1+2*maxUnnoted+2 {
		t.Errorf("%d attempts were made, and then %d, and could not be noted", len(before), len(after))
	}
	book.set(false, false)
	o.allTold(2001)
	o.inOrder(2001)
	// An answer that is lost on the way back is told again, and does no harm.
	book.set(false, true)
	o.raise(1, 5)
	o.eventually("one more", func() bool { _, told := o.requests(); return len(told) > 2001 })
	book.set(false, false)
	o.allTold(2006)
	stop()
}

// TestOnlyOneFollows: who was there before notes nothing any more, and ends.
func TestOnlyOneFollows(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.follow()
	o.raise(1, 1)
	o.allTold(1)
	second := o.follow()
	defer second()
	o.eventually("the second one", func() bool { return o.Number(`SELECT epoch FROM webhook_subscriptions`) == 2 })
	o.raise(1, 1)
	o.allTold(2)
	o.raise(1, 1) // The first one meets it at the latest when it notes something.
	o.allTold(3)
	if outcome := first(); outcome.State != webhook.Enabled || outcome.Reason == "" {
		t.Errorf("the first one ended with %+v", outcome)
	}
}

// TestGoneDisables: 410 ends it, with the reason; resumed, it goes on with the very same event.
func TestGoneDisables(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.answer(func(Attempt) Result { return Result{Status: http.StatusGone} })
	stop := o.follow()
	o.raise(1, 3)
	o.eventually("a subscription that is disabled", func() bool {
		return o.Number(`SELECT count(*) FROM webhook_subscriptions WHERE state = 'DISABLED' AND state_reason LIKE
			'%410%'`) == 1
	})
	if outcome := stop(); outcome.State != webhook.Disabled || outcome.Reason == "" {
		t.Errorf("it ended with %+v", outcome)
	}
	if outcome, err := Follow(t.Context(), o.config, o.sub.ID); err != nil || outcome.State != webhook.Disabled {
		t.Errorf("another one ended with %+v, %v", outcome, err)
	}
	heard, _ := o.requests()
	if len(heard) != 1 {
		t.Errorf("%d attempts", len(heard))
	}
	o.answer(nil)
	if _, err := o.Store.SetSubscriptionState(t.Context(), o.sub.ID, webhook.Enabled, "Resumed."); err != nil {
		t.Fatal(err)
	}
	defer o.follow()()
	o.allTold(3)
	o.inOrder(3)
}

// TestAReceiverThatFailsThroughoutIsProbed: the cursor stands, and nothing is given up.
func TestAReceiverThatFailsThroughoutIsProbed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{10 * time.Millisecond}, 3)
	o.config.Probe = 50 * time.Millisecond
	reports := make(chan Report, 1000)
	o.config.Report = func(r Report) {
		select {
		case reports <- r:
		default:
		}
	}
	o.answer(func(Attempt) Result { return Result{Err: errors.New("connection refused")} })
	for order := 1; order <= 3; order++ {
		o.raise(order, 400)
	}
	// One that fails while there is nothing else could be the event's fault.
	o.eventually("all in the feed", func() bool { return o.Number(`SELECT position FROM feed_cursor`) == 2400 })
	defer o.follow()()
	o.eventually("twenty probes", func() bool { heard, _ := o.requests(); return len(heard) >= 30 })
	heard, _ := o.requests()
	for i, a := range heard[15:] { // By turns, the first event of each order that was read.
		if first := (int64(a.OrderID)-1)*800 + 2; a.Position != first || a.OrderID == heard[15+i-1].OrderID {
			t.Errorf("%+v was tried after one of order %d", a.Event, heard[15+i-1].OrderID)
		}
	}
	if n := o.Number(`SELECT count(*) FROM webhook_deliveries`); n > pageSize+pageSize/10 {
		t.Errorf("%d events were read for a receiver that takes none", n)
	}
	if n := o.Number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'DEAD'`); n != 0 {
		t.Errorf("%d were given up", n)
	}
	o.eventually("a report of it", func() bool {
		r := <-reports
		return r.Failing && r.LastError == "connection refused" && !r.NextAttempt.IsZero()
	})
	failing := func() bool {
		standing, err := o.Store.WebhookStanding(t.Context(), o.sub.ID)
		return err == nil && standing.Failing
	}
	if !failing() {
		t.Error("the store does not say that it is probed")
	}
	o.answer(nil)
	o.allTold(1200)
	o.inOrder(1200)
	o.eventually("that it is not any more", func() bool { return !failing() })
}

// TestAReceiverThatIsAwayCostsALoneEventNothing: however long there is no answer about the only event, it is not given
// up.
func TestAReceiverThatIsAwayCostsALoneEventNothing(t *testing.T) {
	t.Parallel()
	for name, nothing := range map[string]Result{
		"no connection": {Err: errors.New("connection refused"), Unanswered: true},
		"a gateway":     {Status: http.StatusBadGateway, Unanswered: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.config.Retries = slices.Repeat([]time.Duration{2 * time.Millisecond}, 3)
			o.config.Probe = 5 * time.Millisecond
			reports := make(chan Report, 1000)
			o.config.Report = func(r Report) {
				select {
				case reports <- r:
				default:
				}
			}
			o.answer(func(Attempt) Result { return nothing })
			defer o.follow()()
			o.raise(1, 2)
			o.eventually("twenty attempts", func() bool { heard, _ := o.requests(); return len(heard) >= 20 })
			o.eventually("a report of it", func() bool { r := <-reports; return r.Failing && !r.NextAttempt.IsZero() })
			if n := o.Number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'DEAD' OR strikes > 0`); n != 0 {
				t.Errorf("%d were charged with it", n)
			}
			o.answer(nil)
			o.allTold(2)
			o.inOrder(2)
		})
	}
}

// TestAnEventThatIsNeverAnsweredIsGivenUp where others are: it is what the receiver can't stand.
func TestAnEventThatIsNeverAnsweredIsGivenUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{time.Millisecond}, 3)
	o.config.Probe = 2 * time.Millisecond
	o.answer(func(a Attempt) Result {
		if a.OrderID == 1 && a.Sequence == 1 {
			return Result{Err: errors.New("no answer within 5s"), Unanswered: true}
		}
		return Result{Status: http.StatusOK}
	})
	defer o.follow()()
	o.raise(1, 2)
	for order := 2; o.Number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'DEAD'`) == 0; order++ {
		o.raise(order, 1)
		o.eventually("another order's", func() bool { _, told := o.requests(); return len(told) >= order-1 })
		if order > 500 {
			t.Fatal("it is tried for ever")
		}
	}
	o.eventually("the next one of its order", func() bool {
		_, told := o.requests()
		return slices.ContainsFunc(told, func(a Attempt) bool { return a.OrderID == 1 && len(a.Skipped) == 1 })
	})
}

// TestAnEventThatIsNotTakenIsGivenUp, and stops its order no longer: the next one names it.
func TestAnEventThatIsNotTakenIsGivenUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{20 * time.Millisecond}, 3)
	o.answer(func(a Attempt) Result {
		if a.OrderID == 1 && a.Sequence == 2 {
			return Result{Status: http.StatusBadRequest}
		}
		return Result{Status: http.StatusOK}
	})
	defer o.follow()()
	o.raise(1, 3)
	o.allTold(2)
	heard, told := o.requests()
	var poison []Attempt
	for _, a := range heard {
		if a.Sequence == 2 {
			poison = append(poison, a)
		}
	}
	if len(poison) != 4 || len(told) != 2 || !slices.Equal(told[1].Skipped, []int64{poison[0].Position}) {
		t.Errorf("it was tried %d times; then it was told %+v", len(poison), told)
	}
	if n := o.Number(`SELECT position FROM webhook_deliveries WHERE state = 'DEAD' AND attempts = 4 AND last_error LIKE
		'400 %' AND body IS NOT NULL`); n != poison[0].Position {
		t.Errorf("the dead letter is at %d", n)
	}
}

// TestABodyThatCannotBeMade stops its order only, until it can.
func TestABodyThatCannotBeMade(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = slices.Repeat([]time.Duration{20 * time.Millisecond}, 1000)
	render := o.config.Render
	var mu sync.Mutex
	broken := true
	o.config.Render = func(
		ctx context.Context, to webhook.Subscription, events []postgres.FeedEntry,
	) ([]Rendered, error) {
		rendered, err := render(ctx, to, events)
		mu.Lock()
		defer mu.Unlock()
		for i, e := range events {
			switch {
			case e.OrderID == 1 && broken:
				rendered[i] = Rendered{Err: errors.New("no such line")}
			case e.OrderID == 3: // It is not for the subscription.
				rendered[i] = Rendered{}
			}
		}
		return rendered, err
	}
	defer o.follow()()
	o.raise(1, 2)
	o.raise(2, 2)
	o.raise(3, 2)
	o.eventually("the other order, and a row with the reason", func() bool {
		_, told := o.requests()
		return len(told) == 2 && o.Number(`SELECT count(*) FROM webhook_deliveries WHERE attempts > 1 AND body IS NULL AND
			last_error = 'make the body: no such line'`) == 1
	})
	mu.Lock()
	broken = false
	mu.Unlock()
	o.allTold(4)
	o.inOrder(4)
}

// TestAPauseIsHeard at once: what is on its way ends, and nothing follows until it is resumed.
func TestAPauseIsHeard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	onItsWay, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	o.answer(func(Attempt) Result {
		once.Do(func() { close(onItsWay); <-goOn })
		return Result{Status: http.StatusOK}
	})
	stop := o.follow()
	o.raise(1, 3)
	<-onItsWay
	if _, err := o.Store.SetSubscriptionState(t.Context(), o.sub.ID, webhook.Paused, "Lunch."); err != nil {
		t.Fatal(err)
	}
	o.eventually("that it was heard", func() bool { // It parks what it does not send.
		return o.Number(`SELECT cursor FROM webhook_subscriptions`) > 0
	})
	close(goOn)
	if outcome := stop(); outcome.State != webhook.Paused || outcome.Reason != "Lunch." {
		t.Errorf("it ended with %+v", outcome)
	}
	if heard, _ := o.requests(); len(heard) != 1 {
		t.Errorf("%d attempts", len(heard))
	}
	if _, err := o.Store.SetSubscriptionState(t.Context(), o.sub.ID, webhook.Enabled, "Resumed."); err != nil {
		t.Fatal(err)
	}
	defer o.follow()()
	o.allTold(3)
	o.inOrder(3)
	o.Exec(`DELETE FROM webhook_subscriptions`)
	o.eventually("the end", func() bool { return o.Number(`SELECT count(*) FROM webhook_deliveries`) == 0 })
	if outcome, err := Follow(t.Context(), o.config, o.sub.ID); err != nil || !outcome.Gone {
		t.Errorf("one that was deleted ends with %+v, %v", outcome, err)
	}
}

// TestACursorThatExpired is never moved silently: the subscription is paused with the reason.
func TestACursorThatExpired(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.raise(1, 5)
	o.eventually("the events in the feed", func() bool { return o.Number(`SELECT position FROM feed_cursor`) == 10 })
	o.Exec(`UPDATE webhook_subscriptions SET cursor = 1`)
	o.Exec(`DELETE FROM feed WHERE position < 8`)
	o.Exec(`UPDATE feed_cursor SET oldest = 8`)
	stop := o.follow()
	o.eventually("the pause", func() bool {
		return o.Number(`SELECT count(*) FROM webhook_subscriptions WHERE state = 'PAUSED' AND state_reason LIKE
			'%expired at position 1, %oldest %8%'`) == 1
	})
	stop()
	if heard, _ := o.requests(); len(heard) != 0 {
		t.Errorf("%d attempts", len(heard))
	}
	if _, err := o.Store.SetSubscriptionState(t.Context(), o.sub.ID, webhook.Enabled, "Resumed."); err != nil {
		t.Fatal(err)
	}
	defer o.follow()()
	o.allTold(2)
}

// TestWhatCannotBeReadIsWaitedFor: it is no attempt, and no fault of the event, however often.
func TestWhatCannotBeReadIsWaitedFor(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.config.Retries = []time.Duration{time.Millisecond}
	o.answer(func(Attempt) Result { return Result{Err: &AwayError{errors.New("the database is away")}} })
	defer o.follow()()
	o.raise(1, 2)
	o.eventually("a third try", func() bool { heard, _ := o.requests(); return len(heard) >= 3 })
	o.answer(nil)
	o.allTold(2)
	o.inOrder(2)
	if n := o.Number(`SELECT count(*) FROM webhook_attempts`); n != 2 {
		t.Errorf("%d attempts were noted, want 2", n)
	}
	if _, told := o.requests(); told[0].Number != 1 {
		t.Errorf("the first that was sent is attempt %d", told[0].Number)
	}
}

// TestWhoeverDeliversIsNotToldOfHisOwnNotes: else he would note that he was told, without an end.
func TestWhoeverDeliversIsNotToldOfHisOwnNotes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	book := &tallied{Book: o.Store}
	o.config.Book = book
	began := time.Now()
	stop := o.follow()
	o.raise(1, 1)
	o.allTold(1)
	before := book.noted.Load()
	// A change of somebody else's is heard, and noted once.
	if _, err := o.Store.SetSubscriptionState(t.Context(), o.sub.ID, webhook.Enabled, "As it was."); err != nil {
		t.Fatal(err)
	}
	o.eventually("that it was heard", func() bool { return book.noted.Load() > before })
	o.raise(1, 1)
	o.allTold(2)
	if outcome := stop(); outcome.State != webhook.Enabled {
		t.Errorf("it ended with %+v", outcome)
	}
	// There is one note for each event, each thing that was heard, and now and then.
	if n, took := book.noted.Load(), time.Since(began); n > 8+int64(took.Seconds()) {
		t.Errorf("it noted something %d times in %v", n, took)
	}
}

// tallied is a store that counts, and whose notes may wait.
type tallied struct {
	Book
	noted, read atomic.Int64

	mu   sync.Mutex
	gate chan struct{} // nil: no note waits
}

func (c *tallied) Progress(ctx context.Context, p webhook.Progress) (webhook.Following, error) {
	c.noted.Add(1)
	c.mu.Lock()
	gate := c.gate
	c.mu.Unlock()
	if gate != nil {
		<-gate
	}
	return c.Book.Progress(ctx, p)
}

func (c *tallied) Feed(ctx context.Context, q postgres.FeedQuery) (postgres.FeedPage, error) {
	c.read.Add(1)
	return c.Book.Feed(ctx, q)
}

// TestOtherTopicsAreNotRead: whoever follows is not woken by them, hears of his own at once, and gets past the others.
func TestOtherTopicsAreNotRead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	book := &tallied{Book: o.Store}
	o.config.Book = book
	defer o.follow()()
	o.raise(1, 1)
	o.allTold(1)
	began, before, noted := time.Now(), book.read.Load(), book.noted.Load()
	newest := int64(2)
	for range 20 {
		o.Exec(`INSERT INTO outbox (order_id, sequence, position, topic, payload) VALUES (2, $1, 0, $2, '{}')`,
			newest, fulfillment.TopicOrderUpdated)
		var err error
		if newest, err = o.Watch.Wait(t.Context(), newest); err != nil {
			t.Fatal(err)
		}
	}
	o.raise(1, 1)
	o.allTold(2)
	reads, notes, silences := book.read.Load()-before, book.noted.Load()-noted, int64(time.Since(began)/quiet)
	if reads > 2+silences || notes > 2+silences {
		t.Errorf("it read %d times, and noted something %d times, for one event and 20 of others", reads, notes)
	}
	o.Exec(`INSERT INTO outbox (order_id, sequence, position, topic, payload) VALUES (2, $1, 0, $2, '{}')`,
		newest, fulfillment.TopicOrderUpdated)
	o.eventually("a cursor that has passed what is of another topic", func() bool {
		return o.Number(`SELECT cursor FROM webhook_subscriptions`) == newest+3
	})
}

// TestEventsThatFollowEachOtherAreReadTogether, and noted together.
func TestEventsThatFollowEachOtherAreReadTogether(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	book := &tallied{Book: o.Store}
	o.config.Book = book
	defer o.follow()()
	o.raise(1, 1)
	o.allTold(1)
	began, read, noted := time.Now(), book.read.Load(), book.noted.Load()
	for order := range 100 {
		o.raise(order+2, 1)
	}
	o.allTold(101)
	took := time.Since(began)
	if n := book.read.Load() - read; n > 2+int64(took/lookPause) {
		t.Errorf("it read %d times in %v", n, took)
	}
	if n := book.noted.Load() - noted; n > 2+int64(took/tell) {
		t.Errorf("it noted something %d times in %v", n, took)
	}
	o.inOrder(101)
}

// TestABacklogIsReadByPages, not event by event as these are delivered.
func TestABacklogIsReadByPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	book := &tallied{Book: o.Store}
	o.config.Book = book
	for order := 1; order <= 20; order++ {
		o.raise(order, 100)
	}
	o.eventually("all in the feed", func() bool { return o.Number(`SELECT position FROM feed_cursor`) == 4000 })
	defer o.follow()()
	o.allTold(2000)
	o.inOrder(2000)
	if n := book.read.Load(); n > 200 {
		t.Errorf("the feed was read %d times for 2000 events", n)
	}
}

// TestLittleIsSentWhileANoteHangs: what was done meanwhile would be told again if the note never came to its end.
func TestLittleIsSentWhileANoteHangs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	gate := make(chan struct{})
	book := &tallied{Book: o.Store, gate: gate}
	o.config.Book, o.config.Concurrency = book, 2
	var answers atomic.Int64
	o.answer(func(Attempt) Result { // The receiver takes its time: there is enough for longer than a note takes.
		answers.Add(1)
		<-time.After(5 * time.Millisecond)
		return Result{Status: http.StatusNoContent}
	})
	for order := 1; order <= 5; order++ {
		o.raise(order, 90)
	}
	o.eventually("all in the feed", func() bool { return o.Number(`SELECT position FROM feed_cursor`) == 900 })
	defer o.follow()()
	o.eventually("a note", func() bool { return book.noted.Load() == 1 })
	still := int64(-1)
	var since time.Time
	o.eventually("that no more is sent", func() bool {
		if now := answers.Load(); now != still {
			still, since = now, time.Now()
		}
		return time.Since(since) > 3*tell
	})
	if heard, _ := o.requests(); len(heard) >= 400 {
		t.Errorf("%d attempts were made while the first note hung", len(heard))
	}
	book.mu.Lock()
	book.gate = nil
	book.mu.Unlock()
	close(gate)
	o.allTold(450)
	o.inOrder(450)
}
