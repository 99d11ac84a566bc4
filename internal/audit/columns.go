package audit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// columns are the values of a row by the names of its columns, as JSON is decoded. Numbers are [json.Number]: an ID has
// more digits than a float.
type columns map[string]any

// UnmarshalJSON implements [json.Unmarshaler].
func (c *columns) UnmarshalJSON(body []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	return decoder.Decode((*map[string]any)(c))
}

// time is the time in a column; zero when it has none.
func (c columns) time(name string) time.Time {
	value, _ := c[name].(string)
	at, _ := time.Parse(time.RFC3339Nano, value)
	return at
}

// text is the JSON of a value.
func text(value any) string {
	body, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// The columns below are what the store makes of a snapshot. Left out are those that say what a line or a shipment was
// when it was made, the names of shipments, and when something is due or was committed: see checkRows.

type fulfillmentOrderColumns struct {
	ID               int64                          `json:"id"`
	OrderID          int64                          `json:"order_id"`
	OrderName        string                         `json:"order_name"`
	Version          int64                          `json:"version"`
	Status           fulfillment.Status             `json:"status"`
	RequestStatus    fulfillment.RequestStatus      `json:"request_status"`
	LocationID       int64                          `json:"location_id"`
	LocationName     string                         `json:"location_name"`
	ServiceID        int64                          `json:"service_id"`
	ServiceName      string                         `json:"service_name"`
	Provider         string                         `json:"provider"`
	DeliveryMethod   fulfillment.DeliveryMethodType `json:"delivery_method"`
	FulfillAt        *time.Time                     `json:"fulfill_at"`
	FulfillBy        *time.Time                     `json:"fulfill_by"`
	AcceptBy         *time.Time                     `json:"accept_by"`
	DeadlineMissedAt *time.Time                     `json:"deadline_missed_at"`
	Total            int                            `json:"total"`
	Remaining        int                            `json:"remaining"`
	Holds            int                            `json:"holds"`
	Fulfillments     int                            `json:"fulfillments"` // not cancelled ones
}

type lineColumns struct {
	ID         int64 `json:"id"`
	LineItemID int64 `json:"line_item_id"`
	Total      int   `json:"total"`
	Remaining  int   `json:"remaining"`
	Cancelled  int   `json:"cancelled"`
}

type shipmentColumns struct {
	ID                  int64                         `json:"id"`
	Status              fulfillment.FulfillmentStatus `json:"status"`
	DisplayStatus       fulfillment.DisplayStatus     `json:"display_status"`
	Tracking            []fulfillment.TrackingInfo    `json:"tracking"`
	ShippedAt           *time.Time                    `json:"shipped_at"`
	InTransitAt         *time.Time                    `json:"in_transit_at"`
	DeliveredAt         *time.Time                    `json:"delivered_at"`
	EstimatedDeliveryAt *time.Time                    `json:"estimated_delivery_at"`
	CancelledAt         *time.Time                    `json:"cancelled_at"`
	GivenUpAt           *time.Time                    `json:"given_up_at"`
	Lines               []shipmentLineColumns         `json:"lines"`
	Events              []eventColumns                `json:"events,omitzero"` // nil: the snapshot doesn't have all
}

type shipmentLineColumns struct {
	ID                     int64 `json:"id"`
	FulfillmentOrderLineID int64 `json:"fulfillment_order_line_item_id"`
	LineItemID             int64 `json:"line_item_id"`
	Quantity               int   `json:"quantity"`
}

type eventColumns struct {
	ID         int64                   `json:"id"`
	Status     fulfillment.EventStatus `json:"status"`
	HappenedAt time.Time               `json:"happened_at"`
	Late       bool                    `json:"late"`
}

// wantedRows are the rows that a snapshot makes.
type wantedRows struct{ row, lines, shipments []columns }

// snapshotRows tells the rows that the store should have. A part of a shipment has its lines, in the row of the
// fulfillment order that owns the shipment; siblings are all fulfillment orders of the order.
func snapshotRows(
	s *fulfillment.FulfillmentOrder, siblings []*fulfillment.FulfillmentOrder,
) (rows wantedRows, err error) {
	live := 0
	var shipments []shipmentColumns
	for i, view := range fulfillment.ViewOrder(false, []*fulfillment.FulfillmentOrder{s}).Fulfillments {
		if !view.Cancelled {
			live++
		}
		if f := s.Fulfillments[i]; f.HomeID == 0 {
			shipments = append(shipments, shipmentOf(f, view.ShippedAt, siblings))
		}
	}
	var lines []lineColumns
	for _, l := range s.Lines {
		lines = append(lines, lineColumns{int64(l.ID), int64(l.LineItemID), l.Total, l.Remaining, l.Cancelled})
	}
	l := s.AssignedLocation
	row := fulfillmentOrderColumns{
		ID: int64(s.ID), OrderID: int64(s.OrderID), OrderName: s.OrderName, Version: s.Sequence, Status: s.Status,
		RequestStatus: s.RequestStatus, LocationID: int64(l.LocationID), LocationName: l.Name,
		ServiceID: int64(l.ServiceID), ServiceName: l.ServiceName, Provider: l.Provider,
		DeliveryMethod: s.DeliveryMethod, FulfillAt: s.FulfillAt, FulfillBy: s.FulfillBy, AcceptBy: s.AcceptBy,
		DeadlineMissedAt: s.DeadlineMissedAt, Total: s.TotalUnits(), Remaining: s.RemainingUnits(), Holds: len(s.Holds),
		Fulfillments: live,
	}
	for _, part := range []struct {
		from any
		to   *[]columns
	}{{[]any{row}, &rows.row}, {lines, &rows.lines}, {shipments, &rows.shipments}} {
		if err = json.Unmarshal([]byte(text(part.from)), part.to); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func shipmentOf(
	f fulfillment.Fulfillment, shippedAt *time.Time, siblings []*fulfillment.FulfillmentOrder,
) shipmentColumns {
	lines := []shipmentLineColumns{}
	for _, sibling := range siblings {
		for _, part := range sibling.Fulfillments {
			if part.ID != f.ID {
				continue
			}
			for _, l := range part.Lines {
				lines = append(
					lines,
					shipmentLineColumns{int64(l.ID), int64(l.FulfillmentOrderLineID), int64(l.LineItemID), l.Quantity},
				)
			}
		}
	}
	slices.SortFunc(lines, func(a, b shipmentLineColumns) int { return cmp.Compare(a.ID, b.ID) })
	events := []eventColumns{}
	for _, e := range f.Events {
		events = append(events, eventColumns{int64(e.ID), e.Status, e.HappenedAt, e.Late})
	}
	slices.SortFunc(events, func(a, b eventColumns) int { return cmp.Compare(a.ID, b.ID) })
	if f.EarlierEvents > 0 {
		events = nil
	}
	return shipmentColumns{
		ID: int64(f.ID), Status: f.Status, DisplayStatus: f.DisplayStatus, Tracking: f.Tracking,
		ShippedAt: shippedAt, InTransitAt: f.InTransitAt, DeliveredAt: f.DeliveredAt,
		EstimatedDeliveryAt: f.EstimatedDeliveryAt, CancelledAt: f.CancelledAt, GivenUpAt: f.GivenUpAt,
		Lines: lines, Events: events,
	}
}
