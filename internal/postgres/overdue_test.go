package postgres

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

func TestOverdue(t *testing.T) {
	t.Parallel()
	list := func(t *testing.T, b *book, before time.Time) (ids []fulfillment.ID) {
		t.Helper()
		var last Overdue
		for {
			page, err := b.Overdue(t.Context(), before, last)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range page {
				ids = append(ids, o.ID)
			}
			if len(page) < OverdueLimit {
				return ids
			}
			last = page[len(page)-1]
		}
	}

	t.Run("lists_what_commits_left_due", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant, merchant)
		b.create(merchant) // Nothing is due of it.
		late, early := testStart.Add(48*time.Hour), testStart.Add(24*time.Hour)
		one := b.do(fos[0], &fulfillment.SetDeadline{FulfillBy: &late})
		two := b.do(fos[1], &fulfillment.SetDeadline{FulfillBy: &early})
		if got := list(t, b, early); len(got) > 0 {
			t.Errorf("before anything is due: %v", got)
		}
		if got := list(t, b, late.Add(time.Second)); !slices.Equal(got, []fulfillment.ID{two.ID, one.ID}) {
			t.Errorf("overdue %v, want %d, then %d", got, two.ID, one.ID)
		}
		page, err := b.Overdue(t.Context(), late, Overdue{})
		if want := []Overdue{{two.ID, two.Sequence, early}}; err != nil || !cmp.Equal(page, want) {
			t.Errorf("overdue %+v, %v; want %+v", page, err, want)
		}
		b.do(two, &fulfillment.SetDeadline{})
		if got := list(t, b, late); len(got) > 0 {
			t.Errorf("overdue %v after the deadline was taken away", got)
		}
	})

	t.Run("lists_new_orders", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o := b.order()
		at := testStart.Add(24 * time.Hour)
		scheduled := fulfillment.Assignment{Location: merchant, FulfillAt: &at}
		for _, l := range o.LineItems {
			scheduled.Lines = append(scheduled.Lines, fulfillment.Quantity{ID: l.ID, Quantity: l.Quantity})
		}
		fos, transitions, err := fulfillment.NewFulfillmentOrders(o, []fulfillment.Assignment{scheduled}, b.env())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
			t.Fatal(err)
		}
		if got := list(t, b, at.Add(time.Second)); !slices.Equal(got, []fulfillment.ID{fos[0].ID}) {
			t.Errorf("overdue %v, want %d", got, fos[0].ID)
		}
	})

	t.Run("leads_from_page_to_page", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		// Copies of it, many of them due at the same time.
		if _, err := b.pool.Exec(t.Context(), `
INSERT INTO fulfillment_orders (id, order_id, order_name, status, request_status, location_id, location_name,
	delivery_method, total,
	remaining, version, snapshot, created_at, updated_at, due_at)
SELECT i, order_id, order_name, status, request_status, location_id, location_name, delivery_method, total, remaining,
	version, snapshot,
	created_at, updated_at, created_at + i / 150 * interval '1 second'
FROM fulfillment_orders, generate_series(1, 450) i WHERE id = $1`, fos[0].ID); err != nil {
			t.Fatal(err)
		}
		var want []fulfillment.ID
		for i := range 450 {
			want = append(want, fulfillment.ID(i+1))
		}
		if got := list(t, b, time.Now().Add(time.Hour)); !slices.Equal(got, want) {
			t.Errorf("%d in pages, want %d, each once and in order", len(got), len(want))
		}
	})
}

func TestSetDueAt(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(merchant)
	at := testStart
	due := func() int { return b.one(`SELECT count(*) FROM fulfillment_orders WHERE due_at = $1`, at) }
	for _, step := range []struct {
		version int64
		at      *time.Time
		want    int
	}{{1, &at, 1}, {2, nil, 1}, {1, nil, 0}} {
		if err := b.SetDueAt(t.Context(), fos[0].ID, step.version, step.at); err != nil {
			t.Fatal(err)
		}
		if got := due(); got != step.want {
			t.Errorf("after %v at version %d: %d due then, want %d", step.at, step.version, got, step.want)
		}
	}
}

// TestDueAtOfOlderRows migrates a database in which nobody wrote down what is due.
func TestDueAtOfOlderRows(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, open := b.create(merchant)
	_, over := b.create(merchant)
	delivered := b.do(over[0], &fulfillment.CreateFulfillment{})
	delivered = b.do(
		delivered,
		&fulfillment.RecordEvent{FulfillmentID: delivered.Fulfillments[0].ID, Status: fulfillment.EventDelivered},
	)
	_, sent := b.create(merchant)
	onItsWay := b.do(sent[0], &fulfillment.CreateFulfillment{})
	script, err := embedded.ReadFile("migrations/00007_due_at.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.pool.Exec(t.Context(), `ALTER TABLE fulfillment_orders DROP COLUMN due_at`); err != nil {
		t.Fatal(err)
	}
	up, _, _ := strings.Cut(string(script), "-- +goose Down")
	if _, err := b.pool.Exec(t.Context(), up); err != nil {
		t.Fatal(err)
	}
	overdue, err := b.open(Options{}).Overdue(t.Context(), time.Now().Add(time.Hour), Overdue{})
	if err != nil {
		t.Fatal(err)
	}
	if len(overdue) != 2 || overdue[0].ID != open[0].ID || overdue[1].ID != onItsWay.ID {
		t.Errorf("overdue %+v; want %d and %d, and not %d", overdue, open[0].ID, onItsWay.ID, delivered.ID)
	}
}

func TestTryWatch(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	try := func(s *Store) *Exclusive {
		t.Helper()
		right, err := s.TryWatch(t.Context(), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return right
	}
	other := b.open(Options{MaxConns: 1})
	right := try(other)
	if right == nil {
		t.Fatal("nobody has it, and it was not given")
	}
	if err := other.Ping(t.Context()); err != nil { // Its only connection is not the one that was given away.
		t.Error(err)
	}
	if try(b.Store) != nil || try(other) != nil {
		t.Error("two have it")
	}
	if err := right.Check(t.Context()); err != nil {
		t.Error(err)
	}
	right.Release()
	if right = try(b.Store); right == nil {
		t.Fatal("it was given up, and not given again")
	}
	// The server ends the connection of one that hangs.
	if _, err := b.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE locktype =
		'advisory'
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); err != nil {
		t.Fatal(err)
	}
	if right.Check(t.Context()) == nil {
		t.Error("it is gone, and nobody noticed")
	}
	right.Release()
	short, err := b.TryWatch(t.Context(), 50*time.Millisecond)
	if err != nil || short == nil {
		t.Fatalf("got %v, %v", short, err)
	}
	defer short.Release()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		right, err := b.TryWatch(ctx, time.Minute)
		if err != nil {
			t.Fatalf("it was never taken away: %v", err)
		}
		if right != nil {
			right.Release()
			return
		}
	}
}
