package audit

import (
	"fmt"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// place is where an event comes from: a transition, and which of its topics. FulfillmentOrderID is 0 for the order's own.
type place struct {
	OrderID, FulfillmentOrderID fulfillment.ID
	Sequence                    int64
	Position                    int
}

func (v event) place() place {
	return place{v.OrderID, v.FulfillmentOrderID, v.Sequence, v.Position}
}

// told is what an event must say.
type told struct{ topic, kind string }

// checkEventsOnce compares the outbox with the topics that the transitions raise, in both directions.
func checkEventsOnce(e *evidence, a *Assertion) {
	expected := map[place]told{}
	var places []place
	expect := func(at place, what told) {
		expected[at] = what
		places = append(places, at)
	}
	for _, id := range e.orderIDs {
		for _, t := range e.orders[id].transitions {
			expect(place{id, 0, t.Sequence, 0}, told{orderTopic(t.Kind), string(t.Kind)})
		}
	}
	for _, id := range e.foIDs {
		fo := e.fos[id]
		for _, t := range fo.transitions {
			for i, topic := range t.Topics {
				expect(place{fo.OrderID, id, t.Sequence, i}, told{topic, string(t.Kind)})
			}
		}
	}
	seen := map[place]bool{}
	for _, v := range e.events {
		a.Checked++
		want, known := expected[v.place()]
		switch {
		case !known:
			a.violated(v.OrderID, v.FulfillmentOrderID, "event %d (%s) is of transition %d, which raises no such event", v.ID, v.Topic, v.Sequence)
		case seen[v.place()]:
			a.violated(v.OrderID, v.FulfillmentOrderID, "event %d (%s) of transition %d is there twice", v.ID, v.Topic, v.Sequence)
		case v.Topic != want.topic || v.Kind != want.kind || v.About != v.Sequence:
			a.violated(v.OrderID, v.FulfillmentOrderID, "event %d of transition %d is %s about %s %d; it should be %s about %s", v.ID, v.Sequence, v.Topic, v.Kind, v.About, want.topic, want.kind)
		}
		seen[v.place()] = true
	}
	for _, at := range places {
		if !seen[at] {
			a.violated(at.OrderID, at.FulfillmentOrderID, "transition %d (%s) raised %s, which is not in the outbox", at.Sequence, expected[at].kind, expected[at].topic)
		}
	}
}

// orderTopic is what others hear of an order's transition under.
func orderTopic(kind postgres.OrderKind) string {
	switch kind {
	case postgres.OrderCreated:
		return "orders/create"
	case postgres.OrderEdited:
		return "orders/edited"
	case postgres.OrderCancelled:
		return "orders/cancelled"
	}
	return "orders/updated"
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
	return fmt.Sprintf("%d (%s of transition %d)", v.ID, v.Topic, v.Sequence)
}
