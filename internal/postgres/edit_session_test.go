package postgres

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
)

func TestEditSession(t *testing.T) {
	t.Parallel()

	t.Run("gathers_changes_until_it_is_committed", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, _ := b.create(merchant)
		begun, err := b.BeginEdit(t.Context(), o.ID, "desk")
		if err != nil {
			t.Fatal(err)
		}
		pump := fulfillment.LineItem{ID: b.minter.Mint(), Title: "Pump", Quantity: 2, UnitPrice: "5.00"}
		for _, change := range []func(*fulfillment.EditSession) error{
			func(e *fulfillment.EditSession) error {
				e.Changes.SetQuantity(fulfillment.Quantity{ID: 1, Quantity: 4})
				return nil
			},
			func(e *fulfillment.EditSession) error {
				e.Changes.SetQuantity(fulfillment.Quantity{ID: 1, Quantity: 3})
				return nil
			},
			func(e *fulfillment.EditSession) error {
				e.Changes.Add = append(e.Changes.Add, pump, fulfillment.LineItem{ID: 7})
				return nil
			},
			func(e *fulfillment.EditSession) error {
				e.Changes.SetQuantity(fulfillment.Quantity{ID: pump.ID, Quantity: 5})
				return nil
			},
			func(e *fulfillment.EditSession) error { e.Changes.SetQuantity(fulfillment.Quantity{ID: 7}); return nil },
		} {
			if _, err := b.ChangeEdit(t.Context(), begun.ID, change); err != nil {
				t.Fatal(err)
			}
		}
		pump.Quantity = 5
		var commands []fulfillment.EditOrder
		for range 2 { // Committing twice is sending the same command twice.
			committed, err := b.CommitEdit(t.Context(), begun.ID)
			if err != nil {
				t.Fatal(err)
			}
			if committed.CommittedAt == nil || committed.App != "desk" {
				t.Errorf("committed: %+v", committed)
			}
			commands = append(commands, committed.Command())
		}
		want := fulfillment.EditOrder{Meta: fulfillment.Meta{
			CommandID: "order-edit/" + begun.ID.String() + "/6",
		}, OrderID: o.ID,
			Add: []fulfillment.LineItem{pump}, SetQuantities: units(1, 3)}
		if diff := cmp.Diff([]fulfillment.EditOrder{want, want}, commands); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		_, err = b.ChangeEdit(t.Context(), begun.ID, func(*fulfillment.EditSession) error { return nil })
		if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeInvalidState {
			t.Errorf("changed after the commit: %v", err)
		}
	})

	t.Run("can_be_changed_again_when_its_changes_were_refused", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, _ := b.create(merchant)
		begun, err := b.BeginEdit(t.Context(), o.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		refused, err := b.CommitEdit(t.Context(), begun.ID)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // The second time it has moved on.
			if err := b.ReopenEdit(t.Context(), begun.ID, refused.Version); err != nil {
				t.Fatal(err)
			}
		}
		again, err := b.EditSession(t.Context(), begun.ID)
		if err != nil || again.CommittedAt != nil || again.Version != refused.Version+1 ||
			again.CommandID() == refused.CommandID() {
			t.Errorf("%+v, %v after %+v", again, err, refused)
		}
	})

	t.Run("loses_no_change_of_several_at_once", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, _ := b.create(merchant)
		begun, err := b.BeginEdit(t.Context(), o.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		var group errgroup.Group
		for i := range 8 {
			group.Go(func() error {
				_, err := b.ChangeEdit(t.Context(), begun.ID, func(e *fulfillment.EditSession) error {
					e.Changes.SetQuantity(fulfillment.Quantity{ID: fulfillment.ID(i + 1), Quantity: i})
					return nil
				})
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		got, err := b.EditSession(t.Context(), begun.ID)
		if err != nil || len(got.Changes.SetQuantities) != 8 || got.Version != 9 {
			t.Errorf("%+v, %v", got, err)
		}
	})

	t.Run("refuses_what_is_not_there", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		_, begin := b.BeginEdit(t.Context(), 99, "")
		_, read := b.EditSession(t.Context(), 99)
		_, change := b.ChangeEdit(t.Context(), 99, func(*fulfillment.EditSession) error { return nil })
		_, commit := b.CommitEdit(t.Context(), 99)
		for i, err := range []error{begin, read, change, commit} {
			if !errors.Is(err, fulfillment.ErrNotFound) {
				t.Errorf("%d: got %v, want fulfillment.ErrNotFound", i, err)
			}
		}
	})

	t.Run("passes_on_why_a_change_was_refused", func(t *testing.T) {
		t.Parallel()
		b := newBook(t)
		o, _ := b.create(merchant)
		begun, err := b.BeginEdit(t.Context(), o.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		no := errors.New("no")
		_, err = b.ChangeEdit(t.Context(), begun.ID, func(e *fulfillment.EditSession) error {
			e.Changes.Add = append(e.Changes.Add, fulfillment.LineItem{ID: 1})
			return no
		})
		got, readErr := b.EditSession(t.Context(), begun.ID)
		if !errors.Is(err, no) || readErr != nil || !slices.Equal(got.Changes.SetQuantities, nil) ||
			len(got.Changes.Add) != 0 {
			t.Errorf("got %v, %+v, %v", err, got, readErr)
		}
	})
}
