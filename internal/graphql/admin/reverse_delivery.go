package admin

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// ReverseDelivery is a parcel that comes back.
type ReverseDelivery struct {
	of    *ReverseFulfillmentOrder
	state *returns.Delivery
}

// ReverseDelivery is the one with this number; nil when there is none.
func (l *Loaders) ReverseDelivery(ctx context.Context, id fulfillment.ID) (*ReverseDelivery, error) {
	of, err := l.returnWith(ctx, id)
	if of == nil {
		return nil, err
	}
	for i := range of.Work {
		w := &of.Work[i]
		for n := range w.Deliveries {
			if w.Deliveries[n].ID == id {
				return &ReverseDelivery{&ReverseFulfillmentOrder{of, w}, &w.Deliveries[n]}, nil
			}
		}
	}
	return nil, nil
}

// ReverseDeliveryDeliverable is how a parcel comes back.
type ReverseDeliveryDeliverable interface{ IsReverseDeliveryDeliverable() }

// IsNode says that [Loaders.Node] finds it.
func (*ReverseDelivery) IsNode() {}

// ID is its global ID.
func (d *ReverseDelivery) ID() GID { return GID{TypeReverseDelivery, d.state.ID} }

// ReverseFulfillmentOrder is the work that it is for.
func (d *ReverseDelivery) ReverseFulfillmentOrder() *ReverseFulfillmentOrder { return d.of }

// Deliverable is its tracking and label; nil: there is neither.
func (d *ReverseDelivery) Deliverable() ReverseDeliveryDeliverable {
	if d.state.Tracking == nil && d.state.Label == nil {
		return nil
	}
	deliverable := &ReverseDeliveryShippingDeliverable{}
	if t := d.state.Tracking; t != nil {
		deliverable.Tracking = &ReverseDeliveryTrackingV2{
			Number: optional(t.Number), URL: optional(t.URL), CarrierName: optional(t.CarrierName),
		}
	}
	if l := d.state.Label; l != nil {
		deliverable.Label = &ReverseDeliveryLabelV2{
			PublicFileURL: optional(l.FileURL), CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt,
		}
	}
	return deliverable
}

// ReverseDeliveryLineItems are what is in it.
func (d *ReverseDelivery) ReverseDeliveryLineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*ReverseDeliveryLineItemConnection, error) {
	list := make([]*ReverseDeliveryLineItem, len(d.state.Lines))
	for i := range d.state.Lines {
		list[i] = &ReverseDeliveryLineItem{d.of, &d.state.Lines[i]}
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list,
		func(l *ReverseDeliveryLineItem) fulfillment.ID { return l.line.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *ReverseDeliveryLineItem) *ReverseDeliveryLineItemEdge {
			return &ReverseDeliveryLineItemEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*ReverseDeliveryLineItemEdge, nodes []*ReverseDeliveryLineItem, page *PageInfo,
		) *ReverseDeliveryLineItemConnection {
			return &ReverseDeliveryLineItemConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// ReverseDeliveryLineItem is units in a parcel that comes back.
type ReverseDeliveryLineItem struct {
	of   *ReverseFulfillmentOrder
	line *returns.DeliveryLine
}

// IsNode says that [Loaders.Node] finds it.
func (*ReverseDeliveryLineItem) IsNode() {}

// ID is its global ID.
func (l *ReverseDeliveryLineItem) ID() GID { return GID{TypeReverseDeliveryLineItem, l.line.ID} }

// Quantity is the units.
func (l *ReverseDeliveryLineItem) Quantity() int { return l.line.Quantity }

// ReverseFulfillmentOrderLineItem is the line that they are of.
func (l *ReverseDeliveryLineItem) ReverseFulfillmentOrderLineItem() (*ReverseFulfillmentOrderLineItem, error) {
	line := l.of.line(l.line.WorkLineID)
	if line == nil {
		return nil, fmt.Errorf("read line %d of return %d: it is not in the store", l.line.WorkLineID, l.of.of.ID)
	}
	return line, nil
}

// Dispositions are those of the line: what became of units is not told by parcel.
func (l *ReverseDeliveryLineItem) Dispositions() []*ReverseFulfillmentOrderDisposition {
	if line := l.of.line(l.line.WorkLineID); line != nil {
		return line.Dispositions()
	}
	return []*ReverseFulfillmentOrderDisposition{}
}
