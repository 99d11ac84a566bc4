package audit

import (
	"cmp"
	"fmt"

	"packhorse/internal/fulfillment"
)

// place is where an event comes from: a transition, and which of its topics. FulfillmentOrderID is 0 for the order's
// own.
type place struct {
	OrderID, FulfillmentOrderID fulfillment.ID
	Sequence                    int64
	Position                    int
}

func (v event) place() place {
	return place{v.OrderID, v.FulfillmentOrderID, v.Sequence, v.Position}
}

// told is what an event must say. May it be missing, it is from before there was one for every transition.
type told struct {
	topic, kind string
	mayMiss     bool
}

// checkEventsOnce compares the outbox with the transitions, in both directions: each has an event for each topic that
// it raises, and one without a topic if it raises none.
func checkEventsOnce(e *evidence, a *Assertion) {
	expected := map[place]told{}
	var places []place
	expect := func(at place, what told) {
		expected[at] = what
		places = append(places, at)
	}
	for _, id := range e.orderIDs {
		for _, t := range e.orders[id].transitions {
			raised := fulfillment.OrderTransition{Kind: t.Kind, Before: t.Before, After: t.After}
			for i, topic := range raised.Topics() {
				expect(place{id, 0, t.Sequence, i}, told{topic, string(t.Kind), i > 0 && !t.FeedWhole})
			}
		}
	}
	for _, id := range e.foIDs {
		fo := e.fos[id]
		for _, t := range fo.transitions {
			topics := t.Topics
			if len(topics) == 0 { // Only the feed tells of it.
				topics = []string{""}
			}
			for i, topic := range topics {
				expect(place{fo.OrderID, id, t.Sequence, i}, told{topic, string(t.Kind), topic == "" && !t.FeedWhole})
			}
		}
	}
	seen := map[place]bool{}
	for _, v := range e.events {
		a.Checked++
		want, known := expected[v.place()]
		switch {
		case !known:
			a.violated(v.OrderID, v.FulfillmentOrderID, "event %s is of a transition that raises no such event", v)
		case seen[v.place()]:
			a.violated(v.OrderID, v.FulfillmentOrderID, "event %s is there twice", v)
		case v.Topic != want.topic || v.Kind != want.kind || v.About != v.Sequence:
			a.violated(
				v.OrderID, v.FulfillmentOrderID, "event %s is about %s %d; it should be %s about %s", v, v.Kind,
				v.About, topicOr(want.topic), want.kind,
			)
		}
		seen[v.place()] = true
	}
	for _, at := range places {
		if !seen[at] && !expected[at].mayMiss {
			a.violated(
				at.OrderID, at.FulfillmentOrderID, "transition %d (%s) raised an event (%s) that is not in the outbox",
				at.Sequence, expected[at].kind, topicOr(expected[at].topic),
			)
		}
	}
}

// checkEventsInOrder follows the events of every fulfillment order, and of every order itself, by their IDs.
func checkEventsInOrder(e *evidence, a *Assertion) {
	last := map[[2]fulfillment.ID]event{}
	for _, v := range e.events {
		a.Checked++
		of := [2]fulfillment.ID{v.OrderID, v.FulfillmentOrderID}
		before, any := last[of]
		if any && (v.Sequence < before.Sequence || v.Sequence == before.Sequence && v.Position < before.Position) {
			a.violated(v.OrderID, v.FulfillmentOrderID, "event %s comes after %s", v, before)
		}
		last[of] = v
	}
}

func (v event) String() string {
	return fmt.Sprintf("%d (%s of transition %d)", v.ID, topicOr(v.Topic), v.Sequence)
}

func topicOr(topic string) string { return cmp.Or(topic, "without a topic") }
