package admin

import (
	"context"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// Return is units of an order that are to come back.
type Return struct{ State *returns.Return }

// Return is the return with this number; nil when there is none.
func (l *Loaders) Return(ctx context.Context, id fulfillment.ID) (*Return, error) {
	state, err := l.reads().returns.load(ctx, id)
	if state == nil {
		return nil, err
	}
	return &Return{state}, nil
}

// Returns are the order's, declined and cancelled ones too, in the order of their numbers.
func (o *Order) Returns(
	ctx context.Context, first *int, after *string, last *int, before *string, reverse *bool, query *string,
) (*ReturnConnection, error) {
	states, err := read(ctx).returnsOf.load(ctx, o.State.ID)
	if err != nil {
		return nil, err
	}
	list := make([]*Return, len(states))
	for i, state := range states {
		list[i] = &Return{state}
	}
	if list, err = filter(list, query, returnFields); err != nil {
		return nil, err
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list, func(r *Return) fulfillment.ID { return r.State.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *Return) *ReturnEdge { return &ReturnEdge{Cursor: cursor, Node: node} },
		func(edges []*ReturnEdge, nodes []*Return, page *PageInfo) *ReturnConnection {
			return &ReturnConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

var returnFields = map[string]func(*Return) any{
	"id":         func(r *Return) any { return r.State.ID },
	"name":       func(r *Return) any { return r.State.Name },
	"status":     func(r *Return) any { return string(r.State.Status) },
	"created_at": func(r *Return) any { return r.State.Created() },
	"updated_at": func(r *Return) any { return r.State.Updated() },
}

// ReturnStatus is what it shows of its returns.
func (o *Order) ReturnStatus() returns.OrderReturnStatus {
	return returns.OrderReturnStatus(o.State.ReturnStatus)
}

// IsNode says that [Loaders.Node] finds it.
func (*Return) IsNode() {}

// ID is its global ID.
func (r *Return) ID() GID { return GID{TypeReturn, r.State.ID} }

// Name is the order's name with a running number.
func (r *Return) Name() string { return r.State.Name }

// RmaNumber is what people write on the parcel.
func (r *Return) RmaNumber() string { return r.State.RMANumber }

// Status is where it stands.
func (r *Return) Status() returns.Status { return r.State.Status }

// TotalQuantity is the units of its lines.
func (r *Return) TotalQuantity() int { return r.State.Units() }

// CreatedAt is when it was asked for or made; that may be before Packhorse heard of it.
func (r *Return) CreatedAt() time.Time { return r.State.CreatedAt }

// RequestApprovedAt is when what was asked for was approved.
func (r *Return) RequestApprovedAt() *time.Time { return r.State.ApprovedAt }

// ClosedAt is since when it is closed.
func (r *Return) ClosedAt() *time.Time { return r.State.ClosedAt }

// ExpectedBy is when it should be back.
func (r *Return) ExpectedBy() *time.Time { return r.State.ExpectedBy }

// Decline is why it was not approved; nil: it was not declined.
func (r *Return) Decline() *ReturnDecline {
	if r.State.Decline == nil {
		return nil
	}
	return &ReturnDecline{Reason: r.State.Decline.Reason, Note: optional(r.State.Decline.Note)}
}

// Order is the order that it is of; it takes the right to read orders.
func (r *Return) Order(ctx context.Context) (*Order, error) { return orderOf(ctx, r.State.OrderID) }

// Refunds is empty: Packhorse pays nothing back.
func (*Return) Refunds(first *int, after *string, last *int, before *string, reverse *bool) *RefundConnection {
	return &RefundConnection{Edges: []*RefundEdge{}, Nodes: []*Refund{}, PageInfo: &PageInfo{}}
}

// ReturnShippingFees is what the customer pays for the way back, if anything.
func (r *Return) ReturnShippingFees(ctx context.Context) []*ReturnShippingFee {
	fee := r.State.ShippingFee
	if fee == nil {
		return []*ReturnShippingFee{}
	}
	return []*ReturnShippingFee{{
		ID:        GID{TypeReturnShippingFee, fee.ID}.Text(Namespace(ctx)),
		AmountSet: money(fee.Amount, servedCurrency(ctx, fee.CurrencyCode)),
	}}
}

// ReturnLineItems are what comes back.
func (r *Return) ReturnLineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*ReturnLineItemTypeConnection, error) {
	list := make([]*ReturnLineItem, len(r.State.Lines))
	for i := range r.State.Lines {
		list[i] = &ReturnLineItem{r.State, &r.State.Lines[i]}
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list,
		func(l *ReturnLineItem) fulfillment.ID { return l.line.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(mapped(s, func(l *ReturnLineItem) ReturnLineItemType { return l }),
		func(cursor string, node ReturnLineItemType) *ReturnLineItemTypeEdge {
			return &ReturnLineItemTypeEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*ReturnLineItemTypeEdge, nodes []ReturnLineItemType, page *PageInfo,
		) *ReturnLineItemTypeConnection {
			return &ReturnLineItemTypeConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// ExchangeLineItems are what the customer gets for it.
func (r *Return) ExchangeLineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*ExchangeLineItemConnection, error) {
	list := make([]*ExchangeLineItem, len(r.State.ExchangeLines))
	for i := range r.State.ExchangeLines {
		list[i] = &ExchangeLineItem{r.State, &r.State.ExchangeLines[i]}
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list,
		func(l *ExchangeLineItem) fulfillment.ID { return l.line.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *ExchangeLineItem) *ExchangeLineItemEdge {
			return &ExchangeLineItemEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*ExchangeLineItemEdge, nodes []*ExchangeLineItem, page *PageInfo,
		) *ExchangeLineItemConnection {
			return &ExchangeLineItemConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// ReverseFulfillmentOrders are the work on what comes back.
func (r *Return) ReverseFulfillmentOrders(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*ReverseFulfillmentOrderConnection, error) {
	list := make([]*ReverseFulfillmentOrder, len(r.State.Work))
	for i := range r.State.Work {
		list[i] = &ReverseFulfillmentOrder{r.State, &r.State.Work[i]}
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list,
		func(w *ReverseFulfillmentOrder) fulfillment.ID { return w.work.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *ReverseFulfillmentOrder) *ReverseFulfillmentOrderEdge {
			return &ReverseFulfillmentOrderEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*ReverseFulfillmentOrderEdge, nodes []*ReverseFulfillmentOrder, page *PageInfo,
		) *ReverseFulfillmentOrderConnection {
			return &ReverseFulfillmentOrderConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// shippedLine is a line of a shipment that a return names.
func shippedLine(ctx context.Context, orderID, id fulfillment.ID) (*FulfillmentLineItem, error) {
	fos, err := read(ctx).ofOrder.load(ctx, orderID)
	if err != nil {
		return nil, err
	}
	for _, fo := range fos {
		for _, f := range fo.Fulfillments {
			for _, l := range f.Lines {
				if l.ID == id {
					return &FulfillmentLineItem{orderID, l}, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("read line %d of the shipments of order %d: it is not in the store", id, orderID)
}
