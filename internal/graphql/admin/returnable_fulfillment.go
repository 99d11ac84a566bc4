package admin

import (
	"context"
	"fmt"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
)

// ReturnableFulfillment is what of a shipment can still be returned.
type ReturnableFulfillment struct {
	orderID fulfillment.ID
	state   returns.ReturnableFulfillment
}

// returnable is what of the order's shipments can still be returned.
func (r *reads) returnable(ctx context.Context, orderID fulfillment.ID) ([]*ReturnableFulfillment, error) {
	fos, err := r.ofOrder.load(ctx, orderID)
	if err != nil {
		return nil, err
	}
	taken, err := r.returnsOf.load(ctx, orderID)
	if err != nil {
		return nil, err
	}
	var list []*ReturnableFulfillment
	for _, state := range returns.Returnable(returns.ShipmentsOf(fos), taken) {
		list = append(list, &ReturnableFulfillment{orderID, state})
	}
	return list, nil
}

// ReturnableFulfillments lists what of an order's shipments can still be returned. Of an order that there is not, that
// is nothing.
func (l *Loaders) ReturnableFulfillments(
	ctx context.Context, orderID fulfillment.ID, p Paging,
) (*ReturnableFulfillmentConnection, error) {
	r := l.reads()
	r.sawOrderID(orderID)
	list, err := r.returnable(ctx, orderID)
	if err != nil {
		return nil, err
	}
	s, err := segment(p, list, func(f *ReturnableFulfillment) fulfillment.ID { return f.state.FulfillmentID })
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *ReturnableFulfillment) *ReturnableFulfillmentEdge {
			return &ReturnableFulfillmentEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*ReturnableFulfillmentEdge, nodes []*ReturnableFulfillment, page *PageInfo,
		) *ReturnableFulfillmentConnection {
			return &ReturnableFulfillmentConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// ReturnableFulfillment is what of the shipment with this number can still be returned; nil: nothing.
func (l *Loaders) ReturnableFulfillment(ctx context.Context, id fulfillment.ID) (*ReturnableFulfillment, error) {
	r := l.reads()
	owned, err := r.fulfillments[postgres.FulfillmentByID].load(ctx, id)
	if owned == nil || owned.Owner == nil {
		return nil, err
	}
	list, err := r.returnable(ctx, owned.Owner.OrderID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(f *ReturnableFulfillment) bool { return f.state.FulfillmentID == id })
	if i < 0 {
		return nil, nil
	}
	return list[i], nil
}

// IsNode says that [Loaders.Node] finds it.
func (*ReturnableFulfillment) IsNode() {}

// ID is its global ID: the number is the shipment's.
func (f *ReturnableFulfillment) ID() GID {
	return GID{TypeReturnableFulfillment, f.state.FulfillmentID}
}

// Fulfillment is the shipment; it takes the right to read it.
func (f *ReturnableFulfillment) Fulfillment(ctx context.Context) (*Fulfillment, error) {
	fos, err := read(ctx).ofOrder.load(ctx, f.orderID)
	if err != nil {
		return nil, err
	}
	for _, owned := range postgres.FulfillmentsOf(fos) {
		if owned.Fulfillment.ID == f.state.FulfillmentID {
			return &Fulfillment{owned}, nil
		}
	}
	return nil, fmt.Errorf("read shipment %d: it is not in the store", f.state.FulfillmentID)
}

// ReturnableFulfillmentLineItems are the lines of which units are left.
func (f *ReturnableFulfillment) ReturnableFulfillmentLineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*ReturnableFulfillmentLineItemConnection, error) {
	list := make([]*ReturnableFulfillmentLineItem, len(f.state.Lines))
	for i, l := range f.state.Lines {
		list[i] = &ReturnableFulfillmentLineItem{
			FulfillmentLineItem: &FulfillmentLineItem{f.orderID, l.FulfillmentLine}, Quantity: l.Left,
		}
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list,
		func(l *ReturnableFulfillmentLineItem) fulfillment.ID { return l.FulfillmentLineItem.line.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *ReturnableFulfillmentLineItem) *ReturnableFulfillmentLineItemEdge {
			return &ReturnableFulfillmentLineItemEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*ReturnableFulfillmentLineItemEdge, nodes []*ReturnableFulfillmentLineItem, page *PageInfo,
		) *ReturnableFulfillmentLineItemConnection {
			return &ReturnableFulfillmentLineItemConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}
