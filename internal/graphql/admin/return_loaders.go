package admin

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// readReturns makes the batches of returns.
func (r *reads) readReturns() {
	r.returns = newBatch(func(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]*returns.Return, error) {
		found, err := r.book.Returns(ctx, ids)
		for _, state := range found {
			r.sawReturn(state)
		}
		return found, err
	})
	r.returnsOf = newBatch(func(
		ctx context.Context, orderIDs []fulfillment.ID,
	) (map[fulfillment.ID][]*returns.Return, error) {
		found, err := r.book.OrderReturns(ctx, orderIDs)
		for _, of := range found {
			for _, state := range of {
				r.sawReturn(state)
			}
		}
		return found, err
	})
	r.returnOf = newBatch(func(
		ctx context.Context, partIDs []fulfillment.ID,
	) (map[fulfillment.ID]fulfillment.ID, error) {
		found, err := r.book.ReturnOf(ctx, partIDs)
		for _, id := range found {
			r.returns.announce(id)
		}
		return found, err
	})
}

// sawReturn remembers the return, and announces what it names.
func (r *reads) sawReturn(state *returns.Return) {
	r.returns.know(state.ID, state)
	r.sawOrderID(state.OrderID)
	for i := range state.Work {
		for _, l := range state.Work[i].Lines {
			for _, d := range l.Dispositions {
				if d.LocationID != 0 {
					r.locationsByID.announce(d.LocationID)
				}
			}
		}
	}
}

// returnWith is the return that has the part; nil when there is none.
func (l *Loaders) returnWith(ctx context.Context, part fulfillment.ID) (*returns.Return, error) {
	r := l.reads()
	id, err := r.returnOf.load(ctx, part)
	if id == 0 || err != nil {
		return nil, err
	}
	return r.returns.load(ctx, id)
}

// returnNode is a return, a part of one, or what returns are made of.
func (l *Loaders) returnNode(ctx context.Context, gid GID) (Node, error) {
	switch gid.Type {
	case TypeReturn:
		return found(l.Return(ctx, gid.ID))
	case TypeReverseFulfillmentOrder:
		return found(l.ReverseFulfillmentOrder(ctx, gid.ID))
	case TypeReverseDelivery:
		return found(l.ReverseDelivery(ctx, gid.ID))
	case TypeReturnableFulfillment:
		return found(l.ReturnableFulfillment(ctx, gid.ID))
	case TypeReturnReasonDefinition:
		if definition, known := returns.DefinitionOf(gid.ID); known {
			return &ReturnReasonDefinition{definition}, nil
		}
		return nil, nil
	}
	of, err := l.returnWith(ctx, gid.ID)
	if of == nil {
		return nil, err
	}
	return returnPart(of, gid), nil
}

// returnPart is the line or disposition with this ID; nil when it is gone.
func returnPart(of *returns.Return, gid GID) Node {
	for i := range of.Lines {
		if gid == (GID{TypeReturnLineItem, of.Lines[i].ID}) {
			return &ReturnLineItem{of, &of.Lines[i]}
		}
	}
	for i := range of.ExchangeLines {
		if gid == (GID{TypeExchangeLineItem, of.ExchangeLines[i].ID}) {
			return &ExchangeLineItem{of, &of.ExchangeLines[i]}
		}
	}
	for i := range of.Work {
		w := &ReverseFulfillmentOrder{of, &of.Work[i]}
		for n := range w.work.Lines {
			line := &ReverseFulfillmentOrderLineItem{of, &w.work.Lines[n]}
			if gid == line.ID() {
				return line
			}
			for _, d := range line.Dispositions() {
				if gid == d.ID() {
					return d
				}
			}
		}
		for n := range w.work.Deliveries {
			lines := w.work.Deliveries[n].Lines
			for m := range lines {
				if line := (&ReverseDeliveryLineItem{w, &lines[m]}); gid == line.ID() {
					return line
				}
			}
		}
	}
	return nil
}
