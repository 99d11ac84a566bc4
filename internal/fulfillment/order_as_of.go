package fulfillment

import (
	"slices"
	"time"
)

// AsOf is the order as it was after its transition of this sequence: what others hear of it must not show what became
// of it later. The record is to be as the store has it, with its whole history and the values of its updates; it stays
// as it is. What follows from fulfillment orders, but for the statuses, is not in it: Lines is empty. UpdatedAt is when
// the transition was decided.
//
// Sequence 0 is before its creation; what is asked of it then is answered as of its creation.
func (r *OrderRecord) AsOf(sequence int64) *OrderRecord {
	sequence = max(sequence, 1)
	was := *r
	was.Lines, was.CancelledAt, was.CancelReason = nil, nil, ""
	was.LineItems = slices.Clone(r.LineItems)
	was.CurrentQuantities = slices.Clone(r.CurrentQuantities)
	for i := len(r.Transitions) - 1; i >= 0 && r.Transitions[i].Sequence > sequence; i-- {
		was.undo(&r.Transitions[i])
	}
	was.Transitions = slices.DeleteFunc(
		slices.Clone(r.Transitions), func(t OrderTransition) bool { return t.Sequence > sequence },
	)
	was.ClosedAt = ClosedSince(was.Transitions)
	for i := range was.Transitions {
		t := &was.Transitions[i]
		was.UpdatedAt = t.At
		was.DisplayFulfillmentStatus, was.FulfillmentStatus = t.After.Display, t.After.Fulfillment
		if t.Kind == OrderKindCancelled && was.CancelledAt == nil {
			was.CancelledAt, was.CancelReason = &t.At, t.Reason
		}
	}
	return &was
}

// SequenceAt is that of the last transition that was decided by then; 0: there was none.
func (r *OrderRecord) SequenceAt(at time.Time) int64 {
	var sequence int64
	for i := range r.Transitions {
		if !r.Transitions[i].At.After(at) {
			sequence = r.Transitions[i].Sequence
		}
	}
	return sequence
}

// undo takes back what a transition did, which is the last one.
func (r *OrderRecord) undo(t *OrderTransition) {
	if t.Details == nil {
		return
	}
	switch t.Kind {
	case OrderKindUpdated:
		r.Updates--
		for _, field := range t.Details.Changed {
			r.restore(field, t.ValuesBefore)
		}
	case OrderKindEdited:
		for _, l := range t.Details.Add {
			r.LineItems = slices.DeleteFunc(r.LineItems, func(there LineItem) bool { return there.ID == l.ID })
			r.CurrentQuantities = slices.DeleteFunc(
				r.CurrentQuantities, func(q Quantity) bool { return q.ID == l.ID },
			)
		}
		for _, set := range t.Details.SetQuantities {
			if i := slices.IndexFunc(
				t.Details.Quantities, func(q Quantity) bool { return q.ID == set.ID },
			); i >= 0 { // Edits did not always say what was before.
				r.setBack(t.Details.Quantities[i], set.Quantity)
			}
		}
	}
}

// setBack gives a line the quantity of before an edit that set another one. What it raised was ordered by it.
func (r *OrderRecord) setBack(before Quantity, set int) {
	for i := range r.LineItems {
		if r.LineItems[i].ID == before.ID {
			r.LineItems[i].Quantity -= max(0, set-before.Quantity)
		}
	}
	for i := range r.CurrentQuantities {
		if r.CurrentQuantities[i].ID == before.ID {
			r.CurrentQuantities[i].Quantity = before.Quantity
		}
	}
}

// restore gives a field, by its name in JSON, the value of before an update; none where there was none.
func (r *OrderRecord) restore(field string, before *OrderFields) {
	var values OrderFields
	if before != nil {
		values = *before
	}
	switch field {
	case "shippingAddress":
		r.ShippingAddress = values.ShippingAddress
	case "email":
		r.Email = orZero(values.Email)
	case "phone":
		r.Phone = orZero(values.Phone)
	case "note":
		r.Note = orZero(values.Note)
	case "tags":
		r.Tags = orZero(values.Tags)
	case "customAttributes":
		r.CustomAttributes = orZero(values.CustomAttributes)
	}
}

func orZero[T any](value *T) (none T) {
	if value == nil {
		return none
	}
	return *value
}

// AddressBefore is the shipping address of before this update of the order; false: there is no such update.
func (r *OrderRecord) AddressBefore(update int) (*Address, bool) {
	for i := range r.Transitions {
		t := &r.Transitions[i]
		if t.Kind == OrderKindUpdated && t.Details != nil && t.Details.Update == update {
			if t.ValuesBefore == nil {
				return nil, true
			}
			return t.ValuesBefore.ShippingAddress, true
		}
	}
	return nil, false
}
