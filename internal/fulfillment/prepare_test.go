package fulfillment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pickUp is a fulfillment order of three cups and two teas that are picked up.
func pickUp() *FulfillmentOrder {
	fo := twoLines(ownLocation, StatusOpen, RequestUnsubmitted)
	fo.DeliveryMethod = DeliveryPickUp
	return fo
}

func preparedUnits(fo *FulfillmentOrder) map[ID]int {
	units := map[ID]int{}
	for _, l := range fo.Lines {
		units[l.ID] = l.Prepared
	}
	return units
}

// TestPrepare: what can be worked on and goes this way is prepared once; nothing else of it changes.
func TestPrepare(t *testing.T) {
	t.Parallel()
	in := func(status Status, request RequestStatus) *FulfillmentOrder {
		fo := twoLines(peopleService, status, request)
		fo.DeliveryMethod = DeliveryPickUp
		return fo
	}
	by := func(method DeliveryMethodType) *FulfillmentOrder {
		fo := pickUp()
		fo.DeliveryMethod = method
		return fo
	}
	shipped := func() *FulfillmentOrder {
		return done(t, pickUp(), &CreateFulfillment{Lines: []Quantity{{11, 2}}}).State
	}
	const invalid = "Invalid fulfillment_order_id provided 1: "
	pickup, local := &LineItemsPreparedForPickup{}, &LineItemsPreparedForLocalDelivery{}
	for name, test := range map[string]struct {
		fo      *FulfillmentOrder
		cmd     Command
		want    map[ID]int
		code    Code
		message string
	}{
		"open":            {fo: pickUp(), cmd: pickup, want: map[ID]int{11: 3, 12: 2}},
		"local":           {fo: by(DeliveryLocal), cmd: local, want: map[ID]int{11: 3, 12: 2}},
		"being worked on": {fo: in(StatusInProgress, RequestAccepted), cmd: pickup, want: map[ID]int{11: 3, 12: 2}},
		"rejected":        {fo: in(StatusOpen, RequestRejected), cmd: pickup, want: map[ID]int{11: 3, 12: 2}},
		"partly shipped":  {fo: shipped(), cmd: pickup, want: map[ID]int{11: 1, 12: 2}},
		"to be shipped": {
			fo: by(DeliveryShipping), cmd: pickup, code: CodePickupInvalid,
			message: invalid + "its delivery method is SHIPPING, not PICK_UP.",
		},
		"picked up, not brought": {
			fo: pickUp(), cmd: local, code: CodePickupInvalid,
			message: invalid + "its delivery method is PICK_UP, not LOCAL.",
		},
		"on hold": {
			fo: in(StatusOnHold, RequestUnsubmitted), cmd: pickup, code: CodePickupInvalid,
			message: invalid + "it is on_hold and unsubmitted. Only what can be worked on is prepared.",
		},
		"scheduled": {
			fo: in(StatusScheduled, RequestUnsubmitted), cmd: pickup, code: CodePickupInvalid,
			message: invalid + "it is scheduled and unsubmitted. Only what can be worked on is prepared.",
		},
		"not answered yet": {
			fo: in(StatusOpen, RequestSubmitted), cmd: pickup, code: CodePickupInvalid,
			message: invalid + "it is open and submitted. Only what can be worked on is prepared.",
		},
		"given up": {
			fo: in(StatusIncomplete, RequestClosed), cmd: pickup, code: CodePickupInvalid,
			message: invalid + "it is incomplete and closed. Only what can be worked on is prepared.",
		},
		"closed": {
			fo: in(StatusClosed, RequestUnsubmitted), cmd: pickup, code: CodePickupInvalid,
			message: invalid + "it is closed and unsubmitted. Only what can be worked on is prepared.",
		},
		"a second time": {
			fo: done(t, pickUp(), pickup).State, cmd: pickup, code: CodeNothingToPrepare,
			message: "There are no line items to prepare for fulfillment order 1: all that remains is prepared.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := test.fo.Decide(test.cmd, Env{Now: testTime, IDs: NewIDs(1000)})
			if test.message != "" {
				if e, ok := AsError(err); !ok || e.Code != test.code || e.Message != test.message {
					t.Fatalf("got %v, want %s: %s", err, test.code, test.message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, preparedUnits(d.State)); diff != "" || d.State.Status != test.fo.Status ||
				d.State.RequestStatus != test.fo.RequestStatus || !d.State.PreparedAt.Equal(testTime) {
				t.Errorf("%s/%s, prepared at %v: %s", d.State.Status, d.State.RequestStatus, d.State.PreparedAt, diff)
			}
			want := []string{"fulfillment_orders/line_items_prepared_for_pickup"}
			if test.cmd == local {
				want = []string{"fulfillment_orders/line_items_prepared_for_local_delivery"}
			}
			if diff := cmp.Diff(want, d.Transitions[0].Topics); diff != "" || len(d.Transitions) != 1 {
				t.Errorf("%d transitions: %s", len(d.Transitions), diff)
			}
		})
	}
}

// TestHandedOver: a shipment of what the customer comes for ends with it, and begins with the time at which it stood
// ready; so does one of what is no thing. Runs from before wait for news.
func TestHandedOver(t *testing.T) {
	t.Parallel()
	later := testTime.Add(3 * time.Hour)
	for name, test := range map[string]struct {
		method   DeliveryMethodType
		prepared Command
		env      Env
		display  DisplayStatus
		events   []EventStatus
		topics   []string
		waits    bool
	}{
		"picked up": {
			method: DeliveryPickUp, prepared: &LineItemsPreparedForPickup{}, display: DisplayPickedUp,
			events: []EventStatus{EventReadyForPickup}, topics: []string{TopicFulfillmentCreated, TopicEventCreated},
		},
		"picked up without a word": {
			method: DeliveryPickUp, display: DisplayPickedUp, topics: []string{TopicFulfillmentCreated},
		},
		"over the counter": {
			method: DeliveryRetail, display: DisplayFulfilled, topics: []string{TopicFulfillmentCreated},
		},
		"no thing": {method: DeliveryNone, display: DisplayFulfilled, topics: []string{TopicFulfillmentCreated}},
		"brought": {
			method: DeliveryLocal, prepared: &LineItemsPreparedForLocalDelivery{}, display: DisplayFulfilled,
			topics: []string{TopicFulfillmentCreated}, waits: true,
		},
		"shipped": {
			method: DeliveryShipping, display: DisplayFulfilled, topics: []string{TopicFulfillmentCreated}, waits: true,
		},
		"picked up, in a run from before": {
			method: DeliveryPickUp, display: DisplayFulfilled, topics: []string{TopicFulfillmentCreated}, waits: true,
			env: Env{AwaitsDelivery: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fo := pickUp()
			fo.DeliveryMethod = test.method
			if test.prepared != nil {
				fo = done(t, fo, test.prepared).State
			}
			env := test.env
			env.Now, env.IDs = later, NewIDs(2000)
			d, err := fo.Decide(&CreateFulfillment{}, env)
			if err != nil {
				t.Fatal(err)
			}
			f := d.State.Fulfillments[0]
			var events []EventStatus
			for _, e := range f.Events {
				if events = append(events, e.Status); !e.HappenedAt.Equal(testTime) || !e.CreatedAt.Equal(later) {
					t.Errorf("%s happened at %s, told at %s", e.Status, e.HappenedAt, e.CreatedAt)
				}
			}
			if diff := cmp.Diff(test.events, events); diff != "" || f.DisplayStatus != test.display {
				t.Errorf("it is %s: %s", f.DisplayStatus, diff)
			}
			if diff := cmp.Diff(test.topics, d.Transitions[0].Topics); diff != "" {
				t.Error(diff)
			}
			if d.State.Finished() == test.waits {
				t.Errorf("finished is %t", d.State.Finished())
			}
			if _, what, ok := d.State.NextDeadline(); ok != test.waits {
				t.Errorf("waits for %q", what)
			}
		})
	}
}

// TestPickedUpStays: news that comes afterwards is kept, and does not turn it back.
func TestPickedUpStays(t *testing.T) {
	t.Parallel()
	fo := done(t, pickUp(), &CreateFulfillment{}).State
	f := fo.Fulfillments[0].ID
	after := done(t, fo, &RecordEvent{
		FulfillmentID: f, Status: EventReadyForPickup, HappenedAt: new(testTime.Add(time.Hour)),
	}).State.Fulfillments[0]
	if after.DisplayStatus != DisplayPickedUp || len(after.Events) != 1 || !after.Events[0].Late {
		t.Errorf("it is %s, with %+v", after.DisplayStatus, after.Events)
	}
}

// TestPreparedUnitsGoWithTheirUnits: prepared units are shipped first and given away last; at another place, or with
// nobody who goes on with them, they are not prepared.
func TestPreparedUnitsGoWithTheirUnits(t *testing.T) {
	t.Parallel()
	half := pickUp() // Two of the three cups stand ready.
	half.Lines[0].Prepared, half.PreparedAt = 2, new(testTime)
	whole := done(t, pickUp(), &LineItemsPreparedForPickup{}).State
	lyon := &AssignedLocation{LocationID: 99, Name: "Lyon"}
	for name, test := range map[string]struct {
		fo      *FulfillmentOrder
		cmd     Command
		here    map[ID]int
		sibling map[ID]int
	}{
		"shipped first":       {half, &CreateFulfillment{Lines: []Quantity{{11, 1}}}, map[ID]int{11: 1, 12: 0}, nil},
		"split off last":      {half, &Split{Lines: []Quantity{{11, 2}}}, map[ID]int{11: 1, 12: 0}, map[ID]int{1001: 1}},
		"split off":           {whole, &Split{Lines: []Quantity{{11, 1}}}, map[ID]int{11: 2, 12: 2}, map[ID]int{1001: 1}},
		"moved":               {whole, &Move{NewLocationID: 99, Location: lyon}, map[ID]int{11: 0, 12: 0}, nil},
		"moved in part":       {whole, &Move{NewLocationID: 99, Location: lyon, Lines: []Quantity{{11, 1}}}, map[ID]int{11: 2, 12: 2}, map[ID]int{1001: 0}},
		"held":                {whole, &PlaceHold{Reason: HoldOther}, map[ID]int{11: 3, 12: 2}, nil},
		"cancelled, replaced": {whole, &Cancel{}, map[ID]int{}, map[ID]int{11: 3, 12: 2}},
		"taken out":           {half, &CancelUnits{LineItems: []Quantity{{21, 2}}}, map[ID]int{11: 1, 12: 0}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := done(t, test.fo, test.cmd)
			if diff := cmp.Diff(test.here, preparedUnits(d.State)); diff != "" {
				t.Errorf("here: %s", diff)
			}
			if test.sibling == nil {
				return
			}
			s := d.Siblings[0]
			if diff := cmp.Diff(test.sibling, preparedUnits(s)); diff != "" {
				t.Errorf("sibling: %s", diff)
			}
			if (s.PreparedAt == nil) != (s.PreparedUnits() == 0) {
				t.Errorf("sibling: prepared at %v, %d units", s.PreparedAt, s.PreparedUnits())
			}
		})
	}
}

// TestPreparedUnitsAreMerged: they stay prepared, also where nothing was before, and their shipment says so.
func TestPreparedUnitsAreMerged(t *testing.T) {
	t.Parallel()
	into, from := pickUp(), done(t, pickUp(), &LineItemsPreparedForPickup{}).State
	from.ID = 2
	d, err := DecideJointly(&Merge{Inputs: []MergeInput{{Intents: []MergeIntent{
		{FulfillmentOrderID: 1}, {FulfillmentOrderID: 2, Lines: []Quantity{{11, 2}}},
	}}}}, []*FulfillmentOrder{into, from}, Env{Now: testTime, IDs: NewIDs(1000)})
	if err != nil {
		t.Fatal(err)
	}
	merged := d.States[0]
	if diff := cmp.Diff(map[ID]int{11: 2, 12: 0}, preparedUnits(merged)); diff != "" {
		t.Errorf("merged: %s", diff)
	}
	if diff := cmp.Diff(map[ID]int{11: 1, 12: 2}, preparedUnits(d.States[1])); diff != "" {
		t.Errorf("left behind: %s", diff)
	}
	f := done(t, merged, &CreateFulfillment{}).State.Fulfillments[0]
	if len(f.Events) != 1 || f.Events[0].Status != EventReadyForPickup {
		t.Errorf("the shipment begins with %+v", f.Events)
	}
}
