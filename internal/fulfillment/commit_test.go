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
