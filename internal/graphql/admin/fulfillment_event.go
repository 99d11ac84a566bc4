package admin

import (
	"time"

	"packhorse/internal/fulfillment"
)

// FulfillmentEvent is news about a shipment.
type FulfillmentEvent struct{ event *fulfillment.FulfillmentEvent }

func eventConnection(p Paging, events []*FulfillmentEvent) (*FulfillmentEventConnection, error) {
	s, err := segment(p, events, func(e *FulfillmentEvent) fulfillment.ID { return e.event.ID })
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *FulfillmentEvent) *FulfillmentEventEdge {
			return &FulfillmentEventEdge{Cursor: cursor, Node: node}
		},
		func(edges []*FulfillmentEventEdge, nodes []*FulfillmentEvent, page *PageInfo) *FulfillmentEventConnection {
			return &FulfillmentEventConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// IsNode says that [Loaders.Node] finds it.
func (*FulfillmentEvent) IsNode() {}

// ID is its global ID.
func (e *FulfillmentEvent) ID() GID { return GID{TypeFulfillmentEvent, e.event.ID} }

// Status is what the news says.
func (e *FulfillmentEvent) Status() fulfillment.EventStatus { return e.event.Status }

// Message is what there is to say about it.
func (e *FulfillmentEvent) Message() *string { return optional(e.event.Message) }

// CreatedAt is when it was recorded.
func (e *FulfillmentEvent) CreatedAt() time.Time { return e.event.CreatedAt }

// HappenedAt is when it happened.
func (e *FulfillmentEvent) HappenedAt() time.Time { return e.event.HappenedAt }

// EstimatedDeliveryAt is when the carrier expects to deliver.
func (e *FulfillmentEvent) EstimatedDeliveryAt() *time.Time { return e.event.EstimatedDeliveryAt }

// Address1 is where it happened.
func (e *FulfillmentEvent) Address1() *string { return optional(e.event.Address1) }

// City is where it happened.
func (e *FulfillmentEvent) City() *string { return optional(e.event.City) }

// Province is where it happened.
func (e *FulfillmentEvent) Province() *string { return optional(e.event.Province) }

// Country is where it happened.
func (e *FulfillmentEvent) Country() *string { return optional(e.event.Country) }

// Zip is where it happened.
func (e *FulfillmentEvent) Zip() *string { return optional(e.event.Zip) }

// Latitude is where it happened.
func (e *FulfillmentEvent) Latitude() *float64 { return e.event.Latitude }

// Longitude is where it happened.
func (e *FulfillmentEvent) Longitude() *float64 { return e.event.Longitude }
