package admin

import (
	"context"
	"errors"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// Node is an object that has a global ID.
type Node interface{ IsNode() }

// LegacyInteroperability is an object that also has a plain number.
type LegacyInteroperability interface{ IsLegacyInteroperability() }

// Node finds any object by its global ID. It is nil when it is unknown, of a type that is not kept here, or not for the
// caller to see.
func (l *Loaders) Node(ctx context.Context, gid GID) (Node, error) {
	nodes, err := l.Nodes(ctx, []GID{gid})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// Nodes finds several objects, in the order of the IDs, with one statement for each kind.
func (l *Loaders) Nodes(ctx context.Context, gids []GID) ([]Node, error) {
	r := l.reads()
	for _, gid := range gids {
		r.announceNode(gid)
	}
	nodes := make([]Node, len(gids))
	for i, gid := range gids {
		if gid.ID == 0 {
			continue
		}
		node, err := l.node(ctx, gid)
		if err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}

func (r *reads) announceNode(gid GID) {
	switch gid.Type {
	case TypeFulfillmentOrder, TypeDeliveryMethod, TypeFulfillmentOrderDestination:
		r.fulfillmentOrders.announce(gid.ID)
	case TypeFulfillmentOrderLineItem:
		r.parts[postgres.PartLine].announce(gid.ID)
	case TypeFulfillmentHold:
		r.parts[postgres.PartHold].announce(gid.ID)
	case TypeFulfillmentOrderMerchantRequest:
		r.parts[postgres.PartMerchantRequest].announce(gid.ID)
	case TypeFulfillment:
		r.fulfillments[postgres.FulfillmentByID].announce(gid.ID)
	case TypeFulfillmentLineItem:
		r.fulfillments[postgres.FulfillmentByLine].announce(gid.ID)
	case TypeFulfillmentEvent:
		r.fulfillments[postgres.FulfillmentByEvent].announce(gid.ID)
	case TypeOrder, TypeMailingAddress:
		r.orders.announce(gid.ID)
	case TypeLineItem:
		r.ordersByLineItem.announce(gid.ID)
	case TypeLocation:
		r.locationsByID.announce(gid.ID)
	case TypeWebhookSubscription:
		r.subscriptions.announce(gid.ID)
	case TypeReturn:
		r.returns.announce(gid.ID)
	case TypeReturnLineItem, TypeExchangeLineItem, TypeReverseFulfillmentOrder, TypeReverseFulfillmentOrderLineItem,
		TypeReverseDisposition, TypeReverseDelivery, TypeReverseDeliveryLineItem:
		r.returnOf.announce(gid.ID)
	case TypeReturnableFulfillment:
		r.fulfillments[postgres.FulfillmentByID].announce(gid.ID)
	}
}

// node finds one object. A nil pointer is never returned as a Node.
func (l *Loaders) node(ctx context.Context, gid GID) (Node, error) {
	by := caller(ctx)
	switch gid.Type {
	case TypeFulfillmentOrder, TypeDeliveryMethod, TypeFulfillmentOrderDestination:
		return l.fulfillmentOrderNode(ctx, gid)
	case TypeFulfillmentOrderLineItem, TypeFulfillmentHold, TypeFulfillmentOrderMerchantRequest:
		return l.partNode(ctx, gid)
	case TypeFulfillment, TypeFulfillmentLineItem, TypeFulfillmentEvent:
		return l.shipmentNode(ctx, gid)
	case TypeOrder, TypeMailingAddress, TypeLineItem:
		if by.MayCall("order") == nil {
			return l.orderNode(ctx, gid)
		}
	case TypeCalculatedOrder:
		if by.MayCall("order") == nil {
			return l.calculatedOrderNode(ctx, gid.ID)
		}
	case TypeReturn, TypeReturnLineItem, TypeExchangeLineItem, TypeReverseFulfillmentOrder,
		TypeReverseFulfillmentOrderLineItem, TypeReverseDisposition, TypeReverseDelivery, TypeReverseDeliveryLineItem,
		TypeReturnableFulfillment, TypeReturnReasonDefinition:
		if by.MayCall("return") == nil {
			return l.returnNode(ctx, gid)
		}
	case TypeLocation:
		location, err := l.Location(ctx, gid.ID)
		return found(location, err)
	case TypeWebhookSubscription:
		return found(l.WebhookSubscription(ctx, gid.ID))
	case TypeApp:
		if gid.ID == by.App.ID {
			return &App{by.App}, nil
		}
	case TypeAppInstallation:
		if gid.ID == by.App.ID {
			return &AppInstallation{by.App}, nil
		}
	case TypeShop:
		if gid.ID == 1 {
			return l.Shop(), nil
		}
	}
	return nil, nil
}

func (l *Loaders) fulfillmentOrderNode(ctx context.Context, gid GID) (Node, error) {
	fo, err := l.FulfillmentOrder(ctx, gid.ID)
	if fo == nil {
		return nil, err
	}
	switch gid.Type {
	case TypeDeliveryMethod:
		return fo.DeliveryMethod(), nil
	case TypeFulfillmentOrderDestination:
		return found(fo.Destination(ctx))
	}
	return fo, nil
}

func (l *Loaders) partNode(ctx context.Context, gid GID) (Node, error) {
	part := map[string]postgres.Part{TypeFulfillmentOrderLineItem: postgres.PartLine,
		TypeFulfillmentHold:                 postgres.PartHold,
		TypeFulfillmentOrderMerchantRequest: postgres.PartMerchantRequest}[gid.Type]
	state, err := l.reads().parts[part].load(ctx, gid.ID)
	if visible(ctx, state) == nil {
		return nil, err
	}
	for i := range state.Lines {
		if part == postgres.PartLine && state.Lines[i].ID == gid.ID {
			return &FulfillmentOrderLineItem{state, &state.Lines[i]}, nil
		}
	}
	for i := range state.Holds {
		if part == postgres.PartHold && state.Holds[i].ID == gid.ID {
			return &FulfillmentHold{&state.Holds[i]}, nil
		}
	}
	for i := range state.MerchantRequests {
		if part == postgres.PartMerchantRequest && state.MerchantRequests[i].ID == gid.ID {
			return &FulfillmentOrderMerchantRequest{state, &state.MerchantRequests[i]}, nil
		}
	}
	return nil, nil
}

func (l *Loaders) shipmentNode(ctx context.Context, gid GID) (Node, error) {
	key := map[string]postgres.FulfillmentKey{TypeFulfillment: postgres.FulfillmentByID,
		TypeFulfillmentLineItem: postgres.FulfillmentByLine,
		TypeFulfillmentEvent:    postgres.FulfillmentByEvent}[gid.Type]
	f, err := l.shipment(ctx, key, gid.ID)
	if f == nil {
		return nil, err
	}
	if gid.Type == TypeFulfillmentLineItem {
		for _, line := range f.State.Lines() {
			if line.ID == gid.ID {
				return &FulfillmentLineItem{f.State.Owner.OrderID, line}, nil
			}
		}
		return nil, nil
	}
	if gid.Type == TypeFulfillmentEvent {
		return found(f.Event(gid.ID), nil)
	}
	return f, nil
}

// FulfillmentEvent is the news with this number; nil when there is none, or none that the caller may see.
func (l *Loaders) FulfillmentEvent(ctx context.Context, id fulfillment.ID) (*FulfillmentEvent, error) {
	f, err := l.shipment(ctx, postgres.FulfillmentByEvent, id)
	if f == nil {
		return nil, err
	}
	return f.Event(id), nil
}

// Event is the news with this number; nil when it is none of the shipment's, or there is no shipment.
func (f *Fulfillment) Event(id fulfillment.ID) *FulfillmentEvent {
	if f == nil {
		return nil
	}
	events := f.shipment().Events
	i := slices.IndexFunc(events, func(e fulfillment.FulfillmentEvent) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return &FulfillmentEvent{&events[i]}
}

func (l *Loaders) orderNode(ctx context.Context, gid GID) (Node, error) {
	if gid.Type == TypeLineItem {
		state, err := l.reads().ordersByLineItem.load(ctx, gid.ID)
		if state == nil {
			return nil, err
		}
		i := slices.IndexFunc(state.LineItems, func(line fulfillment.LineItem) bool { return line.ID == gid.ID })
		return &LineItem{state, i}, nil
	}
	order, err := l.Order(ctx, gid.ID)
	if order == nil {
		return nil, err
	}
	if gid.Type == TypeMailingAddress {
		return found(order.ShippingAddress(), nil)
	}
	return order, nil
}

// calculatedOrderNode is an edit of the caller's own.
func (l *Loaders) calculatedOrderNode(ctx context.Context, id fulfillment.ID) (Node, error) {
	session, err := l.book.EditSession(ctx, id)
	switch {
	case errors.Is(err, fulfillment.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case !session.BelongsTo(caller(ctx).App.Handle):
		return nil, nil
	}
	return found(NewCalculatedOrder(ctx, session))
}

// found is a Node that is nil when the pointer is.
func found[T any, P interface {
	*T
	Node
}](p P, err error) (Node, error) {
	if p == nil || err != nil {
		return nil, err
	}
	return p, nil
}
