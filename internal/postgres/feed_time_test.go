package postgres

import (
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// A time is found in the feed, whatever the order of times among positions is; what is not kept any more is not taken
// for all there was.
func TestATimeIsFoundInTheFeed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	start := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	if _, err := b.pool.Exec(t.Context(), `CREATE TABLE feed_0 PARTITION OF feed FOR VALUES FROM (0) TO (1000)`); err != nil {
		t.Fatal(err)
	}
	if after, err := b.FeedBefore(t.Context(), start); err == nil {
		t.Errorf("where nothing happened: %d", after)
	}
	// An event a minute; each tenth was begun 40 seconds before the one that it comes after.
	if _, err := b.pool.Exec(t.Context(), `
WITH fed AS (INSERT INTO feed (position, order_id, sequence, place, topic, payload, committed_at)
	SELECT g, g, 1, 0, 'orders/create', '{}', $1::timestamptz + make_interval(mins => g::int) -
		CASE g % 10 WHEN 0 THEN interval '100 seconds' ELSE '0' END FROM generate_series(1, 500) g)
UPDATE feed_cursor SET position = 500`, start); err != nil {
		t.Fatal(err)
	}
	find := func(since time.Time, want int64, refusal string) {
		t.Helper()
		after, err := b.FeedBefore(t.Context(), since)
		refused, _ := fulfillment.AsError(err)
		if err != nil && (refused == nil || refusal == "" || !strings.Contains(refused.Message, refusal)) ||
			err == nil && (refusal != "" || after != want) {
			t.Errorf("since %v: after %d, %v; want %d, %q", since, after, err, want, refusal)
		}
	}
	for _, n := range []int{1, 2, 8, 9, 11, 255, 251, 499} {
		find(start.Add(time.Duration(n)*time.Minute), int64(n)-1, "")
		find(start.Add(time.Duration(n)*time.Minute-20*time.Second), int64(n)-1, "")
	}
	find(start.Add(10*time.Minute-100*time.Second), 8, "") // 9 and 10 were not committed before it.
	find(start.Add(-time.Hour), 0, "")
	find(start.Add(501*time.Minute), 0, "Nothing has happened since 2026-03-04T20:21:00Z")
	if _, err := b.pool.Exec(t.Context(), `WITH gone AS (DELETE FROM feed WHERE position < 100) UPDATE feed_cursor SET oldest = 100`); err != nil {
		t.Fatal(err)
	}
	find(start, 0, "are not kept any more: the oldest is of 2026-03-04T13:38:20Z. Replay what was after 99.")
	find(start.Add(200*time.Minute+time.Second), 200, "")
}
