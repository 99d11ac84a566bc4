package temporalio

import "time"

// The states of a delivery. The first three are those of the subscription.
const (
	DeliveryEnabled  = "ENABLED"
	DeliveryPaused   = "PAUSED"
	DeliveryDisabled = "DISABLED"
	DeliveryFailing  = "FAILING" // it is enabled; the receiver fails throughout, and is only probed
)

// DeliveryReport is how the delivery of a webhook subscription goes, for people.
type DeliveryReport struct {
	State       string    `json:"state"`
	Reason      string    `json:"reason,omitempty"`
	Topic       string    `json:"topic,omitempty"`
	App         string    `json:"app,omitempty"`        // its ID
	Cursor      int64     `json:"cursor"`               // position in the feed up to which everything is done, or waits to be tried again
	Lag         int64     `json:"lag"`                  // positions that there are after it
	LagSeconds  int64     `json:"lagSeconds,omitempty"` // since the first of these was committed; 0: it was not looked
	Parked      int       `json:"parked"`               // events that wait to be tried again
	LastError   string    `json:"lastError,omitempty"`
	NextAttempt time.Time `json:"nextAttempt,omitzero"`
	At          time.Time `json:"at"`
}

// Delivered is how an activity that delivered has ended.
type Delivered struct {
	DeliveryReport
	Gone bool `json:"gone,omitempty"` // there is no such subscription
}
