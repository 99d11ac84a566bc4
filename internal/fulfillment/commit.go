package fulfillment

import (
	"maps"
	"slices"
	"time"
)

// Commit is what one transaction writes of a fulfillment order: its new state, the transitions that led there, and the
// siblings that were made on the way. It is also the input of the workflow's commit: its JSON lies in histories, and
// names are read in any letter case.
type Commit struct {
	State       *FulfillmentOrder `json:"state"`
	Transitions []Transition      `json:"transitions,omitempty"` // of State, without gaps, the last with State.Sequence

	Siblings           []*FulfillmentOrder `json:"siblings,omitempty"`
	SiblingTransitions []Transition        `json:"siblingTransitions,omitempty"` // of Siblings, from sequence 1
}

// CommitOf is what has to be written for decisions that were made one after the other; state is that of the last.
func CommitOf(state *FulfillmentOrder, decisions ...*Decision) Commit {
	c := Commit{State: state}
	for _, d := range decisions {
		c.Transitions = append(c.Transitions, d.Transitions...)
		c.Siblings = append(c.Siblings, d.Siblings...)
		c.SiblingTransitions = append(c.SiblingTransitions, d.SiblingTransitions...)
	}
	return c
}

// Empty tells that nothing has happened: there is at most a state.
func (c Commit) Empty() bool {
	return len(c.Transitions)+len(c.Siblings)+len(c.SiblingTransitions) == 0
}

// JointCommit is what one transaction writes of several fulfillment orders, which may belong to several orders.
type JointCommit struct {
	States      []*FulfillmentOrder // new ones too
	Transitions []Transition        // of States, without gaps, the last of each with its Sequence
}

// Commit is what has to be written for the decision.
func (d *JointDecision) Commit() JointCommit {
	return JointCommit{States: d.States, Transitions: d.Transitions}
}

// NameShipments is the transitions with the names that the store has given to their shipments: it numbers those of a
// whole order, which no fulfillment order can. The transitions that are given stay as they are.
func NameShipments(transitions []Transition, names map[ID]string) []Transition {
	if len(names) == 0 {
		return transitions
	}
	named := slices.Clone(transitions)
	for i := range named {
		d := named[i].Details
		if d == nil || d.Fulfillment == nil || names[d.Fulfillment.ID] == "" {
			continue
		}
		details, shipment := *d, *d.Fulfillment
		shipment.Name = names[shipment.ID]
		details.Fulfillment = &shipment
		named[i].Details = &details
	}
	return named
}

// AmidOrder is the transitions with what those with shipments have to tell of the whole order: order is as it was
// before them, and all are its fulfillment orders as they are after them. The transitions that are given stay as they
// are.
func AmidOrder(transitions []Transition, order OrderState, all []*FulfillmentOrder) []Transition {
	var told []Transition
	for i := range transitions {
		d := transitions[i].Details
		if d == nil || d.Fulfillment == nil {
			continue
		}
		if told == nil {
			told = slices.Clone(transitions)
		}
		details := *d
		details.OrderSequence, details.Unfulfilled = order.Version, unfulfilled(d.Fulfillment.ID, all)
		told[i].Details = &details
	}
	if told == nil {
		return transitions
	}
	return told
}

// unfulfilled are the units that are left to ship of the lines in a shipment, by order line ID.
func unfulfilled(shipment ID, all []*FulfillmentOrder) []Quantity {
	left, in := map[ID]int{}, map[ID]bool{}
	for _, fo := range all {
		if f := fo.fulfillment(shipment); f != nil { // All of it, or a part.
			for _, l := range f.Lines {
				in[l.LineItemID] = true
			}
		}
		if fo.Status != StatusClosed {
			for _, l := range fo.Lines {
				left[l.LineItemID] += l.Remaining
			}
		}
	}
	var lines []Quantity
	for _, id := range slices.Sorted(maps.Keys(in)) {
		if left[id] > 0 {
			lines = append(lines, Quantity{id, left[id]})
		}
	}
	return lines
}

// OrderEdit is what an order edit writes: lines that it adds with the fulfillment orders made of them, and new
// quantities of lines that are there. Units that a lowered quantity takes out leave their fulfillment orders by
// commits of their own.
type OrderEdit struct {
	OrderID           ID
	CommandID         string // needed: a repeated edit is known by it
	At                time.Time
	Actor             Actor
	Add               []LineItem
	FulfillmentOrders []*FulfillmentOrder
	Transitions       []Transition
	SetQuantities     []Quantity // new current quantities, by order line ID
	Raised            []Quantity // units of these lines that are to be shipped in addition
}
