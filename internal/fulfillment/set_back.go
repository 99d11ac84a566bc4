package fulfillment

import (
	"fmt"
	"slices"
	"time"
)

// SetBack is what a fulfillment order had done that the store does not have any more: somebody restored the database to
// an older state, or a failover lost its last commits.
type SetBack struct {
	From int64 `json:"from"` // the sequence that the store has
	To   int64 `json:"to"`   // the sequence that its workflow knew: what is between is lost
	// Shipments are those that the store does not have; of very many, the last.
	Shipments []LostShipment `json:"shipments,omitempty"`
	// CommandIDs are those of the last commands that were answered, and are not done now: they may be sent again.
	CommandIDs []string `json:"commandIds,omitempty"`
	// Calls are the calls to providers that were asked for, and may have been made.
	Calls []Asked `json:"calls,omitempty"`
}

// LostShipment is a shipment that the store does not have any more.
type LostShipment struct {
	ID       ID             `json:"id"`
	Lines    []Quantity     `json:"lineItems,omitempty"` // units by order line; left out where there are very many
	Tracking []TrackingInfo `json:"trackingInfo,omitempty"`
}

// LossKind says what became of what lost something.
type LossKind string

// The kinds of losses.
const (
	LossRestored LossKind = "RESTORED" // a fulfillment order went on from an older state
	LossEnded    LossKind = "ENDED"    // a fulfillment order is gone: its workflow has ended
	LossOrder    LossKind = "ORDER"    // an order is gone, and may be sent again
)

// Loss is what one order or fulfillment order has lost.
type Loss struct {
	Kind               LossKind  `json:"kind"`
	OrderID            ID        `json:"orderId"`
	OrderName          string    `json:"orderName"`
	FulfillmentOrderID ID        `json:"fulfillmentOrderId,omitempty"` // 0: it is about the order
	FoundAt            time.Time `json:"foundAt"`
	SetBack
}

const (
	// skipped is how many sequences stay free above what the workflow knew: the store may have lost a joint command
	// that the workflow had not heard of.
	skipped = 100
	// keptLost is how many shipments of the lost time are listed; of the commands it is [RecentAnswers].
	keptLost = 20
)

// Covers tells whether the transition of this sequence was lost, or may have been: its workflow need not have heard of
// it.
func (s SetBack) Covers(sequence int64) bool { return sequence > s.From && sequence <= s.To+skipped }

// Restore is how a fulfillment order goes on from the state that the store has, when its workflow knew a newer one that
// had been committed. Its sequence goes on above what is lost: keys of effects, and what others heard, name one thing
// only. A provider whose answer it waits for is asked what became of that. It changes nothing else: what a provider has
// of the lost time is looked up before it is asked again.
func (fo *FulfillmentOrder) Restore(known *FulfillmentOrder, now time.Time) (*Decision, Loss) {
	c := &change{fo: fo.Clone(), actor: System, now: now, before: fo.Summary()}
	lost := fo.lost(known)
	details := lost
	c.fo.Sequence = known.Sequence + skipped
	c.transition(KindRestored, fmt.Sprintf(
		"The database was set back: it has transition %d, and %d was committed. This goes on from what it has.",
		lost.From, lost.To), &Details{SetBack: &details})
	c.askAgain()
	c.fo.keepAsked(lost.Calls...)
	all := slices.Concat(fo.Lost, lost.Shipments)
	c.fo.Lost = all[max(0, len(all)-keptLost):]
	c.fo.UpdatedAt = now
	c.fo.Abridge()
	return &Decision{State: c.fo, Transitions: c.transitions, Result: c.answer()},
		Loss{
			Kind: LossRestored, OrderID: fo.OrderID, OrderName: fo.OrderName, FulfillmentOrderID: fo.ID, FoundAt: now,
			SetBack: lost,
		}
}

// Missing is the state that was known, with what this one, as the store has it, is missing: the answer to a command
// that somebody else has committed, and the shipment that the command made.
func (fo *FulfillmentOrder) Missing(known *FulfillmentOrder, heard Answered) *FulfillmentOrder {
	known = known.Clone()
	known.Sequence = max(known.Sequence, heard.Result.Sequence, fo.Sequence+1)
	if heard.CommandID != "" {
		known.Recent = append(known.Recent, heard)
	}
	if id := heard.Result.FulfillmentID; id != 0 && known.fulfillment(id) == nil {
		known.Fulfillments = append(known.Fulfillments, Fulfillment{ID: id})
	}
	return known
}

// askAgain has every provider looked up that is to answer yet: it may have done so in the lost time.
func (c *change) askAgain() {
	for i := range c.fo.Effects {
		e := &c.fo.Effects[i]
		if e.Status != EffectWaiting {
			continue
		}
		e.Status, e.Since, e.Again = EffectUnknown, c.now, c.fo.Sequence
		e.Problem = "The database was set back: the answer may have come before, and be lost."
	}
}

// Gone is what is lost with a fulfillment order that the store does not have any more.
func (fo *FulfillmentOrder) Gone(now time.Time) Loss {
	return Loss{
		Kind: LossEnded, OrderID: fo.OrderID, OrderName: fo.OrderName, FulfillmentOrderID: fo.ID, FoundAt: now,
		SetBack: (&FulfillmentOrder{}).lost(fo),
	}
}

// GoneWith is that a fulfillment order is lost which was made of this one, and of which nothing else is known.
func (fo *FulfillmentOrder) GoneWith(id ID, now time.Time) Loss {
	return Loss{
		Kind: LossEnded, OrderID: fo.OrderID, OrderName: fo.OrderName, FulfillmentOrderID: id, FoundAt: now,
		SetBack: SetBack{To: 1},
	}
}

// lost is what the known state has that this one has not.
func (fo *FulfillmentOrder) lost(known *FulfillmentOrder) SetBack {
	lost := SetBack{From: fo.Sequence, To: known.Sequence}
	for _, shipment := range known.Lost { // By an earlier restore, of which this one has lost the list.
		if !slices.ContainsFunc(fo.Lost, func(l LostShipment) bool { return l.ID == shipment.ID }) {
			lost.Shipments = append(lost.Shipments, shipment)
		}
	}
	for i := range known.Fulfillments {
		f := &known.Fulfillments[i]
		if f.HomeID != 0 || fo.fulfillment(f.ID) != nil {
			continue
		}
		lost.Shipments = append(lost.Shipments, f.asLost())
	}
	lost.Shipments = lost.Shipments[max(0, len(lost.Shipments)-keptLost):]
	for _, a := range known.Recent {
		if _, there := fo.answered(a.CommandID); !there && a.Result.Sequence > fo.Sequence {
			lost.CommandIDs = append(lost.CommandIDs, a.CommandID)
		}
	}
	for _, a := range known.Asked {
		if !slices.ContainsFunc(fo.Asked, func(b Asked) bool { return b.Key == a.Key }) {
			lost.Calls = append(lost.Calls, a)
		}
	}
	return lost
}

func (f *Fulfillment) asLost() LostShipment {
	shipment := LostShipment{ID: f.ID, Tracking: f.Tracking}
	if len(f.Lines) <= keptLost {
		for _, l := range f.Lines {
			shipment.Lines = append(shipment.Lines, Quantity{l.LineItemID, l.Quantity})
		}
	}
	return shipment
}
