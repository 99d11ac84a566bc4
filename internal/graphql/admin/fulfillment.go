package admin

import (
	"cmp"
	"context"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// Fulfillment is a shipment, of one or several fulfillment orders.
type Fulfillment struct{ State *postgres.OwnedFulfillment }

// Fulfillment is the shipment with this number; nil when there is none, or none that the caller may see.
func (l *Loaders) Fulfillment(ctx context.Context, id fulfillment.ID) (*Fulfillment, error) {
	return l.shipment(ctx, postgres.FulfillmentByID, id)
}

func (l *Loaders) shipment(ctx context.Context, by postgres.FulfillmentKey, key fulfillment.ID) (*Fulfillment, error) {
	owned, err := l.reads().fulfillments[by].load(ctx, key)
	if owned == nil || owned.Owner == nil || caller(ctx).MayCallAt("fulfillment", owned.Owner.AssignedLocation) != nil {
		return nil, err
	}
	return &Fulfillment{owned}, nil
}

func fulfillmentConnection(p Paging, shipments []*Fulfillment) (*FulfillmentConnection, error) {
	s, err := segment(p, shipments, func(f *Fulfillment) fulfillment.ID { return f.shipment().ID })
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *Fulfillment) *FulfillmentEdge {
			return &FulfillmentEdge{Cursor: cursor, Node: node}
		},
		func(edges []*FulfillmentEdge, nodes []*Fulfillment, page *PageInfo) *FulfillmentConnection {
			return &FulfillmentConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

func (f *Fulfillment) shipment() *fulfillment.Fulfillment { return f.State.Fulfillment }

// IsNode says that [Loaders.Node] finds it.
func (*Fulfillment) IsNode() {}

// IsLegacyInteroperability says that it has a plain number.
func (*Fulfillment) IsLegacyInteroperability() {}

// ID is its global ID.
func (f *Fulfillment) ID() GID { return GID{TypeFulfillment, f.shipment().ID} }

// LegacyResourceID is the number of the ID.
func (f *Fulfillment) LegacyResourceID() uint64 { return uint64(f.shipment().ID) }

// Name is the order's name with a number.
func (f *Fulfillment) Name() string { return f.shipment().Name }

// Status is whether it stands.
func (f *Fulfillment) Status() fulfillment.FulfillmentStatus { return f.shipment().Status }

// DisplayStatus is what the merchant sees.
func (f *Fulfillment) DisplayStatus() *fulfillment.DisplayStatus {
	return optional(f.shipment().DisplayStatus)
}

// CreatedAt is when it was committed first.
func (f *Fulfillment) CreatedAt() time.Time { return f.shipment().Created() }

// UpdatedAt is when it was committed last.
func (f *Fulfillment) UpdatedAt() time.Time { return f.shipment().Updated() }

// InTransitAt is when the carrier first had it on its way.
func (f *Fulfillment) InTransitAt() *time.Time { return f.shipment().InTransitAt }

// DeliveredAt is when it was delivered.
func (f *Fulfillment) DeliveredAt() *time.Time { return f.shipment().DeliveredAt }

// EstimatedDeliveryAt is when the carrier expects to deliver.
func (f *Fulfillment) EstimatedDeliveryAt() *time.Time { return f.shipment().EstimatedDeliveryAt }

// RequiresShipping tells whether anything in it has to be shipped.
func (f *Fulfillment) RequiresShipping() bool { return f.shipment().RequiresShipping }

// TotalQuantity is the units in it.
func (f *Fulfillment) TotalQuantity() int {
	units := 0
	for _, l := range f.State.Lines() {
		units += l.Quantity
	}
	return units
}

// OriginAddress is where it left from, for taxes.
func (f *Fulfillment) OriginAddress() *FulfillmentOriginAddress {
	a := f.shipment().OriginAddress
	if a == nil {
		return nil
	}
	return &FulfillmentOriginAddress{
		Address1: optional(a.Address1), Address2: optional(a.Address2), City: optional(a.City), Zip: optional(a.Zip),
		ProvinceCode: optional(a.ProvinceCode), CountryCode: a.CountryCode,
	}
}

// TrackingInfo are the tracking numbers, in the order in which they were given.
func (f *Fulfillment) TrackingInfo(first *int) ([]*FulfillmentTrackingInfo, error) {
	if err := (Paging{First: first}).check(); err != nil {
		return nil, err
	}
	list := make([]*FulfillmentTrackingInfo, 0, len(f.shipment().Tracking))
	for _, t := range f.shipment().Tracking {
		if first != nil && len(list) == *first {
			break
		}
		list = append(
			list,
			&FulfillmentTrackingInfo{Company: optional(t.Company), Number: optional(t.Number), URL: optional(t.URL)},
		)
	}
	return list, nil
}

// Events are the news of it.
func (f *Fulfillment) Events(
	first *int, after *string, last *int, before *string, reverse *bool, sortKey *FulfillmentEventSortKeys,
) (*FulfillmentEventConnection, error) {
	events := make([]*FulfillmentEvent, len(f.shipment().Events))
	for i := range f.shipment().Events {
		events[i] = &FulfillmentEvent{&f.shipment().Events[i]}
	}
	slices.SortStableFunc(events, func(a, b *FulfillmentEvent) int {
		if c := a.event.HappenedAt.Compare(b.event.HappenedAt); c != 0 && value(sortKey) != FulfillmentEventSortKeysID {
			return c
		}
		return cmp.Compare(a.event.ID, b.event.ID)
	})
	return eventConnection(Paging{first, after, last, before, reverse}, events)
}

// FulfillmentLineItems are what is in it, one for each order line.
func (f *Fulfillment) FulfillmentLineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*FulfillmentLineItemConnection, error) {
	lines := f.State.Lines()
	list := make([]*FulfillmentLineItem, len(lines))
	for i := range lines {
		list[i] = &FulfillmentLineItem{f.State.Owner.OrderID, lines[i]}
	}
	return shipmentLineConnection(Paging{first, after, last, before, reverse}, list)
}

// FulfillmentOrders are those that its units came from, as far as the caller may see them.
func (f *Fulfillment) FulfillmentOrders(
	ctx context.Context, first *int, after *string, last *int, before *string, reverse *bool,
) (*FulfillmentOrderConnection, error) {
	return fulfillmentOrderConnection(Paging{first, after, last, before, reverse}, allVisible(ctx, f.State.Sources))
}

// Order is the order that it is part of; it takes the right to read orders.
func (f *Fulfillment) Order(ctx context.Context) (*Order, error) {
	return orderOf(ctx, f.State.Owner.OrderID)
}

// Location is where it left from; nil when the location is gone.
func (f *Fulfillment) Location(ctx context.Context) (*Location, error) {
	return LoadersFrom(ctx).Location(ctx, f.shipment().LocationID)
}

// Service is who shipped it; nil when the service is gone.
func (f *Fulfillment) Service(ctx context.Context) (*FulfillmentService, error) {
	return serviceAt(ctx, f.shipment().ServiceID)
}
