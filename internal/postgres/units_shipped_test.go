package postgres

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestUnitsShipped: the store refuses shipments beyond the units of an order's line, whoever asks.
func TestUnitsShipped(t *testing.T) {
	t.Parallel()
	ship := func(b *book, fo *fulfillment.FulfillmentOrder, quantity int) error {
		b.t.Helper()
		_, err := b.Commit(
			t.Context(), b.decide(fo, &fulfillment.CreateFulfillment{Lines: units(fo.Lines[0].ID, quantity)}),
		)
		return err
	}
	refused := func(b *book, err error) {
		b.t.Helper()
		if !errors.Is(err, fulfillment.ErrInvalid) || !strings.Contains(err.Error(), "are in shipments") {
			b.t.Errorf("got %v, want that too many units are in shipments", err)
		}
	}
	taken := func(b *book, err error) {
		b.t.Helper()
		if err != nil {
			b.t.Errorf("got %v, want that it is taken", err)
		}
	}
	// forged is a state that says that more remains than the store knows.
	forged := func(fo *fulfillment.FulfillmentOrder, remaining int) *fulfillment.FulfillmentOrder {
		f := *fo
		f.Lines = slices.Clone(fo.Lines)
		f.Lines[0].Total, f.Lines[0].Remaining = remaining, remaining
		f.Fulfillments, f.Status = nil, fulfillment.StatusOpen
		return &f
	}

	t.Run("of_a_forged_state", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		refused(b, ship(b, forged(fos[0], 6), 6))
		fo := b.do(fos[0], &fulfillment.CreateFulfillment{Lines: units(fos[0].Lines[0].ID, 2)})
		refused(b, ship(b, forged(fo, 3), 2))
		if got := b.one(`SELECT sum(quantity) FROM fulfillment_line_items`); got != 2 {
			t.Errorf("%d units are in shipments, want 2", got)
		}
		taken(b, ship(b, fo, 1))
	})

	t.Run("over_two_fulfillment_orders_of_an_order", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		c := b.decide(fos[0], &fulfillment.Split{Lines: units(fos[0].Lines[0].ID, 1)})
		taken(b, errOf(b.Commit(t.Context(), c)))
		taken(b, ship(b, c.Siblings[0], 1))
		refused(b, ship(b, forged(c.State, 3), 3))
		taken(b, ship(b, c.State, 2))
	})

	t.Run("over_several_orders", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, one := b.create(merchant)
		_, two := b.create(merchant)
		_, c := b.jointly(&fulfillment.Ship{Groups: []fulfillment.ShipGroup{{FulfillmentOrderID: one[0].ID}}})
		other := b.decide(
			forged(two[0], 4), &fulfillment.CreateFulfillment{Lines: units(two[0].Lines[0].ID, 4)},
		)
		c.States, c.Transitions = append(c.States, other.State), append(c.Transitions, other.Transitions...)
		refused(b, b.CommitJointly(t.Context(), c))
		if got := b.one(`SELECT count(*) FROM fulfillments`); got != 0 {
			t.Errorf("%d shipments, want none: it is all or nothing", got)
		}
	})

	t.Run("units_of_a_cancelled_shipment_are_shipped_again", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		fo := b.do(fos[0], &fulfillment.CreateFulfillment{Lines: units(fos[0].Lines[0].ID, 3)})
		first := fo.Fulfillments[0].ID
		// Taken back and shipped anew in one transaction.
		fo = b.do(fo, &fulfillment.CancelFulfillment{FulfillmentID: first},
			&fulfillment.CreateFulfillment{Lines: units(fo.Lines[0].ID, 3)})
		_, err := b.pool.Exec(t.Context(), `UPDATE fulfillments SET cancelled_at = NULL WHERE id = $1`, first)
		refused(b, translate(err))
		b.do(fo, &fulfillment.CancelFulfillment{FulfillmentID: fo.Fulfillments[1].ID})
		if _, err := b.pool.Exec(
			t.Context(), `UPDATE fulfillments SET cancelled_at = NULL WHERE id = $1`, first,
		); err != nil {
			t.Errorf("a shipment whose units are free again: %v", err)
		}
	})

	t.Run("follows_edits", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, fos := b.create(merchant)
		edit := func(commandID string, quantity int) error {
			return b.EditOrder(t.Context(), fulfillment.OrderEdit{
				OrderID: o.ID, CommandID: commandID, At: b.now, SetQuantities: units(o.LineItems[0].ID, quantity),
			})
		}
		taken(b, edit("lower", 1))
		refused(b, ship(b, fos[0], 3))
		taken(b, edit("raise", 4))
		fo := forged(fos[0], 4)
		taken(b, ship(b, fo, 4))
		refused(b, edit("too low", 3))
		taken(b, edit("as it is", 4))
	})

	t.Run("of_a_line_of_another_order", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		other, _ := b.create(merchant)
		_, fos := b.create(merchant)
		c := b.decide(fos[0], &fulfillment.CreateFulfillment{Lines: units(fos[0].Lines[0].ID, 1)})
		c.State.Fulfillments[0].Lines[0].LineItemID = other.LineItems[0].ID
		refused(b, errOf(b.Commit(t.Context(), c)))
	})

	t.Run("a_replacement_ships_what_the_cancelled_one_gave_up", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		c := b.decide(fos[0], &fulfillment.Cancel{})
		taken(b, errOf(b.Commit(t.Context(), c)))
		taken(b, ship(b, c.Siblings[0], 3))
		reopened := forged(fos[0], 3) // What it was before, at the version that the store has by now.
		reopened.Sequence = c.State.Sequence
		refused(b, ship(b, reopened, 1))
	})

	t.Run("costs_no_round_trip", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		line := fos[0].Lines[0].ID
		fo := b.do(fos[0], &fulfillment.CreateFulfillment{Lines: units(line, 1)}) // All statements are prepared now.
		trips := b.calls.trips.Load()
		taken(b, ship(b, fo, 1))
		if got := b.calls.trips.Load() - trips; got != 2 {
			t.Errorf("%d round trips, want 2", got)
		}
	})
}

func errOf(_ bool, err error) error { return err }
