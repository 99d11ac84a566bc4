package fulfillment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
)

// follower rebuilds every status from nothing but the entries of the feed, as they are on the wire.
type follower struct {
	states   map[fulfillment.ID]fulfillment.State         // by fulfillment order
	statuses map[fulfillment.ID]fulfillment.OrderStatuses // by order
	// sequence and position of the last entry about an order, or a fulfillment order
	last map[[2]fulfillment.ID][2]int64
}

func newFollower() *follower {
	return &follower{
		states: map[fulfillment.ID]fulfillment.State{}, statuses: map[fulfillment.ID]fulfillment.OrderStatuses{},
		last: map[[2]fulfillment.ID][2]int64{},
	}
}

// read takes an entry, which must follow the one before it: a transition without any would be a gap.
func (f *follower) read(t reporter, body []byte) {
	var e struct {
		Version            int
		OrderID            fulfillment.ID
		FulfillmentOrderID fulfillment.ID
		Sequence           int64
		Position           int64
		After              json.RawMessage
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Version != fulfillment.EventVersion {
		t.Fatalf("%s: %v", body, err)
	}
	about := [2]fulfillment.ID{e.OrderID, e.FulfillmentOrderID}
	last, at := f.last[about], [2]int64{e.Sequence, e.Position}
	if at != [2]int64{last[0] + 1, 0} && at != [2]int64{last[0], last[1] + 1} {
		t.Fatalf("entry %v of %v comes after %v", at, about, last)
	}
	f.last[about] = at
	var err error
	if e.FulfillmentOrderID == 0 {
		var s fulfillment.OrderStatuses
		err = json.Unmarshal(e.After, &s)
		f.statuses[e.OrderID] = s
	} else {
		var s fulfillment.State
		err = json.Unmarshal(e.After, &s)
		f.states[e.FulfillmentOrderID] = s
	}
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
}

// tell writes a commit's events to the feed, as the store does: one order after the other, each with what becomes of
// it.
func (w *world) tell(t reporter, change *fulfillment.OrderChange, transitions []fulfillment.Transition) {
	of := map[fulfillment.ID][]fulfillment.Transition{}
	var concerned []fulfillment.ID
	for _, step := range transitions {
		id := w.orders[w.find(step.FulfillmentOrderID)].OrderID
		if !slices.Contains(concerned, id) {
			concerned = append(concerned, id)
		}
		of[id] = append(of[id], step)
	}
	for _, id := range concerned {
		state := w.states[id]
		if state == nil {
			state = &fulfillment.OrderState{ID: id}
			w.states[id] = state
		}
		step, repeated := state.Decide(change, of[id], w.ofOrder(id))
		if repeated {
			t.Fatalf("order %d is cancelled already", id)
		}
		if step != nil {
			state.Version, state.Statuses = step.Sequence, step.After
		}
		for _, e := range fulfillment.Events(id, step, of[id]) {
			body, err := json.Marshal(e)
			if err != nil {
				t.Fatalf("%+v: %v", e, err)
			}
			w.feed.read(t, body)
		}
	}
}

func (w *world) ofOrder(id fulfillment.ID) []*fulfillment.FulfillmentOrder {
	return slices.DeleteFunc(
		slices.Clone(w.orders), func(fo *fulfillment.FulfillmentOrder) bool { return fo.OrderID != id },
	)
}

// checkFollower compares what the follower knows with what is.
func (w *world) checkFollower(t reporter) {
	for _, fo := range w.orders {
		if got := w.feed.states[fo.ID]; got != fo.Summary() {
			t.Fatalf("a follower takes fulfillment order %d for %+v, it is %+v", fo.ID, got, fo.Summary())
		}
		want := fulfillment.ViewOrder(false, w.ofOrder(fo.OrderID)).Statuses()
		if got := w.feed.statuses[fo.OrderID]; got != want {
			t.Fatalf("a follower takes order %d for %+v, it is %+v", fo.OrderID, got, want)
		}
	}
}

func TestFollowerNoticesAGap(t *testing.T) {
	t.Parallel()
	for name, sequences := range map[string][]int64{"skipped": {1, 3}, "twice": {1, 1}, "back": {1, 2, 1}} {
		r := &recorder{}
		f := newFollower()
		for _, n := range sequences {
			f.read(
				r,
				fmt.Appendf(
					nil, `{"version": 1, "orderId": 1, "fulfillmentOrderId": 2, "sequence": %d, "after": {}}`, n,
				),
			)
		}
		if !r.failed {
			t.Errorf("%s: nothing was noticed in %v", name, sequences)
		}
	}
}

// recorder is a reporter that only remembers.
type recorder struct{ failed bool }

func (r *recorder) Fatalf(string, ...any) { r.failed = true }
