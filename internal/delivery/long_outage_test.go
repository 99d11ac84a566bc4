package delivery

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// ledger is a feed, and what became of one subscription to it, in memory: it can be where time is virtual.
type ledger struct {
	mu      sync.Mutex
	now     webhook.Following
	entries []postgres.FeedEntry
	parked  map[int64]webhook.Parked
	heard   []request
	answers func(a Attempt) int
}

type request struct {
	Attempt
	at     time.Time
	status int
}

func (l *ledger) config() Config {
	return Config{
		Book: l, Feed: l, Send: l.send, Logger: slog.New(slog.DiscardHandler),
		Changes: func(fulfillment.ID) (<-chan struct{}, func()) { return nil, func() {} },
		Render: func(_ context.Context, _ webhook.Subscription, events []postgres.FeedEntry) ([]Rendered, error) {
			rendered := make([]Rendered, len(events))
			for i, e := range events {
				rendered[i].Body = fmt.Appendf(nil, `{"position":%d}`, e.Position)
			}
			return rendered, nil
		},
	}
}

// commit has something happen to an order.
func (l *ledger) commit(order fulfillment.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	position := int64(len(l.entries) + 1)
	l.entries = append(l.entries, postgres.FeedEntry{
		Position: position, CommittedAt: time.Now(), OrderID: order, Sequence: position, Topic: fulfillment.TopicMoved,
		Event: []byte(`{}`),
	})
}

func (l *ledger) send(_ context.Context, _ webhook.Subscription, a Attempt) Result {
	time.Sleep(50 * time.Millisecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	status := l.answers(a)
	l.heard = append(l.heard, request{a, time.Now(), status})
	return Result{Status: status}
}

func (l *ledger) Follow(context.Context, fulfillment.ID) (webhook.Following, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.following(), nil
}

func (l *ledger) following() webhook.Following {
	l.now.Now = time.Now()
	return l.now
}

func (l *ledger) Feed(_ context.Context, q postgres.FeedQuery) (postgres.FeedPage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	newest := int64(len(l.entries))
	until := min(newest, q.After+int64(q.Limit))
	return postgres.FeedPage{
		Entries: slices.Clone(l.entries[q.After:until]), Next: until, Oldest: 1, Newest: newest,
	}, nil
}

func (l *ledger) Wait(ctx context.Context, after int64, _ ...string) (int64, error) {
	for {
		l.mu.Lock()
		newest := int64(len(l.entries))
		l.mu.Unlock()
		if newest > after {
			return newest, nil
		}
		select {
		case <-ctx.Done():
			return newest, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (l *ledger) Parked(context.Context, fulfillment.ID) ([]webhook.Parked, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	byPosition := func(a, b webhook.Parked) int { return cmp.Compare(a.Position, b.Position) }
	return slices.SortedFunc(maps.Values(l.parked), byPosition), nil
}

func (l *ledger) GivenUp(context.Context, fulfillment.ID) (map[fulfillment.ID][]int64, error) {
	return nil, nil
}

func (l *ledger) ParkedBodies(_ context.Context, _ fulfillment.ID, positions []int64) (map[int64][]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	bodies := map[int64][]byte{}
	for _, position := range positions {
		bodies[position] = l.parked[position].Body
	}
	return bodies, nil
}

func (l *ledger) Progress(_ context.Context, p webhook.Progress) (webhook.Following, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range p.Parked {
		l.parked[one.Position] = one
	}
	for _, position := range p.Delivered {
		delete(l.parked, position)
	}
	if l.now.Cursor = p.Cursor; p.State != "" {
		l.now.State, l.now.StateReason = p.State, p.Reason
	}
	return l.following(), nil
}

func newLedger(answers func(a Attempt) int) *ledger {
	l := &ledger{parked: map[int64]webhook.Parked{}, answers: answers}
	l.now.Subscription = webhook.Subscription{
		ID: 1, AppID: 5, Topic: webhook.TopicOf(fulfillment.TopicMoved), State: webhook.Enabled,
	}
	l.now.Epoch = 1
	return l
}

// TestAMinuteOfFailuresHoldsNobodyElseUp: while a receiver takes nothing of one order for a minute, others' events are
// taken within five seconds of their commits. Of that order it is told the first event again and again, and then all,
// in their order.
func TestAMinuteOfFailuresHoldsNobodyElseUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const events, orders = 20, 3
		began := time.Now()
		l := newLedger(func(a Attempt) int {
			if a.OrderID == 1 && time.Since(began) < time.Minute {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := Follow(ctx, l.config(), l.now.ID)
			ended <- err
		}()
		for range events {
			for order := range orders {
				l.commit(fulfillment.ID(order + 1))
			}
			time.Sleep(time.Second)
		}
		time.Sleep(5 * time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		tries, last, taken := 0, map[fulfillment.ID]int64{}, map[fulfillment.ID]int{}
		for _, r := range l.heard {
			if late := r.at.Sub(l.entries[r.Position-1].CommittedAt); r.OrderID != 1 && late > 5*time.Second {
				t.Errorf("position %d of order %d came after %s", r.Position, r.OrderID, late)
			}
			if r.status != http.StatusOK {
				if tries++; r.Position != 1 || r.Number != tries {
					t.Errorf("try %d of order 1 is %d of position %d", tries, r.Number, r.Position)
				}
				continue
			}
			if r.Position <= last[r.OrderID] {
				t.Errorf("order %d: position %d comes after %d", r.OrderID, r.Position, last[r.OrderID])
			}
			last[r.OrderID] = r.Position
			taken[r.OrderID]++
		}
		if tries != 3 { // At once, 10 and 40 seconds later.
			t.Errorf("it was tried %d times within the minute", tries)
		}
		if want := (map[fulfillment.ID]int{1: events, 2: events, 3: events}); !maps.Equal(taken, want) {
			t.Errorf("taken are %v, want %v", taken, want)
		}
	})
}

// TestNothingIsSentWhileDisabled: for as long as it is, whoever begins to follow; resumed, it goes on with the event
// that was answered with 410, and with all since.
func TestNothingIsSentWhileDisabled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := true
		l := newLedger(func(Attempt) int {
			if gone {
				return http.StatusGone
			}
			return http.StatusOK
		})
		l.commit(1)
		for range 60 {
			outcome, err := Follow(t.Context(), l.config(), l.now.ID)
			if err != nil || outcome.State != webhook.Disabled {
				t.Fatalf("it ended with %+v, %v", outcome, err)
			}
			time.Sleep(5 * time.Second)
			l.commit(1)
		}
		if len(l.heard) != 1 {
			t.Errorf("%d requests in five minutes", len(l.heard))
		}
		gone, l.now.State = false, webhook.Enabled
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if _, err := Follow(ctx, l.config(), l.now.ID); err != nil {
			t.Error(err)
		}
		for i, r := range l.heard[1:] {
			if r.Position != int64(i+1) || r.status != http.StatusOK {
				t.Errorf("request %d is of position %d", i+1, r.Position)
			}
		}
		if len(l.heard) != 1+61 {
			t.Errorf("%d requests, want all 61 events once more", len(l.heard))
		}
	})
}
