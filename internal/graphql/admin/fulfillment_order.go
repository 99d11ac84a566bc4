package admin

import (
	"context"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// FulfillmentOrder is the lines of one order that one location ships.
type FulfillmentOrder struct{ State *fulfillment.FulfillmentOrder }

// FulfillmentOrder is the fulfillment order with this number; nil when there is none, or none that the caller may see.
func (l *Loaders) FulfillmentOrder(ctx context.Context, id fulfillment.ID) (*FulfillmentOrder, error) {
	state, err := l.reads().fulfillmentOrders.load(ctx, id)
	return visible(ctx, state), err
}

// visible is nil for what the caller may not see.
func visible(ctx context.Context, state *fulfillment.FulfillmentOrder) *FulfillmentOrder {
	if state == nil || !caller(ctx).MayRead(state.AssignedLocation) {
		return nil
	}
	return &FulfillmentOrder{state}
}

func allVisible(ctx context.Context, states []*fulfillment.FulfillmentOrder) []*FulfillmentOrder {
	var list []*FulfillmentOrder
	for _, state := range states {
		if fo := visible(ctx, state); fo != nil {
			list = append(list, fo)
		}
	}
	return list
}

func (o *FulfillmentOrder) id() fulfillment.ID { return o.State.ID }

// IsNode says that [Loaders.Node] finds it.
func (*FulfillmentOrder) IsNode() {}

// ID is its global ID.
func (o *FulfillmentOrder) ID() GID { return GID{TypeFulfillmentOrder, o.State.ID} }

// Status is where the work stands.
func (o *FulfillmentOrder) Status() fulfillment.Status { return o.State.Status }

// RequestStatus is where the conversation with the service stands.
func (o *FulfillmentOrder) RequestStatus() fulfillment.RequestStatus { return o.State.RequestStatus }

// CreatedAt is when it was committed first.
func (o *FulfillmentOrder) CreatedAt() time.Time { return o.State.Created() }

// UpdatedAt is when it was committed last.
func (o *FulfillmentOrder) UpdatedAt() time.Time { return o.State.Updated() }

// FulfillAt is when work may start.
func (o *FulfillmentOrder) FulfillAt() *time.Time { return o.State.FulfillAt }

// FulfillBy is the deadline.
func (o *FulfillmentOrder) FulfillBy() *time.Time { return o.State.FulfillBy }

// ChannelID is null: Packhorse knows no channels.
func (*FulfillmentOrder) ChannelID() *GID { return nil }

// InternationalDuties is null: Packhorse knows no duties.
func (*FulfillmentOrder) InternationalDuties() *FulfillmentOrderInternationalDuties { return nil }

// RemainingLineItemsWeight is that of the units that are not shipped; nil when that of one of them is not known.
func (o *FulfillmentOrder) RemainingLineItemsWeight(ctx context.Context) (*fulfillment.Weight, error) {
	var units []fulfillment.Weighed
	for _, line := range o.lines() {
		if line.RemainingQuantity() == 0 {
			continue
		}
		weight, err := line.Weight(ctx)
		if err != nil {
			return nil, err
		}
		units = append(units, fulfillment.Weighed{Weight: weight, Units: line.RemainingQuantity()})
	}
	return fulfillment.SumWeight(units), nil
}

// DeliveryMethod is how the units reach the customer. Its number is the fulfillment order's.
func (o *FulfillmentOrder) DeliveryMethod() *DeliveryMethod {
	return &DeliveryMethod{State: o.State}
}

// Destination is where the units go.
func (o *FulfillmentOrder) Destination(ctx context.Context) (*FulfillmentOrderDestination, error) {
	return destination(ctx, o.State)
}

// FulfillmentHolds are the holds of all apps.
func (o *FulfillmentOrder) FulfillmentHolds() []*FulfillmentHold {
	holds := make([]*FulfillmentHold, len(o.State.Holds))
	for i := range o.State.Holds {
		holds[i] = &FulfillmentHold{&o.State.Holds[i]}
	}
	return holds
}

// Hold is the hold with this number; nil when it is none of the fulfillment order's, or there is no fulfillment order.
func (o *FulfillmentOrder) Hold(id fulfillment.ID) *FulfillmentHold {
	if o == nil {
		return nil
	}
	for _, h := range o.FulfillmentHolds() {
		if h.hold.ID == id {
			return h
		}
	}
	return nil
}

// LineItems are the lines, in their order.
func (o *FulfillmentOrder) LineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*FulfillmentOrderLineItemConnection, error) {
	return lineConnection(Paging{first, after, last, before, reverse}, o.lines())
}

func (o *FulfillmentOrder) lines() []*FulfillmentOrderLineItem {
	lines := make([]*FulfillmentOrderLineItem, len(o.State.Lines))
	for i := range o.State.Lines {
		lines[i] = &FulfillmentOrderLineItem{o.State, &o.State.Lines[i]}
	}
	return lines
}

// MerchantRequests are what the merchant asked of the service, the first one first.
func (o *FulfillmentOrder) MerchantRequests(
	kind *fulfillment.MerchantRequestKind, first *int, after *string, last *int, before *string, reverse *bool,
) (*FulfillmentOrderMerchantRequestConnection, error) {
	var requests []*FulfillmentOrderMerchantRequest
	for i := range o.State.MerchantRequests {
		if r := &o.State.MerchantRequests[i]; kind == nil || r.Kind == *kind {
			requests = append(requests, &FulfillmentOrderMerchantRequest{o.State, r})
		}
	}
	return requestConnection(Paging{first, after, last, before, reverse}, requests)
}

// Fulfillments are the shipments that units of it are in, cancelled ones too, by ID.
func (o *FulfillmentOrder) Fulfillments(
	ctx context.Context, first *int, after *string, last *int, before *string, reverse *bool,
) (*FulfillmentConnection, error) {
	sources := []*fulfillment.FulfillmentOrder{o.State}
	if o.State.HasSharedShipments() { // Their whole is spread over the order.
		var err error
		if sources, err = read(ctx).ofOrder.load(ctx, o.State.OrderID); err != nil {
			return nil, err
		}
	}
	var shipments []*Fulfillment
	for _, owned := range postgres.FulfillmentsOf(sources) {
		if slices.ContainsFunc(
			owned.Sources, func(fo *fulfillment.FulfillmentOrder) bool { return fo.ID == o.State.ID },
		) {
			shipments = append(shipments, &Fulfillment{owned})
		}
	}
	return fulfillmentConnection(Paging{first, after, last, before, reverse}, shipments)
}

// Order is the order that it is part of. It takes the right to read orders: an order tells more than what is to be
// shipped.
func (o *FulfillmentOrder) Order(ctx context.Context) (*Order, error) {
	return orderOf(ctx, o.State.OrderID)
}

// OrderID is the order's global ID.
func (o *FulfillmentOrder) OrderID() GID { return GID{TypeOrder, o.State.OrderID} }

// OrderName is the order's name.
func (o *FulfillmentOrder) OrderName() string { return o.State.OrderName }

// OrderProcessedAt is when the order was placed.
func (o *FulfillmentOrder) OrderProcessedAt(ctx context.Context) (time.Time, error) {
	order, err := read(ctx).orders.load(ctx, o.State.OrderID)
	if order == nil {
		return o.State.Created(), err
	}
	return processedAt(order), nil
}

// SupportedActions are what the caller may do with it now.
func (o *FulfillmentOrder) SupportedActions(ctx context.Context) ([]*FulfillmentOrderSupportedAction, error) {
	actions := caller(ctx).SupportedActions(o.State)
	peers, err := o.mergeable(ctx)
	if err != nil {
		return nil, err
	}
	if len(peers) > 0 {
		actions = append(actions, fulfillment.ActionMerge)
	}
	list := make([]*FulfillmentOrderSupportedAction, len(actions))
	for i, action := range actions {
		list[i] = &FulfillmentOrderSupportedAction{Action: action}
	}
	return list, nil
}

// FulfillmentOrdersForMerge are what it can be merged with, by ID.
func (o *FulfillmentOrder) FulfillmentOrdersForMerge(
	ctx context.Context, first *int, after *string, last *int, before *string, reverse *bool,
) (*FulfillmentOrderConnection, error) {
	peers, err := o.mergeable(ctx)
	if err != nil {
		return nil, err
	}
	return fulfillmentOrderConnection(Paging{first, after, last, before, reverse}, allVisible(ctx, peers))
}

// mergeable are the fulfillment orders that the caller may merge it with.
func (o *FulfillmentOrder) mergeable(ctx context.Context) ([]*fulfillment.FulfillmentOrder, error) {
	by := caller(ctx)
	if o.State.Status == fulfillment.StatusClosed || !by.MayAct(fulfillment.ActionMerge, o.State.AssignedLocation) {
		return nil, nil
	}
	others, err := read(ctx).ofOrder.load(ctx, o.State.OrderID)
	return o.State.MergeableWith(others, by.Actor(o.State.AssignedLocation)), err
}

func fulfillmentOrderConnection(p Paging, fos []*FulfillmentOrder) (*FulfillmentOrderConnection, error) {
	s, err := segment(p, fos, (*FulfillmentOrder).id)
	if err != nil {
		return nil, err
	}
	return fulfillmentOrderSegment(s), nil
}

func fulfillmentOrderSegment(s postgres.Segment[*FulfillmentOrder]) *FulfillmentOrderConnection {
	return connection(s,
		func(cursor string, node *FulfillmentOrder) *FulfillmentOrderEdge {
			return &FulfillmentOrderEdge{Cursor: cursor, Node: node}
		},
		func(edges []*FulfillmentOrderEdge, nodes []*FulfillmentOrder, page *PageInfo) *FulfillmentOrderConnection {
			return &FulfillmentOrderConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		})
}
