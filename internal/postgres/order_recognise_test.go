package postgres

import (
	"errors"
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestRecognise compares orders that come again with one that was edited and cancelled since.
func TestRecognise(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant)
	b.do(fos[0], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	if err := b.EditOrder(t.Context(), fulfillment.OrderEdit{
		OrderID: o.ID, CommandID: "edit", At: b.now, SetQuantities: units(o.LineItems[0].ID, 5),
	}); err != nil {
		t.Fatal(err)
	}
	if err := b.CancelOrder(t.Context(), o.ID, b.now, "", "cancel", fulfillment.System); err != nil {
		t.Fatal(err)
	}
	before, err := fingerprintOfBefore(*o)
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []bool{true, false} {
		if !kept { // As an earlier version has stored it.
			if _, err := b.pool.Exec(
				t.Context(), `UPDATE orders SET content = NULL, fingerprint = $2 WHERE id = $1`, o.ID, before,
			); err != nil {
				t.Fatal(err)
			}
		}
		for name, test := range map[string]struct {
			change  func(*fulfillment.Order)
			differs []string
		}{
			"the_same":         {func(*fulfillment.Order) {}, nil},
			"by_another_actor": {func(c *fulfillment.Order) { c.Actor.App, c.CommandID, c.FirstID = "x", "y", 9 }, nil},
			"without_what_may_be_left_out": {func(c *fulfillment.Order) {
				c.Name, c.ProcessedAt, c.LineItems[0].ID = "", nil, 0
			}, nil},
			"under_another_number": {func(c *fulfillment.Order) { c.Name, c.Numbered = "#77", true }, nil},
			"with_another_note":    {func(c *fulfillment.Order) { c.Note = "Another" }, []string{"note"}},
			"with_the_edited_quantity": {
				func(c *fulfillment.Order) { c.LineItems[0].Quantity = 5 }, []string{"lineItems[0].quantity"},
			},
			"with_a_line_less": {func(c *fulfillment.Order) { c.LineItems = c.LineItems[:1] }, []string{"lineItems[1]"}},
		} {
			again := *o
			again.LineItems = slices.Clone(o.LineItems)
			test.change(&again)
			name := map[bool]string{true: "kept/", false: "of_before/"}[kept] + name
			got, err := b.Recognise(t.Context(), &again, again.Content())
			var exists *fulfillment.OrderExistsError
			switch {
			case got != o.Name:
				t.Errorf("%s: it is called %q, want %q", name, got, o.Name)
			case test.differs == nil && err != nil:
				t.Errorf("%s: %v", name, err)
			case test.differs == nil:
			case !errors.As(err, &exists) || exists.OrderID != o.ID:
				t.Errorf("%s: got %v, want an order that exists", name, err)
			case kept && !slices.Equal(exists.Differs, test.differs):
				t.Errorf("%s: differs in %v, want %v", name, exists.Differs, test.differs)
			}
		}
	}
	unknown := *o
	unknown.ID++
	if _, err := b.Recognise(t.Context(), &unknown, unknown.Content()); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("an order that is not there: %v", err)
	}
}
