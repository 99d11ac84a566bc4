package fulfillment

import "time"

// Open starts work early on a scheduled fulfillment order, or ends manually reported progress.
type Open struct{ Meta }

// Reschedule changes when a scheduled fulfillment order opens.
type Reschedule struct {
	Meta
	FulfillAt time.Time `json:"fulfillAt"`
}

// ReportProgress says that the merchant is working on it: IN_PROGRESS, and neither moved nor cancelled until Open.
type ReportProgress struct {
	Meta
	ReasonNotes string `json:"reasonNotes,omitempty"`
}

// SetDeadline sets or moves the time by which the last unit should be shipped; nil takes it away.
type SetDeadline struct {
	Meta
	FulfillBy *time.Time `json:"fulfillmentDeadline"`
}
