package callback

import (
	"time"

	"packhorse/internal/fulfillment"
)

// Call is what a fulfillment service is called for.
type Call string

// The calls. The first two are pings: the service is told that there is something to look at, and is named nothing.
const (
	FulfillmentRequest  Call = "FULFILLMENT_REQUEST"  // fulfillment is requested
	CancellationRequest Call = "CANCELLATION_REQUEST" // a cancellation is requested, or a request was withdrawn
	TrackingNumbers     Call = "FETCH_TRACKING_NUMBERS"
	Stock               Call = "FETCH_STOCK"
)

// Calls lists all of them.
var Calls = []Call{FulfillmentRequest, CancellationRequest, TrackingNumbers, Stock}

// IsPing tells whether the call only says that there is something to look at.
func (c Call) IsPing() bool { return c == FulfillmentRequest || c == CancellationRequest }

// Path is what is called, below the service's callback URL.
func (c Call) Path() string {
	switch c {
	case TrackingNumbers:
		return "fetch_tracking_numbers"
	case Stock:
		return "fetch_stock"
	}
	return "fulfillment_order_notification"
}

// PingBody is all that a ping says: receivers know no other key.
func (c Call) PingBody() []byte { return []byte(`{"kind":"` + string(c) + `"}`) }

// Standing is how one call of a service stands. The zero value with a Call was never made.
type Standing struct {
	Call Call
	// NextAt is when it is to be made; nil: there is no reason to.
	NextAt *time.Time
	// Owed tells that the next ping has something to say whatever the book says then: it is new, or was not heard yet.
	Owed bool
	// Fresh tells that something has happened which no attempt has told yet: the next one is another message.
	Fresh bool
	// Number counts the messages; attempts of one have the same.
	Number int64
	// Position in the feed of the newest event that is told.
	Position int64
	// About are the fulfillment orders whose events are told, the newest at the end, and not more than [MaxNamed].
	About []fulfillment.ID
	// Repeats is how often a ping was repeated since something happened.
	Repeats int
	// Attempts that have failed since the last success.
	Attempts int
	// Suffix is what the service wants at the end of the path: "" or ".json".
	Suffix string

	CalledAt     *time.Time // the last attempt
	Took         time.Duration
	Status       int    // of its answer; 0: there was none
	Error        string // what was wrong with it; "": nothing
	FailingSince *time.Time
	SucceededAt  *time.Time
	// Note is what of the last answer was not used, and why.
	Note string
}

// Problem is why a service is not called, given why it was stopped, if it was; "": it is called, or has no callback
// URL.
func Problem(service fulfillment.Service, stopped string) string {
	if service.CallbackURL != "" && service.AppID == 0 {
		return "It belongs to no app, so there is no secret to sign callbacks with."
	}
	return stopped
}

// Next is when the call is made next, if the service is called at all, given why it was stopped.
func (s Standing) Next(service fulfillment.Service, stopped string) *time.Time {
	if service.CallbackURL == "" || Problem(service, stopped) != "" {
		return nil
	}
	return s.NextAt
}

// MaxNamed is how many fulfillment orders a ping names at most.
const MaxNamed = 50

// Following is a service as whoever calls it knows it.
type Following struct {
	Service fulfillment.Service
	// URL is the callback URL that the standings are about. It differs from the service's after a change.
	URL     string
	Stopped string // why it is not called any more, until somebody gives it a callback URL again; "": it is called
	Cursor  int64  // position in the feed up to which everything was seen to
	New     bool   // nobody has followed before
	Epoch   int64
	Now     time.Time // by the database's clock
	Calls   []Standing
}

// Progress is what is noted of the calls of a service.
type Progress struct {
	ServiceID fulfillment.ID
	Epoch     int64
	Cursor    int64
	URL       string
	Stopped   string
	Calls     []Standing // those that have changed
}
