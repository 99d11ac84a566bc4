package postgres

import (
	"errors"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// deliver notes what became of events: those with an error are parked in the state.
func (b *book) deliver(sub webhook.Subscription, events ...webhook.Parked) {
	b.t.Helper()
	following, err := b.Follow(b.t.Context(), sub.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	p := webhook.Progress{ID: sub.ID, Epoch: following.Epoch}
	for i, e := range events {
		p.Cursor = max(p.Cursor, e.Position)
		if e.State != "" {
			e.Body = []byte("{}")
			p.Parked = append(p.Parked, e)
		}
		p.Attempts = append(p.Attempts, webhook.Attempt{
			Position: e.Position, Attempt: e.Attempts, Error: e.LastError, Took: time.Duration(i) * time.Millisecond,
			At: following.Now,
		})
	}
	b.exec(`UPDATE feed_cursor SET position = greatest(position, $1)`, p.Cursor)
	if _, err := b.Progress(b.t.Context(), p); err != nil {
		b.t.Fatal(err)
	}
}

func parked(position int64, order fulfillment.ID, state webhook.DeliveryState, lastError string) webhook.Parked {
	return webhook.Parked{
		Event: webhook.Event{Position: position, OrderID: order, Topic: "orders/create"}, State: state, Attempts: 1,
		LastError: lastError, NextAt: time.Now().Add(time.Minute),
	}
}

// People see how far a delivery is, what waits, what was given up, and what became of each request, page by page.
func TestDeliveryIsSeen(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	sub := b.subscribe(b.app("Shop", access.ReadOrders), "ORDERS_CREATE", "https://example.com/h")
	if s, err := b.WebhookStanding(t.Context(), sub.ID); err != nil || s != (webhook.Standing{}) {
		t.Errorf("a new one stands at %+v, %v", s, err)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE feed_cursor SET position = 17`); err != nil {
		t.Fatal(err)
	}
	b.deliver(sub, parked(1, 1, "", ""), parked(2, 2, webhook.Dead, "400 Bad Request"),
		parked(3, 3, webhook.Pending, ""), parked(4, 4, webhook.Pending, "503 Service Unavailable"),
		parked(5, 5, webhook.Dead, "404 Not Found"))
	s, err := b.WebhookStanding(t.Context(), sub.ID)
	if err != nil || s.Cursor != 5 || s.Lag != 12 || s.Waiting != 2 || s.Dead != 2 ||
		s.LastError != "503 Service Unavailable" || s.NextAttempt == nil || time.Until(*s.NextAttempt) < 30*time.Second {
		t.Errorf("it stands at %+v, %v", s, err)
	}
	if _, err := b.pool.Exec(t.Context(), `
CREATE TABLE feed_0 PARTITION OF feed FOR VALUES FROM (0) TO (100);
INSERT INTO feed (position, order_id, sequence, place, topic, payload, committed_at)
SELECT g, g, 1, 0, 'orders/create', '{}', clock_timestamp() - make_interval(secs => 1000 - 100 * g) FROM generate_series(5, 7) g`); err != nil {
		t.Fatal(err)
	}
	// What comes after position 5 was committed 400 s ago.
	if s, err := b.WebhookStanding(t.Context(), sub.ID); err != nil || s.LagSeconds < 400 || s.LagSeconds > 460 {
		t.Errorf("it is behind for %d s, %v", s.LagSeconds, err)
	}
	if lag, age, err := b.WebhookLag(t.Context()); err != nil || lag != 12 || age < 400*time.Second || age > 460*time.Second {
		t.Errorf("the one farthest behind is so by %d, for %v, %v", lag, age, err)
	}
	dead, err := b.DeadLetters(t.Context(), sub.ID, Page{Limit: 1})
	if err != nil || len(dead.Items) != 1 || dead.Items[0].Position != 2 || dead.Items[0].LastError != "400 Bad Request" {
		t.Errorf("dead letters are %+v, %v", dead, err)
	}
	dead, err = b.DeadLetters(t.Context(), sub.ID, Page{After: dead.Next})
	if err != nil || len(dead.Items) != 1 || dead.Items[0].Position != 5 || dead.HasMore {
		t.Errorf("more dead letters are %+v, %v", dead, err)
	}
	var positions []int64
	for page := (Page{Limit: 2, Reverse: true}); ; {
		attempts, err := b.WebhookAttempts(t.Context(), sub.ID, 0, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range attempts.Items {
			positions = append(positions, a.Position)
		}
		if page.After = attempts.Next; !attempts.HasMore {
			break
		}
	}
	if len(positions) != 5 || positions[0] != 5 || positions[4] != 1 {
		t.Errorf("attempts are of %v", positions)
	}
	one, err := b.WebhookAttempts(t.Context(), sub.ID, 4, Page{})
	if err != nil || len(one.Items) != 1 || one.Items[0].Error != "503 Service Unavailable" ||
		one.Items[0].Took != 3*time.Millisecond {
		t.Errorf("attempts of one event are %+v, %v", one, err)
	}
	if s, err := b.WebhookStanding(t.Context(), 1); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("one that is not there stands at %+v, %v", s, err)
	}
}

// What was noted of a subscription goes with it, and of no other.
func TestAttemptsGoWithTheirSubscription(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	app := b.app("Shop", access.ReadOrders)
	going, staying := b.subscribe(app, "ORDERS_CREATE", "https://example.com/h"),
		b.subscribe(app, "ORDERS_PAID", "https://example.com/h")
	for _, sub := range []webhook.Subscription{going, staying} {
		b.deliver(sub, parked(1, 1, "", ""), parked(2, 2, webhook.Dead, "400 Bad Request"))
	}
	if err := b.DeleteSubscription(t.Context(), going.ID); err != nil {
		t.Fatal(err)
	}
	for sub, want := range map[*webhook.Subscription]int{&going: 0, &staying: 2} {
		attempts, err := b.WebhookAttempts(t.Context(), sub.ID, 0, Page{})
		if err != nil || len(attempts.Items) != want {
			t.Errorf("%d attempts are left, %v; want %d", len(attempts.Items), err, want)
		}
	}
}

// TestNobodyIsAheadOfTheFeed: whoever has read what the feed does not have any more notes nothing, even if the
// subscription is as it was when he noted last.
func TestNobodyIsAheadOfTheFeed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	sub := b.subscribe(b.app("Shop", access.ReadOrders), "ORDERS_CREATE", "https://example.com/h")
	following, err := b.Follow(t.Context(), sub.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.exec(`UPDATE feed_cursor SET position = 7`)
	p := webhook.Progress{
		ID: sub.ID, Epoch: following.Epoch, Cursor: 8, State: webhook.Paused, Reason: "Because.",
		Attempts: []webhook.Attempt{{Position: 8, Attempt: 1, At: following.Now}},
	}
	if _, err := b.Progress(t.Context(), p); !errors.Is(err, fulfillment.ErrStale) {
		t.Errorf("it is noted: %v", err)
	}
	attempts, err := b.WebhookAttempts(t.Context(), sub.ID, 0, Page{})
	if err != nil || len(attempts.Items) != 0 {
		t.Errorf("attempts are %+v, %v", attempts.Items, err)
	}
	p.Cursor, p.Attempts, p.State = 7, nil, ""
	if now, err := b.Progress(t.Context(), p); err != nil || now.Cursor != 7 || now.State != webhook.Enabled {
		t.Errorf("up to the feed it is %+v, %v", now, err)
	}
}
