package temporalio

import "time"

// CallbackReport is how the calls of a fulfillment service go, for people. Its state is [DeliveryEnabled],
// [DeliveryFailing] when the last attempt of a call has failed, or [DeliveryDisabled].
type CallbackReport struct {
	State  string           `json:"state"`
	Reason string           `json:"reason,omitempty"` // why it is disabled
	Name   string           `json:"name,omitempty"`   // of the service
	Host   string           `json:"host,omitempty"`   // of its callback URL
	Cursor int64            `json:"cursor"`           // position in the feed up to which everything was seen to
	Calls  []CallbackCalled `json:"calls,omitempty"`
	At     time.Time        `json:"at"`
}

// CallbackCalled is how one call stands.
type CallbackCalled struct {
	Call         string    `json:"call"` // such as FULFILLMENT_REQUEST
	CalledAt     time.Time `json:"calledAt,omitzero"`
	Status       int       `json:"status,omitempty"` // of the answer
	Error        string    `json:"error,omitempty"`  // of the last attempt
	FailingSince time.Time `json:"failingSince,omitzero"`
	NextAt       time.Time `json:"nextAt,omitzero"`
	Note         string    `json:"note,omitempty"` // what of the last answer was not used
}

// LastError is that of the first call that has one.
func (r CallbackReport) LastError() string {
	for _, c := range r.Calls {
		if c.Error != "" {
			return c.Error
		}
	}
	return ""
}

// Called is how an activity that called a service has ended.
type Called struct {
	CallbackReport
	Gone bool `json:"gone,omitempty"` // there is no such service, or it is not to be called
}
