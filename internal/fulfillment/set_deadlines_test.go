package fulfillment

import (
	"testing"
	"time"
)

// TestSetDeadlines: what does not exist is passed over, closed ones are not.
func TestSetDeadlines(t *testing.T) {
	t.Parallel()
	deadline := testTime.Add(48 * time.Hour)
	closed := but(
		inState(ownLocation, StatusClosed, RequestUnsubmitted),
		func(fo *FulfillmentOrder) { fo.ID, fo.OrderID = 3, 77 },
	)
	cmd := &SetDeadlines{Meta: Meta{CommandID: "x"}, FulfillmentOrderIDs: []ID{404, 3, 1, 3}, FulfillBy: &deadline}
	states := []*FulfillmentOrder{openWith(1, 1), openWith(2, 1), closed}
	d := jointly(t, cmd, states...)
	equal(t, "transitions", steps(d), "1#2 DEADLINE_SET; 3#2 DEADLINE_SET")
	if len(d.Results) != 2 || d.Results[0].FulfillmentOrderID != 3 || d.Results[1].FulfillmentOrderID != 1 {
		t.Errorf("answers %+v", d.Results)
	}
	for _, fo := range d.States {
		if fo.FulfillBy == nil || !fo.FulfillBy.Equal(deadline) {
			t.Errorf("%d is to be fulfilled by %v", fo.ID, fo.FulfillBy)
		}
	}
	if again := jointly(t, cmd, after(d, states...)...); !again.Repeated || len(again.Results) != 2 {
		t.Errorf("the second time: %+v", again)
	}
	if away := jointly(t, &SetDeadlines{FulfillmentOrderIDs: []ID{1}}, d.States[0]); away.States[0].FulfillBy != nil {
		t.Errorf("without a deadline: %v", away.States[0].FulfillBy)
	}
}

func TestSetDeadlinesOfNone(t *testing.T) {
	t.Parallel()
	refusedJointly(t, &SetDeadlines{FulfillmentOrderIDs: []ID{404, 405}, FulfillBy: &testTime},
		[]*FulfillmentOrder{openWith(1, 1)},
		CodeNotFound, "Fulfillment orders could not be found.")
}
