package fulfillment

import (
	"cmp"
	"slices"
	"time"
)

// EventVersion is the version of an [Event]'s JSON. New fields may come without a new version; a field that goes, or
// gets another meaning, makes one. In version 1, IDs were numbers.
const EventVersion = 2

// Event is one entry of the feed: what others hear of a transition. A transition yields one for each webhook topic that
// it raises, and one without a topic when it raises none, so that whoever reads all entries can rebuild every status.
// It shows the moment of its commit, and is never changed.
type Event struct {
	Version int `json:"version"` // EventVersion
	// Topic is the webhook topic, such as "fulfillment_orders/moved"; empty: only the feed tells of it.
	Topic              string `json:"topic,omitempty"`
	OrderID            ID     `json:"orderId"`
	FulfillmentOrderID ID     `json:"fulfillmentOrderId,omitempty"` // 0: it is about the order itself, or a return
	ReturnID           ID     `json:"returnId,omitempty"`           // 0: it is not about a return
	// Sequence is the transition's, in the life of what it is about.
	Sequence int64  `json:"sequence"`
	Position int    `json:"position"` // among the entries of the transition, from 0
	Kind     string `json:"kind"`     // a Kind; of the order itself, an OrderKind

	At        time.Time `json:"at"`                  // when it was decided, UTC
	Verb      Verb      `json:"command,omitempty"`   // what caused it, if it was a fulfillment order's command
	CommandID string    `json:"commandId,omitempty"` // the idempotency key of what caused it; empty: no command did
	Actor     Actor     `json:"actor"`
	Reason    string    `json:"reason,omitempty"` // why, in words for people

	Before  any `json:"before,omitempty"`  // a State; of the order itself, OrderStatuses. Missing: it was just made
	After   any `json:"after"`             // likewise
	Details any `json:"details,omitempty"` // Details; of the order itself, OrderDetails
}

// Events are the entries of the feed for one commit: transitions of one order's fulfillment orders, and that of the
// order itself (nil: none). What was done to the order comes before what that did to its parts; a status that follows
// from its parts comes after them.
func Events(orderID ID, order *OrderTransition, transitions []Transition) []Event {
	var events []Event
	causes := causes(transitions)
	if order != nil && order.Kind != OrderKindStatusChanged {
		events = append(events, order.events("", order.CommandID)...)
		for i := range transitions {
			causes[i] = cmp.Or(causes[i], order.CommandID)
		}
	}
	for i := range transitions {
		events = append(events, transitions[i].events(orderID, causes[i])...)
	}
	if order != nil && order.Kind == OrderKindStatusChanged {
		moved := slices.IndexFunc(transitions, order.followsFrom)
		if moved < 0 {
			return append(events, order.events("", "")...)
		}
		events = append(events, order.events(transitions[moved].Verb, causes[moved])...)
	}
	return events
}

// followsFrom tells whether a status changed because of the transition.
func (t *OrderTransition) followsFrom(of Transition) bool {
	return t.Details != nil && t.Details.FulfillmentOrderID == of.FulfillmentOrderID &&
		t.Details.Sequence == of.Sequence
}

// events are those of a transition of a fulfillment order.
func (t *Transition) events(orderID ID, commandID string) []Event {
	e := Event{
		OrderID: orderID, FulfillmentOrderID: t.FulfillmentOrderID, Sequence: t.Sequence, Kind: string(t.Kind),
		At: t.At, Verb: t.Verb, CommandID: commandID, Actor: t.Actor, Reason: t.Reason, After: t.After,
	}
	if t.Before != (State{}) {
		e.Before = t.Before
	}
	if t.Details != nil {
		e.Details = t.Details
	}
	return e.under(t.Topics)
}

// events are those of a transition of the order itself.
func (t *OrderTransition) events(verb Verb, commandID string) []Event {
	e := Event{
		OrderID: t.OrderID, Sequence: t.Sequence, Kind: string(t.Kind),
		At: t.At, Verb: verb, CommandID: commandID, Actor: t.Actor, Reason: t.Reason, After: t.After,
	}
	if t.Before != nil {
		e.Before = *t.Before
	}
	if t.Details != nil {
		e.Details = t.Details
	}
	return e.under(t.Topics())
}

// under is the event once for each topic; without topics, once.
func (e Event) under(topics []string) []Event {
	e.Version = EventVersion
	events := make([]Event, max(1, len(topics)))
	for i := range events {
		events[i] = e
		events[i].Position = i
		if len(topics) > 0 {
			events[i].Topic = topics[i]
		}
	}
	return events
}

// causes are the command IDs of the commands that made the transitions. A transition has its command's only if it is
// the command's last one, which has the result, too.
func causes(transitions []Transition) []string {
	ids := make([]string, len(transitions))
	next := map[ID]string{} // of the command that the present transition of a fulfillment order belongs to
	for i := len(transitions) - 1; i >= 0; i-- {
		t := &transitions[i]
		if t.Result != nil || t.CommandID != "" {
			next[t.FulfillmentOrderID] = t.CommandID
		}
		ids[i] = next[t.FulfillmentOrderID]
	}
	return ids
}

// FeedSetBackKind is the kind of an event that is about the feed itself: the database was set back to an older state.
const FeedSetBackKind = "FEED_SET_BACK"

// FeedGap are positions of the feed that have no event any more.
type FeedGap struct {
	After int64 `json:"after"` // until here nothing was lost
	To    int64 `json:"to"`    // the position of the event that tells this
}

// FeedSetBack is the event that tells readers of the feed that what they have heard after a position may not have
// happened: they forget it, and read again from there.
func FeedSetBack(after, to int64, at time.Time) Event {
	return Event{
		Version: EventVersion, Kind: FeedSetBackKind, At: at, Actor: System,
		Reason: "The database was set back to an older state. What was told after position " + ID(after).String() +
			" may not have happened: read again from there.",
		Details: FeedGap{After: after, To: to},
	}
}
