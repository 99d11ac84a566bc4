package admin

import (
	"context"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// ReverseFulfillmentOrder is the work on what comes back with a return.
type ReverseFulfillmentOrder struct {
	of   *returns.Return
	work *returns.Work
}

// ReverseFulfillmentOrder is the one with this number; nil when there is none.
func (l *Loaders) ReverseFulfillmentOrder(ctx context.Context, id fulfillment.ID) (*ReverseFulfillmentOrder, error) {
	of, err := l.returnWith(ctx, id)
	if of == nil {
		return nil, err
	}
	for i := range of.Work {
		if of.Work[i].ID == id {
			return &ReverseFulfillmentOrder{of, &of.Work[i]}, nil
		}
	}
	return nil, nil
}

// IsNode says that [Loaders.Node] finds it.
func (*ReverseFulfillmentOrder) IsNode() {}

// ID is its global ID.
func (w *ReverseFulfillmentOrder) ID() GID { return GID{TypeReverseFulfillmentOrder, w.work.ID} }

// Status is where it stands.
func (w *ReverseFulfillmentOrder) Status() returns.WorkStatus { return w.work.Status }

// ThirdPartyConfirmation is null: no third party is asked.
func (*ReverseFulfillmentOrder) ThirdPartyConfirmation() *ReverseFulfillmentOrderThirdPartyConfirmation {
	return nil
}

// Order is the return's; nil without the right to read orders.
func (w *ReverseFulfillmentOrder) Order(ctx context.Context) (*Order, error) {
	return orderOf(ctx, w.of.OrderID)
}

// LineItems is a line for each line of the return.
func (w *ReverseFulfillmentOrder) LineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*ReverseFulfillmentOrderLineItemConnection, error) {
	list := make([]*ReverseFulfillmentOrderLineItem, len(w.work.Lines))
	for i := range w.work.Lines {
		list[i] = &ReverseFulfillmentOrderLineItem{w.of, &w.work.Lines[i]}
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list,
		func(l *ReverseFulfillmentOrderLineItem) fulfillment.ID { return l.line.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *ReverseFulfillmentOrderLineItem) *ReverseFulfillmentOrderLineItemEdge {
			return &ReverseFulfillmentOrderLineItemEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*ReverseFulfillmentOrderLineItemEdge, nodes []*ReverseFulfillmentOrderLineItem, page *PageInfo,
		) *ReverseFulfillmentOrderLineItemConnection {
			return &ReverseFulfillmentOrderLineItemConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// ReverseDeliveries are the parcels that come back.
func (w *ReverseFulfillmentOrder) ReverseDeliveries(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*ReverseDeliveryConnection, error) {
	list := make([]*ReverseDelivery, len(w.work.Deliveries))
	for i := range w.work.Deliveries {
		list[i] = &ReverseDelivery{w, &w.work.Deliveries[i]}
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list,
		func(d *ReverseDelivery) fulfillment.ID { return d.state.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *ReverseDelivery) *ReverseDeliveryEdge {
			return &ReverseDeliveryEdge{Cursor: cursor, Node: node}
		},
		func(edges []*ReverseDeliveryEdge, nodes []*ReverseDelivery, page *PageInfo) *ReverseDeliveryConnection {
			return &ReverseDeliveryConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// line is the one with this number; nil when there is none.
func (w *ReverseFulfillmentOrder) line(id fulfillment.ID) *ReverseFulfillmentOrderLineItem {
	i := slices.IndexFunc(w.work.Lines, func(l returns.WorkLine) bool { return l.ID == id })
	if i < 0 {
		return nil
	}
	return &ReverseFulfillmentOrderLineItem{w.of, &w.work.Lines[i]}
}

// ReverseFulfillmentOrderLineItem is a return line's units as work.
type ReverseFulfillmentOrderLineItem struct {
	of   *returns.Return
	line *returns.WorkLine
}

// LoadReverseFulfillmentOrderLineItems are those of the request with these numbers, without those that are gone.
func LoadReverseFulfillmentOrderLineItems(
	ctx context.Context, returnID fulfillment.ID, ids []fulfillment.ID,
) ([]*ReverseFulfillmentOrderLineItem, error) {
	of, err := read(ctx).returns.load(ctx, returnID)
	if of == nil {
		return nil, err
	}
	list := []*ReverseFulfillmentOrderLineItem{}
	for _, id := range ids {
		for i := range of.Work {
			if l := (&ReverseFulfillmentOrder{of, &of.Work[i]}).line(id); l != nil {
				list = append(list, l)
			}
		}
	}
	return list, nil
}

// IsNode says that [Loaders.Node] finds it.
func (*ReverseFulfillmentOrderLineItem) IsNode() {}

// ID is its global ID.
func (l *ReverseFulfillmentOrderLineItem) ID() GID {
	return GID{TypeReverseFulfillmentOrderLineItem, l.line.ID}
}

// TotalQuantity is the units.
func (l *ReverseFulfillmentOrderLineItem) TotalQuantity() int { return l.line.Total }

// Dispositions are what became of them.
func (l *ReverseFulfillmentOrderLineItem) Dispositions() []*ReverseFulfillmentOrderDisposition {
	list := make([]*ReverseFulfillmentOrderDisposition, len(l.line.Dispositions))
	for i := range l.line.Dispositions {
		list[i] = &ReverseFulfillmentOrderDisposition{&l.line.Dispositions[i]}
	}
	return list
}

// FulfillmentLineItem is the line of the shipment.
func (l *ReverseFulfillmentOrderLineItem) FulfillmentLineItem(ctx context.Context) (*FulfillmentLineItem, error) {
	i := slices.IndexFunc(l.of.Lines, func(of returns.Line) bool { return of.ID == l.line.ReturnLineID })
	if i < 0 {
		return nil, nil
	}
	return shippedLine(ctx, l.of.OrderID, l.of.Lines[i].FulfillmentLineID)
}

// ReverseFulfillmentOrderDisposition is what became of units.
type ReverseFulfillmentOrderDisposition struct{ state *returns.Disposition }

// IsNode says that [Loaders.Node] finds it.
func (*ReverseFulfillmentOrderDisposition) IsNode() {}

// ID is its global ID.
func (d *ReverseFulfillmentOrderDisposition) ID() GID { return GID{TypeReverseDisposition, d.state.ID} }

// Type is what became of them.
func (d *ReverseFulfillmentOrderDisposition) Type() returns.DispositionType { return d.state.Type }

// Quantity is the units.
func (d *ReverseFulfillmentOrderDisposition) Quantity() int { return d.state.Quantity }

// CreatedAt is when it was said.
func (d *ReverseFulfillmentOrderDisposition) CreatedAt() time.Time { return d.state.CreatedAt }

// Location is where they are; nil: nobody said it.
func (d *ReverseFulfillmentOrderDisposition) Location(ctx context.Context) (*Location, error) {
	if d.state.LocationID == 0 {
		return nil, nil
	}
	return LoadersFrom(ctx).Location(ctx, d.state.LocationID)
}
