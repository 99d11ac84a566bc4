package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
)

func TestCommit(t *testing.T) {
	t.Parallel()

	t.Run("reads_back_what_was_written", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(service)
		fo := richLife(b, fos[0])
		got, err := b.Load(t.Context(), fo.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fo, got, cmpopts.EquateEmpty(), uncommitted); diff != "" {
			t.Errorf("the snapshot changed on its way (-written +read):\n%s", diff)
		}
		if len(got.Recent) != 5 {
			t.Errorf("%d answers, want 5", len(got.Recent))
		}
	})

	t.Run("costs_two_round_trips", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		fo := b.do(fos[0], &fulfillment.PlaceHold{Meta: id("h"), Reason: fulfillment.HoldOther})
		c := b.decide(fo, &fulfillment.ReleaseHold{Meta: id("r")})
		before := b.calls.trips.Load()
		if _, err := b.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := b.calls.trips.Load() - before; got != 2 {
			t.Errorf("%d round trips, want 2", got)
		}
	})

	t.Run("writes_the_shipments_that_it_changes", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, fos := b.create(merchant)
		line := fos[0].Lines[0].ID
		one := &fulfillment.CreateFulfillment{Lines: units(line, 1)}
		fo := b.do(fos[0], one)
		first := fo.Fulfillments[0].ID
		b.now = b.now.Add(-time.Minute) // Another commit of the same instant.
		fo = b.do(fo, one)
		// News of the one and another one, in the same transaction: only the new one gets a number.
		fo = b.do(fo, &fulfillment.RecordEvent{FulfillmentID: first, Status: fulfillment.EventInTransit}, one)
		statements := b.calls.statements.Load()
		fo = b.do(
			fo, &fulfillment.UpdateTracking{FulfillmentID: first, Tracking: fulfillment.TrackingInput{Number: "1"}},
		)
		withTracking := b.calls.statements.Load() - statements
		written := b.one(`SELECT sum(xmin::text::bigint) FROM fulfillments`)
		b.do(fo, &fulfillment.SetDeadline{FulfillBy: new(b.now.Add(time.Hour))})
		if got := b.calls.statements.Load() - statements - withTracking - 1; got >= withTracking {
			t.Errorf("%d statements without a change to a shipment, %d with one", got, withTracking)
		}
		if got := b.one(`SELECT sum(xmin::text::bigint) FROM fulfillments`); got != written {
			t.Error("shipments were written that nothing has happened to")
		}
		rows, err := b.pool.Query(
			t.Context(),
			`SELECT name || ' ' || display_status || ' ' || coalesce(tracking->0->>'number', '-') FROM fulfillments ORDER BY id`,
		)
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		want := []string{o.Name + "-F1 IN_TRANSIT 1", o.Name + "-F2 FULFILLED -", o.Name + "-F3 FULFILLED -"}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v; shipments (-want +got):\n%s", err, diff)
		}
		if n := b.one(`SELECT count(*) FROM fulfillment_line_items`); n != 3 {
			t.Errorf("%d lines of shipments, want 3", n)
		}
	})

	t.Run("repeated_changes_nothing", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		c := b.decide(fos[0], &fulfillment.Split{Meta: id("split"), Lines: units(fos[0].Lines[1].ID, 1)},
			&fulfillment.CreateFulfillment{Meta: id("ship"), Lines: units(fos[0].Lines[0].ID, 1)})
		for range 3 {
			if _, err := b.Commit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := b.one(`SELECT count(*) FROM transitions`), 1+len(c.Transitions)+
			len(c.SiblingTransitions); got != want {
			t.Errorf("%d transitions, want %d", got, want)
		}
		later := b.do(c.State, &fulfillment.CreateFulfillment{Meta: id("rest")})
		if _, err := b.Commit(t.Context(), c); err != nil { // The first attempt's answer was lost for long.
			t.Fatal(err)
		}
		if got := b.one(
			`SELECT version FROM fulfillment_orders WHERE id = $1`, later.ID,
		); int64(got) != later.Sequence {
			t.Errorf("version %d, want %d", got, later.Sequence)
		}
	})

	t.Run("of_a_zombie_is_refused", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		zombie := b.decide(fos[0], &fulfillment.PlaceHold{Meta: id("zombie"), Reason: fulfillment.HoldOther})
		fo := b.do(fos[0], &fulfillment.ReportProgress{Meta: id("living")})
		if _, err := b.Commit(t.Context(), zombie); !errors.Is(err, fulfillment.ErrStale) {
			t.Errorf("got %v, want fulfillment.ErrStale", err)
		}
		got, err := b.Load(t.Context(), fo.ID)
		if err != nil || got.Status != fulfillment.StatusInProgress || got.Sequence != fo.Sequence {
			t.Errorf("the zombie overwrote the state: %+v, %v", got, err)
		}
	})

	t.Run("refused_then_done", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		refused := fos[0].Refuse(
			&fulfillment.Close{Meta: id("key")}, &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: "no"},
			fulfillment.Env{Now: time.Now()},
		)
		for _, wantEarlier := range []bool{false, true} {
			earlier, err := b.Commit(
				t.Context(), fulfillment.Commit{State: refused.State, Transitions: refused.Transitions},
			)
			if err != nil || earlier != wantEarlier {
				t.Fatalf("got %v, %v; want %v", earlier, err, wantEarlier)
			}
		}
		b.do(refused.State, &fulfillment.PlaceHold{Meta: id("key"), Reason: fulfillment.HoldOther})
	})
	t.Run("that_skips_a_sequence_is_refused", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		ahead := b.decide(b.decide(fos[0], &fulfillment.ReportProgress{}).State, &fulfillment.Open{})
		if _, err := b.Commit(t.Context(), ahead); !errors.Is(err, fulfillment.ErrStale) {
			t.Errorf("got %v, want fulfillment.ErrStale", err)
		}
		gap := b.decide(fos[0], &fulfillment.ReportProgress{}, &fulfillment.Open{})
		gap.Transitions = gap.Transitions[1:]
		gap.Transitions[0].Sequence++
		if _, err := b.Commit(t.Context(), gap); !errors.Is(err, fulfillment.ErrInvalid) {
			t.Errorf("got %v, want fulfillment.ErrInvalid", err)
		}
	})

	t.Run("with_a_command_ID_of_another_command_is_stale", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		fo := b.do(fos[0], &fulfillment.ReportProgress{Meta: id("key")})
		fo.Recent = nil // As if it had been forgotten.
		if _, err := b.Commit(
			t.Context(), b.decide(fo, &fulfillment.Open{Meta: id("key")}),
		); !errors.Is(err, fulfillment.ErrStale) {
			t.Errorf("got %v, want fulfillment.ErrStale", err)
		}
		if got := b.one(`SELECT count(*) FROM transitions WHERE fulfillment_order_id = $1`, fo.ID); got != 2 {
			t.Errorf("%d transitions, want 2", got)
		}
	})

	t.Run("writes_siblings_with_their_source", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, fos := b.create(merchant)
		c := b.decide(fos[0], &fulfillment.Split{Meta: id("split"), Lines: units(fos[0].Lines[0].ID, 2)})
		if _, err := b.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		got, err := b.FulfillmentOrdersOf(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := []*fulfillment.FulfillmentOrder{c.State, c.Siblings[0]}
		slices.SortFunc(want, func(a, b *fulfillment.FulfillmentOrder) int { return int(a.ID - b.ID) })
		if diff := cmp.Diff(
			want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(fulfillment.FulfillmentOrder{}, "Recent"), uncommitted,
		); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if got := b.one(`SELECT sum(remaining) FROM fulfillment_order_line_items WHERE order_id = $1`, o.ID); got != 4 {
			t.Errorf("%d units, want 4", got)
		}
	})

	t.Run("removes_lines_that_left", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		fo := b.do(fos[0], &fulfillment.Split{Lines: units(fos[0].Lines[1].ID, 1)})
		if got := b.one(
			`SELECT count(*) FROM fulfillment_order_line_items WHERE fulfillment_order_id = $1`, fo.ID,
		); got != len(fo.Lines) {
			t.Errorf("%d lines stored, the state has %d", got, len(fo.Lines))
		}
	})

	t.Run("with_the_ID_of_another_fulfillment_order_is_refused", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, first := b.create(merchant)
		_, second := b.create(merchant)
		c := b.decide(first[0], &fulfillment.Split{Lines: units(first[0].Lines[0].ID, 1)})
		c.Siblings[0].ID = second[0].ID
		c.SiblingTransitions[0].FulfillmentOrderID = second[0].ID
		if _, err := b.Commit(t.Context(), c); !errors.Is(err, fulfillment.ErrIDTaken) {
			t.Errorf("got %v, want fulfillment.ErrIDTaken", err)
		}
		mine := b.decide(first[0], &fulfillment.CreateFulfillment{})
		if _, err := b.Commit(t.Context(), mine); err != nil {
			t.Fatal(err)
		}
		theirs := b.decide(second[0], &fulfillment.CreateFulfillment{})
		theirs.State.Fulfillments[0].ID = mine.State.Fulfillments[0].ID
		if _, err := b.Commit(t.Context(), theirs); !errors.Is(err, fulfillment.ErrIDTaken) {
			t.Errorf("got %v, want fulfillment.ErrIDTaken", err)
		}
	})

	t.Run("with_impossible_quantities_is_refused_whole", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		for name, spoil := range map[string]func(*fulfillment.FulfillmentOrder){
			"negative":        func(fo *fulfillment.FulfillmentOrder) { fo.Lines[0].Remaining = -1 },
			"more_than_total": func(fo *fulfillment.FulfillmentOrder) { fo.Lines[0].Remaining = 4 },
			"unknown_status":  func(fo *fulfillment.FulfillmentOrder) { fo.Status = "LOST" },
			"unknown_line": func(fo *fulfillment.FulfillmentOrder) {
				fo.Lines[0].ID, fo.Lines[0].LineItemID = 98, 99
			},
		} {
			c := b.decide(fos[0], &fulfillment.ReportProgress{})
			spoil(c.State)
			if _, err := b.Commit(t.Context(), c); !errors.Is(err, fulfillment.ErrInvalid) {
				t.Errorf("%s: got %v, want fulfillment.ErrInvalid", name, err)
			}
		}
		if got := b.one(`SELECT count(*) FROM transitions`); got != 1 {
			t.Errorf("%d transitions, want that of the creation only", got)
		}
	})

	t.Run("without_the_order_is_not_found", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o := b.order()
		fos, transitions := b.plan(o, merchant)
		if _, err := b.Commit(
			t.Context(), fulfillment.Commit{State: fos[0], Transitions: transitions},
		); !errors.Is(err, fulfillment.ErrNotFound) {
			t.Errorf("got %v, want fulfillment.ErrNotFound", err)
		}
	})

	t.Run("takes_text_that_PostgreSQL_does_not", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		hold := &fulfillment.PlaceHold{Meta: id("odd"), Reason: fulfillment.HoldOther, ReasonNotes: "ab\xff\\u0000"}
		c := fulfillment.Commit{}
		d, err := fos[0].Decide(hold, b.env())
		if err != nil {
			t.Fatal(err)
		}
		c.State, c.Transitions = d.State, d.Transitions
		for range 2 {
			if _, err := b.Commit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		fo, err := b.Load(t.Context(), fos[0].ID)
		if err != nil || fo.Holds[0].ReasonNotes != "ab\uFFFD\\u0000" {
			t.Errorf("notes %q, %v", fo.Holds[0].ReasonNotes, err)
		}
		if answers, err := b.Answers(t.Context(), fo.ID, []string{"odd"}); err != nil || len(answers) != 1 {
			t.Errorf("%d answers, %v; want 1", len(answers), err)
		}
	})

	t.Run("that_is_cancelled_leaves_nothing", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		c := b.decide(fos[0], &fulfillment.ReportProgress{})
		tx, err := b.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `SELECT FROM orders FOR UPDATE`); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if _, err := b.Commit(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Commit(t.Context(), c); err != nil {
			t.Errorf("after the lock is gone: %v", err)
		}
	})
}

// The commits of one order's fulfillment orders see each other's units, whatever their order: the last one to commit
// makes the order fulfilled.
// TestCommitWithoutLines is the life after a cancellation: all lines went to the replacement.
func TestCommitWithoutLines(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(service)
	fo := b.do(fos[0], &fulfillment.Cancel{Meta: id("cancel")})
	if len(fo.Lines) != 0 {
		t.Fatalf("a cancelled one has the lines %v", fo.Lines)
	}
	by := time.Now().Add(time.Hour)
	b.do(fo, &fulfillment.SetDeadline{Meta: id("deadline"), FulfillBy: &by})
}

func TestConcurrentCommitsOfOneOrder(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for range 10 {
		o, fos := b.create(merchant, service)
		commits := make([]fulfillment.Commit, len(fos))
		for i, fo := range fos {
			commits[i] = b.decide(fo, &fulfillment.CreateFulfillment{Meta: id("ship")})
		}
		var group errgroup.Group
		for _, c := range commits {
			for range 2 { // Each is sent twice, as by a retry whose first attempt is still running.
				group.Go(func() error { _, err := b.Commit(t.Context(), c); return err })
			}
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		record, err := b.Order(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		if record.DisplayFulfillmentStatus != fulfillment.OrderFulfilled {
			t.Fatalf("the order is %s, want FULFILLED", record.DisplayFulfillmentStatus)
		}
		var path []fulfillment.OrderDisplayStatus
		for _, tr := range record.Transitions {
			path = append(path, tr.After.Display)
		}
		want := []fulfillment.OrderDisplayStatus{
			fulfillment.OrderUnfulfilled, fulfillment.OrderPartiallyFulfilled, fulfillment.OrderFulfilled,
		}
		if diff := cmp.Diff(want, path); diff != "" {
			t.Errorf("the order's statuses (-want +got):\n%s", diff)
		}
	}
}

// Of several writers with different commands for the same state, exactly one wins.
func TestConcurrentWritersOfOneFulfillmentOrder(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(merchant)
	results := make(chan error, 6)
	for i := range cap(results) {
		c := b.decide(fos[0], &fulfillment.PlaceHold{Meta: id(fmt.Sprint("hold-", i)), Reason: fulfillment.HoldOther})
		go func() { _, err := b.Commit(t.Context(), c); results <- err }()
	}
	won := 0
	for range cap(results) {
		switch err := <-results; {
		case err == nil:
			won++
		case !errors.Is(err, fulfillment.ErrStale):
			t.Errorf("got %v, want fulfillment.ErrStale", err)
		}
	}
	if won != 1 {
		t.Errorf("%d writers won, want 1", won)
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant)
	fo := b.do(
		fos[0], &fulfillment.PlaceHold{Meta: id("h"), Reason: fulfillment.HoldOther},
		&fulfillment.ReleaseHold{Meta: id("r")},
	)
	fo = b.do(fo, &fulfillment.SetDeadline{Meta: id("d"), FulfillBy: new(b.now.Add(time.Hour))})
	fo = b.do(fo, &fulfillment.CreateFulfillment{Meta: id("s"), Lines: units(fo.Lines[0].ID, 1)})
	fo = b.do(fo, &fulfillment.CreateFulfillment{Meta: id("t")})
	for range 2 { // The second time, there is nothing to tell.
		if err := b.CancelOrder(t.Context(), o.ID, b.now, "gone", "c", fulfillment.Actor{}); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := b.pool.Query(t.Context(), `
SELECT concat_ws(' ', sequence || '.' || position, topic, CASE WHEN fulfillment_order_id IS NULL THEN 'order' END),
	payload
FROM outbox WHERE order_id = $1 ORDER BY id`, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	shipped := map[string]bool{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (none struct{}, err error) {
		var line string
		var e struct {
			fulfillment.Event
			Details struct{ Fulfillment *struct{ Name string } } `json:"details"`
		}
		err = row.Scan(&line, &e)
		told = append(told, line)
		if at := strings.Fields(line)[0]; at != fmt.Sprintf("%d.%d", e.Sequence, e.Position) ||
			!strings.Contains(line, e.Topic) {
			t.Errorf("%q has the payload %+v", line, e)
		}
		if f := e.Details.Fulfillment; f != nil {
			shipped[f.Name] = true
		}
		return none, err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1.0 orders/create order", "1.0 fulfillment_orders/order_routing_complete",
		"2.0 fulfillment_holds/added", "2.1 fulfillment_orders/placed_on_hold",
		"3.0 fulfillment_holds/released", "3.1 fulfillment_orders/hold_released",
		"4.0 ", // Nobody's topic, and told all the same.
		"5.0 fulfillments/create", "2.0 orders/updated order", "2.1 orders/partially_fulfilled order",
		"6.0 fulfillments/create", "3.0 orders/updated order", "3.1 orders/fulfilled order",
		"4.0 orders/cancelled order", "4.1 orders/updated order",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	if !shipped[o.Name+"-F1"] || !shipped[o.Name+"-F2"] { // As the store numbers them.
		t.Errorf("the shipments are told of as %v", shipped)
	}
	if fo.Sequence != 6 {
		t.Errorf("the last sequence is %d", fo.Sequence)
	}
}

// richLife is a fulfillment order with something of everything.
func richLife(b *book, fo *fulfillment.FulfillmentOrder) *fulfillment.FulfillmentOrder {
	by := fulfillment.Actor{Role: fulfillment.RoleService, App: "ship-co", ServiceID: service.ServiceID}
	later, latitude := b.now.Add(48*time.Hour+123456789), 52.520008
	fo = b.do(
		fo, &fulfillment.SubmitFulfillmentRequest{Meta: id("1"), Message: "Please — „schnell“", NotifyCustomer: true},
	)
	fo = b.do(
		fo,
		&fulfillment.AcceptFulfillmentRequest{
			Meta: fulfillment.Meta{CommandID: "2", Actor: by}, EstimatedShippedAt: &later,
		},
	)
	fo = b.do(fo, &fulfillment.SetDeadline{Meta: id("3"), FulfillBy: &later})
	fo = b.do(fo, &fulfillment.CreateFulfillment{Meta: id("4"), Lines: units(fo.Lines[0].ID, 2),
		Tracking:      &fulfillment.TrackingInput{Company: "DHL", Numbers: []string{"JD0001", "JD0002"}},
		OriginAddress: &fulfillment.OriginAddress{CountryCode: "DE"}, Message: "fragile"})
	return b.do(fo, &fulfillment.RecordEvent{Meta: id("5"), FulfillmentID: fo.Fulfillments[0].ID,
		Status: fulfillment.EventInTransit, EstimatedDeliveryAt: &later, City: "Köln", Latitude: &latitude})
}

func units(id fulfillment.ID, quantity int) []fulfillment.Quantity {
	return []fulfillment.Quantity{{ID: id, Quantity: quantity}}
}

// TestCommitOfAnEarlierLife: an order that was lost with the database and sent again has fulfillment orders with the
// IDs of before. What a worker decides that knows the one of before is stale, whatever its version.
func TestCommitOfAnEarlierLife(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	order, fos := b.create(merchant)
	late := b.decide(fos[0], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	b.exec(`UPDATE fulfillment_orders SET snapshot = jsonb_set(snapshot, '{createdAt}', '"2026-03-04T07:00:00.5Z"')
		WHERE order_id = $1`, order.ID)
	if _, err := b.Commit(t.Context(), late); !errors.Is(err, fulfillment.ErrStale) {
		t.Errorf("got %v, want %v", err, fulfillment.ErrStale)
	}
	again := b.stored(fos[0].ID)
	b.do(again, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
}
