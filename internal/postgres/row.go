package postgres

import (
	"encoding/json"
	"time"

	"packhorse/internal/fulfillment"
)

// The rows below travel to the database as one JSON array for each table; their tags are the columns.

type lineRow struct {
	ID         fulfillment.ID `json:"id"`
	LineItemID fulfillment.ID `json:"line_item_id"`
	Total      int            `json:"total"`
	Remaining  int            `json:"remaining"`
	Cancelled  int            `json:"cancelled"`
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

	orderName string
	isNew     bool // it is made by this commit, which names it, as far as the commit knows
	there     bool // it is in the store already
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
	FulfillmentID       fulfillment.ID               `json:"fulfillment_id"`
	ID                  fulfillment.ID               `json:"id"`
	Status              fulfillment.EventStatus      `json:"status"`
	HappenedAt          time.Time                    `json:"happened_at"`
	Late                bool                         `json:"late"`
	EstimatedDeliveryAt *time.Time                   `json:"estimated_delivery_at"`
	Data                fulfillment.FulfillmentEvent `json:"data"`
}

type transitionRow struct {
	FulfillmentOrderID fulfillment.ID       `json:"fulfillment_order_id"`
	Sequence           int64                `json:"sequence"`
	Kind               fulfillment.Kind     `json:"kind"`
	Command            fulfillment.Verb     `json:"command"`
	CommandID          string               `json:"command_id"`
	Fingerprint        string               `json:"fingerprint"`
	Actor              fulfillment.Actor    `json:"actor"`
	At                 time.Time            `json:"at"`
	Reason             string               `json:"reason"`
	Before             *fulfillment.State   `json:"before,omitempty"`
	After              fulfillment.State    `json:"after"`
	Details            *fulfillment.Details `json:"details,omitempty"`
	Topics             []string             `json:"topics"`
	Result             *fulfillment.Result  `json:"result,omitempty"`
}

type orderTransitionRow struct {
	Sequence    int64                      `json:"sequence"`
	Kind        fulfillment.OrderKind      `json:"kind"`
	CommandID   string                     `json:"command_id"`
	Fingerprint string                     `json:"fingerprint"`
	Actor       fulfillment.Actor          `json:"actor"`
	At          time.Time                  `json:"at"`
	Reason      string                     `json:"reason"`
	Before      *fulfillment.OrderStatuses `json:"before,omitempty"`
	After       fulfillment.OrderStatuses  `json:"after"`
	Details     *fulfillment.OrderDetails  `json:"details,omitempty"`
	ClosedAt    *time.Time                 `json:"closed_at,omitempty"` // of the order after it
}

type outboxRow struct {
	OrderID            fulfillment.ID    `json:"order_id"`
	FulfillmentOrderID *fulfillment.ID   `json:"fulfillment_order_id,omitempty"`
	Sequence           int64             `json:"sequence"`
	Position           int               `json:"position"`
	Topic              string            `json:"topic"`
	Payload            fulfillment.Event `json:"payload"`
}

// fence is a fulfillment order and the version that the store must have of it.
type fence struct {
	id, version int64
	// createdAt is when it was made, as its snapshot has it: after the database was set back, an order that is sent
	// again may make one with the ID of one that is gone, whose workflow knows nothing of that yet.
	createdAt string
}

// rows is everything that states and transitions become in the database.
type rows struct {
	fulfillmentOrders   []statement // with their lines
	fulfillmentOrderIDs []int64
	fences              []fence // of those that are there already
	fulfillments        []fulfillmentRow
	fulfillmentLines    []fulfillmentLineRow
	events              []eventRow
}

// add appends a state, of which the store must have version expected. Of its shipments it adds those that the
// transitions at these times have made or changed.
func (r *rows) add(fo *fulfillment.FulfillmentOrder, expected int64, times map[int64]bool) error {
	snapshot, err := encode(fo)
	if err != nil {
		return err
	}
	lines := make([]lineRow, len(fo.Lines)) // A cancelled fulfillment order has none left.
	for i, l := range fo.Lines {
		lines[i] = lineRow{l.ID, l.LineItemID, l.Total, l.Remaining, l.Cancelled}
	}
	encodedLines, err := encode(lines)
	if err != nil {
		return err
	}
	fulfillments := 0
	for i, view := range fulfillment.ViewOrder(false, []*fulfillment.FulfillmentOrder{fo}).Fulfillments {
		if !view.Cancelled {
			fulfillments++
		}
		if f := &fo.Fulfillments[i]; times[f.UpdatedAt.UnixNano()] {
			r.addFulfillment(fo, f, view.ShippedAt, times[f.CreatedAt.UnixNano()])
		}
	}
	var dueAt *time.Time
	if at, ok := fo.DueAt(); ok {
		dueAt = &at
	}
	l := fo.AssignedLocation
	columns := []any{
		string(fo.Status), string(fo.RequestStatus), int64(l.LocationID), clean(l.Name), int64(l.ServiceID),
		clean(l.ServiceName),
		clean(l.Provider), clean(string(fo.DeliveryMethod)), fo.FulfillAt, fo.FulfillBy, fo.AcceptBy,
		fo.DeadlineMissedAt, dueAt,
		fo.TotalUnits(), fo.RemainingUnits(), len(fo.Holds), fulfillments, fo.Sequence, json.RawMessage(snapshot),
	}
	id, orderID := int64(fo.ID), int64(fo.OrderID)
	row, rowLines := statement{sql: updateFulfillmentOrder, args: append([]any{id}, columns...)}, updateLines
	if expected == 0 {
		row = statement{
			sql: insertFulfillmentOrder, args: append([]any{id, orderID, clean(fo.OrderName)}, columns...),
		}
		rowLines = insertLines
	} else {
		r.fences = append(r.fences, fence{id, expected, fo.CreatedAt.Format(time.RFC3339Nano)})
	}
	r.fulfillmentOrders = append(
		r.fulfillmentOrders, row, statement{sql: rowLines, args: []any{id, orderID, json.RawMessage(encodedLines)}},
	)
	r.fulfillmentOrderIDs = append(r.fulfillmentOrderIDs, id)
	return nil
}

// addFulfillment adds a shipment, or only the lines of a part of one: its owner has the row.
func (r *rows) addFulfillment(
	fo *fulfillment.FulfillmentOrder, f *fulfillment.Fulfillment, shippedAt *time.Time, isNew bool,
) {
	for _, l := range f.Lines {
		r.fulfillmentLines = append(
			r.fulfillmentLines, fulfillmentLineRow{f.ID, l.ID, l.FulfillmentOrderLineID, l.LineItemID, l.Quantity},
		)
	}
	if f.HomeID != 0 {
		return
	}
	r.fulfillments = append(r.fulfillments, fulfillmentRow{
		ID: f.ID, FulfillmentOrderID: fo.ID, OrderID: fo.OrderID, Name: f.Name, Status: f.Status,
		DisplayStatus: f.DisplayStatus, RequiresShipping: f.RequiresShipping, LocationID: f.LocationID,
		ServiceID: f.ServiceID,
		Tracking:  f.Tracking, Data: fulfillmentData{f.Message, f.NotifyCustomer, f.OriginAddress},
		ShippedAt:   shippedAt,
		InTransitAt: f.InTransitAt, DeliveredAt: f.DeliveredAt, EstimatedDeliveryAt: f.EstimatedDeliveryAt,
		CancelledAt: f.CancelledAt, GivenUpAt: f.GivenUpAt,
		orderName: clean(fo.OrderName), isNew: isNew,
	})
}

// addEvent adds the carrier's news that a transition has recorded: a state may leave it out.
func (r *rows) addEvent(t *fulfillment.Transition) {
	if t.Details == nil || t.Details.Event == nil || t.Details.Fulfillment == nil {
		return
	}
	e := *t.Details.Event
	r.events = append(r.events, eventRow{
		t.Details.Fulfillment.ID, e.ID, e.Status, e.HappenedAt, e.Late, e.EstimatedDeliveryAt, e,
	})
}

// transitionRows are the rows of transitions of fulfillment orders.
func transitionRows(transitions []fulfillment.Transition) []transitionRow {
	rows := make([]transitionRow, len(transitions))
	for i := range transitions {
		t := &transitions[i]
		rows[i] = transitionRow{
			FulfillmentOrderID: t.FulfillmentOrderID, Sequence: t.Sequence, Kind: t.Kind, Command: t.Verb,
			CommandID:   t.CommandID,
			Fingerprint: t.Fingerprint, Actor: t.Actor, At: t.At, Reason: t.Reason, After: t.After, Details: t.Details,
			Topics: t.Topics, Result: t.Result,
		}
		if t.Before != (fulfillment.State{}) {
			rows[i].Before = &t.Before
		}
	}
	return rows
}

// outboxRows are the rows of events.
func outboxRows(events []fulfillment.Event) []outboxRow {
	rows := make([]outboxRow, len(events))
	for i, e := range events {
		rows[i] = outboxRow{OrderID: e.OrderID, Sequence: e.Sequence, Position: e.Position, Topic: e.Topic, Payload: e}
		if e.FulfillmentOrderID != 0 {
			rows[i].FulfillmentOrderID = &e.FulfillmentOrderID
		}
	}
	return rows
}
