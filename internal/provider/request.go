package provider

import (
	"time"

	"packhorse/internal/fulfillment"
)

// Request is what a service is asked to fulfill. It may hold personal data: it is made for the call and not kept.
type Request struct {
	Key                string // idempotency key: the same on every retry, after a reset and in a new run
	FulfillmentOrderID fulfillment.ID
	OrderID            fulfillment.ID
	OrderName          string // shown to people, such as "#1001"
	ServiceID          fulfillment.ID
	ServiceOptions     map[string]any // fulfillment.Service.Options
	Lines              []RequestLine
	CurrencyCode       string               // of the lines' prices, ISO 4217; empty: not known
	From               *fulfillment.Address // where it is shipped from; nil: the location has no address
	Destination        *fulfillment.Address // nil: needs no shipping, or is picked up
	// Option is how the order is to be shipped: by an option of the provider's, or by what a rule chooses among them;
	// nil: as the service is configured. OptionData is what ValidateData made of its data.
	Option         *fulfillment.ShippingOption
	OptionData     map[string]any
	DeliveryMethod fulfillment.DeliveryMethodType
	FulfillBy      *time.Time
	NotifyCustomer bool
	Message        string // the merchant's, for the service
}

// RequestLine is so many units of one line.
type RequestLine struct {
	LineID     fulfillment.ID // of the fulfillment order
	LineItemID fulfillment.ID // of the order
	SKU        string
	Title      string
	Quantity   int

	// What carriers and customs ask for, each of one unit. Empty and zero: the order does not say.
	Grams           int    // weight
	UnitPrice       string // exact decimal text in the request's currency, such as "12.50"
	HSCode          string // Harmonized System, 6 to 13 digits
	CountryOfOrigin string // where it was made, ISO 3166-1 alpha-2
}

// Cancellation asks a service to stop a Request.
type Cancellation struct {
	Key                string // its own idempotency key
	RequestKey         string // Key of the Request that it is about
	Reference          string // what the provider called the request; empty: it never said
	FulfillmentOrderID fulfillment.ID
	ServiceID          fulfillment.ID
	ServiceOptions     map[string]any
	Withdraw           bool // the request was not answered yet and is to be forgotten
}

// ReturnRequest asks a service to bring shipped units back.
type ReturnRequest struct {
	Key                string // its own idempotency key
	RequestKey         string // Key of the Request that the goods were shipped for; empty: not known any more
	Reference          string // what the provider called that request; empty: it never said
	FulfillmentOrderID fulfillment.ID
	FulfillmentID      fulfillment.ID // the shipment that comes back
	OrderName          string
	ServiceID          fulfillment.ID
	ServiceOptions     map[string]any
	Lines              []RequestLine
	PickUpFrom         *fulfillment.Address
}

// Answer is what a provider says to a Request, Cancellation or ReturnRequest.
type Answer struct {
	Outcome   fulfillment.Outcome         `json:"outcome"`
	Reference string                      `json:"reference,omitempty"` // the system's own name for it
	Reason    fulfillment.RejectionReason `json:"reason,omitempty"`    // when REJECTED, or ACCEPTED for some units
	Message   string                      `json:"message,omitempty"`   // for people
	// when REJECTED, or ACCEPTED for some units: what is wrong with a line
	Lines              []fulfillment.RejectedLine `json:"lineItems,omitempty"`
	EstimatedShippedAt *time.Time                 `json:"estimatedShippedAt,omitempty"`

	// Accepted are the units that an ACCEPTED is about, where the service takes, or stops, some of them only; nil: all.
	// A list without units is a rejection, a line that is there twice counts twice, and a line or units that the
	// fulfillment order does not have park the answer. Lines then says why it is not about the others, which become a
	// fulfillment order of their own (of a request), or are still being worked on (of a cancellation). A withdrawal is
	// accepted as a whole or not at all.
	Accepted []Part `json:"accepted,omitzero"`

	// News is what the service does at once: it has shipped already, or holds the request. It is told after the
	// answer, each once, as if it had come by itself. What it is about, and the service, need not be said.
	News []News `json:"-"`

	// What comes along: see [fulfillment.Attachments], which also says how much of it is kept.
	Labels    []fulfillment.Label `json:"labels,omitempty"`
	Documents []Document          `json:"documents,omitempty"` // their contents are not kept
	Data      map[string]any      `json:"data,omitempty"`      // the provider's own; no personal data, no secrets
}

// Part is so many units of a line of the fulfillment order.
type Part struct {
	LineID   fulfillment.ID `json:"lineItemId"`
	Quantity int            `json:"quantity"`
}

// Attachments is what a fulfillment order is given of what came along.
func (a Answer) Attachments() fulfillment.Attachments {
	documents := make([]fulfillment.Document, len(a.Documents))
	for i, d := range a.Documents {
		documents[i] = d.Document
	}
	return fulfillment.Attachments{Labels: a.Labels, Documents: documents, Data: a.Data}.Bounded()
}
