package workflows_test

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestComesBackToALocationOutOfUse takes shipments back whose location ships nothing any more: their units go to
// another one, as those of an order edit would, and stay where there is none.
func TestComesBackToALocationOutOfUse(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID
	outOfUse := func(id fulfillment.ID) {
		t.Helper()
		if _, err := s.Store.DeactivateLocation(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	alone, last := s.Order(berlin, 2), s.Order(hamburg, 1)
	one := s.Send(alone, &fulfillment.CreateFulfillment{}).FulfillmentID
	other := s.Send(last, &fulfillment.CreateFulfillment{}).FulfillmentID
	first := s.Order(berlin, 3)
	second := s.Send(first, &fulfillment.Split{
		Lines: []fulfillment.Quantity{{ID: s.Load(first).Lines[0].ID, Quantity: 1}},
	}).SiblingID
	shared, err := s.Command.Joint(t.Context(), s.Load(first).OrderID, &fulfillment.Ship{
		Groups: []fulfillment.ShipGroup{{FulfillmentOrderID: first}, {FulfillmentOrderID: second}},
	})
	if err != nil {
		t.Fatal(err)
	}
	outOfUse(berlin)

	back := s.Send(alone, &fulfillment.CancelFulfillment{FulfillmentID: one})
	if again := s.Load(back.SiblingID); again.AssignedLocation.LocationID != hamburg || again.RemainingUnits() != 2 ||
		again.Status != fulfillment.StatusOpen {
		t.Errorf("what comes back is %s at %s: %s", again.Status, again.AssignedLocation.Name, again.AssignedLocation.Why)
	}
	replays(t, s, temporalio.FulfillmentOrderID(alone))

	s.Send(first, &fulfillment.CancelFulfillment{FulfillmentID: shared[0].FulfillmentID})
	fos, err := s.Store.FulfillmentOrdersOf(t.Context(), s.Load(first).OrderID)
	if err != nil {
		t.Fatal(err)
	}
	units := 0
	for _, fo := range fos {
		if fo.Status == fulfillment.StatusOpen && fo.AssignedLocation.LocationID == hamburg {
			units += fo.RemainingUnits()
		}
	}
	if units != 3 {
		t.Errorf("of a shipment from two fulfillment orders, %d units are at the other location, want all 3", units)
	}

	for _, fo := range fos { // So that nothing waits there.
		if fo.Status == fulfillment.StatusOpen {
			s.Send(fo.ID, &fulfillment.CreateFulfillment{})
		}
	}
	s.Send(back.SiblingID, &fulfillment.CreateFulfillment{})
	annex := fulfillment.Location{Name: "Annex", Active: true} // It has nothing.
	if _, err := s.Store.AddLocation(t.Context(), annex); err != nil {
		t.Fatal(err)
	}
	outOfUse(hamburg)
	stays := s.Load(s.Send(last, &fulfillment.CancelFulfillment{FulfillmentID: other}).SiblingID)
	if stays.AssignedLocation.LocationID != hamburg || stays.RemainingUnits() != 1 {
		t.Errorf("no other location has them, and it is at %s", stays.AssignedLocation.Name)
	}
}
