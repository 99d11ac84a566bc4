package fulfillment_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

// jointSent is a joint command that succeeded, with its answers.
type jointSent struct {
	cmd     fulfillment.Joint
	results []fulfillment.Result
}

// jointCommandsPerLife is how many random commands the two orders of a random joint life get.
const jointCommandsPerLife = 30

// TestRandomJointLives mixes commands on one fulfillment order with commands on several, over two orders, and checks
// after each one that every unit is accounted for, and everything else that always holds.
func TestRandomJointLives(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	tried, succeeded := map[fulfillment.Verb]int{}, map[fulfillment.Verb]int{}
	var folded atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.takeOrder(t, 1002)
		for range jointCommandsPerLife {
			w.now = w.now.Add(
				rapid.SampledFrom(
					[]time.Duration{0, 0, 0, 0, time.Second, time.Hour, 30 * time.Hour},
				).Draw(t, "time passes"),
			)
			first := w.nextBlock()
			cmd := w.drawNext(t, first)
			if cmd == nil {
				continue
			}
			checkJointJSON(t, cmd)
			d, refused := decideJointly(t, cmd, w.concerned(cmd), w.now, first)
			mu.Lock()
			tried[cmd.Verb()]++
			if refused == nil {
				succeeded[cmd.Verb()]++
			}
			mu.Unlock()
			if refused != nil {
				continue
			}
			if by := cmd.Envelope().Actor; by.Role == fulfillment.RoleService && by.ServiceID == stranger.ServiceID {
				t.Fatalf("%s: another service succeeded", describeJoint(cmd))
			}
			if _, ok := cmd.(*fulfillment.Merge); !ok &&
				slices.ContainsFunc(
					d.Transitions, func(s fulfillment.Transition) bool { return s.Kind == fulfillment.KindMerged },
				) {
				folded.Add(1)
			}
			w.adoptJointly(t, cmd, d, first)
			w.repeatJointly(t)
			w.checkMergeable(t, first)
		}
		w.checkEnd(t)
		w.drain(t)
		w.checkEnd(t)
	})
	t.Logf("tried %v, succeeded %v, %d folds by other commands than Merge", tried, succeeded, folded.Load())
	for _, verb := range fulfillment.JointVerbs {
		if !t.Failed() && tried[verb] >= 60 && succeeded[verb] == 0 {
			t.Errorf("no %s of %d succeeded: the lives lead nowhere", verb, tried[verb])
		}
	}
	if !t.Failed() && folded.Load() == 0 {
		t.Error("nothing was ever folded back, given back, or joined")
	}
}

// drawNext draws a command for one fulfillment order or for several. One that a fulfillment order can decide by itself
// is carried out at once: nil.
func (w *world) drawNext(t *rapid.T, first fulfillment.ID) fulfillment.Joint {
	if rapid.IntRange(0, 2).Draw(t, "several") == 2 {
		return w.drawJoint(t)
	}
	fo := w.drawOne(t)
	if rapid.IntRange(0, 3).Draw(t, "shipped together") == 3 {
		fo = w.drawLikely(t, sharesShipment)
	}
	var cmd fulfillment.Command
	if rapid.IntRange(0, 3).Draw(t, "anything") == 3 {
		cmd = w.drawCommand(t, fo)
	} else {
		cmd = w.drawTowards(t, fo)
	}
	if fo.NeedsSiblings(cmd) {
		return &fulfillment.Alone{FulfillmentOrderID: fo.ID, Command: cmd}
	}
	if d, refused := decide(t, fo, cmd, w.now, first); refused == nil {
		w.adopt(t, fo, d, first)
		w.checkTogether(t)
	}
	return nil
}

// concerned is all fulfillment orders of the orders of those that the command names.
func (w *world) concerned(cmd fulfillment.Joint) []*fulfillment.FulfillmentOrder {
	named := map[fulfillment.ID]bool{}
	for _, id := range cmd.Named() {
		if fo := byID(w.orders, id); fo != nil {
			named[fo.OrderID] = true
		}
	}
	return slices.DeleteFunc(
		slices.Clone(w.orders), func(fo *fulfillment.FulfillmentOrder) bool { return !named[fo.OrderID] },
	)
}

// adoptJointly puts a joint decision into the world and checks what can only be seen from there.
func (w *world) adoptJointly(t reporter, cmd fulfillment.Joint, d *fulfillment.JointDecision, first fulfillment.ID) {
	for _, state := range d.States {
		if i := w.find(state.ID); i >= 0 {
			w.past = append(w.past, past{w.orders[i], snapshot(t, w.orders[i])})
			w.orders[i] = state
		} else {
			w.orders = append(w.orders, state)
		}
	}
	w.tell(t, nil, d.Commit().Transitions)
	w.register(t, first)
	w.checkConservation(t)
	w.checkTogether(t)
	for n := range d.Results {
		if d.Repeated || cmd.Envelope().CommandID == "" || standing(cmd, d, n) == nil {
			return // What changed nothing is not remembered.
		}
	}
	w.joint = append(w.joint, jointSent{cmd, d.Results})
}

// checkTogether looks at what fulfillment orders know of each other.
func (w *world) checkTogether(t reporter) {
	w.checkLineage(t)
	ordered := map[fulfillment.ID]int{}
	for _, id := range []fulfillment.ID{1001, 1002} {
		own := slices.DeleteFunc(
			slices.Clone(w.orders), func(fo *fulfillment.FulfillmentOrder) bool { return fo.OrderID != id },
		)
		for _, l := range fulfillment.ViewOrder(false, own).Lines {
			ordered[l.LineItemID] = l.Ordered
		}
	}
	if !same(ordered, w.ordered) {
		t.Fatalf("ordered %v, in the view of the orders %v", w.ordered, ordered)
	}
	for _, fo := range w.orders {
		if fo.HeldApart != 0 && fo.Status != fulfillment.StatusOnHold && fo.Status != fulfillment.StatusClosed {
			t.Fatalf("%d is %s and still waits for %d", fo.ID, fo.Status, fo.HeldApart)
		}
		for _, f := range fo.Fulfillments {
			if f.HomeID != 0 {
				home := byID(w.orders, f.HomeID)
				if home == nil || home.OrderID != fo.OrderID ||
					!slices.ContainsFunc(home.Fulfillments, func(h fulfillment.Fulfillment) bool {
						return h.ID == f.ID && h.HomeID == 0 && slices.Contains(h.Parts, fo.ID)
					}) {
					t.Fatalf("%d has a part of shipment %d, of which %d does not know", fo.ID, f.ID, f.HomeID)
				}
			}
			for _, part := range f.Parts {
				other := byID(w.orders, part)
				if other == nil || !slices.ContainsFunc(other.Fulfillments, func(p fulfillment.Fulfillment) bool {
					return p.ID == f.ID && p.HomeID == fo.ID && p.Status == f.Status
				}) {
					t.Fatalf(
						"%d has no such part of shipment %d of %d, or in another status than %s", part, f.ID, fo.ID,
						f.Status,
					)
				}
			}
		}
	}
}

// repeatJointly sends a joint command again: the same body gets the same answers and changes nothing, another body
// under the same command ID is a conflict, as far as it is the sender's business.
func (w *world) repeatJointly(t *rapid.T) {
	if len(w.joint) == 0 || rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		return
	}
	recent := w.joint[max(0, len(w.joint)-10):] // Older ones are the store's to remember.
	old := recent[rapid.IntRange(0, len(recent)-1).Draw(t, "which")]
	old.cmd.Envelope().FirstID = w.nextBlock()
	d, refused := decideJointly(t, old.cmd, w.concerned(old.cmd), w.now.Add(time.Second), w.block)
	if refused != nil || !d.Repeated || !slices.Equal(d.Results, old.results) {
		t.Fatalf("%s: repeated, it got %+v (%v), at first %+v", describeJoint(old.cmd), d, refused, old.results)
	}
	deadline := w.now.Add(time.Duration(w.block))
	other := &fulfillment.SetDeadlines{
		Meta: *old.cmd.Envelope(), FulfillmentOrderIDs: []fulfillment.ID{old.results[0].FulfillmentOrderID},
		FulfillBy: &deadline,
	}
	want := fulfillment.CodeIdempotencyConflict
	if blind(other.Actor, w.orders[w.find(other.FulfillmentOrderIDs[0])]) { // It is not its business any more.
		want = fulfillment.CodeAccessDenied
	}
	if _, refused := decideJointly(t, other, w.concerned(other), w.now, w.block); refused == nil ||
		refused.Code != want {
		t.Fatalf("%s: another body with the same command ID got %v", describeJoint(other), refused)
	}
}

// checkMergeable makes sure that what is listed as mergeable is what can be merged.
func (w *world) checkMergeable(t *rapid.T, first fulfillment.ID) {
	fo := w.drawOne(t)
	by := rapid.SampledFrom(everybody(fo)).Draw(t, "asker")
	listed := fo.MergeableWith(w.orders, by)
	for _, other := range w.orders {
		merge := &fulfillment.Merge{Meta: fulfillment.Meta{Actor: by},
			Inputs: []fulfillment.MergeInput{{Intents: []fulfillment.MergeIntent{
				{FulfillmentOrderID: fo.ID}, {FulfillmentOrderID: other.ID}}}}}
		_, err := fulfillment.DecideJointly(
			merge, w.orders, fulfillment.Env{Now: w.now, IDs: fulfillment.NewIDs(first)},
		)
		if says, does := slices.Contains(listed, other), err == nil; says != does {
			t.Fatalf("%s by %s: listed: %v, but it ended with error %v", describeJoint(merge), by, says, err)
		}
	}
}
