package postgres

import (
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// takesBack tells whether a shipment or the whole order is cancelled.
func (w *writing) takesBack() bool {
	return w.change != nil && w.change.Kind == fulfillment.OrderKindCancelled || len(w.takenBack()) > 0
}

// takenBack are the shipments that are cancelled.
func (w *writing) takenBack() []fulfillment.ID {
	var ids []fulfillment.ID
	for i := range w.transitions {
		t := &w.transitions[i]
		if t.Kind == fulfillment.KindFulfillmentCancelled && t.Details != nil && t.Details.Fulfillment != nil {
			ids = append(ids, t.Details.Fulfillment.ID)
		}
	}
	return ids
}

// mayTakeBack refuses it when units of it come back: these are the order's returns, under its lock.
func (w *writing) mayTakeBack(all []*returns.Return) error {
	if w.change != nil && w.change.Kind == fulfillment.OrderKindCancelled {
		if refused := returns.MayCancelOrder(all); refused != nil {
			return refused
		}
	}
	for _, id := range w.takenBack() {
		if refused := returns.MayCancelShipment(id, all, "id"); refused != nil {
			return refused
		}
	}
	return nil
}
