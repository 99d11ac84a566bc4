package fulfillment

import "testing"

var lyon = AssignedLocation{LocationID: 99, Name: "Lyon"}

func TestMoveAPart(t *testing.T) {
	t.Parallel()
	fo := twoLines(peopleService, StatusIncomplete, RequestClosed)
	fo.FulfillBy, fo.OrderCancelled, fo.DeliveryTimeout = &testTime, false, 77
	d := done(t, fo, &Move{NewLocationID: 99, Location: &lyon, Lines: []Quantity{{12, 2}, {11, 1}}})
	s := d.Siblings[0]
	if amounts(d.State) != "11:2/2" || d.State.AssignedLocation != peopleService || d.State.Status != StatusIncomplete {
		t.Errorf("original %s %s at %s", d.State.Status, amounts(d.State), d.State.AssignedLocation.Name)
	}
	if s.ID != 1000 || amounts(s) != "1001:1/1 1002:2/2" || s.AssignedLocation != lyon || s.Status != StatusOpen ||
		s.RequestStatus != RequestUnsubmitted {
		t.Errorf("sibling %s %s at %s", s.Status, amounts(s), s.AssignedLocation.Name)
	}
	if s.FulfillBy != fo.FulfillBy || s.DeliveryTimeout != 77 || s.DeliveryMethod != fo.DeliveryMethod ||
		s.OrderID != fo.OrderID || d.Result.SiblingRole != SiblingMoved {
		t.Errorf("sibling %+v", s)
	}
}

func TestMoveOfAPartlyShippedOneLeavesTheShipments(t *testing.T) {
	t.Parallel()
	d := done(t, partShipped(ownLocation), &Move{NewLocationID: 99, Location: &lyon})
	if d.State.Status != StatusClosed || amounts(d.State) != "11:0/1" || amounts(d.Siblings[0]) != "1001:2/2" {
		t.Errorf("original %s %s, sibling %s", d.State.Status, amounts(d.State), amounts(d.Siblings[0]))
	}
	part := done(t, partShipped(ownLocation), &Move{NewLocationID: 99, Location: &lyon, Lines: []Quantity{{11, 1}}})
	if part.State.Status != StatusInProgress || amounts(part.State) != "11:1/2" {
		t.Errorf("original %s %s", part.State.Status, amounts(part.State))
	}
}

func TestMoveForgetsTheServicesAnswer(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusOpen, RequestRejected)
	fo.RequestKey, fo.RequestReference, fo.EstimatedShippedAt = "k", "r", &testTime
	fo.Lines[0].Warnings = []Warning{{Title: "x"}}
	s := done(t, fo, &Move{NewLocationID: 99, Location: &lyon}).State
	if s.RequestKey != "" || s.RequestReference != "" || s.EstimatedShippedAt != nil || s.Lines[0].Warnings != nil ||
		s.AssignedLocation != lyon {
		t.Errorf("got %+v", s)
	}
}

func TestMoveRefusals(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	refused(t, fo, &Move{NewLocationID: 98}, CodeLocationNotFound, "Location not found.", "id")
	refused(
		t, fo, &Move{Location: &ownLocation}, CodeInvalid,
		"The fulfillment order is already assigned to this location.", "newLocationId",
	)
	refused(
		t, fo, &Move{Location: &lyon, UnstockedSKUs: []string{"CUP", "TEA"}}, CodeInvalidState,
		"Cannot move the fulfillment order: the location does not stock CUP, TEA.",
	)
	refused(t, reported(), &Move{Location: &lyon}, CodeProgressOnMove, progressOnMove, "id")
	held := inState(ownLocation, StatusOnHold, RequestUnsubmitted)
	refused(
		t, held, &Move{Location: &lyon, Lines: []Quantity{{11, 1}}}, CodeNotSplittable,
		"The fulfillment order is not in a splittable state.", "fulfillmentOrderLineItems",
	)
	shipped := partShipped(ownLocation)
	shipped.Status, shipped.Holds = StatusOnHold, held.Holds
	refused(
		t, shipped, &Move{Location: &lyon}, CodeNotSplittable, "The fulfillment order is not in a splittable state.",
		"fulfillmentOrderLineItems",
	)
	if got := joinedActions(shipped.SupportedActions(merchant)); got != "RELEASE_HOLD HOLD" {
		t.Errorf("a held, partly shipped one lists %s", got)
	}
}
