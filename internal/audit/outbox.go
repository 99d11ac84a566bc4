package audit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

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

// told is what an event must say.
type told struct {
	fulfillment.Event
	whole bool // written since every transition has its events, each with a version
	// mayCause are commands that it may name instead of its own, if its transition is not the last of a command: only
	// the commit knows which it was. It may name none then.
	mayCause []cause
}

// cause is a command that an event names.
type cause struct {
	commandID string
	verb      fulfillment.Verb
}

func (w told) place() place { return place{w.OrderID, w.FulfillmentOrderID, w.Sequence, w.Position} }

// mayMiss tells whether it is from before there was one for every transition.
func (w told) mayMiss() bool {
	return !w.whole && (w.Topic == "" || w.FulfillmentOrderID == 0 && w.Position > 0)
}

// expectedEvents are the events that the transitions make, those of orders first.
func (e *evidence) expectedEvents() []told {
	var all []told
	// Details are taken as they are stored, whatever this release knows of them.
	add := func(v fulfillment.Event, details json.RawMessage, whole bool, mayCause []cause) {
		if details != nil {
			v.Details = details
		}
		all = append(all, told{v, whole, mayCause})
	}
	moved := map[place]cause{} // by the transition that moved an order to another status
	said := e.causesSaid()
	parts := e.expectedOfParts(moved, said)
	for _, id := range e.orderIDs {
		for _, t := range e.orders[id].transitions {
			step := fulfillment.OrderTransition{
				OrderID: id, Sequence: t.Sequence, Kind: t.Kind, CommandID: t.CommandID, Actor: t.Actor, At: t.At,
				Reason: t.Reason, Before: t.Before, After: t.After, Details: t.raises(),
			}
			var mayCause []cause
			if by := t.movedBy(id); t.Kind == fulfillment.OrderKindStatusChanged && by.FulfillmentOrderID != 0 {
				// One of them may be wrong, or gone, which is said elsewhere.
				mayCause = []cause{{}, moved[by], said[by]}
				if _, known := moved[by]; !known {
					mayCause = append(mayCause, said[place{id, 0, t.Sequence, 0}])
				}
			}
			for _, v := range fulfillment.Events(id, &step, nil) {
				add(v, t.Details, t.FeedWhole, mayCause)
			}
		}
	}
	return append(all, parts...)
}

// expectedOfParts are the events that the transitions of fulfillment orders make. It notes the cause of each.
func (e *evidence) expectedOfParts(causes, said map[place]cause) []told {
	var all []told
	ofOrders := map[fulfillment.ID][]string{} // the commands that may have made parts of them
	for of, c := range said {
		if of.FulfillmentOrderID == 0 && c.commandID != "" {
			ofOrders[of.OrderID] = append(ofOrders[of.OrderID], c.commandID)
		}
	}
	for _, id := range e.foIDs {
		fo := e.fos[id]
		steps := make([]fulfillment.Transition, len(fo.transitions))
		bySequence := make(map[int64]*transition, len(fo.transitions))
		for i := range fo.transitions {
			t := &fo.transitions[i]
			bySequence[t.Sequence] = t
			steps[i] = fulfillment.Transition{
				FulfillmentOrderID: id, Sequence: t.Sequence, Kind: t.Kind, Verb: t.Verb, CommandID: t.CommandID,
				Actor: t.Actor, At: t.At, Reason: t.Reason, After: t.After, Topics: t.Topics, Result: t.Result,
			}
			if t.Before != nil {
				steps[i].Before = *t.Before
			}
		}
		for _, v := range fulfillment.Events(fo.OrderID, nil, steps) {
			t := bySequence[v.Sequence]
			causes[place{fo.OrderID, id, v.Sequence, 0}] = cause{v.CommandID, v.Verb}
			w := told{Event: v, whole: t.FeedWhole}
			if t.Details != nil {
				w.Details = t.Details
			}
			if t.CommandID == "" {
				w.mayCause = []cause{{"", v.Verb}}
				for _, commandID := range ofOrders[fo.OrderID] {
					w.mayCause = append(w.mayCause, cause{commandID, v.Verb})
				}
			}
			all = append(all, w)
		}
	}
	return all
}

// causesSaid are the causes that the first events of transitions name.
func (e *evidence) causesSaid() map[place]cause {
	said := map[place]cause{}
	for _, v := range e.events {
		var says struct {
			Command   fulfillment.Verb `json:"command"`
			CommandID string           `json:"commandId"`
		}
		if v.Position == 0 && json.Unmarshal(v.Payload, &says) == nil { // What can't be read is blamed by itself.
			said[v.place()] = cause{says.CommandID, says.Command}
		}
	}
	return said
}

// movedBy is the transition of a fulfillment order that moved the order to another status; without one: a return did.
func (t *orderTransition) movedBy(id fulfillment.ID) place {
	var d fulfillment.OrderDetails
	if t.Details == nil || json.Unmarshal(t.Details, &d) != nil {
		return place{}
	}
	return place{id, d.FulfillmentOrderID, d.Sequence, 0}
}

// raises are its details as far as its topics depend on them.
func (t *orderTransition) raises() *fulfillment.OrderDetails {
	var d fulfillment.OrderDetails
	if t.Details == nil || json.Unmarshal(t.Details, &d) != nil { // What is no object says nothing of topics.
		return nil
	}
	return &fulfillment.OrderDetails{AlsoRaises: d.AlsoRaises}
}

// checkEventsOnce compares the events with the transitions, in both directions: each has an event for each topic that
// it raises, and one without a topic if it raises none. An event says what its transition says.
func checkEventsOnce(e *evidence, a *Assertion) {
	all := e.expectedEvents()
	expected := make(map[place]told, len(all))
	for _, w := range all {
		expected[w.place()] = w
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
		case v.Topic != want.Topic:
			a.violated(
				v.OrderID, v.FulfillmentOrderID, "event %s is of %s; it should be %s", v, want.Kind,
				topicOr(want.Topic),
			)
		default:
			differences, err := v.differences(want)
			if err != nil {
				differences = []string{err.Error()}
			}
			if len(differences) > 0 {
				a.violated(
					v.OrderID, v.FulfillmentOrderID, "event %s of %s: %s", v, want.Kind,
					strings.Join(differences, "; "),
				)
			}
		}
		seen[v.place()] = true
	}
	for _, w := range all {
		if !seen[w.place()] && !w.mayMiss() {
			a.violated(
				w.OrderID, w.FulfillmentOrderID, "transition %d (%s) raised an event (%s) that is not in the feed",
				w.Sequence, w.Kind, topicOr(w.Topic),
			)
		}
	}
}

// differences names what the payload says otherwise than the transition, with both. Of one without a version, which
// is from before there were versions, only what it is about is compared.
func (v event) differences(want told) ([]string, error) {
	var says, should columns
	if err := json.Unmarshal(v.Payload, &says); err != nil {
		return nil, fmt.Errorf("its payload is no object: %w", err)
	}
	if named := (cause{textOf(says["commandId"]), fulfillment.Verb(textOf(says["command"]))}); slices.Contains(
		want.mayCause, named) {
		want.CommandID, want.Verb = named.commandID, named.verb
	}
	if err := json.Unmarshal([]byte(text(want.Event)), &should); err != nil {
		return nil, fmt.Errorf("its transition makes no payload: %w", err)
	}
	if version, err := strconv.Atoi(textOf(says["version"])); err == nil && version < want.Version {
		should["version"] = says["version"] // Versions before differ in how they write what they say.
	}
	if says["version"] == nil && !want.whole {
		says = columns{"kind": says["kind"], "sequence": says["sequence"]}
		should = columns{"kind": should["kind"], "sequence": should["sequence"]}
	}
	return payloadDifferences("", says, should), nil
}

// payloadDifferences names the parts that differ of the object at this path, which ends with a dot or is empty.
func payloadDifferences(path string, says, should map[string]any) []string {
	all := maps.Clone(says)
	maps.Copy(all, should)
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		part, of := says[name].(map[string]any)
		if other, too := should[name].(map[string]any); of && too {
			differ = append(differ, payloadDifferences(path+name+".", part, other)...)
		} else if !agree(says[name], should[name]) {
			differ = append(differ, fmt.Sprintf("%s%s is %s, its transition says %s", path, name,
				brief(text(says[name])), brief(text(should[name]))))
		}
	}
	return differ
}

// checkEventsInOrder follows the events of every fulfillment order, and of every order itself, by their places in the
// feed.
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
