package fulfillment

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCommitReadsOldNames: activities that were scheduled with the names of fields as Go writes them may be waiting.
func TestCommitReadsOldNames(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	d := done(t, fo, &Split{Lines: []Quantity{{11, 1}}})
	want := CommitOf(d.State, d)
	body, err := json.Marshal(struct {
		State              *FulfillmentOrder
		Transitions        []Transition
		Siblings           []*FulfillmentOrder
		SiblingTransitions []Transition
	}(want))
	if err != nil {
		t.Fatal(err)
	}
	var got Commit
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Siblings) != 1 || len(got.Transitions) == 0 {
		t.Fatalf("read %+v", got)
	}
	again, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), string(again)); diff != "" {
		t.Error(diff)
	}
}

func TestNameShipments(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	d := done(t, fo, &CreateFulfillment{})
	shipment := d.State.Fulfillments[0].ID
	named := NameShipments(d.Transitions, map[ID]string{shipment: "#1-F3", 99: "#1-F4"})
	if got := named[len(named)-1].Details.Fulfillment.Name; got != "#1-F3" {
		t.Errorf("the transition says %q", got)
	}
	if got := d.Transitions[len(named)-1].Details.Fulfillment.Name; got == "#1-F3" {
		t.Error("the transition that was given is another now")
	}
	if got := NameShipments(d.Transitions, nil); &got[0] != &d.Transitions[0] {
		t.Error("without a name, the transitions were copied")
	}
}

// TestAmidOrder: what is told of a shipment says what is left of its lines, wherever in the order that is, and how far
// the order was. What the workflow has decided stays as it is.
func TestAmidOrder(t *testing.T) {
	t.Parallel()
	fo := twoLines(ownLocation, StatusOpen, RequestUnsubmitted)
	d := done(t, fo, &CreateFulfillment{Lines: []Quantity{{11, 2}}})
	elsewhere := inState(peopleService, StatusOpen, RequestSubmitted)
	closed := inState(peopleService, StatusClosed, RequestClosed)
	all := []*FulfillmentOrder{d.State, elsewhere, closed}
	told := AmidOrder(d.Transitions, OrderState{ID: 2, Version: 6}, all)
	details := told[len(told)-1].Details
	if diff := cmp.Diff([]Quantity{{21, 1 + 3}}, details.Unfulfilled); diff != "" || details.OrderSequence != 6 {
		t.Errorf("sequence %d, %s", details.OrderSequence, diff)
	}
	if own := d.Transitions[len(d.Transitions)-1].Details; own.Unfulfilled != nil || own.OrderSequence != 0 {
		t.Errorf("the decision was changed: %+v", own)
	}

	rest := done(t, d.State, &CreateFulfillment{})
	told = AmidOrder(rest.Transitions, OrderState{Version: 7}, []*FulfillmentOrder{rest.State, closed})
	if left := told[len(told)-1].Details.Unfulfilled; left != nil {
		t.Errorf("all is shipped, and %v is left", left)
	}
	held := done(t, fo, &PlaceHold{Reason: HoldOther})
	told = AmidOrder(held.Transitions, OrderState{Version: 7}, all)
	if told[0].Details != held.Transitions[0].Details {
		t.Error("a hold has nothing to tell of the order")
	}
}

// TestAmidOrderJointly: a shipment's lines are those of all its parts.
func TestAmidOrderJointly(t *testing.T) {
	t.Parallel()
	part := inState(ownLocation, StatusInProgress, RequestUnsubmitted)
	part.ID, part.Lines[0].LineItemID, part.Lines[0].Remaining = 9, 77, 1
	part.Fulfillments = []Fulfillment{{ID: 50, HomeID: 1, Lines: []FulfillmentLine{{LineItemID: 77, Quantity: 2}}}}
	home := inState(ownLocation, StatusClosed, RequestUnsubmitted)
	home.Fulfillments = []Fulfillment{{ID: 50, Parts: []ID{9}, Lines: []FulfillmentLine{{LineItemID: 21, Quantity: 3}}}}
	told := AmidOrder(
		[]Transition{{Details: &Details{Fulfillment: &home.Fulfillments[0]}}}, OrderState{},
		[]*FulfillmentOrder{home, part},
	)
	if diff := cmp.Diff([]Quantity{{77, 1}}, told[0].Details.Unfulfilled); diff != "" {
		t.Error(diff)
	}
}
