package postgres

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"packhorse/internal/fulfillment"
)

func TestCreateOrder(t *testing.T) {
	t.Parallel()

	t.Run("is_read_back_as_it_was_handed_over", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o := b.order()
		later := b.now.AddDate(0, 0, 3)
		o.LineItems[0].FulfillBy, o.LineItems[1].LocationID, o.FulfillAt = &later, 11, &later
		o.CommandID, o.Actor = "create", fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "shop"}
		fos, transitions := b.plan(o, merchant)
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
			t.Fatal(err)
		}
		record, err := b.Order(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(*o, record.Order, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-handed over +read:\n%s", diff)
		}
		if got := record.Transitions; len(got) != 1 || got[0].Kind != fulfillment.OrderKindCreated ||
			got[0].After.Display != record.DisplayFulfillmentStatus || got[0].Before != nil {
			t.Errorf("history %+v", got)
		}
		if got := record.CurrentQuantities; len(got) != 2 || got[0].Quantity != 3 || got[1].Quantity != 1 {
			t.Errorf("current quantities %v", got)
		}
	})

	t.Run("repeated_changes_nothing", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o := b.order()
		fos, transitions := b.plan(o, merchant, service)
		for range 3 {
			if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
				t.Fatal(err)
			}
		}
		b.do(fos[0], &fulfillment.CreateFulfillment{})
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
			t.Errorf("after it went on: %v", err)
		}
		o.Note = "Another"
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); !errors.Is(err, fulfillment.ErrOrderExists) {
			t.Errorf("with another content: got %v, want fulfillment.ErrOrderExists", err)
		}
		if got := b.one(`SELECT count(*) FROM outbox WHERE topic = 'orders/create'`); got != 1 {
			t.Errorf("%d events of one creation", got)
		}
	})

	t.Run("with_a_taken_ID_or_source_identifier_names_the_order", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, fos := b.create(merchant)
		again := func(change func(*fulfillment.Order)) error {
			c := *o
			change(&c)
			planned, transitions := b.plan(&c, merchant)
			_, err := b.CreateOrder(t.Context(), &c, planned, transitions)
			return err
		}
		for name, test := range map[string]struct {
			change   func(*fulfillment.Order)
			bySource bool
		}{
			"other_fulfillment_orders": {func(*fulfillment.Order) {}, false},
			"other_content":            {func(c *fulfillment.Order) { c.Note = "Another" }, false},
			"other_ID_same_identifier": {
				func(c *fulfillment.Order) { c.ID = b.minter.Mint(); c.Name = "#" + c.ID.String() }, true,
			},
			"other_source_same_ID_else": {func(c *fulfillment.Order) { c.SourceIdentifier = "elsewhere" }, false},
		} {
			err := again(test.change)
			var exists *fulfillment.OrderExistsError
			if !errors.Is(err, fulfillment.ErrOrderExists) || !errors.As(err, &exists) {
				t.Errorf("%s: got %v, want fulfillment.ErrOrderExists", name, err)
			} else if exists.OrderID != o.ID || exists.BySource != test.bySource {
				t.Errorf("%s: got %+v, want order %d, by source %t", name, exists, o.ID, test.bySource)
			}
		}
		if got, err := b.FulfillmentOrdersOf(t.Context(), o.ID); err != nil || len(got) != len(fos) {
			t.Errorf("%d fulfillment orders, %v; want %d", len(got), err, len(fos))
		}
	})

	t.Run("with_a_taken_fulfillment_order_ID_is_refused", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, fos := b.create(merchant)
		o := b.order()
		planned, transitions := b.plan(o, merchant)
		planned[0].ID, transitions[0].FulfillmentOrderID = fos[0].ID, fos[0].ID
		if _, err := b.CreateOrder(t.Context(), o, planned, transitions); !errors.Is(err, fulfillment.ErrIDTaken) {
			t.Errorf("got %v, want fulfillment.ErrIDTaken", err)
		}
	})
}

func TestEditOrder(t *testing.T) {
	t.Parallel()
	edit := func(b *book, o *fulfillment.Order) fulfillment.OrderEdit {
		added := []fulfillment.LineItem{{ID: b.minter.Mint(), Title: "Pump", Quantity: 2}}
		fos, transitions := b.plan(o.With(added), merchant)
		return fulfillment.OrderEdit{OrderID: o.ID, CommandID: "edit", At: b.now, Add: added, FulfillmentOrders: fos,
			Transitions:   transitions,
			SetQuantities: units(o.LineItems[0].ID, 1)}
	}

	t.Run("adds_lines_and_sets_quantities_once", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, fos := b.create(merchant)
		b.do(fos[0], &fulfillment.CreateFulfillment{})
		e := edit(b, o)
		e.SetQuantities = units(o.LineItems[0].ID, 4) // All of them are shipped.
		for range 2 {
			if err := b.EditOrder(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		record, err := b.Order(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(record.LineItems) != 3 || record.LineItems[2].Title != "Pump" || record.LineItems[0].Quantity != 4 ||
			record.CurrentQuantities[0].Quantity != 4 {
			t.Errorf("lines %+v, current %v", record.LineItems, record.CurrentQuantities)
		}
		if record.DisplayFulfillmentStatus != fulfillment.OrderPartiallyFulfilled {
			t.Errorf("a fulfilled order with new lines is %s", record.DisplayFulfillmentStatus)
		}
		if got := record.Transitions[len(record.Transitions)-1]; got.Kind != fulfillment.OrderKindEdited ||
			got.Before.Display != fulfillment.OrderFulfilled {
			t.Errorf("last of the history: %+v", got)
		}
	})

	t.Run("with_the_command_ID_of_another_edit_is_stale", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, _ := b.create(merchant)
		for i, want := range []error{nil, fulfillment.ErrStale} {
			e := fulfillment.OrderEdit{
				OrderID: o.ID, CommandID: "key", At: b.now, SetQuantities: units(o.LineItems[0].ID, 2-i),
			}
			if err := b.EditOrder(t.Context(), e); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
	})

	t.Run("refuses_what_is_not_there", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, _ := b.create(merchant)
		for name, e := range map[string]fulfillment.OrderEdit{
			"line":  {OrderID: o.ID, CommandID: "1", At: b.now, SetQuantities: units(99, 1)},
			"order": {OrderID: 99, CommandID: "2", At: b.now, SetQuantities: units(o.LineItems[0].ID, 1)},
		} {
			if err := b.EditOrder(t.Context(), e); !errors.Is(err, fulfillment.ErrNotFound) {
				t.Errorf("%s: got %v, want fulfillment.ErrNotFound", name, err)
			}
		}
		if err := b.EditOrder(
			t.Context(),
			fulfillment.OrderEdit{
				OrderID: o.ID, CommandID: "3", At: b.now, SetQuantities: units(o.LineItems[0].ID, -1),
			},
		); !errors.Is(err, fulfillment.ErrInvalid) {
			t.Errorf("negative: got %v, want fulfillment.ErrInvalid", err)
		}
		if got := b.one(`SELECT count(*) FROM order_transitions`); got != 1 {
			t.Errorf("%d order transitions, want 1", got)
		}
	})

	t.Run("raising_a_quantity_raises_what_was_ordered", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, _ := b.create(merchant)
		line := o.LineItems[0].ID
		// The last time, a unit had been cancelled on its fulfillment order that no edit took away.
		for i, set := range []struct{ quantity, raised, want int }{{1, 0, 31}, {2, 1, 42}, {2, 1, 52}, {2, 0, 52}} {
			edit := fulfillment.OrderEdit{OrderID: o.ID, CommandID: string(rune('a' + i)), At: b.now,
				SetQuantities: units(line, set.quantity)}
			if set.raised > 0 {
				edit.Raised = units(line, set.raised)
			}
			if err := b.EditOrder(t.Context(), edit); err != nil {
				t.Fatal(err)
			}
			if got := b.one(`SELECT quantity * 10 + current_quantity FROM line_items WHERE id = $1`, line); got != set.want {
				t.Errorf("quantity and current quantity are %d, want %d", got, set.want)
			}
		}
	})
}

func TestCancelOrder(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant, service)
	at := b.now
	for i, reason := range []string{"Changed their mind", "Again"} {
		if err := b.CancelOrder(
			t.Context(), o.ID, at.AddDate(0, 0, i), reason, "c"+reason, fulfillment.System,
		); err != nil {
			t.Fatal(err)
		}
	}
	record, err := b.Order(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if record.CancelReason != "Changed their mind" || record.CancelledAt == nil || !record.CancelledAt.Equal(at) ||
		len(record.Transitions) != 2 {
		t.Errorf(
			"cancelled at %v (%s), %d transitions", record.CancelledAt, record.CancelReason, len(record.Transitions),
		)
	}
	if got, want := record.DisplayFulfillmentStatus,
		fulfillment.ViewOrder(true, fos).DisplayFulfillmentStatus(); got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
	if err := b.CancelOrder(t.Context(), 99, at, "", "", fulfillment.System); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("got %v, want fulfillment.ErrNotFound", err)
	}
}
