package postgres

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
)

// own adds locations of the merchant's own that take orders.
func (b *book) own(names ...string) []fulfillment.Location {
	b.t.Helper()
	added := make([]fulfillment.Location, len(names))
	for i, name := range names {
		var err error
		added[i], err = b.AddLocation(b.t.Context(), fulfillment.Location{Name: name, Active: true, SKUs: []string{"A"}})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return added
}

// An edit is stored, once: the same again does not even change when the location last changed.
func TestEditLocation(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	l := b.own("Berlin", "Hamburg")[0]
	edit := fulfillment.LocationEdit{ID: l.ID, Name: new("Potsdam"), City: new("Potsdam"), Priority: new(3),
		AddSKUs: []string{"B"}, RemoveSKUs: []string{"A"}}
	edited, err := b.EditLocation(t.Context(), edit)
	want := l
	want.Name, want.City, want.Priority, want.SKUs = "Potsdam", "Potsdam", 3, []string{"B"}
	if diff := cmp.Diff(want, edited, changed); err != nil || diff != "" || !edited.UpdatedAt.After(l.UpdatedAt) {
		t.Fatalf("%v; %s after %s; -want +got:\n%s", err, edited.UpdatedAt, l.UpdatedAt, diff)
	}
	for range 2 {
		stored, err := b.Location(t.Context(), l.ID)
		if diff := cmp.Diff(edited, stored); err != nil || diff != "" {
			t.Errorf("%v; -edited +stored:\n%s", err, diff)
		}
		if _, err := b.EditLocation(t.Context(), edit); err != nil {
			t.Error(err)
		}
	}
	if again, err := b.AddLocation(
		t.Context(), fulfillment.Location{ID: l.ID, Name: "Berlin", Active: true, SKUs: []string{"A"}},
	); err != nil || again.Name != edited.Name {
		t.Errorf("added again after the edit: %+v, %v", again, err)
	}
}

var changed = cmpopts.IgnoreFields(fulfillment.Location{}, "UpdatedAt")

// There is one default location: the last that was made so.
func TestEditLocationDefault(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	places := b.own("Berlin", "Hamburg", "Köln")
	var group errgroup.Group
	for _, l := range places {
		group.Go(func() error {
			_, err := b.EditLocation(t.Context(), fulfillment.LocationEdit{ID: l.ID, Default: new(true)})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := b.one(`SELECT count(*) FROM locations WHERE is_default`); n != 1 {
		t.Errorf("%d default locations", n)
	}
}

// Of several locations that want to be the last one in use, one stays.
func TestDeactivateLocationAtOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	places := b.own("Berlin", "Hamburg", "Köln")
	var refused atomic.Int32
	var group errgroup.Group
	for _, l := range places {
		group.Go(func() error {
			_, err := b.DeactivateLocation(t.Context(), l.ID)
			if fulfillment.AsRefusals(err) != nil {
				refused.Add(1)
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil || refused.Load() != 1 {
		t.Errorf("%v; %d refused", err, refused.Load())
	}
}

// What waits keeps a location in use; what was taken out of use gives its name away, and is told when it comes back.
func TestLocationLife(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	places := b.own("Berlin", "Hamburg")
	_, fos := b.create(fulfillment.AssignedLocation{LocationID: places[0].ID, Name: "Berlin"})
	id := places[0].ID
	deletion := fulfillment.LocationDeletion{ID: id, CommandID: "k"}

	_, err := b.DeactivateLocation(t.Context(), id)
	if got := told(err); len(got) != 1 || !strings.HasPrefix(got[0], "HAS_FULFILLMENT_ORDERS_ERROR locationId") ||
		!strings.Contains(got[0], "(1: "+fos[0].ID.String()+")") {
		t.Errorf("with a fulfillment order: %q", got)
	}
	if counts, err := b.CountWaitingAt(t.Context(), []fulfillment.ID{id, places[1].ID}); err != nil || counts[id] != 1 ||
		len(counts) != 1 {
		t.Errorf("counted %v, %v", counts, err)
	}
	if got := told(b.DeleteLocation(t.Context(), deletion)); len(got) != 2 {
		t.Errorf("deleted in use: %q", got)
	}
	b.do(fos[0], &fulfillment.CancelUnits{Meta: fulfillment.Meta{CommandID: "c"}, WholeOrder: true})
	for range 2 {
		l, err := b.DeactivateLocation(t.Context(), id)
		if err != nil || l.Active || l.DeactivatedAt == nil {
			t.Fatalf("deactivated: %+v, %v", l, err)
		}
	}
	namesake := b.own("BERLIN")[0]
	if _, err := b.ActivateLocation(t.Context(), id); len(told(err)) != 1 ||
		!strings.HasPrefix(told(err)[0], "HAS_NON_UNIQUE_NAME") {
		t.Errorf("activated beside its namesake: %v", err)
	}
	if _, err := b.EditLocation(t.Context(), fulfillment.LocationEdit{ID: namesake.ID, Name: new("Köln")}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l, err := b.ActivateLocation(t.Context(), id)
		if err != nil || !l.Active || l.DeactivatedAt != nil {
			t.Fatalf("activated: %+v, %v", l, err)
		}
	}
	if _, err := b.DeactivateLocation(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for range 2 { // The second time, it is known by its command ID.
		if err := b.DeleteLocation(t.Context(), deletion); err != nil {
			t.Fatal(err)
		}
	}
	gone := "LOCATION_NOT_FOUND locationId Location not found."
	for name, err := range map[string]error{
		"deleted by another": b.DeleteLocation(t.Context(), fulfillment.LocationDeletion{ID: id}),
		"deactivated":        second(b.DeactivateLocation(t.Context(), id)),
		"activated":          second(b.ActivateLocation(t.Context(), id)),
		"never was":          second(b.ActivateLocation(t.Context(), 404)),
	} {
		if got := told(err); len(got) != 1 || got[0] != gone {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := told(second(b.EditLocation(t.Context(), fulfillment.LocationEdit{ID: id}))); len(got) != 1 ||
		got[0] != "LOCATION_NOT_FOUND id Location not found." {
		t.Errorf("edited: %q", got)
	}
	if l, err := b.Location(t.Context(), id); err != nil || l.DeletedAt == nil {
		t.Errorf("for the history: %+v, %v", l, err)
	}
}

func second[T any](_ T, err error) error { return err }
