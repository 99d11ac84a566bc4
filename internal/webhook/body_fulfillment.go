package webhook

import (
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// shipment is a fulfillment as old interfaces know it. In the list of an order's it has no address.
type shipment struct {
	ID              digits         `json:"id"`
	OrderID         digits         `json:"order_id"`
	Status          string         `json:"status"`
	CreatedAt       string         `json:"created_at"`
	Service         string         `json:"service"`
	UpdatedAt       string         `json:"updated_at"`
	TrackingCompany *string        `json:"tracking_company"`
	ShipmentStatus  *string        `json:"shipment_status"` // the carrier's last news; null: there is none
	LocationID      *digits        `json:"location_id"`
	OriginAddress   *originAddress `json:"origin_address"`
	*destination
	LineItems       []lineItem `json:"line_items"`
	TrackingNumber  *string    `json:"tracking_number"`
	TrackingNumbers []string   `json:"tracking_numbers"`
	TrackingURL     *string    `json:"tracking_url"`
	TrackingURLs    []string   `json:"tracking_urls"`
	Receipt         none       `json:"receipt"`
	Name            string     `json:"name"`
	GID             string     `json:"admin_graphql_api_id"`
	truncated
}

// destination is where a shipment goes, and who hears of it.
type destination struct {
	Email       *string  `json:"email"`
	Destination *address `json:"destination"`
}

func (b shipment) cut(lines int) any {
	b.LineItems, b.Truncated = firstOf(b.LineItems, lines), true
	return b
}

// shipmentBody is of the shipment as the event has left it. It goes where it went when it was made.
func shipmentBody(w *writer) any {
	f := w.details.Fulfillment
	made := w.made(f)
	order := w.Order.AsOf(w.sequence(w.details.OrderSequence, w.event.At))
	left := map[fulfillment.ID]int{}
	for _, q := range w.details.Unfulfilled {
		left[q.ID] = q.Quantity
	}
	updated := w.at
	if w.event.Kind == string(fulfillment.KindFulfilled) {
		updated = made.CommittedAt
	}
	b := w.shipment(order, f, left, updated)
	b.destination = &destination{optional(order.Email), addressOf(w.destination(made))}
	return b
}

// sequence is that of the order's last transition by then, which was not always noted.
func (w *writer) sequence(noted int64, at time.Time) int64 {
	if noted != 0 {
		return noted
	}
	return w.Order.SequenceAt(at)
}

// made is what never changes of the shipment.
func (w *writer) made(f *fulfillment.Fulfillment) Made {
	made := w.Made[f.ID]
	if made.CommittedAt.IsZero() {
		made.CommittedAt = f.CreatedAt
	}
	if made.DecidedAt.IsZero() {
		made.DecidedAt = f.CreatedAt
	}
	if len(made.Lines) == 0 {
		for _, l := range f.Lines {
			made.Lines = append(made.Lines, fulfillment.Quantity{ID: l.LineItemID, Quantity: l.Quantity})
		}
	}
	return made
}

// destination is where a shipment goes: where its fulfillment order went when it was made.
func (w *writer) destination(made Made) *fulfillment.Address {
	if before, there := w.Order.AddressBefore(made.DestinationBefore); there {
		return before
	}
	return w.Order.AsOf(w.sequence(made.OrderSequence, made.DecidedAt)).ShippingAddress
}

// shipment is one of the order's, when so many units of its lines were left to ship.
func (w *writer) shipment(
	order *fulfillment.OrderRecord, f *fulfillment.Fulfillment, left map[fulfillment.ID]int, updated time.Time,
) shipment {
	made := w.made(f)
	b := shipment{
		ID: digits(f.ID), GID: w.gid("Fulfillment", f.ID), OrderID: digits(order.ID), Name: f.Name,
		Status: word(f.Status), Service: w.service(f.ServiceID), LocationID: optionalNumber(f.LocationID),
		CreatedAt: w.time(made.CommittedAt), UpdatedAt: w.time(updated), OriginAddress: originOf(f.OriginAddress),
		TrackingNumbers: []string{}, TrackingURLs: []string{}, LineItems: []lineItem{},
	}
	if slices.Contains(fulfillment.EventStatuses, fulfillment.EventStatus(f.DisplayStatus)) {
		b.ShipmentStatus = new(word(f.DisplayStatus))
	}
	for _, t := range f.Tracking {
		if b.TrackingCompany == nil {
			b.TrackingCompany = optional(t.Company)
		}
		if t.Number != "" {
			b.TrackingNumbers = append(b.TrackingNumbers, t.Number)
		}
		if t.URL != "" {
			b.TrackingURLs = append(b.TrackingURLs, t.URL)
		}
	}
	if len(b.TrackingNumbers) > 0 {
		b.TrackingNumber = &b.TrackingNumbers[0]
	}
	if len(b.TrackingURLs) > 0 {
		b.TrackingURL = &b.TrackingURLs[0]
	}
	current := currentUnits(order)
	for i := range order.LineItems {
		l := &order.LineItems[i]
		units := 0
		for _, q := range made.Lines {
			if q.ID == l.ID {
				units += q.Quantity
			}
		}
		if units == 0 {
			continue
		}
		wanted := current[l.ID]
		if f.Status != fulfillment.FulfillmentCancelled { // Also of an order that was cancelled too late for it.
			wanted = max(wanted, units)
		}
		b.LineItems = append(b.LineItems, w.lineItem(order, l, units, wanted, left[l.ID], f.ServiceID))
	}
	return b
}

// currentUnits are the units of each line that are wanted: none of a cancelled order.
func currentUnits(order *fulfillment.OrderRecord) map[fulfillment.ID]int {
	current := make(map[fulfillment.ID]int, len(order.CurrentQuantities))
	for _, q := range order.CurrentQuantities {
		if order.CancelledAt == nil {
			current[q.ID] = q.Quantity
		}
	}
	return current
}

// shopID is the number of the shop: there is one.
const shopID = 1

// news is something that a carrier says of a shipment.
type news struct {
	ID                  digits   `json:"id"`
	FulfillmentID       digits   `json:"fulfillment_id"`
	Status              string   `json:"status"`
	Message             *string  `json:"message"`
	HappenedAt          string   `json:"happened_at"`
	City                *string  `json:"city"`
	Province            *string  `json:"province"`
	Country             *string  `json:"country"`
	Zip                 *string  `json:"zip"`
	Address1            *string  `json:"address1"`
	Latitude            *float64 `json:"latitude"`
	Longitude           *float64 `json:"longitude"`
	ShopID              digits   `json:"shop_id"`
	CreatedAt           string   `json:"created_at"`
	UpdatedAt           string   `json:"updated_at"`
	EstimatedDeliveryAt *string  `json:"estimated_delivery_at"`
	OrderID             digits   `json:"order_id"`
	GID                 string   `json:"admin_graphql_api_id"`
}

func newsBody(w *writer) any {
	e := w.details.Event
	return news{
		ID: digits(e.ID), GID: w.gid("FulfillmentEvent", e.ID), FulfillmentID: digits(w.details.Fulfillment.ID),
		OrderID: digits(w.event.OrderID), ShopID: shopID, Status: word(e.Status), Message: optional(e.Message),
		HappenedAt: w.time(e.HappenedAt), EstimatedDeliveryAt: w.optionalTime(e.EstimatedDeliveryAt),
		CreatedAt: w.time(w.at), UpdatedAt: w.time(w.at),
		City: optional(e.City), Province: optional(e.Province), Country: optional(e.Country), Zip: optional(e.Zip),
		Address1: optional(e.Address1), Latitude: e.Latitude, Longitude: e.Longitude,
	}
}
