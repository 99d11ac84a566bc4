package postgres

import (
	"errors"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// What is asked for must be there, and be told by now; what waits is not asked for twice.
func TestReplayRefuses(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	sub := b.subscribe(b.app("Shop", access.ReadOrders), "ORDERS_CREATE", "https://example.com/h")
	if _, err := b.pool.Exec(t.Context(), `CREATE TABLE feed_0 PARTITION OF feed FOR VALUES FROM (0) TO (100)`); err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `
WITH fed AS (INSERT INTO feed (position, order_id, sequence, place, topic, payload, committed_at)
	SELECT g, g, 1, 0, CASE WHEN g = 12 THEN '' ELSE 'orders/create' END, '{}', now() FROM generate_series(10, 20) g)
UPDATE feed_cursor SET position = 20, oldest = 10`); err != nil {
		t.Fatal(err)
	}
	b.deliver(sub, parked(3, 3, webhook.Dead, "400"), parked(13, 13, webhook.Pending, "503"), parked(15, 15, "", ""))
	for _, test := range []struct {
		after, until int64
		want         string
	}{
		{15, 16, "nothing after position 15 yet: it is at 15"},
		{14, 14, "Position 14 does not come after 14"},
		{11, 12, "no event of the subscription's topic"},
		{5, 6, "no event of the subscription's topic there, or it is not kept"},
		{1, 20, "not kept any more: the oldest has 10. Replay after 9"},
	} {
		_, err := b.Replay(t.Context(), sub.ID, webhook.Replay{After: test.after, Until: test.until})
		if refused, ok := fulfillment.AsError(err); !ok || !strings.Contains(refused.Message, test.want) {
			t.Errorf("after %d up to %d: %v", test.after, test.until, err)
		}
	}
	for _, test := range []struct {
		after, until int64
		want         webhook.Replayed
	}{
		{2, 3, webhook.Replayed{Events: 1}}, // A dead letter stays when the feed has it no more.
		{2, 3, webhook.Replayed{Waiting: 1}},
		{9, 13, webhook.Replayed{Events: 2, Waiting: 1}},
		{0, 100, webhook.Replayed{Events: 2, Waiting: 4}},
	} {
		done, err := b.Replay(t.Context(), sub.ID, webhook.Replay{After: test.after, Until: test.until})
		if err != nil || done != test.want {
			t.Errorf("after %d up to %d: %+v, %v", test.after, test.until, done, err)
		}
	}
	if _, err := b.Replay(t.Context(), 1, webhook.Replay{Until: 1}); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("for one that is not there: %v", err)
	}
}

// Whoever delivers and notes again what it could not be sure of takes nothing away from who asked since.
func TestReplayIsNotLost(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	sub := b.subscribe(b.app("Shop", access.ReadOrders), "ORDERS_CREATE", "https://example.com/h")
	given := parked(3, 3, webhook.Dead, "400")
	b.deliver(sub, given)
	if _, err := b.Replay(t.Context(), sub.ID, webhook.Replay{After: 2, Until: 3}); err != nil {
		t.Fatal(err)
	}
	f, err := b.Follow(t.Context(), sub.ID)
	if err != nil || f.Replays != 1 {
		t.Fatalf("%+v, %v", f, err)
	}
	for _, p := range []webhook.Progress{{Parked: []webhook.Parked{given}}, {Delivered: []int64{3}}} {
		p.ID, p.Epoch = sub.ID, f.Epoch
		if _, err := b.Progress(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		waits, err := b.Parked(t.Context(), sub.ID)
		if err != nil || len(waits) != 1 || !waits[0].Replay || waits[0].Strikes != 0 {
			t.Fatalf("what waits is %+v, %v", waits, err)
		}
	}
	p := webhook.Progress{ID: sub.ID, Epoch: f.Epoch, Replayed: []int64{3}}
	if _, err := b.Progress(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if waits, err := b.Parked(t.Context(), sub.ID); err != nil || len(waits) != 0 {
		t.Errorf("what waits is %+v, %v", waits, err)
	}
}
