package fulfillment_test

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

// world is an order, or several, with all fulfillment orders, those that commands made included.
type world struct {
	now     time.Time
	block   fulfillment.ID // first of the last block of IDs that was handed out
	ordered map[fulfillment.ID]int
	orders  []*fulfillment.FulfillmentOrder // in the order in which they were made
	known   map[fulfillment.ID]string       // everything that ever got an ID, and what it is
	keys    map[string]fulfillment.ID       // of every effect there ever was: the fulfillment order that asked for it
	sent    []sent
	joint   []jointSent
	past    []past

	feed   *follower                                  // of everything that was told
	states map[fulfillment.ID]*fulfillment.OrderState // of the orders, as the store has them
}

// sent is a command that succeeded, with its answer.
type sent struct {
	to     fulfillment.ID
	cmd    fulfillment.Command
	result fulfillment.Result
}

// past is a state that was left behind, to see that nothing changes it afterwards.
type past struct {
	fo   *fulfillment.FulfillmentOrder
	then []byte
}

func newWorld(t *rapid.T) *world {
	w := &world{now: time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC), block: 1 << 40,
		ordered: map[fulfillment.ID]int{}, known: map[fulfillment.ID]string{}, keys: map[string]fulfillment.ID{},
		feed: newFollower(), states: map[fulfillment.ID]*fulfillment.OrderState{}}
	w.takeOrder(t, 1001)
	return w
}

// takeOrder draws one more order. Its ID is in the IDs of its lines, too.
func (w *world) takeOrder(t *rapid.T, id fulfillment.ID) {
	order := &fulfillment.Order{
		ID: id, Name: fmt.Sprint("#", id),
		DeliveryTimeout: rapid.SampledFrom(
			[]fulfillment.Duration{0, fulfillment.Duration(72 * time.Hour)},
		).Draw(t, "delivery timeout"),
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		ships := rapid.Bool().Draw(t, "ships")
		order.LineItems = append(order.LineItems, fulfillment.LineItem{ID: 10*id +
			fulfillment.ID(i), Title: fmt.Sprintf("Line %d", i+1),
			SKU: fmt.Sprintf("SKU-%d", i+1), Quantity: rapid.IntRange(1, 5).Draw(t, "units"), RequiresShipping: &ships})
		w.ordered[order.LineItems[i].ID] = order.LineItems[i].Quantity
	}
	if err := order.Complete(w.now); err != nil {
		t.Fatalf("complete the order: %v", err)
	}
	first := w.nextBlock()
	fos, transitions, err := fulfillment.NewFulfillmentOrders(
		order, drawAssignments(t, w, order), fulfillment.Env{Now: w.now, IDs: fulfillment.NewIDs(first)},
	)
	if err != nil {
		t.Fatalf("make the fulfillment orders: %v", err)
	}
	for _, fo := range fos {
		checkState(t, fo)
		w.orders = append(w.orders, fo)
	}
	w.tell(t, &fulfillment.OrderChange{Kind: fulfillment.OrderKindCreated, At: w.now}, transitions)
	w.register(t, first)
	w.checkConservation(t)
}

func (w *world) nextBlock() fulfillment.ID {
	w.block += fulfillment.IDBlock
	return w.block
}

func (w *world) find(id fulfillment.ID) int {
	return slices.IndexFunc(w.orders, func(fo *fulfillment.FulfillmentOrder) bool { return fo.ID == id })
}

// adopt puts a decision into the world and checks what can only be seen from there.
func (w *world) adopt(t reporter, old *fulfillment.FulfillmentOrder, d *fulfillment.Decision, first fulfillment.ID) {
	w.past = append(w.past, past{old, snapshot(t, old)})
	w.orders[w.find(old.ID)] = d.State
	w.orders = append(w.orders, d.Siblings...)
	commit := fulfillment.CommitOf(d.State, d)
	w.tell(t, nil, slices.Concat(commit.Transitions, commit.SiblingTransitions))
	w.register(t, first)
	w.checkConservation(t)
}

// register notes every ID in the world. A new one must come from the command's own block; an old one must still be
// what it was. Only a line's ID may appear in a second fulfillment order: in the replacement of a cancelled one.
func (w *world) register(t reporter, first fulfillment.ID) {
	now := map[fulfillment.ID]bool{}
	see := func(id fulfillment.ID, what string) {
		if now[id] {
			t.Fatalf("%d (%s) is there twice", id, what)
		}
		now[id] = true
		was, old := w.known[id]
		if old && was != what {
			t.Fatalf("%d is %s, it was %s", id, what, was)
		}
		if !old && (id < first || id >= first+fulfillment.IDBlock) {
			t.Fatalf("%d (%s) is not of the command's own block, which starts at %d", id, what, first)
		}
		w.known[id] = what
	}
	for _, fo := range w.orders {
		see(fo.ID, "a fulfillment order")
		for _, l := range fo.Lines {
			see(l.ID, fmt.Sprintf("a line for %d", l.LineItemID))
		}
		for _, h := range fo.Holds {
			see(h.ID, fmt.Sprintf("a hold on %d", fo.ID))
		}
		for _, r := range fo.MerchantRequests {
			see(r.ID, fmt.Sprintf("a request of %d", fo.ID))
		}
		for _, f := range fo.Fulfillments {
			if f.HomeID == 0 { // A part has the ID of the whole.
				see(f.ID, fmt.Sprintf("a fulfillment of %d", fo.ID))
			}
			for _, l := range f.Lines {
				see(l.ID, fmt.Sprintf("a line of fulfillment %d", f.ID))
			}
			for _, e := range f.Events {
				see(e.ID, fmt.Sprintf("an event of fulfillment %d", f.ID))
			}
		}
		for _, e := range fo.Effects {
			if of, ok := w.keys[e.Key]; ok && of != fo.ID {
				t.Fatalf("effect %s is of %d and of %d", e.Key, of, fo.ID)
			}
			w.keys[e.Key] = fo.ID
		}
	}
}

func (w *world) checkConservation(t reporter) {
	units := map[fulfillment.ID]int{}
	for _, fo := range w.orders {
		for line, n := range accounted(fo) {
			units[line] += n
		}
	}
	if !same(units, w.ordered) {
		t.Fatalf("ordered %v, accounted for %v", w.ordered, units)
	}
}

// checkLineage makes sure that where units came from and went to is known on both sides.
func (w *world) checkLineage(t reporter) {
	for _, fo := range w.orders {
		for _, id := range fo.Supersedes {
			if i := w.find(id); i < 0 || !slices.Contains(w.orders[i].SupersededBy, fo.ID) {
				t.Fatalf("%d supersedes %d, which does not know", fo.ID, id)
			}
		}
		for _, id := range fo.SupersededBy {
			if i := w.find(id); i < 0 || !slices.Contains(w.orders[i].Supersedes, fo.ID) {
				t.Fatalf("%d is superseded by %d, which does not know", fo.ID, id)
			}
		}
	}
}

// checkEnd looks at the whole story: lineage from both sides, and states that were left behind.
func (w *world) checkEnd(t reporter) {
	w.checkLineage(t)
	w.checkFollower(t)
	for _, p := range w.past {
		if now := snapshot(t, p.fo); !bytes.Equal(now, p.then) {
			t.Fatalf(
				"state %d of %d changed after it was left behind:\n%s", p.fo.Sequence, p.fo.ID,
				diff(string(p.then), string(now)),
			)
		}
	}
}
