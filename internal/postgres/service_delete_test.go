package postgres

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

func TestDeleteService(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action      fulfillment.InventoryAction
		destination bool
		kept        bool
	}{
		{"", true, false},
		{fulfillment.InventoryTransfer, true, false},
		{fulfillment.InventoryDelete, false, false},
		{fulfillment.InventoryKeep, false, true},
	} {
		t.Run("inventory_"+string(test.action), func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			if _, err := b.AddLocation(
				t.Context(), fulfillment.Location{ID: 5, Name: "Berlin", Active: true},
			); err != nil {
				t.Fatal(err)
			}
			service := b.service(fulfillment.Service{Name: "Ship Co"})
			deletion := fulfillment.ServiceDeletion{ID: service.ID, InventoryAction: test.action, CommandID: "one"}
			if test.destination {
				deletion.DestinationLocationID = 5
			}
			for range 2 { // Answered again as the first time.
				if err := b.DeleteService(t.Context(), deletion); err != nil {
					t.Fatal(err)
				}
			}
			deletion.CommandID = ""
			if got := told(b.DeleteService(t.Context(), deletion)); !cmp.Equal(
				got, []string{"SERVICE_NOT_FOUND id Fulfillment service could not be found."},
			) {
				t.Errorf("deleted by another command: %q", got)
			}
			if _, err := b.UpdateService(t.Context(), fulfillment.ServiceUpdate{ID: service.ID}); told(err) == nil {
				t.Errorf("updated after deletion: %v", err)
			}

			for _, name := range []string{service.ID.String(), service.Handle} {
				if deleted, err := b.ServiceDeleted(t.Context(), service.Provider, name); err != nil || !deleted {
					t.Errorf("whether %s was deleted: %t, %v", name, deleted, err)
				}
			}
			if deleted, err := b.ServiceDeleted(t.Context(), "another", service.Handle); err != nil || deleted {
				t.Errorf("another provider's: %t, %v", deleted, err)
			}
			services, err := b.ServicesByID(t.Context(), []fulfillment.ID{service.ID})
			all, allErr := b.AllServices(t.Context())
			stored, storedErr := b.Services(t.Context())
			if err := errors.Join(err, allErr, storedErr); err != nil || services[0] != nil || len(all) != 1 ||
				len(stored) != 0 {
				t.Errorf("%v; the service is still there: %+v, %+v, %+v", err, services, all, stored)
			}
			locations, err := b.LocationsByID(t.Context(), []fulfillment.ID{service.LocationID})
			if err != nil || (locations[0] != nil) != test.kept {
				t.Errorf("%v; the location is %+v", err, locations[0])
			}
			one, err := b.Location(t.Context(), service.LocationID) // History stays readable.
			if err != nil || one.Name != "Ship Co" || one.Active != test.kept || (one.DeletedAt == nil) != test.kept {
				t.Errorf("%v; the location is %+v", err, one)
			}
			if test.kept && one.IsFulfillmentService() {
				t.Error("the location is not the merchant's")
			}
			listed, err := b.Locations(t.Context())
			if want := map[bool]int{true: 2, false: 1}[test.kept]; err != nil || len(listed) != want {
				t.Errorf("%v; %d locations, want %d", err, len(listed), want)
			}
			if again := b.service(fulfillment.Service{Name: "ship CO"}); again.Handle != service.Handle {
				t.Errorf("the handle was not given back: %+v", again)
			}
		})
	}
}

func TestDeleteServiceRefuses(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for _, l := range []fulfillment.Location{{ID: 5, Name: "Berlin", Active: true}, {ID: 6, Name: "Closed"}} {
		if _, err := b.AddLocation(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	service, other := b.service(fulfillment.Service{Name: "Ship Co"}), b.service(fulfillment.Service{Name: "Bikes"})
	const present = "INVALID inventoryAction Inventory action Destination location id should not be present when " +
		"deleting/keeping the inventory of the fulfillment service."
	const invalid = "INVALID  Invalid destination location."
	for _, test := range []struct {
		deletion fulfillment.ServiceDeletion
		want     string
	}{
		{
			fulfillment.ServiceDeletion{ID: 404, InventoryAction: fulfillment.InventoryKeep, DestinationLocationID: 5},
			"SERVICE_NOT_FOUND id Fulfillment service could not be found.",
		},
		{fulfillment.ServiceDeletion{InventoryAction: fulfillment.InventoryKeep, DestinationLocationID: 5}, present},
		{
			fulfillment.ServiceDeletion{InventoryAction: fulfillment.InventoryDelete, DestinationLocationID: 404},
			present,
		},
		{fulfillment.ServiceDeletion{}, invalid},
		{fulfillment.ServiceDeletion{DestinationLocationID: 404}, invalid},
		{fulfillment.ServiceDeletion{DestinationLocationID: 6}, invalid}, // not active
		{
			fulfillment.ServiceDeletion{
				InventoryAction: fulfillment.InventoryTransfer, DestinationLocationID: other.LocationID,
			},
			invalid,
		},
		{
			fulfillment.ServiceDeletion{
				InventoryAction: fulfillment.InventoryTransfer, DestinationLocationID: service.LocationID,
			},
			invalid,
		},
		{
			fulfillment.ServiceDeletion{InventoryAction: "BURN"},
			`INVALID inventoryAction There is no inventory action "BURN".`,
		},
	} {
		if test.deletion.ID == 0 {
			test.deletion.ID = service.ID
		}
		if got := told(b.DeleteService(t.Context(), test.deletion)); !cmp.Equal(got, []string{test.want}) {
			t.Errorf("%+v: %q, want %q", test.deletion, got, test.want)
		}
	}
}

// A service goes only when all its fulfillment orders are done, and what it did stays readable.
func TestDeleteServiceWithFulfillmentOrders(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	if _, err := b.AddLocation(
		t.Context(), fulfillment.Location{ID: merchant.LocationID, Name: merchant.Name, Active: true, StocksAll: true},
	); err != nil {
		t.Fatal(err)
	}
	shipper := b.service(fulfillment.Service{Name: "Ship Co"})
	l, err := b.Location(t.Context(), shipper.LocationID)
	if err != nil {
		t.Fatal(err)
	}
	_, first := b.create(l.Assign("in the test"))
	_, second := b.create(l.Assign("in the test"))
	keep := fulfillment.ServiceDeletion{ID: shipper.ID, InventoryAction: fulfillment.InventoryKeep}
	refuse := func(want ...*fulfillment.FulfillmentOrder) {
		t.Helper()
		for _, deletion := range []fulfillment.ServiceDeletion{
			keep, {ID: shipper.ID, DestinationLocationID: merchant.LocationID},
			{ID: shipper.ID, InventoryAction: fulfillment.InventoryDelete},
		} {
			refused := fulfillment.AsRefusals(b.DeleteService(t.Context(), deletion))
			if len(refused) != 1 || refused[0].Code != fulfillment.CodeServiceInUse {
				t.Fatalf("%+v: %v", deletion, refused)
			}
			for _, fo := range want {
				if !strings.Contains(refused[0].Message, fo.ID.String()) {
					t.Errorf("%q does not name %d", refused[0].Message, fo.ID)
				}
			}
		}
	}
	refuse(first[0], second[0])
	moved := merchant
	b.do(first[0], &fulfillment.Move{Meta: id("move"), NewLocationID: merchant.LocationID, Location: &moved})
	refuse(second[0])
	asked := b.do(second[0], &fulfillment.SubmitFulfillmentRequest{Meta: id("submit")})
	refuse(asked)
	shipped := b.do(
		asked, &fulfillment.AcceptFulfillmentRequest{Meta: id("accept")},
		&fulfillment.CreateFulfillment{Meta: id("ship")},
	)
	if shipped.Status != fulfillment.StatusClosed {
		t.Fatalf("shipped is %s", shipped.Status)
	}
	if err := b.DeleteService(t.Context(), keep); err != nil {
		t.Fatal(err)
	}
	stored, err := b.Load(t.Context(), shipped.ID)
	if err != nil || stored.AssignedLocation.ServiceName != "Ship Co" ||
		stored.AssignedLocation.LocationID != shipper.LocationID {
		t.Errorf("%v; the history says %+v", err, stored.AssignedLocation)
	}
}

// The schema before had no deleted services: going back to it forgets them, also those whose handle is used again.
func TestMigrateDownForgetsDeletedServices(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for range 2 {
		service := b.service(fulfillment.Service{Name: "Ship Co"})
		if err := b.DeleteService(
			t.Context(), fulfillment.ServiceDeletion{ID: service.ID, InventoryAction: fulfillment.InventoryDelete},
		); err != nil {
			t.Fatal(err)
		}
	}
	b.service(fulfillment.Service{Name: "Ship Co"})
	if err := MigrateDown(t.Context(), b.url); err != nil {
		t.Fatal(err)
	}
}
