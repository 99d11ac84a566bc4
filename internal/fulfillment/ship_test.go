package fulfillment

import (
	"math"
	"slices"
	"testing"
	"time"
)

func shipping(ids ...ID) *Ship {
	cmd := &Ship{}
	for _, id := range ids {
		cmd.Groups = append(cmd.Groups, ShipGroup{FulfillmentOrderID: id})
	}
	return cmd
}

// TestShip: one fulfillment with one ID; the first fulfillment order owns it, each keeps its part.
func TestShip(t *testing.T) {
	t.Parallel()
	cmd := &Ship{Meta: Meta{CommandID: "x"}, Groups: []ShipGroup{
		{2, []Quantity{{21, 1}}}, {1, nil}, {3, nil},
	}, NotifyCustomer: true, Message: "on its way",
		Tracking: &TrackingInput{Company: "UPS", Number: "1Z1"}}
	d := jointly(t, cmd, openWith(1, 1, 2), openWith(2, 3), openWith(3, 0, 1), openWith(4, 1))
	equal(t, "states", summary(d.States), "1 CLOSED 11:0/1 12:0/2; 2 IN_PROGRESS 21:2/3; 3 CLOSED 32:0/1")
	equal(t, "transitions", steps(d), "1#2 FULFILLMENT_CREATED; 2#2 FULFILLMENT_CREATED; 3#2 FULFILLMENT_CREATED")
	home, parts := d.States[1].Fulfillments[0], []Fulfillment{d.States[0].Fulfillments[0], d.States[2].Fulfillments[0]}
	if home.ID != 1000 || home.HomeID != 0 || !slices.Equal(home.Parts, []ID{1, 3}) || len(home.Lines) != 1 ||
		len(home.Tracking) != 1 || home.Message != "on its way" {
		t.Errorf("the owner has %+v", home)
	}
	for _, part := range parts {
		if part.ID != home.ID || part.HomeID != 2 || len(part.Parts) > 0 || part.Status != FulfillmentSuccess {
			t.Errorf("a part is %+v", part)
		}
	}
	want := Result{
		FulfillmentOrderID: 2, Sequence: 2, Status: StatusInProgress, RequestStatus: RequestUnsubmitted,
		FulfillmentID: 1000,
	}
	if len(d.Results) != 1 || d.Results[0] != want {
		t.Errorf("answers %+v", d.Results)
	}
	if !slices.Equal(d.Transitions[1].Topics, []string{TopicFulfillmentCreated}) ||
		len(d.Transitions[0].Topics)+len(d.Transitions[2].Topics) > 0 {
		t.Error("a shipment is announced once")
	}
	if s := d.States[0]; !s.Finished() {
		t.Error("a part waits for its own delivery")
	}
}

// TestShipAddsUpGroups: groups that name the same fulfillment order are one.
func TestShipAddsUpGroups(t *testing.T) {
	t.Parallel()
	d := jointly(
		t,
		&Ship{
			Groups: []ShipGroup{{1, []Quantity{{11, 1}}}, {2, []Quantity{{21, 1}}}, {1, []Quantity{{12, 1}, {11, 1}}}},
		},
		openWith(1, 3, 3), openWith(2, 3),
	)
	equal(t, "states", summary(d.States), "1 IN_PROGRESS 11:1/3 12:2/3; 2 IN_PROGRESS 21:2/3")
	if f := d.States[0].Fulfillments; len(f) != 1 || len(f[0].Lines) != 2 || f[0].Lines[0].Quantity != 2 {
		t.Errorf("shipped %+v", f)
	}
	whole := jointly(t, &Ship{Groups: []ShipGroup{{1, []Quantity{{11, 1}}}, {1, nil}}}, openWith(1, 3))
	equal(t, "a part and everything", summary(whole.States), "1 CLOSED 11:0/3")
	const amount = "Invalid fulfillment order line item quantity requested."
	refusedJointly(
		t, &Ship{Groups: []ShipGroup{{1, []Quantity{{11, 2}}}, {1, []Quantity{{11, 2}}}}},
		[]*FulfillmentOrder{openWith(1, 3)}, CodeInvalid, amount, "fulfillment",
	)
	huge := ShipGroup{1, []Quantity{{11, math.MaxInt}}}
	refusedJointly(
		t, &Ship{Groups: []ShipGroup{huge, huge, {1, []Quantity{{11, 3}}}}}, []*FulfillmentOrder{openWith(1, 3)},
		CodeInvalid, amount, "fulfillment",
	)
}

// TestShipRefusals: quantities of all groups come first, then what the groups have in common, then lines, states,
// amounts.
func TestShipRefusals(t *testing.T) {
	t.Parallel()
	const (
		zero    = "Quantity must be greater than 0"
		missing = "Fulfillment order does not exist."
		noLine  = "Fulfillment order line item does not exist."
		amount  = "Invalid fulfillment order line item quantity requested."
	)
	whole := []string{"fulfillment"}
	path := func(group string, tail ...string) []string {
		return append(
			[]string{"fulfillment", "lineItemsByFulfillmentOrder", group, "fulfillmentOrderLineItems"}, tail...,
		)
	}
	numbered := func(id ID, fo *FulfillmentOrder) *FulfillmentOrder { fo.ID = id; return fo }
	states := []*FulfillmentOrder{openWith(1, 2), openWith(2, 2),
		but(openWith(3, 2), func(fo *FulfillmentOrder) { fo.OrderID, fo.AssignedLocation = 77, lyon }),
		but(
			openWith(4, 2),
			func(fo *FulfillmentOrder) { fo.AssignedLocation, fo.DeliveryMethod = lyon, DeliveryPickUp },
		),
		but(openWith(5, 2), func(fo *FulfillmentOrder) { fo.DeliveryMethod = DeliveryPickUp }),
		numbered(
			6, inState(ownLocation, StatusClosed, RequestUnsubmitted),
		), numbered(7, inState(ownLocation, StatusOnHold, RequestUnsubmitted))}
	some := func(id ID, lines ...Quantity) ShipGroup { return ShipGroup{id, lines} }
	var long []Quantity
	for i := range ID(300) {
		long = append(long, Quantity{100 + i, 1})
	}
	for _, c := range []struct {
		rule    string
		groups  []ShipGroup
		code    Code
		message string
		field   []string
	}{
		{
			"zero units", []ShipGroup{some(1, Quantity{11, 0}), some(2)}, CodeGreaterThanZero, zero,
			path("0", "0", "quantity"),
		},
		{
			"zero units further on, before anything else",
			[]ShipGroup{some(404), some(3), some(6, Quantity{99, 1}, Quantity{11, 0})}, CodeGreaterThanZero, zero,
			path("2", "1", "quantity"),
		},
		{
			"zero units of a repeated one", []ShipGroup{some(1, Quantity{11, 1}), some(1, Quantity{11, -1})},
			CodeGreaterThanZero, zero, path("1", "0", "quantity"),
		},
		{
			"a line twice in a group", []ShipGroup{some(1), some(2, Quantity{21, 1}, Quantity{21, 1})},
			CodeDuplicateLines, "must contain unique line item ids", path("1"),
		},
		{
			"too many lines", []ShipGroup{some(1, long...), some(2, long...)}, CodeInvalid,
			"There may be up to 512 line items.", whole,
		},
		{
			"not existing, before lines and states", []ShipGroup{some(6, Quantity{99, 1}), some(404)}, CodeNotFound,
			missing, whole,
		},
		{
			"of two orders, before two locations", []ShipGroup{some(1), some(3), some(2)}, CodeInvalid,
			"All fulfillment orders must belong to the same order. Multiple orders with ids [2, 77] were found.", whole,
		},
		{
			"at two locations, before two delivery methods", []ShipGroup{some(4), some(1)}, CodeInvalid,
			"All fulfillment orders must be assigned to a single location. Multiple locations with ids [99, 5] were " +
				"found.",
			whole,
		},
		{
			"by two delivery methods", []ShipGroup{some(1), some(5)}, CodeInvalid,
			"All fulfillment orders must have the same delivery method type. Multiple delivery method types " +
				"[SHIPPING, PICK_UP] were found.",
			whole,
		},
		{
			"at two locations, before lines", []ShipGroup{some(1, Quantity{99, 1}), some(4)}, CodeInvalid,
			"All fulfillment orders must be assigned to a single location. Multiple locations with ids [5, 99] were " +
				"found.",
			whole,
		},
		{
			"unknown line, before the state", []ShipGroup{some(6), some(1, Quantity{99, 1})}, CodeLineItemNotFound,
			noLine, whole,
		},
		{"another one's line", []ShipGroup{some(1), some(2, Quantity{11, 1})}, CodeLineItemNotFound, noLine, whole},
		{
			"closed", []ShipGroup{some(1), some(6)}, CodeInvalidState,
			"Fulfillment order 6 has an unfulfillable status= closed.", whole,
		},
		{
			"closed, before amounts", []ShipGroup{some(1, Quantity{11, 999}), some(6)}, CodeInvalidState,
			"Fulfillment order 6 has an unfulfillable status= closed.", whole,
		},
		{
			"on hold", []ShipGroup{some(7), some(1)}, CodeInvalidState,
			"Fulfillment order 7 has an unfulfillable status= on_hold.", whole,
		},
		{"too many units", []ShipGroup{some(1), some(2, Quantity{21, 3})}, CodeInvalid, amount, whole},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			refusedJointly(t, &Ship{Groups: c.groups}, states, c.code, c.message, c.field...)
		})
	}
}

// TestShipCountsLinesThatAreNotNamed: a shipment of everything has as many lines as one that names them.
func TestShipCountsLinesThatAreNotNamed(t *testing.T) {
	t.Parallel()
	long := func(id ID) *FulfillmentOrder {
		fo := openWith(id)
		for i := range ID(257) {
			fo.Lines = append(fo.Lines, Line{ID: 10_000*id + i, LineItemID: 5000 + i, Total: 1, Remaining: 1})
		}
		return fo
	}
	refusedJointly(
		t, shipping(1, 2), []*FulfillmentOrder{long(1), long(2)}, CodeInvalid, "There may be up to 512 line items.",
		"fulfillment",
	)
	jointly(t, shipping(1), long(1), long(2))
}

// TestShipBelongsToWhoRunsTheLocation: the merchant does not ship for a service.
func TestShipBelongsToWhoRunsTheLocation(t *testing.T) {
	t.Parallel()
	states := []*FulfillmentOrder{openWith(1, 2), openWith(2, 2)}
	for _, fo := range states {
		fo.AssignedLocation = peopleService
	}
	refusedJointly(
		t, sentBy(shipping(2, 1), merchant), states, CodeAccessDenied,
		"Fulfillment order 2 has an unfulfillable status= open.", "fulfillment",
	)
	jointly(t, sentBy(shipping(2, 1), Actor{Role: RoleService, ServiceID: peopleService.ServiceID}), states...)
}

// TestCancelSharedFulfillment: whichever member is asked, all parts come back, once.
func TestCancelSharedFulfillment(t *testing.T) {
	t.Parallel()
	states := []*FulfillmentOrder{openWith(1, 2), openWith(2, 3), openWith(3, 1), openWith(4, 1)}
	shipped := after(
		jointly(t, &Ship{Groups: []ShipGroup{{2, []Quantity{{21, 1}}}, {1, nil}, {3, nil}}}, states...), states...,
	)
	for _, asked := range []ID{1, 2, 3} {
		cancel := &CancelFulfillment{Meta: Meta{CommandID: "x"}, FulfillmentID: 1000}
		if !shipped[asked-1].NeedsSiblings(cancel) {
			t.Errorf("%d takes it back alone", asked)
		}
		d, err := DecideJointly(
			&Alone{FulfillmentOrderID: asked, Command: cancel}, shipped, Env{Now: testTime, IDs: NewIDs(2000)},
		)
		if err != nil {
			t.Fatal(err)
		}
		now := after(d, shipped...)
		units, topics := 0, 0
		for _, fo := range now {
			if fo.Status != StatusClosed {
				units += fo.RemainingUnits()
			}
			for _, f := range fo.Fulfillments {
				if f.Status != FulfillmentCancelled || f.CancelledAt == nil {
					t.Errorf("asked %d: %d still has %+v", asked, fo.ID, f)
				}
			}
		}
		for _, step := range d.Transitions {
			topics += len(step.Topics)
		}
		if units != 7 || topics != 1 || len(d.New) != 2 || now[1].Status != StatusOpen ||
			now[0].Status != StatusClosed {
			t.Errorf("asked %d: %s, %d topics", asked, summary(now), topics)
		}
		if r := d.Results[0]; len(d.Results) != 1 || r.FulfillmentOrderID != asked || r.FulfillmentID != 1000 {
			t.Errorf("asked %d: answers %+v", asked, d.Results)
		}
		if again := jointly(t, &Alone{FulfillmentOrderID: asked, Command: cancel}, now...); !again.Repeated ||
			again.Results[0] != d.Results[0] {
			t.Errorf("asked %d again: %+v", asked, again)
		}
		for _, other := range []ID{1, 2, 3} {
			later := jointly(
				t, &Alone{FulfillmentOrderID: other, Command: &CancelFulfillment{FulfillmentID: 1000}}, now...,
			)
			if len(later.Transitions) > 0 || later.Repeated || later.Results[0].FulfillmentID != 1000 {
				t.Errorf("asked %d, then %d: %s", asked, other, steps(later))
			}
		}
	}
	refusedJointly(
		t, &Alone{FulfillmentOrderID: 4, Command: &CancelFulfillment{FulfillmentID: 1000}}, shipped,
		CodeFulfillmentNotFound, "Fulfillment not found.", "id",
	)
	if openWith(1, 1).NeedsSiblings(&CancelFulfillment{FulfillmentID: 41}) ||
		partShipped(ownLocation).NeedsSiblings(&CancelFulfillment{FulfillmentID: 41}) {
		t.Error("a shipment of one fulfillment order needs no siblings")
	}
}

// TestCancelSharedFulfillmentAfterAMove: taking it back once more is no error, wherever the units are by now.
func TestCancelSharedFulfillmentAfterAMove(t *testing.T) {
	t.Parallel()
	service := Actor{Role: RoleService, ServiceID: peopleService.ServiceID}
	states := []*FulfillmentOrder{openWith(1, 2), openWith(2, 2)}
	for _, fo := range states {
		fo.AssignedLocation = peopleService
	}
	cancel := &Alone{
		FulfillmentOrderID: 1, Command: &CancelFulfillment{Meta: Meta{Actor: service}, FulfillmentID: 1000},
	}
	now := after(
		jointly(t, &Ship{Groups: []ShipGroup{{1, []Quantity{{11, 1}}}, {2, []Quantity{{21, 1}}}}}, states...),
		states...,
	)
	now = after(jointly(t, cancel, now...), now...)
	equal(t, "taken back", summary(now), "1 OPEN 11:2/2; 2 OPEN 21:2/2")
	now[1] = done(t, now[1], &Move{Location: &ownLocation}).State
	if d := jointly(t, cancel, now...); len(d.Transitions) > 0 || d.Results[0].FulfillmentID != 1000 {
		t.Errorf("once more: %s %+v", steps(d), d.Results)
	}
}

// TestOrderOfASharedShipment: the order counts its units once, and its owner's news is that of all parts.
func TestOrderOfASharedShipment(t *testing.T) {
	t.Parallel()
	states := []*FulfillmentOrder{openWith(1, 2), openWith(2, 3)}
	view := func(fos []*FulfillmentOrder) string {
		v := ViewOrder(false, fos)
		text := string(v.DisplayFulfillmentStatus()) + " " + string(v.FulfillmentStatus())
		for _, l := range v.Lines {
			text += " " + l.LineItemID.String() + ":" + ID(l.Ordered).String()
		}
		return text
	}
	part := after(jointly(t, &Ship{Groups: []ShipGroup{{2, []Quantity{{21, 1}}}, {1, nil}}}, states...), states...)
	equal(t, "a part", view(part), "PARTIALLY_FULFILLED partially_fulfilled 901:5")
	all := after(jointly(t, shipping(2, 1), states...), states...)
	equal(t, "shipped", view(all), "FULFILLED fulfilled 901:5")
	for _, news := range []struct {
		event EventStatus
		want  string
	}{{EventInTransit, "FULFILLED shipped 901:5"}, {EventDelivered, "FULFILLED delivered 901:5"}} {
		all[1] = doneAt(t, all[1], &RecordEvent{FulfillmentID: 1000, Status: news.event}, testTime.Add(time.Hour)).State
		equal(t, string(news.event), view(all), news.want)
	}
	d, err := DecideJointly(
		&Alone{FulfillmentOrderID: 1, Command: &CancelFulfillment{FulfillmentID: 1000}}, all,
		Env{Now: testTime, IDs: NewIDs(2000)},
	)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "taken back", view(after(d, all...)), "UNFULFILLED canceled 901:5")
}
