package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
)

func (b fakeBook) Feed(_ context.Context, q postgres.FeedQuery) (postgres.FeedPage, error) {
	return b.fakeBackend.feed(q)
}

func (b fakeBook) FeedWaiting(context.Context) (int, time.Duration, error) {
	return b.withoutPosition, time.Hour, nil
}

func (b fakeBook) Wait(ctx context.Context, after int64, _ ...string) (int64, error) {
	return b.await(ctx, after)
}

// told is a feed of so many events of order 1001, one a transition: made, held, and then of the order itself.
func told(t *testing.T, n int) func(q postgres.FeedQuery) (postgres.FeedPage, error) {
	t.Helper()
	entries := make([]postgres.FeedEntry, n)
	for i := range entries {
		e := fulfillment.Event{
			Version: fulfillment.EventVersion, OrderID: 1001, Sequence: int64(i + 1), Kind: "HELD", At: noon,
			Topic: fulfillment.TopicPlacedOnHold, FulfillmentOrderID: 4711, Actor: fulfillment.Actor{Role: "MERCHANT"},
			Before: fulfillment.State{Status: "OPEN", RequestStatus: "UNSUBMITTED"},
			After:  fulfillment.State{Status: "ON_HOLD", RequestStatus: "UNSUBMITTED"}, Reason: "A look at\nit",
		}
		if i == n-1 {
			e.FulfillmentOrderID, e.Topic, e.Kind = 0, "", "STATUS_CHANGED"
			e.Before = fulfillment.OrderStatuses{Display: "OPEN"}
			e.After = fulfillment.OrderStatuses{Display: "ON_HOLD"}
		}
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		entries[i] = postgres.FeedEntry{
			Position: int64(i + 1), CommittedAt: noon, OrderID: e.OrderID, FulfillmentOrderID: e.FulfillmentOrderID,
			Sequence: e.Sequence, Topic: e.Topic, Event: body,
		}
	}
	return func(q postgres.FeedQuery) (postgres.FeedPage, error) {
		page := postgres.FeedPage{Next: int64(n), Oldest: 1, Newest: int64(n)}
		if q.After > page.Newest {
			return postgres.FeedPage{}, &postgres.FeedGoneError{After: q.After, Oldest: 1, Newest: page.Newest}
		}
		for _, e := range entries[q.After:] {
			if len(q.Topics) > 0 && !slices.Contains(q.Topics, e.Topic) {
				continue
			}
			page.Entries = append(page.Entries, e)
			if len(page.Entries) == q.Limit {
				page.Next = e.Position
				break
			}
		}
		return page, nil
	}
}

func TestEventsList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args, stdout, stderr string
		status               int
	}{
		{
			"events list --limit 1", "POSITION  AT                    ORDER  FULFILLMENT ORDER  WHAT  BY        STATE           TOPIC                              WHY\n" +
				"1         2026-11-27 12:00:00Z  1001   4711               held  MERCHANT  OPEN → ON_HOLD  fulfillment_orders/placed_on_hold  A look at it\n",
			"there are more: packhorse events list --limit 1 --after 1\n", statusDone,
		},
		{"events list --after 2", "status changed  MERCHANT  OPEN → ON_HOLD  -", "", statusDone},
		{"events list --after newest", "POSITION", "no events\n", statusDone},
		{"events list --after newest -o json", "{\n  \"items\": []\n}\n", "", statusDone},
		{"events list --order #1001 --topic fulfillment_orders/moved", "POSITION", "no events\n", statusDone},
		{"events list --topic FULFILLMENT_ORDERS_PLACED_ON_HOLD --limit 1", "1         2026", "--after 1\n", statusDone},
		{"events list --topic orders/edited,fulfillment_orders/placed_on_hold", "2         2026", "", statusDone},
		{"events list --limit 2 -o json", `"next": "2"`, "", statusDone},
		{"events list --limit 2 -o json", `"orderId": "1001"`, "", statusDone},
		{"events list --after 9", "", "Position 9 was never reached: the newest event has 3.", statusFailed},
		{"events list --after -1", "", "a position is a whole number from 0, or newest", statusUsage},
		{"events list --topic moved", "", "it is none of fulfillment_orders/fulfillment_request_submitted, ", statusUsage},
		{"events list --order 7", "", `There is no order "7".`, statusFailed},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			f := lantern()
			f.feed = told(t, 3)
			status, stdout, stderr := call(t, f, "", strings.Fields(test.args)...)
			if status != test.status || !strings.Contains(stdout, test.stdout) ||
				!strings.Contains(stderr, test.stderr) {
				t.Errorf("status %d, said\n%s and %q; want\n%s and %q", status, stdout, stderr, test.stdout,
					test.stderr)
			}
		})
	}
}

// TestEventsFollow: what is there is shown, then what comes, also after the database was away; Ctrl-C says how to go
// on.
func TestEventsFollow(t *testing.T) {
	t.Parallel()
	follow := func(t *testing.T, f *fakeBackend, args ...string) (stdout, stderr string) {
		t.Helper()
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		away := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		first, rest, looks := told(t, 2), told(t, 5), 0
		f.feed = func(q postgres.FeedQuery) (postgres.FeedPage, error) {
			switch looks++; {
			case looks < 3 || looks == 4:
				return postgres.FeedPage{}, fmt.Errorf("read the feed: %w", away)
			case q.After < 2:
				return first(q)
			}
			return rest(q)
		}
		f.await = func(ctx context.Context, after int64) (int64, error) {
			if after == 5 {
				interrupt()
				<-ctx.Done()
				return 5, ctx.Err()
			}
			return 5, nil
		}
		var out, errOut bytes.Buffer
		a := newApp(strings.NewReader(""), &out, &errOut)
		a.now, a.zone, a.backend = func() time.Time { return noon }, time.UTC, f.asBackend()
		if status := a.run(ctx, append([]string{"events", "follow"}, args...)); status != statusDone {
			t.Errorf("status %d", status)
		}
		return out.String(), errOut.String()
	}
	const waited = "packhorse: waiting, the database does not answer: read the feed: dial: connection refused\n" +
		"packhorse: going on\n"
	synctest.Test(t, func(t *testing.T) {
		stdout, stderr := follow(t, lantern())
		var positions []string
		for _, line := range strings.Split(strings.TrimSpace(stdout), "\n") {
			positions = append(positions, strings.Fields(line)[0])
		}
		if !slices.Equal(positions, []string{"POSITION", "1", "2", "3", "4", "5"}) {
			t.Errorf("it showed\n%s", stdout)
		}
		if want := waited + waited + "to go on: packhorse events follow --after 5\n"; stderr != want {
			t.Errorf("it said\n%swant\n%s", stderr, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		stdout, stderr := follow(t, lantern(), "--after", "0", "--order", "#1001", "-o", "json")
		decoder := json.NewDecoder(strings.NewReader(stdout))
		n := int64(0)
		for n = 0; ; n++ {
			var e feed.Entry
			if err := decoder.Decode(&e); err == io.EOF {
				break
			} else if err != nil || e.Position != n+1 {
				t.Fatalf("event %d is %+v, %v", n+1, e, err)
			}
		}
		if n != 5 || strings.Count(stdout, "\n") != 5 {
			t.Errorf("it showed %d events in\n%s", n, stdout)
		}
		if !strings.HasSuffix(stderr, "to go on: packhorse events follow --order '#1001' -o json --after 5\n") {
			t.Errorf("it said\n%s", stderr)
		}
	})
}

// TestEventsFollowSaysThatNobodyGivesPositions: silence may have a reason.
func TestEventsFollowSaysThatNobodyGivesPositions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := lantern()
		f.feed, f.withoutPosition = told(t, 1), 3
		f.await = func(ctx context.Context, after int64) (int64, error) {
			<-ctx.Done()
			return after, ctx.Err()
		}
		ctx, interrupt := context.WithTimeout(t.Context(), 3*followSilence)
		defer interrupt()
		var out, errOut bytes.Buffer
		a := newApp(strings.NewReader(""), &out, &errOut)
		a.backend = f.asBackend()
		status := a.run(ctx, []string{"events", "follow"})
		const want = "packhorse: waiting, events have no positions yet: a worker gives them; none runs, or it says why not\n" +
			"to go on: packhorse events follow --after 1\n"
		if status != statusDone || errOut.String() != want {
			t.Errorf("status %d, said %q, want %q", status, errOut.String(), want)
		}
	})
}

// TestEventsFollowEndsWhereItCanNotGoOn: what does not pass by waiting is told.
func TestEventsFollowEndsWhereItCanNotGoOn(t *testing.T) {
	t.Parallel()
	f := lantern()
	f.feed = told(t, 1)
	status, _, stderr := call(t, f, "", "events", "follow", "--after", "7")
	if status != statusFailed || !strings.Contains(stderr, "Position 7 was never reached") {
		t.Errorf("status %d, said %q", status, stderr)
	}
}

// TestReturnEventRow: an event of a return is shown with its number and with what it became.
func TestReturnEventRow(t *testing.T) {
	t.Parallel()
	row := (&app{zone: time.UTC}).eventRow(feed.Entry{
		Position: 7, OrderID: 1001, ReturnID: 4713, Kind: string(returns.KindClosed), Topic: returns.TopicClose,
		Before: []byte(`{"status":"OPEN"}`), After: []byte(`{"status":"CLOSED"}`), Reason: "The return was closed.",
	})
	want := []string{
		"1001", "return 4713", "closed", "OPERATOR", "OPEN → CLOSED", returns.TopicClose, "The return was closed.",
	}
	if !slices.Equal(row[2:], want) {
		t.Errorf("it is shown as %q, want %q", row[2:], want)
	}
}
