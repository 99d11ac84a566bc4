package postgres

import (
	"encoding/json"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

// The rows below travel to the database as one JSON array for each table; their tags are the columns.

type fulfillmentOrderRow struct {
	ID               fulfillment.ID                 `json:"id"`
	OrderID          fulfillment.ID                 `json:"order_id"`
	OrderName        string                         `json:"order_name"`
	Status           fulfillment.Status             `json:"status"`
	RequestStatus    fulfillment.RequestStatus      `json:"request_status"`
	LocationID       fulfillment.ID                 `json:"location_id"`
	LocationName     string                         `json:"location_name"`
	ServiceID        fulfillment.ID                 `json:"service_id"`
	ServiceName      string                         `json:"service_name"`
	Provider         string                         `json:"provider"`
	DeliveryMethod   fulfillment.DeliveryMethodType `json:"delivery_method"`
	FulfillAt        *time.Time                     `json:"fulfill_at"`
	FulfillBy        *time.Time                     `json:"fulfill_by"`
	AcceptBy         *time.Time                     `json:"accept_by"`
	DeadlineMissedAt *time.Time                     `json:"deadline_missed_at"`
	DueAt            *time.Time                     `json:"due_at"`
	Total            int                            `json:"total"`
	Remaining        int                            `json:"remaining"`
	Holds            int                            `json:"holds"`
	Fulfillments     int                            `json:"fulfillments"`
	Expected         int64                          `json:"expected"` // the stored version; 0: a new row
	Version          int64                          `json:"version"`
	Snapshot         json.RawMessage                `json:"snapshot"`
	CreatedAt        time.Time                      `json:"created_at"`
	UpdatedAt        time.Time                      `json:"updated_at"`
}

type lineRow struct {
	FulfillmentOrderID fulfillment.ID `json:"fulfillment_order_id"`
	ID                 fulfillment.ID `json:"id"`
	OrderID            fulfillment.ID `json:"order_id"`
	LineItemID         fulfillment.ID `json:"line_item_id"`
	Total              int            `json:"total"`
	Remaining          int            `json:"remaining"`
	Cancelled          int            `json:"cancelled"`
}

type fulfillmentRow struct {
	ID                  fulfillment.ID                `json:"id"`
	FulfillmentOrderID  fulfillment.ID                `json:"fulfillment_order_id"`
	OrderID             fulfillment.ID                `json:"order_id"`
	Name                string                        `json:"name"`
	Status              fulfillment.FulfillmentStatus `json:"status"`
	DisplayStatus       fulfillment.DisplayStatus     `json:"display_status"`
	RequiresShipping    bool                          `json:"requires_shipping"`
	LocationID          fulfillment.ID                `json:"location_id"`
	ServiceID           fulfillment.ID                `json:"service_id"`
	Tracking            []fulfillment.TrackingInfo    `json:"tracking,omitempty"`
	Data                fulfillmentData               `json:"data"`
	ShippedAt           *time.Time                    `json:"shipped_at"`
	InTransitAt         *time.Time                    `json:"in_transit_at"`
	DeliveredAt         *time.Time                    `json:"delivered_at"`
	EstimatedDeliveryAt *time.Time                    `json:"estimated_delivery_at"`
	CancelledAt         *time.Time                    `json:"cancelled_at"`
	GivenUpAt           *time.Time                    `json:"given_up_at"`
	CreatedAt           time.Time                     `json:"created_at"`
	UpdatedAt           time.Time                     `json:"updated_at"`
}

type fulfillmentData struct {
	Message        string                     `json:"message,omitempty"`
	NotifyCustomer bool                       `json:"notifyCustomer,omitempty"`
	OriginAddress  *fulfillment.OriginAddress `json:"originAddress,omitempty"`
}

type fulfillmentLineRow struct {
	FulfillmentID          fulfillment.ID `json:"fulfillment_id"`
	ID                     fulfillment.ID `json:"id"`
	FulfillmentOrderLineID fulfillment.ID `json:"fulfillment_order_line_item_id"`
	LineItemID             fulfillment.ID `json:"line_item_id"`
	Quantity               int            `json:"quantity"`
}

type eventRow struct {
	FulfillmentID       fulfillment.ID          `json:"fulfillment_id"`
	ID                  fulfillment.ID          `json:"id"`
	Status              fulfillment.EventStatus `json:"status"`
	HappenedAt          time.Time               `json:"happened_at"`
	Late                bool                    `json:"late"`
	EstimatedDeliveryAt *time.Time              `json:"estimated_delivery_at"`
	Data                fulfillment.Event       `json:"data"`
	CreatedAt           time.Time               `json:"created_at"`
}

type transitionRow struct {
	FulfillmentOrderID fulfillment.ID      `json:"fulfillment_order_id"`
	Sequence           int64               `json:"sequence"`
	Kind               fulfillment.Kind    `json:"kind"`
	Command            fulfillment.Verb    `json:"command"`
	CommandID          string              `json:"command_id"`
	Fingerprint        string              `json:"fingerprint"`
	Actor              fulfillment.Actor   `json:"actor"`
	At                 time.Time           `json:"at"`
	Reason             string              `json:"reason"`
	Before             *fulfillment.State  `json:"before,omitempty"`
	After              fulfillment.State   `json:"after"`
	Details            any                 `json:"details,omitempty"`
	Topics             []string            `json:"topics"`
	Result             *fulfillment.Result `json:"result,omitempty"`
}

type outboxRow struct {
	OrderID            fulfillment.ID  `json:"order_id"`
	FulfillmentOrderID *fulfillment.ID `json:"fulfillment_order_id"`
	Sequence           int64           `json:"sequence"`
	Position           int             `json:"position"`
	Topic              string          `json:"topic"`
	Payload            any             `json:"payload"`
}

// rows is everything that states and transitions become in the database.
type rows struct {
	fulfillmentOrders   []fulfillmentOrderRow
	fulfillmentOrderIDs []int64
	lines               []lineRow
	fulfillments        []fulfillmentRow
	fulfillmentLines    []fulfillmentLineRow
	events              []eventRow
	transitions         []transitionRow
	outbox              []outboxRow
}

// add appends a state, of which the store must have version expected.
func (r *rows) add(fo *fulfillment.FulfillmentOrder, expected int64) error {
	snapshot, err := json.Marshal(fo)
	if err != nil {
		return fmt.Errorf("encode the snapshot: %w", err)
	}
	l := fo.AssignedLocation
	row := fulfillmentOrderRow{
		ID: fo.ID, OrderID: fo.OrderID, OrderName: fo.OrderName, Status: fo.Status, RequestStatus: fo.RequestStatus,
		LocationID: l.LocationID, LocationName: l.Name, ServiceID: l.ServiceID, ServiceName: l.ServiceName,
		Provider: l.Provider, DeliveryMethod: fo.DeliveryMethod, FulfillAt: fo.FulfillAt, FulfillBy: fo.FulfillBy,
		AcceptBy: fo.AcceptBy, DeadlineMissedAt: fo.DeadlineMissedAt, Total: fo.TotalUnits(), Remaining: fo.RemainingUnits(),
		Holds: len(fo.Holds), Expected: expected, Version: fo.Sequence, Snapshot: snapshot,
		CreatedAt: fo.CreatedAt, UpdatedAt: fo.UpdatedAt,
	}
	if at, ok := fo.DueAt(); ok {
		row.DueAt = &at
	}
	for _, l := range fo.Lines {
		r.lines = append(r.lines, lineRow{fo.ID, l.ID, fo.OrderID, l.LineItemID, l.Total, l.Remaining, l.Cancelled})
	}
	for i, view := range fulfillment.ViewOrder(false, []*fulfillment.FulfillmentOrder{fo}).Fulfillments {
		if !view.Cancelled {
			row.Fulfillments++
		}
		r.addFulfillment(fo, &fo.Fulfillments[i], view.ShippedAt)
	}
	r.fulfillmentOrders = append(r.fulfillmentOrders, row)
	r.fulfillmentOrderIDs = append(r.fulfillmentOrderIDs, int64(fo.ID))
	return nil
}

// addFulfillment adds a shipment, or only the lines of a part of one: its owner has the row.
func (r *rows) addFulfillment(fo *fulfillment.FulfillmentOrder, f *fulfillment.Fulfillment, shippedAt *time.Time) {
	for _, l := range f.Lines {
		r.fulfillmentLines = append(r.fulfillmentLines, fulfillmentLineRow{f.ID, l.ID, l.FulfillmentOrderLineID, l.LineItemID, l.Quantity})
	}
	if f.HomeID != 0 {
		return
	}
	r.fulfillments = append(r.fulfillments, fulfillmentRow{
		ID: f.ID, FulfillmentOrderID: fo.ID, OrderID: fo.OrderID, Name: f.Name, Status: f.Status,
		DisplayStatus: f.DisplayStatus, RequiresShipping: f.RequiresShipping, LocationID: f.LocationID, ServiceID: f.ServiceID,
		Tracking: f.Tracking, Data: fulfillmentData{f.Message, f.NotifyCustomer, f.OriginAddress}, ShippedAt: shippedAt,
		InTransitAt: f.InTransitAt, DeliveredAt: f.DeliveredAt, EstimatedDeliveryAt: f.EstimatedDeliveryAt,
		CancelledAt: f.CancelledAt, GivenUpAt: f.GivenUpAt, CreatedAt: f.CreatedAt, UpdatedAt: f.UpdatedAt,
	})
	for _, e := range f.Events {
		r.events = append(r.events, eventRow{f.ID, e.ID, e.Status, e.HappenedAt, e.Late, e.EstimatedDeliveryAt, e, e.CreatedAt})
	}
}

// addTransition appends a transition of a fulfillment order of this order, and the events that it raises.
func (r *rows) addTransition(orderID fulfillment.ID, t *fulfillment.Transition) {
	row := transitionRow{
		FulfillmentOrderID: t.FulfillmentOrderID, Sequence: t.Sequence, Kind: t.Kind, Command: t.Verb, CommandID: t.CommandID,
		Fingerprint: t.Fingerprint, Actor: t.Actor, At: t.At, Reason: t.Reason, After: t.After, Details: t.Details,
		Topics: t.Topics, Result: t.Result,
	}
	if t.Before != (fulfillment.State{}) {
		row.Before = &t.Before
	}
	r.transitions = append(r.transitions, row)
	for i, topic := range t.Topics {
		r.outbox = append(r.outbox, outboxRow{OrderID: orderID, FulfillmentOrderID: &t.FulfillmentOrderID,
			Sequence: t.Sequence, Position: i, Topic: topic, Payload: fulfillmentOrderEvent{
				ID: t.FulfillmentOrderID, OrderID: orderID, Sequence: t.Sequence, Kind: t.Kind, At: t.At,
				Before: row.Before, After: t.After, Details: t.Details,
			}})
	}
}

// fulfillmentOrderEvent is the payload of an outbox row about a fulfillment order: what changed. Readers that need
// more have the IDs.
type fulfillmentOrderEvent struct {
	ID       fulfillment.ID     `json:"fulfillmentOrderId"`
	OrderID  fulfillment.ID     `json:"orderId"`
	Sequence int64              `json:"sequence"`
	Kind     fulfillment.Kind   `json:"kind"`
	At       time.Time          `json:"at"`
	Before   *fulfillment.State `json:"before,omitempty"`
	After    fulfillment.State  `json:"after"`
	Details  any                `json:"details,omitempty"`
}
