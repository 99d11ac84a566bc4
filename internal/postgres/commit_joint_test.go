package postgres

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
)

// jointly decides a joint command on what the store has.
func (b *book) jointly(cmd fulfillment.Joint) (*fulfillment.JointDecision, fulfillment.JointCommit) {
	b.t.Helper()
	states, err := b.JointStates(b.t.Context(), cmd.Named(), cmd.Envelope().CommandID)
	if err != nil {
		b.t.Fatal(err)
	}
	d, err := fulfillment.DecideJointly(cmd, states, b.env())
	if err != nil {
		b.t.Fatalf("%s: %v", cmd.Verb(), err)
	}
	return d, d.Commit()
}

func splitEach(commandID string, fos ...*fulfillment.FulfillmentOrder) *fulfillment.SplitEach {
	cmd := &fulfillment.SplitEach{Meta: id(commandID)}
	for _, fo := range fos {
		cmd.Splits = append(
			cmd.Splits, fulfillment.SplitInput{FulfillmentOrderID: fo.ID, Lines: units(fo.Lines[0].ID, 1)},
		)
	}
	return cmd
}

func TestCommitJointly(t *testing.T) {
	t.Parallel()

	t.Run("costs_two_round_trips_however_many_orders", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, one := b.create(merchant)
		_, two := b.create(merchant)
		_, c := b.jointly(splitEach("first", one[0], two[0]))
		if err := b.CommitJointly(t.Context(), c); err != nil { // All statements are prepared now.
			t.Fatal(err)
		}
		_, c = b.jointly(splitEach("second", one[0], two[0]))
		before := b.calls.trips.Load()
		if err := b.CommitJointly(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := b.calls.trips.Load() - before; got != 2 {
			t.Errorf("%d round trips, want 2", got)
		}
	})

	t.Run("repeated_changes_nothing", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, one := b.create(merchant)
		_, two := b.create(merchant)
		d, c := b.jointly(splitEach("split", one[0], two[0]))
		for range 3 {
			if err := b.CommitJointly(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := b.one(`SELECT count(*) FROM transitions`), 2+len(c.Transitions); got != want {
			t.Errorf("%d transitions, want %d", got, want)
		}
		again, _ := b.jointly(splitEach("split", one[0], two[0]))
		if !again.Repeated || !slices.Equal(again.Results, d.Results) {
			t.Errorf("sent again, it gives %+v, the first time %+v", again, d)
		}
	})

	t.Run("is_all_or_nothing", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, one := b.create(merchant)
		_, two := b.create(merchant)
		_, c := b.jointly(splitEach("split", one[0], two[0]))
		b.do(two[0], &fulfillment.ReportProgress{})
		if err := b.CommitJointly(t.Context(), c); !errors.Is(err, fulfillment.ErrStale) {
			t.Errorf("got %v, want fulfillment.ErrStale", err)
		}
		if got := b.one(`SELECT count(*) FROM transitions`); got != 3 {
			t.Errorf("%d transitions, want 3: nothing of the joint command", got)
		}
	})

	t.Run("with_an_ID_that_is_taken", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, one := b.create(merchant)
		_, two := b.create(merchant)
		states, err := b.JointStates(t.Context(), []fulfillment.ID{one[0].ID}, "")
		if err != nil {
			t.Fatal(err)
		}
		d, err := fulfillment.DecideJointly(
			splitEach("split", one[0]), states, fulfillment.Env{Now: b.now, IDs: fulfillment.NewIDs(two[0].ID)},
		)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.CommitJointly(t.Context(), d.Commit()); !errors.Is(err, fulfillment.ErrIDTaken) {
			t.Errorf("got %v, want fulfillment.ErrIDTaken", err)
		}
	})

	t.Run("in_both_directions_at_once", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, one := b.create(merchant)
		_, two := b.create(merchant)
		for range 10 {
			_, c := b.jointly(
				&fulfillment.SetDeadlines{
					FulfillmentOrderIDs: []fulfillment.ID{one[0].ID, two[0].ID}, FulfillBy: &b.now,
				},
			)
			turned := fulfillment.JointCommit{States: slices.Clone(c.States), Transitions: slices.Clone(c.Transitions)}
			slices.Reverse(turned.States)
			slices.Reverse(turned.Transitions)
			var group errgroup.Group
			for _, c := range []fulfillment.JointCommit{c, turned, c, turned} {
				group.Go(func() error { return b.CommitJointly(t.Context(), c) })
			}
			if err := group.Wait(); err != nil { // The same transitions: one writes them, to the others it is a retry.
				t.Fatal(err)
			}
		}
		if got := b.one(`SELECT sum(version) FROM fulfillment_orders`); got != 22 {
			t.Errorf("versions add up to %d, want 22", got)
		}
	})
}

// TestCommitShipment ships from two fulfillment orders: it is one shipment, which both know by its name.
func TestCommitShipment(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant)
	split, c := b.jointly(splitEach("split", fos[0]))
	if err := b.CommitJointly(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	earlier := b.do(c.States[0], &fulfillment.CreateFulfillment{Lines: units(fos[0].Lines[0].ID, 1)})
	rest := split.Results[0].SiblingID
	d, c := b.jointly(
		&fulfillment.Ship{
			Meta:   id("ship"),
			Groups: []fulfillment.ShipGroup{{FulfillmentOrderID: rest}, {FulfillmentOrderID: earlier.ID}},
		},
	)
	if err := b.CommitJointly(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got := b.one(`SELECT count(*) FROM fulfillments WHERE order_id = $1`, o.ID); got != 2 {
		t.Errorf("%d shipments, want 2: one of the two together", got)
	}
	if got := b.one(
		`SELECT sum(quantity) FROM fulfillment_line_items WHERE fulfillment_id = $1`, d.Results[0].FulfillmentID,
	); got != 3 {
		t.Errorf("%d units in it, want 3", got)
	}
	for _, fo := range []fulfillment.ID{rest, earlier.ID} {
		loaded, err := b.Load(t.Context(), fo)
		if err != nil {
			t.Fatal(err)
		}
		last := loaded.Fulfillments[len(loaded.Fulfillments)-1]
		if want := o.Name + "-F2"; last.ID != d.Results[0].FulfillmentID || last.Name != want {
			t.Errorf("fulfillment order %d has shipment %d as %q, want %q", fo, last.ID, last.Name, want)
		}
	}
}

// TestJointStates reads all fulfillment orders of the orders, with what they answered to this command only.
func TestJointStates(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, one := b.create(merchant, service)
	_, two := b.create(merchant)
	b.create(merchant)
	b.do(one[0], &fulfillment.ReportProgress{Meta: id("command")})
	b.do(one[1], &fulfillment.SetDeadline{Meta: id("command/1"), FulfillBy: &b.now})
	b.do(two[0], &fulfillment.ReportProgress{Meta: id("command%1")})
	states, err := b.JointStates(t.Context(), []fulfillment.ID{one[1].ID, two[0].ID, 4711}, "command")
	if err != nil {
		t.Fatal(err)
	}
	answers := map[fulfillment.ID]int{}
	for _, fo := range states {
		answers[fo.ID] = len(fo.Recent)
	}
	if len(states) != 3 || answers[one[0].ID] != 1 || answers[one[1].ID] != 1 || answers[two[0].ID] != 0 {
		t.Errorf("%d states with so many answers: %v", len(states), answers)
	}
	if !slices.IsSortedFunc(states, func(a, b *fulfillment.FulfillmentOrder) int { return int(a.ID - b.ID) }) {
		t.Error("they are not in the order of their IDs")
	}
}
