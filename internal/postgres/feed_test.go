package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// sequencer is the right to give positions; nobody else has it.
func (b *book) sequencer() *Sequencer {
	b.t.Helper()
	q, err := b.TrySequence(b.t.Context(), time.Minute, 0)
	if err != nil || q == nil {
		b.t.Fatalf("got %v, %v", q, err)
	}
	b.t.Cleanup(q.Close)
	return q
}

// sequence gives all events that there are their positions.
func (b *book) sequence(q *Sequencer) {
	b.t.Helper()
	for {
		given, err := q.Sequence(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		if given == 0 {
			return
		}
	}
}

func (b *book) feed(q FeedQuery) FeedPage {
	b.t.Helper()
	page, err := b.Feed(b.t.Context(), q)
	if err != nil {
		b.t.Fatal(err)
	}
	return page
}

func (b *book) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.pool.Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

// TestFeedHasEveryEvent: what was committed is in the feed as it was told, once, with dense positions, and no longer in
// the outbox.
func TestFeedHasEveryEvent(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	if page := b.feed(FeedQuery{}); page.Next != 0 || page.Newest != 0 || page.Oldest != 1 {
		t.Errorf("an empty feed is %+v", page)
	}
	order, fos := b.create(merchant, service)
	b.do(fos[0], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther}, &fulfillment.SetDeadline{})
	type row struct {
		order, of fulfillment.ID
		sequence  int64
		place     int
		topic     string
		payload   string
		at        time.Time
	}
	rows, err := b.pool.Query(t.Context(), `SELECT order_id, coalesce(fulfillment_order_id, 0), sequence, position, topic,
		payload::text, created_at FROM outbox ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	want, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (w row, err error) {
		err = r.Scan(&w.order, &w.of, &w.sequence, &w.place, &w.topic, &w.payload, &w.at)
		return w, err
	})
	if err != nil || len(want) < 6 {
		t.Fatalf("%d events, %v", len(want), err)
	}
	first := b.sequencer()
	b.sequence(first)
	page := b.feed(FeedQuery{})
	if len(page.Entries) != len(want) || page.Newest != int64(len(want)) || page.Next != page.Newest {
		t.Fatalf("%d entries of %d, newest %d, next %d", len(page.Entries), len(want), page.Newest, page.Next)
	}
	for i, e := range page.Entries {
		got := row{e.OrderID, e.FulfillmentOrderID, e.Sequence, e.Place, e.Topic, string(e.Event), e.CommittedAt}
		if e.Position != int64(i+1) || got != want[i] {
			t.Errorf("position %d is %+v, want %+v", e.Position, got, want[i])
		}
	}
	var left int
	if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM outbox`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d are still in the outbox, %v", left, err)
	}

	b.create(merchant)
	before := page.Newest
	if events, oldest, err := b.FeedWaiting(t.Context()); err != nil || events == 0 || oldest <= 0 {
		t.Errorf("%d wait since %s, %v", events, oldest, err)
	}
	// One that goes on where another one was.
	q := &Sequencer{store: b.Store, right: &Exclusive{}, server: first.server}
	b.sequence(q)
	more := b.feed(FeedQuery{After: before})
	if len(more.Entries) == 0 || more.Entries[0].Position != before+1 {
		t.Errorf("after %d there is %+v", before, more)
	}
	own := b.feed(FeedQuery{OrderID: order.ID})
	if len(own.Entries) != len(want) || own.Next != own.Newest {
		t.Errorf("the order has %d events, want %d", len(own.Entries), len(want))
	}
	held := b.feed(FeedQuery{Topics: []string{fulfillment.TopicPlacedOnHold}})
	if len(held.Entries) != 1 || held.Entries[0].Topic != fulfillment.TopicPlacedOnHold || held.Next != held.Newest {
		t.Errorf("of one topic there is %+v", held)
	}
	for after := int64(0); after < before; {
		page := b.feed(FeedQuery{After: after, Limit: 2})
		if len(page.Entries) == 0 || page.Next != page.Entries[len(page.Entries)-1].Position {
			t.Fatalf("a page of two after %d is %+v", after, page)
		}
		after = page.Next
	}
}

// TestFeedOfAReader: what a reader may not see is left out, and the page tells how far it looked nevertheless. What is
// about the feed itself everybody sees.
func TestFeedOfAReader(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.create(merchant, service)
	b.create(service)
	q := b.sequencer()
	b.sequence(q)
	newest := b.feed(FeedQuery{}).Newest
	b.exec(`DELETE FROM feed WHERE position = $1`, newest)
	b.exec(`UPDATE feed_cursor SET position = position - 1`)
	o, _ := b.create(merchant)
	b.exec(`INSERT INTO outbox (order_id, sequence, position, topic, payload)
		SELECT $1, 1, 0, t, '{"returnId": "7"}' FROM unnest($2::text[]) t`, o.ID, append(returns.Topics, ""))
	b.sequence(q)
	all := b.feed(FeedQuery{})
	withOrders := []string{returns.TopicCancel, returns.TopicClose, returns.TopicReopen}
	own, other := []fulfillment.ID{service.ServiceID}, []fulfillment.ID{service.ServiceID + 1, 5}
	for name, sight := range map[string]access.FeedSight{
		"nothing":        {},
		"orders":         {Orders: true},
		"returns":        {Returns: true},
		"the merchant's": {FulfillmentOrders: access.Visibility{Merchant: true}},
		"its own":        {FulfillmentOrders: access.Visibility{Assigned: true, Services: own}},
		"of others": {
			Orders:            true,
			FulfillmentOrders: access.Visibility{Assigned: true, Merchant: true, Services: other},
		},
		"all services":   {FulfillmentOrders: access.Visibility{Assigned: true, ThirdParty: true}},
		"but its own":    {FulfillmentOrders: access.Visibility{Merchant: true, ThirdParty: true, Services: own}},
		"third parties'": {FulfillmentOrders: access.Visibility{ThirdParty: true, Services: other}},
		"everything": {
			Returns:           true,
			Orders:            true,
			FulfillmentOrders: access.Visibility{Assigned: true, Merchant: true, ThirdParty: true},
		},
	} {
		var want []int64
		for _, e := range all.Entries {
			var shown bool
			switch {
			case e.OrderID == 0:
				shown = true
			case strings.Contains(string(e.Event), "returnId"):
				shown = sight.Returns || sight.Orders && slices.Contains(withOrders, e.Topic)
			case e.FulfillmentOrderID == 0:
				shown = sight.Orders
			default:
				fo, err := b.Load(t.Context(), e.FulfillmentOrderID)
				if err != nil {
					t.Fatal(err)
				}
				shown = sight.FulfillmentOrders.Includes(fo.AssignedLocation)
			}
			if shown {
				want = append(want, e.Position)
			}
		}
		page := b.feed(FeedQuery{Sight: &sight})
		var got []int64
		for _, e := range page.Entries {
			got = append(got, e.Position)
		}
		if !slices.Equal(got, want) || page.Next != all.Newest {
			t.Errorf("%s: sees %v up to %d, want %v up to %d", name, got, page.Next, want, all.Newest)
		}
	}
}

// TestFeedPagesEndAtTheirSize: large events make shorter pages, of one at least.
func TestFeedPagesEndAtTheirSize(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.exec(`INSERT INTO outbox (order_id, sequence, position, topic, payload)
		SELECT 1, g, 0, '', jsonb_build_object('x', repeat('x', $1)) FROM generate_series(1, 5) g`, FeedBytes/2)
	b.sequence(b.sequencer())
	var seen []int64
	for after := int64(0); after < 5; {
		page := b.feed(FeedQuery{After: after})
		if n := len(page.Entries); n != 2 && page.Next != 5 || n == 0 || page.Next != page.Entries[n-1].Position {
			t.Fatalf("a page after %d has %d events, and goes on after %d", after, n, page.Next)
		}
		for _, e := range page.Entries {
			seen = append(seen, e.Position)
		}
		after = page.Next
	}
	if !slices.Equal(seen, []int64{1, 2, 3, 4, 5}) {
		t.Errorf("the pages have %v", seen)
	}
}

// TestFeedKeepsTheOrderOfCommits has many writers on few orders, of which some wait, some roll back and one stays open:
// nothing is skipped, nothing comes twice, and every order's events come as they were committed.
func TestFeedKeepsTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.exec(`CREATE TABLE ticket (id bigint PRIMARY KEY, n bigint NOT NULL)`)
	b.exec(`CREATE TABLE early (n int)`)
	b.exec(`INSERT INTO ticket SELECT g, 0 FROM generate_series(1, 5) g`)
	open, err := pgx.Connect(t.Context(), b.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close(context.WithoutCancel(t.Context())) }()
	if _, err := open.Exec(t.Context(), `BEGIN; SELECT pg_current_xact_id(); INSERT INTO early VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	const writers, commits = 6, 60
	errRollback := errors.New("rolled back on purpose")
	var group errgroup.Group
	for w := range writers {
		group.Go(func() error {
			for i := range commits {
				err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
					if (w+i)%3 == 0 { // It has its number long before it has the order.
						if _, err := tx.Exec(t.Context(), `INSERT INTO early VALUES (1)`); err != nil {
							return err
						}
					}
					_, err := tx.Exec(t.Context(), `
WITH of AS (SELECT id FROM ticket WHERE id = $1 FOR NO KEY UPDATE),
moved AS (UPDATE ticket t SET n = n + 2 FROM of WHERE t.id = of.id RETURNING t.id, n)
INSERT INTO outbox (order_id, sequence, position, topic, payload)
SELECT id, n - 2 + g, 0, '', '{}' FROM moved, generate_series(1, 2) g ORDER BY g`, 1+(w*7+i)%5)
					if err == nil && i%10 == 9 {
						err = errRollback
					}
					return err
				})
				if err != nil && !errors.Is(err, errRollback) {
					return err
				}
			}
			return nil
		})
	}
	done := make(chan error, 1)
	go func() { done <- group.Wait() }()
	q := b.sequencer()
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
		}
		if _, err := q.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.sequence(q)
	last, position := map[fulfillment.ID]int64{}, int64(0)
	for {
		page := b.feed(FeedQuery{After: position})
		for _, e := range page.Entries {
			if position++; e.Position != position {
				t.Fatalf("position %d comes after %d", e.Position, position-1)
			}
			if e.Sequence != last[e.OrderID]+1 {
				t.Errorf("order %d: %d comes after %d", e.OrderID, e.Sequence, last[e.OrderID])
			}
			last[e.OrderID] = e.Sequence
		}
		if page.Next == page.Newest {
			break
		}
	}
	if want := int64(writers * commits * 9 / 10 * 2); position != want {
		t.Errorf("%d events, want %d", position, want)
	}
	// The one that stayed open writes at last.
	if _, err := open.Exec(t.Context(), `INSERT INTO outbox (order_id, sequence, position, topic, payload)
		VALUES (6, 1, 0, '', '{}'); COMMIT`); err != nil {
		t.Fatal(err)
	}
	b.sequence(q)
	if page := b.feed(FeedQuery{After: position}); len(page.Entries) != 1 || page.Entries[0].OrderID != 6 {
		t.Errorf("after the last one there is %+v", page)
	}
}

// TestFeedOfABacklog: more than one look takes get positions by ID, and over partitions.
func TestFeedOfABacklog(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	q := b.sequencer()
	b.sequence(q)
	b.exec(`UPDATE feed_cursor SET position = $1`, feedPartition-1500)
	b.exec(`INSERT INTO outbox (order_id, sequence, position, topic, payload)
		SELECT 1, g, 0, '', '{}' FROM generate_series(1, 3100) g`)
	b.sequence(q)
	var from, to, n int64
	if err := b.pool.QueryRow(t.Context(), `SELECT min(position), max(position), count(*) FROM feed WHERE sequence =
		position - $1`, feedPartition-1500).Scan(&from, &to, &n); err != nil {
		t.Fatal(err)
	}
	if from != feedPartition-1499 || to != feedPartition+1600 || n != 3100 {
		t.Errorf("%d events in their order, from %d to %d", n, from, to)
	}
}

// TestFeedAfterADump: transactions have other numbers than those that the cursor remembers.
func TestFeedAfterADump(t *testing.T) {
	t.Parallel()
	for name, seen := range map[string]string{"ahead": "4000000000:4000000000:", "behind": "3:3:"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			b.exec(`UPDATE feed_cursor SET seen = $1::text::pg_snapshot`, seen)
			b.create(merchant)
			q := b.sequencer()
			b.sequence(q)
			newest := b.feed(FeedQuery{}).Newest
			if newest == 0 {
				t.Fatal("no event has a position")
			}
			b.create(merchant)
			b.sequence(q)
			if again := b.feed(FeedQuery{}).Newest; again <= newest {
				t.Errorf("the newest is %d, and was %d", again, newest)
			}
		})
	}
}

// TestFeedAfterASetBack: positions that readers may have heard of are not given again, and they are told.
func TestFeedAfterASetBack(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.create(merchant)
	q := b.sequencer()
	b.sequence(q)
	newest := b.feed(FeedQuery{}).Newest
	b.exec(`DELETE FROM feed WHERE position > 1`)
	b.exec(`UPDATE feed_cursor SET position = 1`)
	b.create(merchant)
	b.sequence(q)
	page := b.feed(FeedQuery{After: newest})
	var told fulfillment.Event
	if err := json.Unmarshal(page.Entries[0].Event, &told); err != nil {
		t.Fatal(err)
	}
	details, err := json.Marshal(told.Details)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"after":1,"to":%d}`, newest+1)
	if e := page.Entries[0]; e.Position != newest+1 || e.OrderID != 0 || told.Kind != fulfillment.FeedSetBackKind ||
		string(details) != want {
		t.Errorf("after %d comes %+v with %s, want %s", newest, e, details, want)
	}
	if e := page.Entries[1]; e.Position != newest+2 {
		t.Errorf("then comes %+v", e)
	}
	// Whoever reads one order hears of it, too.
	if own := b.feed(FeedQuery{OrderID: page.Entries[1].OrderID}); own.Entries[0].Position != newest+1 {
		t.Errorf("the order's events begin with %+v", own.Entries[0])
	}
}

// TestFeedOfAnotherServer: whoever had the right to give positions has none on a server that was started since, which
// may have lost what readers have heard of.
func TestFeedOfAnotherServer(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.create(merchant)
	q := b.sequencer()
	server := q.Server()
	q.server = "2026-01-02 03:04:05+00"
	if given, err := q.Sequence(t.Context()); given != 0 || !errors.Is(err, errServerStarted) {
		t.Errorf("%d events got positions, %v", given, err)
	}
	q.server = server
	b.sequence(q)
	if b.feed(FeedQuery{}).Newest == 0 {
		t.Error("on its own server it gives none")
	}
}

// TestFeedIsGone: a reader that is behind what is kept, or ahead of what there is, is told so and never moved silently.
func TestFeedIsGone(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	q := b.sequencer()
	fill := func(events int) {
		b.exec(`INSERT INTO outbox (order_id, sequence, position, topic, payload, created_at)
			SELECT 1, g, 0, '', '{}', now() - interval '3 hours' FROM generate_series(1, $1::int) g`, events)
		b.sequence(q)
	}
	fill(10)
	trim := func() bool {
		t.Helper()
		dropped, err := b.TrimFeed(t.Context(), 2*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return dropped
	}
	if trim() {
		t.Error("the partition that is written was dropped")
	}
	b.exec(`UPDATE feed_cursor SET position = $1`, feedPartition-1)
	fill(5)
	reader, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Exec(t.Context(), `SELECT FROM feed`); err != nil {
		t.Fatal(err)
	}
	if trim() {
		t.Error("it did not wait for a reader")
	}
	if err := reader.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dropped, err := b.TrimFeed(t.Context(), 4*time.Hour); err != nil || dropped {
		t.Errorf("dropped before its time: %t, %v", dropped, err)
	}
	if !trim() || trim() {
		t.Error("not just the partition before was dropped")
	}
	if page := b.feed(FeedQuery{}); page.Oldest != feedPartition || len(page.Entries) != 5 {
		t.Errorf("kept is %+v", page)
	}
	for _, after := range []int64{1, feedPartition - 2, feedPartition + 5, math.MaxInt64} {
		_, err := b.Feed(t.Context(), FeedQuery{After: after})
		if gone := new(FeedGoneError); !errors.As(err, &gone) || gone.Oldest != feedPartition ||
			gone.Newest != feedPartition+4 {
			t.Errorf("after %d: %v", after, err)
		}
	}
	for _, after := range []int64{feedPartition - 1, feedPartition + 4} {
		b.feed(FeedQuery{After: after})
	}
}

// TestFeedWatchKeepsWhatItReached, also after the database was set back.
func TestFeedWatchKeepsWhatItReached(t *testing.T) {
	t.Parallel()
	w := NewFeedWatch(nil)
	for _, newest := range []int64{7, 3, 5} {
		w.heard(newest)
	}
	if newest, err := w.Wait(t.Context(), 4); newest != 5 || err != nil || w.Reached() != 7 {
		t.Errorf("it is at %d (%v), and reached %d", newest, err, w.Reached())
	}
}

// TestFeedWatch tells all readers of a process of what is new.
func TestFeedWatch(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	q := b.sequencer()
	w := NewFeedWatch(b.Store)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- w.Run(ctx) }()
	var newest int64
	for range 3 {
		readers := make(chan int64, 2)
		for range cap(readers) {
			go func() {
				newest, err := w.Wait(t.Context(), newest)
				if err != nil {
					t.Error(err)
				}
				readers <- newest
			}()
		}
		b.create(merchant)
		b.sequence(q)
		heard := []int64{<-readers, <-readers}
		if slices.Min(heard) <= newest {
			t.Fatalf("heard %v after %d", heard, newest)
		}
		newest = b.feed(FeedQuery{}).Newest
	}
	b.exec(`SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND query
		LIKE 'listen %'`)
	b.create(merchant)
	b.sequence(q)
	if _, err := w.Wait(t.Context(), newest); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := w.Wait(ctx, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestAWatchTellsTopicsApart: whoever waits for some is woken by events of these, and by what may be any.
func TestAWatchTellsTopicsApart(t *testing.T) {
	t.Parallel()
	w := NewFeedWatch(nil)
	waits := func(after int64, topics ...string) bool {
		over, cancel := context.WithCancel(t.Context())
		cancel()
		newest, err := w.Wait(over, after, topics...)
		if newest != w.newest {
			t.Errorf("it names %d as the newest position, want %d", newest, w.newest)
		}
		return err != nil
	}
	for i, step := range []struct {
		told  []string // a channel, and what was told there
		after int64
		waits []string // of the topics a, b and c, and of everything: ""
	}{
		{[]string{feedChannel, "7"}, 6, nil},                         // Of an older sequencer, or by a look.
		{[]string{feedChannel, "7"}, 7, []string{"a", "b", "c", ""}}, // It is nothing new.
		{[]string{topicsChannel, "7 9 a b"}, 7, []string{"c"}},
		{[]string{feedChannel, "9"}, 7, []string{"c"}},
		{[]string{topicsChannel, "9 10 b"}, 9, []string{"a", "c"}},
		{[]string{topicsChannel, "10 11"}, 10, []string{"a", "b", "c"}}, // It has no topic.
		{[]string{topicsChannel, "12 13 a"}, 11, nil},                   // Nobody has told of 12.
		{[]string{topicsChannel, "13 14 a"}, 13, []string{"b", "c"}},
		{[]string{feedChannel, "5"}, 4, nil}, // It was set back.
		{[]string{feedChannel, "5"}, 5, []string{"a", "b", "c", ""}},
	} {
		if err := w.take(step.told[0], step.told[1]); err != nil {
			t.Fatal(err)
		}
		for _, topic := range []string{"a", "b", "c", ""} {
			topics := []string{topic}
			if topic == "" {
				topics = nil
			}
			if got, want := waits(step.after, topics...), slices.Contains(step.waits, topic); got != want {
				t.Errorf("step %d, %q: it waits: %v, want %v", i, topic, got, want)
			}
		}
	}
	for _, wrong := range []string{"", "x", "1", "1 x"} {
		if err := w.take(topicsChannel, wrong); err == nil {
			t.Errorf("%q was understood", wrong)
		}
	}
}

// TestTheSequencerTellsTopics, as they are in the feed.
func TestTheSequencerTellsTopics(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	q := b.sequencer()
	b.create(merchant)
	b.sequence(q)
	conn, err := b.listen(t.Context(), topicsChannel, feedChannel)
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp(t.Context(), conn)
	next := func(channel string) string {
		t.Helper()
		limited, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		told, err := conn.WaitForNotification(limited)
		if err != nil || told.Channel != channel {
			t.Fatalf("told %+v (%v), want something on %s", told, err, channel)
		}
		return told.Payload
	}
	for range 3 {
		before := b.feed(FeedQuery{}).Newest
		b.create(merchant)
		b.sequence(q)
		page := b.feed(FeedQuery{After: before})
		topics := map[string]bool{}
		for _, e := range page.Entries {
			topics[e.Topic] = true
		}
		delete(topics, "")
		want := fmt.Sprint(before, page.Newest, " ", strings.Join(slices.Sorted(maps.Keys(topics)), " "))
		if got := next(topicsChannel); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		if got := next(feedChannel); got != strconv.FormatInt(page.Newest, 10) {
			t.Errorf("told %q, want %d", got, page.Newest)
		}
	}
	// More than a notification takes: only the position is told.
	b.exec(`INSERT INTO outbox (order_id, sequence, position, topic, payload)
		SELECT 1, 1000, g, repeat('t', 200) || g, '{}' FROM generate_series(1, 50) g`)
	b.sequence(q)
	if got, want := next(feedChannel), strconv.FormatInt(b.feed(FeedQuery{}).Newest, 10); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

// TestToldByTheDecodedEvent says the same as by the stored one.
func TestToldByTheDecodedEvent(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	q := b.sequencer()
	_, fos := b.create(service)
	to := merchant
	b.do(fos[0], &fulfillment.Move{Meta: id("move"), NewLocationID: merchant.LocationID, Location: &to})
	b.sequence(q)
	page := b.feed(FeedQuery{})
	if !slices.ContainsFunc(page.Entries, func(e FeedEntry) bool { return len(e.Told(nil).Services) == 3 }) {
		t.Fatal("no event is about several services")
	}
	for _, e := range page.Entries {
		decoded, err := fulfillment.DecodeEvent(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e.Told(nil), e.Told(decoded)); diff != "" {
			t.Errorf("event %d, from what is stored to what was decoded: %s", e.Position, diff)
		}
	}
}

// TestALookTakesOneRoundTrip, whether there is something new or not; and where there is not, it writes nothing.
func TestALookTakesOneRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	q := b.sequencer()
	b.create(merchant)
	b.sequence(q)
	look := func(events int) (version string) {
		t.Helper()
		before := b.calls.trips.Load()
		given, err := q.Sequence(t.Context())
		if trips := b.calls.trips.Load() - before; err != nil || given != events || trips != 1 {
			t.Errorf("it gave %d of %d, %v, in %d round trips", given, events, err, trips)
		}
		if err := b.pool.QueryRow(t.Context(), `SELECT ctid::text || xmin || xmax FROM feed_cursor`).Scan(&version); err != nil {
			t.Fatal(err)
		}
		return version
	}
	for range 3 { // A connection prepares the statements once.
		b.create(merchant)
		b.sequence(q)
	}
	last := look(0)
	for range 3 {
		b.create(merchant)
		var waiting int
		if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM outbox`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if moved := look(waiting); moved == last {
			t.Error("the cursor has not moved")
		}
		last = look(0)
		if again := look(0); again != last {
			t.Errorf("a look that found nothing wrote %s instead of %s", again, last)
		}
	}
}
