package postgres

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
)

// blocker keeps others waiting until it is released.
type blocker struct {
	b    *book
	conn *pgx.Conn
}

// block takes locks in a transaction of its own.
func (b *book) block(sql string, args ...any) blocker {
	b.t.Helper()
	conn := devstacktest.Connect(b.t, b.url)
	for _, statement := range []struct {
		sql  string
		args []any
	}{{"begin", nil}, {sql, args}} {
		if _, err := conn.Exec(b.t.Context(), statement.sql, statement.args...); err != nil {
			b.t.Fatal(err)
		}
	}
	return blocker{b, conn}
}

// release waits until somebody waits, lets them go on, and tells when that was, by the database's clock. Those that are
// done did not wait. It asks for locks: pg_stat_activity shows a transaction only those who were there when it first
// looked.
func (l blocker) release(t *testing.T, done <-chan error) (at time.Time) {
	t.Helper()
	for n := 0; n == 0; {
		select {
		case err := <-done:
			t.Fatalf("it is done and has waited for nothing: %v", err)
		default:
		}
		if err := l.conn.QueryRow(
			t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))`,
		).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.conn.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&at); err != nil {
		t.Fatal(err)
	}
	if _, err := l.conn.Exec(t.Context(), "commit"); err != nil {
		t.Fatal(err)
	}
	return at
}

// A commit that had to wait for something appears when it can be seen, and not in the past: whoever asks for what was
// updated since they asked last finds it.
func TestUpdatedIsTheTimeOfTheCommit(t *testing.T) {
	t.Parallel()
	ship := func(b *book, fo *fulfillment.FulfillmentOrder) func(*Store) error {
		c := b.decide(fo, &fulfillment.CreateFulfillment{})
		return func(s *Store) error { _, err := s.Commit(b.t.Context(), c); return err }
	}
	for name, lock := range map[string]string{
		"order":             `SELECT FROM orders FOR UPDATE`,
		"fulfillment_order": `SELECT FROM fulfillment_orders FOR UPDATE`,
		"table_of_orders":   `LOCK TABLE orders IN SHARE MODE`,
		"table_of_history":  `LOCK TABLE transitions IN SHARE MODE`,
		"outbox":            `LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE`,
		"events":            `LOCK TABLE fulfillment_line_items IN SHARE MODE`,
	} {
		t.Run("waits_for_"+name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			order, fos := b.create(merchant)
			done := make(chan error, 1)
			held := b.block(lock)
			go func() { done <- ship(b, fos[0])(b.Store) }()
			released := held.release(t, done)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			fo := b.stored(fos[0].ID)
			record, err := b.Order(t.Context(), order.ID)
			if err != nil {
				t.Fatal(err)
			}
			for what, at := range map[string]time.Time{
				"fulfillment order": fo.Updated(), "fulfillment": fo.Fulfillments[0].Updated(),
				"fulfillment's creation": fo.Fulfillments[0].Created(), "order": record.UpdatedAt,
			} {
				if at.Before(released) {
					t.Errorf("%s: %v, and nobody could see it before %v", what, at, released)
				}
			}
			if !fo.UpdatedAt.Equal(b.now) || fo.Updated().Equal(fo.UpdatedAt) || !fo.Created().Before(released) {
				t.Errorf("decided at %v (want %v), made at %v", fo.UpdatedAt, b.now, fo.Created())
			}
		})
	}

	t.Run("waits_for_another_order_of_a_joint_commit", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, one := b.create(merchant)
		_, two := b.create(merchant)
		_, c := b.jointly(splitEach("split", one[0], two[0]))
		done := make(chan error, 1)
		held := b.block(`SELECT FROM orders WHERE id = $1 FOR UPDATE`, max(one[0].OrderID, two[0].OrderID))
		go func() { done <- b.CommitJointly(t.Context(), c) }()
		released := held.release(t, done)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		for _, state := range c.States {
			fo := b.stored(state.ID)
			if fo.Updated().Before(released) || fo.Sequence == 1 && fo.Created().Before(released) {
				t.Errorf("%d: made at %v, changed at %v, and nobody could see it before %v",
					fo.ID, fo.Created(), fo.Updated(), released)
			}
		}
	})

	t.Run("waits_to_be_created", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o := b.order()
		fos, transitions := b.plan(o, merchant)
		done := make(chan error, 1)
		held := b.block(`LOCK TABLE outbox IN SHARE MODE`)
		go func() {
			_, err := b.CreateOrder(t.Context(), o, fos, transitions)
			done <- err
		}()
		released := held.release(t, done)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		fo := b.stored(fos[0].ID)
		record, err := b.Order(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		for what, at := range map[string][2]time.Time{
			"order":             {record.CreatedAt, record.UpdatedAt},
			"fulfillment order": {fo.Created(), fo.Updated()},
		} {
			if at[0].Before(released) || !at[0].Equal(at[1]) {
				t.Errorf("%s: made at %v, changed at %v, seen after %v", what, at[0], at[1], released)
			}
		}
	})

	t.Run("a_repeated_commit_keeps_the_first_one's", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		again := ship(b, fos[0])
		if err := again(b.Store); err != nil {
			t.Fatal(err)
		}
		first := b.stored(fos[0].ID)
		if err := again(b.Store); err != nil {
			t.Fatal(err)
		}
		if second := b.stored(fos[0].ID); !second.Updated().Equal(first.Updated()) {
			t.Errorf("changed at %v by a repetition, first at %v", second.Updated(), first.Updated())
		}
	})
}

// TestPollerMissesNothing follows updated_at with an overlap of 200 ms while one fulfillment order after the other is
// committed late, each by more than that. What it has seen in the end is everything.
func TestPollerMissesNothing(t *testing.T) {
	t.Parallel()
	const overlap, late = 200 * time.Millisecond, 600 * time.Millisecond
	b := newBook(t)
	seen := map[fulfillment.ID]int64{} // the versions
	var watermark time.Time
	poll := func() {
		t.Helper()
		list := FulfillmentOrderList{IncludeClosed: true, Window: Window{Sort: SortUpdatedAt, First: 100}}
		if !watermark.IsZero() {
			list.Search = searched(t, FulfillmentOrderSearch, fmt.Sprintf(
				"updated_at:>='%s'", watermark.Add(-overlap).Format(time.RFC3339Nano),
			))
		}
		got, err := b.ListFulfillmentOrders(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		for _, fo := range got.Items {
			seen[fo.ID] = fo.Sequence
			if fo.Updated().After(watermark) {
				watermark = fo.Updated()
			}
		}
	}
	var all []*fulfillment.FulfillmentOrder
	for range 6 {
		_, fos := b.create(merchant)
		all = append(all, fos...)
	}
	for i := range 3 {
		slow, quick := all[2*i], all[2*i+1]
		table := []string{"orders", "fulfillment_orders", "fulfillment_orders"}[i]
		held := b.block(fmt.Sprintf(`SELECT FROM %s WHERE id = ANY($1) FOR UPDATE`, table),
			[]int64{int64(slow.ID), int64(slow.OrderID)})
		c := b.decide(slow, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
		done := make(chan error, 1)
		go func() { _, err := b.Commit(t.Context(), c); done <- err }()
		for end := time.Now().Add(late); time.Now().Before(end); {
			quick = b.do(quick, &fulfillment.ReportProgress{ReasonNotes: "Picked"})
			poll()
		}
		held.release(t, done)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		all[2*i], all[2*i+1] = c.State, quick
	}
	poll()
	missed := slices.DeleteFunc(all, func(fo *fulfillment.FulfillmentOrder) bool { return seen[fo.ID] == fo.Sequence })
	for _, fo := range missed {
		t.Errorf("%d was seen at version %d; it is at %d", fo.ID, seen[fo.ID], fo.Sequence)
	}
}
