package fulfillment

import (
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
}
