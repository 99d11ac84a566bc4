package admin

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// FulfillmentOrders are those that the caller may see, closed ones too, by ID.
func (o *Order) FulfillmentOrders(
	ctx context.Context, displayable *bool, first *int, after *string, last *int, before *string, reverse *bool,
	query *string,
) (*FulfillmentOrderConnection, error) {
	p := Paging{first, after, last, before, reverse}
	if value(query) != "" {
		return o.search(ctx, p, *query)
	}
	states, err := read(ctx).ofOrder.load(ctx, o.State.ID)
	if err != nil {
		return nil, err
	}
	list := allVisible(ctx, states)
	if value(displayable) {
		shown := list[:0]
		for _, fo := range list {
			if fo.Status() != fulfillment.StatusClosed || fo.State.Shipped() {
				shown = append(shown, fo)
			}
		}
		list = shown
	}
	return fulfillmentOrderConnection(p, list)
}

// search asks the store: only it knows the language of queries.
func (o *Order) search(ctx context.Context, p Paging, query string) (*FulfillmentOrderConnection, error) {
	condition, err := fulfillmentOrderSearch(&query)
	if err != nil {
		return nil, err
	}
	list := postgres.FulfillmentOrderList{
		Window: p.Window(postgres.SortID), Visibility: new(caller(ctx).ReadKinds()), Search: condition,
		IncludeClosed: true,
	}
	s, err := read(ctx).listOfOrder(ctx, o.State.ID, orderListKey{window: list.Window, query: query}, list)
	if err != nil {
		return nil, err
	}
	return fulfillmentOrderSegment(mapped(s, newFulfillmentOrder)), nil
}

// Fulfillments are the shipments of the order, cancelled ones too, by ID.
func (o *Order) Fulfillments(ctx context.Context, first *int, query *string) ([]*Fulfillment, error) {
	if err := (Paging{First: first}).check(); err != nil {
		return nil, err
	}
	shipments, err := o.shipments(ctx)
	if err != nil {
		return nil, err
	}
	if shipments, err = filter(shipments, query, shipmentFields); err != nil {
		return nil, err
	}
	if first != nil && len(shipments) > *first {
		shipments = shipments[:*first]
	}
	return shipments, nil
}

var shipmentFields = map[string]func(*Fulfillment) any{
	"id":         func(f *Fulfillment) any { return f.shipment().ID },
	"status":     func(f *Fulfillment) any { return string(f.shipment().Status) },
	"created_at": func(f *Fulfillment) any { return f.shipment().Created() },
	"updated_at": func(f *Fulfillment) any { return f.shipment().Updated() },
}

// FulfillmentsCount is how many shipments there are.
func (o *Order) FulfillmentsCount(ctx context.Context) (*Count, error) {
	shipments, err := o.shipments(ctx)
	if err != nil {
		return nil, err
	}
	return exactly(len(shipments)), nil
}

func (o *Order) shipments(ctx context.Context) ([]*Fulfillment, error) {
	states, err := read(ctx).ofOrder.load(ctx, o.State.ID)
	if err != nil {
		return nil, err
	}
	list := []*Fulfillment{}
	for _, owned := range postgres.FulfillmentsOf(states) {
		list = append(list, &Fulfillment{owned})
	}
	return list, nil
}
