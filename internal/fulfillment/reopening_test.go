package fulfillment

import "testing"

// TestReopenedElsewhere: units of a shipment that is taken back go where they were, or where they are said to go
// because that is out of use.
func TestReopenedElsewhere(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	units := fo.RemainingUnits()
	shipped := done(t, fo, &CreateFulfillment{}).State
	back := &CancelFulfillment{FulfillmentID: shipped.Fulfillments[0].ID}
	if back.Reopening(fo) != nil {
		t.Error("there is no such shipment yet, and something comes back")
	}
	again := back.Reopening(shipped)
	if again == nil || again.RemainingUnits() != units || again.AssignedLocation != fo.AssignedLocation {
		t.Fatalf("what comes back is %+v", again)
	}
	elsewhere := AssignedLocation{LocationID: 4711, Name: "Hamburg", Why: "re-routed"}
	for _, to := range []*AssignedLocation{nil, &elsewhere} {
		back.Location = to
		d := done(t, shipped, back)
		want := fo.AssignedLocation
		if to != nil {
			want = *to
		}
		if s := d.Siblings[0]; s.AssignedLocation != want || s.Status != StatusOpen || s.RemainingUnits() != units {
			t.Errorf("told %v, the units are at %+v", to, s.AssignedLocation)
		}
		if back.Reopening(d.State) != nil {
			t.Error("it comes back twice")
		}
	}
}
