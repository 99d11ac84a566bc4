package fulfillment

import "time"

// MerchantRequestKind says what a merchant asked of a service.
type MerchantRequestKind string

// The kinds of merchant requests.
const (
	RequestFulfillment  MerchantRequestKind = "FULFILLMENT_REQUEST"
	RequestCancellation MerchantRequestKind = "CANCELLATION_REQUEST"
)

// MerchantRequest is something that the merchant asked of the service.
type MerchantRequest struct {
	ID      ID                  `json:"id"`
	Kind    MerchantRequestKind `json:"kind"`
	Message string              `json:"message,omitempty"`
	Options map[string]any      `json:"requestOptions"` // {"notify_customer": false} for a fulfillment request, {} for a cancellation
	SentAt  time.Time           `json:"sentAt"`
}

// SubmitFulfillmentRequest asks the service to fulfill; with lines, only those units: the rest goes to a sibling.
type SubmitFulfillmentRequest struct {
	Meta
	Message        string     `json:"message,omitempty"`
	NotifyCustomer bool       `json:"notifyCustomer,omitempty"`
	Lines          []Quantity `json:"fulfillmentOrderLineItems,omitempty"`
}

// AcceptFulfillmentRequest is the service's yes.
type AcceptFulfillmentRequest struct {
	Meta
	Message            string     `json:"message,omitempty"`
	EstimatedShippedAt *time.Time `json:"estimatedShippedAt,omitempty"`
}

// RejectFulfillmentRequest is the service's no. Lines only document why: the whole request is refused.
type RejectFulfillmentRequest struct {
	Meta
	Reason  RejectionReason `json:"reason,omitempty"`
	Message string          `json:"message,omitempty"`
	Lines   []RejectedLine  `json:"lineItems,omitempty"`
}

// RejectedLine is what a service says about one line.
type RejectedLine struct {
	LineID  ID     `json:"fulfillmentOrderLineItemId"`
	Message string `json:"message,omitempty"`
}

// SubmitCancellationRequest asks the service to stop.
type SubmitCancellationRequest struct {
	Meta
	Message string `json:"message,omitempty"`
}

// AcceptCancellationRequest is the service's yes to stopping: the units can be worked on by the merchant again.
type AcceptCancellationRequest struct {
	Meta
	Message string `json:"message,omitempty"`
}

// RejectCancellationRequest is the service's no to stopping: it goes on.
type RejectCancellationRequest struct {
	Meta
	Message string `json:"message,omitempty"`
}

// Cancel closes a fulfillment order and puts a replacement with the remaining units in its place.
type Cancel struct{ Meta }

// Close is how a service gives up an accepted request unfinished: INCOMPLETE, with the remaining units on it.
type Close struct {
	Meta
	Message string `json:"message,omitempty"`
}
