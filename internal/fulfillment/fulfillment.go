package fulfillment

import "time"

// Fulfillment is a shipment made from one fulfillment order.
type Fulfillment struct {
	ID                  ID                `json:"id"`
	Name                string            `json:"name"` // "#1001-F1"
	Status              FulfillmentStatus `json:"status"`
	DisplayStatus       DisplayStatus     `json:"displayStatus"`
	Lines               []FulfillmentLine `json:"fulfillmentLineItems"`
	Tracking            []TrackingInfo    `json:"trackingInfo,omitempty"`
	Events              []Event           `json:"events,omitempty"` // in the order in which they were recorded
	RequiresShipping    bool              `json:"requiresShipping"`
	NotifyCustomer      bool              `json:"notifyCustomer,omitempty"`
	Message             string            `json:"message,omitempty"`
	OriginAddress       *OriginAddress    `json:"originAddress,omitempty"`
	LocationID          ID                `json:"locationId"`
	ServiceID           ID                `json:"serviceId,omitempty"`
	CreatedAt           time.Time         `json:"createdAt"`
	UpdatedAt           time.Time         `json:"updatedAt"`
	InTransitAt         *time.Time        `json:"inTransitAt,omitempty"`         // of the first IN_TRANSIT event
	DeliveredAt         *time.Time        `json:"deliveredAt,omitempty"`         // of the first DELIVERED event
	EstimatedDeliveryAt *time.Time        `json:"estimatedDeliveryAt,omitempty"` // of the last event that said one
	CancelledAt         *time.Time        `json:"cancelledAt,omitempty"`
	GivenUpAt           *time.Time        `json:"givenUpAt,omitempty"` // no delivery news came in time
}

// FulfillmentLine is the units of one order line in a shipment.
type FulfillmentLine struct {
	ID                     ID  `json:"id"`
	FulfillmentOrderLineID ID  `json:"fulfillmentOrderLineItemId"`
	LineItemID             ID  `json:"lineItemId"`
	Quantity               int `json:"quantity"`
}

// TrackingInfo is one tracking number of a shipment. The URL of a known carrier is built from the number.
type TrackingInfo struct {
	Company string `json:"company,omitempty"`
	Number  string `json:"number,omitempty"`
	URL     string `json:"url,omitempty"`
}

// TrackingInput is how callers give tracking: one number or several, with URLs by position.
type TrackingInput struct {
	Company string   `json:"company,omitempty"`
	Number  string   `json:"number,omitempty"`
	URL     string   `json:"url,omitempty"`
	Numbers []string `json:"numbers,omitempty"`
	URLs    []string `json:"urls,omitempty"`
}

// OriginAddress is where a shipment left from, for taxes.
type OriginAddress struct {
	Address1     string `json:"address1,omitempty"`
	Address2     string `json:"address2,omitempty"`
	City         string `json:"city,omitempty"`
	Zip          string `json:"zip,omitempty"`
	ProvinceCode string `json:"provinceCode,omitempty"`
	CountryCode  string `json:"countryCode"`
}

// Event is one piece of news about a shipment.
type Event struct {
	ID                  ID          `json:"id"`
	Status              EventStatus `json:"status"`
	Message             string      `json:"message,omitempty"`
	HappenedAt          time.Time   `json:"happenedAt"`
	EstimatedDeliveryAt *time.Time  `json:"estimatedDeliveryAt,omitempty"`
	CreatedAt           time.Time   `json:"createdAt"`
	Address1            string      `json:"address1,omitempty"`
	City                string      `json:"city,omitempty"`
	Province            string      `json:"province,omitempty"`
	Country             string      `json:"country,omitempty"`
	Zip                 string      `json:"zip,omitempty"`
	Latitude            *float64    `json:"latitude,omitempty"`
	Longitude           *float64    `json:"longitude,omitempty"`
	Late                bool        `json:"late,omitempty"` // kept in the history, did not turn the display status back
}

// CreateFulfillment ships units: a fulfillment with status SUCCESS. Without lines, all remaining units.
type CreateFulfillment struct {
	Meta
	Lines          []Quantity     `json:"fulfillmentOrderLineItems,omitempty"`
	Tracking       *TrackingInput `json:"trackingInfo,omitempty"`
	NotifyCustomer bool           `json:"notifyCustomer,omitempty"`
	Message        string         `json:"message,omitempty"`
	OriginAddress  *OriginAddress `json:"originAddress,omitempty"`
}

// CancelFulfillment takes a shipment back. Doing it twice is no error.
type CancelFulfillment struct {
	Meta
	FulfillmentID ID `json:"fulfillmentId"`
}

// UpdateTracking replaces a shipment's tracking.
type UpdateTracking struct {
	Meta
	FulfillmentID  ID            `json:"fulfillmentId"`
	Tracking       TrackingInput `json:"trackingInfoInput"`
	NotifyCustomer bool          `json:"notifyCustomer,omitempty"`
}

// RecordEvent adds a carrier's news to a shipment. HappenedAt defaults to now.
type RecordEvent struct {
	Meta
	FulfillmentID       ID          `json:"fulfillmentId"`
	Status              EventStatus `json:"status"`
	Message             string      `json:"message,omitempty"`
	HappenedAt          *time.Time  `json:"happenedAt,omitempty"`
	EstimatedDeliveryAt *time.Time  `json:"estimatedDeliveryAt,omitempty"`
	Address1            string      `json:"address1,omitempty"`
	City                string      `json:"city,omitempty"`
	Province            string      `json:"province,omitempty"`
	Country             string      `json:"country,omitempty"`
	Zip                 string      `json:"zip,omitempty"`
	Latitude            *float64    `json:"latitude,omitempty"`
	Longitude           *float64    `json:"longitude,omitempty"`
}
