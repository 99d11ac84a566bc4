package fulfillment

import "testing"

// TestRerouteTogether: all move, under their own IDs; of what was shipped in part, the rest moves as a new one.
func TestRerouteTogether(t *testing.T) {
	t.Parallel()
	shipped := but(partShipped(ownLocation), func(fo *FulfillmentOrder) { fo.ID = 2 })
	d := jointly(
		t, &Reroute{FulfillmentOrderIDs: []ID{2, 1, 2}, Location: &lyon}, openWith(1, 3), shipped, openWith(3, 1),
	)
	equal(t, "states", summary(d.States), "1 OPEN 11:3/3; 2 CLOSED 11:0/1; 1000 OPEN 1001:2/2")
	if d.States[0].AssignedLocation != lyon || d.States[1].AssignedLocation != ownLocation ||
		d.New[0].AssignedLocation != lyon {
		t.Errorf("at %v, %v, %v", d.States[0].AssignedLocation, d.States[1].AssignedLocation, d.New[0].AssignedLocation)
	}
	for _, step := range d.Transitions {
		if step.Verb != VerbReroute {
			t.Errorf("%s was done by %s", step.Kind, step.Verb)
		}
	}
	if r := d.Results; len(r) != 2 || r[0].SiblingID != 1000 || r[0].SiblingRole != SiblingMoved ||
		r[1].FulfillmentOrderID != 1 || r[1].SiblingID != 0 {
		t.Errorf("answers %+v", r)
	}
}

func TestRerouteRefusals(t *testing.T) {
	t.Parallel()
	numbered := func(id ID, fo *FulfillmentOrder) *FulfillmentOrder { fo.ID = id; return fo }
	states := []*FulfillmentOrder{openWith(1, 1),
		but(openWith(2, 1), func(fo *FulfillmentOrder) { fo.OrderID = 77 }),
		but(openWith(3, 1), func(fo *FulfillmentOrder) { fo.AssignedLocation = lyon }),
		but(openWith(4, 1), func(fo *FulfillmentOrder) { fo.DeliveryMethod = DeliveryPickUp }),
		numbered(5, inState(ownLocation, StatusClosed, RequestUnsubmitted)),
		numbered(6, reported()),
		numbered(7, inState(peopleService, StatusOpen, RequestSubmitted)),
		numbered(8, inState(ownLocation, StatusScheduled, RequestUnsubmitted)),
		but(openWith(9, 1), func(fo *FulfillmentOrder) { fo.DeliveryMethod = DeliveryNone }),
	}
	for _, c := range []struct {
		rule    string
		ids     []ID
		code    Code
		message string
	}{
		{"no IDs", nil, CodeNoFulfillmentOrderIDs, "At least one fulfillment order ID must be provided."},
		{"not existing", []ID{1, 404}, CodeNotFound, "Fulfillment order does not exist."},
		{
			"of another order", []ID{1, 2}, CodeNotFromTheSameOrder,
			"All fulfillment orders must belong to the same order.",
		},
		{
			"at another location", []ID{1, 3}, CodeNotAtTheSameLocation,
			"All fulfillment orders must be assigned to the same location.",
		},
		{
			"to be picked up", []ID{1, 4}, CodeDeliveryMethodUnsupported,
			"Fulfillment order 4 has a delivery method that is tied to its location.",
		},
		{"closed", []ID{1, 5}, CodeStateNotSupported, "Cannot change location."},
		{"scheduled", []ID{8}, CodeStateNotSupported, "Cannot change location."},
		{"progress reported", []ID{1, 6}, CodeProgressOnMove, progressOnMove},
		{"with a service", []ID{7}, CodeStateNotSupported, atThirdParty},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			refusedJointly(
				t,
				&Reroute{FulfillmentOrderIDs: c.ids, Location: &AssignedLocation{LocationID: 55}, Alternatives: true},
				states, c.code, c.message, "fulfillmentOrderIds",
			)
		})
	}
	refusedJointly(
		t, &Reroute{FulfillmentOrderIDs: []ID{1}}, states, CodeSingleLocation,
		"There is no other location to re-route to.", "fulfillmentOrderIds",
	)
	refusedJointly(
		t, &Reroute{FulfillmentOrderIDs: []ID{1}, Alternatives: true}, states, CodeCannotReassign,
		"No other location can take the fulfillment orders.", "fulfillmentOrderIds",
	)
	refusedJointly(
		t, &Reroute{FulfillmentOrderIDs: []ID{5}}, states, CodeStateNotSupported, "Cannot change location.",
		"fulfillmentOrderIds",
	)
	jointly(t, &Reroute{FulfillmentOrderIDs: []ID{9}, Location: &lyon}, states...)
}
