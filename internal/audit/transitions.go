package audit

import (
	"encoding/json"
	"time"

	"packhorse/internal/fulfillment"
)

// checkTransitions follows every history from its beginning to the present state, of fulfillment orders and of orders.
func checkTransitions(e *evidence, a *Assertion) {
	for _, id := range e.foIDs {
		checkLife(e.fos[id], a)
	}
	for _, id := range e.orderIDs {
		checkOrderLife(e.orders[id], a)
	}
}

func checkLife(fo *fulfillmentOrder, a *Assertion) {
	var at fulfillment.State
	sequence := int64(0)
	for _, t := range fo.transitions {
		a.Checked++
		before := fulfillment.State{}
		if t.Before != nil {
			before = *t.Before
		}
		switch {
		case t.Kind == fulfillment.KindRestored && t.Sequence > sequence && before == at:
			// Above what the database has lost.
		case t.Sequence != sequence+1:
			a.violated(fo.OrderID, fo.ID, "transition %d (%s) comes after %d", t.Sequence, t.Kind, sequence)
		case before != at:
			a.violated(
				fo.OrderID, fo.ID, "transition %d (%s) starts from %+v; the one before ended at %+v", t.Sequence,
				t.Kind, before, at,
			)
		case (t.Kind == fulfillment.KindCreated) != (t.Sequence == 1):
			a.violated(fo.OrderID, fo.ID, "transition %d is %s", t.Sequence, t.Kind)
		}
		at, sequence = t.After, t.Sequence
	}
	switch s := fo.Snapshot; {
	case sequence != s.Sequence:
		a.violated(fo.OrderID, fo.ID, "the last transition is %d, the snapshot has version %d", sequence, s.Sequence)
	case at != s.Summary():
		a.violated(fo.OrderID, fo.ID, "the last transition ended at %+v, the snapshot is at %+v", at, s.Summary())
	}
	if len(fo.transitions) == 0 {
		return
	}
	// Who may hear of it goes by that. It was not always noted.
	service, now := fo.transitions[len(fo.transitions)-1].service(), fo.Snapshot.AssignedLocation.ServiceID
	if service != 0 && service != now {
		a.violated(fo.OrderID, fo.ID, "the last transition was at service %d, the snapshot is at %d", service, now)
	}
}

// service is who runs the location after it, as it says itself; 0: the merchant, or it says nothing.
func (t *transition) service() fulfillment.ID {
	var details struct {
		ServiceID fulfillment.ID `json:"serviceId"`
	}
	if t.Details == nil || json.Unmarshal(t.Details, &details) != nil { // What is no object is found elsewhere.
		return 0
	}
	return details.ServiceID
}

func checkOrderLife(o *order, a *Assertion) {
	var at fulfillment.OrderStatuses
	sequence := int64(0)
	var cancelled *time.Time
	for _, t := range o.transitions {
		a.Checked++
		if t.Kind == fulfillment.OrderKindCancelled {
			cancelled = &t.At
		}
		before := fulfillment.OrderStatuses{}
		if t.Before != nil {
			before = *t.Before
		}
		switch {
		case t.Sequence != sequence+1:
			a.violated(o.ID, 0, "transition %d of the order (%s) comes after %d", t.Sequence, t.Kind, sequence)
		case before != at:
			a.violated(
				o.ID, 0, "transition %d of the order (%s) starts from %+v; the one before ended at %+v", t.Sequence,
				t.Kind, before, at,
			)
		case (t.Kind == fulfillment.OrderKindCreated) != (t.Sequence == 1):
			a.violated(o.ID, 0, "transition %d of the order is %s", t.Sequence, t.Kind)
		}
		at, sequence = t.After, t.Sequence
	}
	switch {
	case cancelled == nil && o.CancelledAt != nil:
		a.violated(o.ID, 0, "the order was cancelled at %s; no transition says so", exact(*o.CancelledAt))
	case cancelled != nil && o.CancelledAt == nil:
		a.violated(o.ID, 0, "a transition cancelled the order at %s; it is not cancelled", exact(*cancelled))
	case cancelled != nil && cancelled.Sub(*o.CancelledAt).Abs() > tick:
		a.violated(
			o.ID, 0, "the order was cancelled at %s, its transition says %s", exact(*o.CancelledAt), exact(*cancelled),
		)
	}
	switch closed := o.closedSince(); {
	case closed == nil && o.ClosedAt != nil:
		a.violated(o.ID, 0, "the order is closed since %s; its transitions leave it open", exact(*o.ClosedAt))
	case closed != nil && o.ClosedAt == nil:
		a.violated(o.ID, 0, "the order's transitions close it at %s; it is open", exact(*closed))
	case closed != nil && closed.Sub(*o.ClosedAt).Abs() > tick:
		a.violated(
			o.ID, 0, "the order is closed since %s, by its transitions since %s", exact(*o.ClosedAt), exact(*closed),
		)
	}
	switch {
	case sequence != o.Version:
		a.violated(o.ID, 0, "the last transition of the order is %d, the order has version %d", sequence, o.Version)
	case at != o.Statuses:
		a.violated(o.ID, 0, "the last transition of the order ended at %+v, the order is %+v", at, o.Statuses)
	}
}

// closedSince is since when the order is closed by its transitions.
func (o *order) closedSince() *time.Time {
	history := make([]fulfillment.OrderTransition, len(o.transitions))
	for i, t := range o.transitions {
		history[i] = fulfillment.OrderTransition{Kind: t.Kind, At: t.At, Before: t.Before, After: t.After}
	}
	return fulfillment.ClosedSince(history)
}
