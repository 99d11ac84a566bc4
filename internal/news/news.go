// Package news is what fulfillment services tell by themselves, from the moment it comes until it was told to the
// fulfillment orders that it is about: what is kept of it, which shipment a parcel's news means, and when it is tried
// again. It asks nobody and stores nothing: that is for the packages inbox and postgres.
package news

import (
	"encoding/json"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// State says how far an [Item] is.
type State string

// The states of news.
const (
	Pending   State = "PENDING"   // it is to be told, or to be told again
	Done      State = "DONE"      // it was told
	Unmatched State = "UNMATCHED" // nobody knows yet what it is about
	Refused   State = "REFUSED"   // what it asks for is refused: see Code
	Ignored   State = "IGNORED"   // nobody knew what it was about as long as it was kept
	Kept      State = "KEPT"      // no command tells of it yet
)

// States lists them.
var States = []State{Pending, Done, Unmatched, Refused, Ignored, Kept}

// Source says in which way news came first.
type Source string

// The sources.
const (
	FromDelivery Source = "DELIVERY" // the service's system has sent it
	FromPoll     Source = "POLL"     // it was asked for
	FromAnswer   Source = "ANSWER"   // it came with the answer to a call
	FromPrint    Source = "PRINT"    // a label was handed out
	FromWatch    Source = "WATCH"    // Packhorse has seen itself what a person should look at
)

// Alert is why a person should look at news although it was told.
type Alert string

// The alerts.
const (
	// AfterVoid is that the parcel of a service's shipment moves after the shipment was cancelled, whoever said so: its
	// label will not be paid back. It is told once for each shipment.
	AfterVoid Alert = "AFTER_VOID"
	// AfterDelivery is a failure that comes after the delivery, such as a parcel that goes back. The shipment stays
	// delivered.
	AfterDelivery Alert = "AFTER_DELIVERY"
	// RefundRefused is that a label was paid for which nobody uses.
	RefundRefused = Alert(provider.RefundRefused)
	// NothingHeard is that nothing was heard for a while of a parcel that is on its way.
	NothingHeard Alert = "NOTHING_HEARD"
)

// Alerts lists them.
var Alerts = []Alert{AfterVoid, AfterDelivery, RefundRefused, NothingHeard}

// Subject is what news is about, as the service says it: see provider.Subject.
type Subject struct {
	FulfillmentOrderID fulfillment.ID `json:"fulfillmentOrderId,omitempty"`
	RequestKey         string         `json:"requestKey,omitempty"`
	Reference          string         `json:"reference,omitempty"`
	Shipment           string         `json:"shipment,omitempty"`
	TrackingNumber     string         `json:"trackingNumber,omitempty"`
	Carrier            string         `json:"carrier,omitempty"`
}

// Target is what a command of news is given to.
type Target struct {
	FulfillmentOrderID fulfillment.ID `json:"fulfillmentOrderId"`
	// FulfillmentID is the shipment that was found by what the news is about; zero: the command says it, or is about
	// none.
	FulfillmentID fulfillment.ID `json:"fulfillmentId,omitempty"`
}

// Item is one thing that a service has told, once.
type Item struct {
	ID         int64          `json:"id"`
	Provider   string         `json:"provider"`
	ServiceID  fulfillment.ID `json:"serviceId"`
	Key        string         `json:"key"` // the same whenever it is told again
	Source     Source         `json:"source"`
	DeliveryID int64          `json:"deliveryId,omitempty"` // 0: it came in another way
	About      Subject        `json:"about"`
	// Verb is of the command; empty: it asks for nothing, see [Item.Notice]. What no command tells of yet has a name of
	// its own here, see [Item.Untold].
	Verb    fulfillment.Verb `json:"command"`
	Payload json.RawMessage  `json:"payload"` // the command, the notice, or what is told
	// Sequence is the place among all news of the request; 0: the service's system does not count.
	Sequence int64 `json:"sequence,omitempty"`

	State      State      `json:"state"`
	Attempts   int        `json:"attempts"`
	ReceivedAt time.Time  `json:"receivedAt"`
	NextAt     *time.Time `json:"nextAt,omitempty"` // nil: when somebody asks for it
	FinishedAt *time.Time `json:"finishedAt,omitempty"`

	Code   fulfillment.Code `json:"code,omitempty"`   // of the refusal
	Reason string           `json:"reason,omitempty"` // why it is not told, or not yet; for people
	Alert  Alert            `json:"alert,omitempty"`

	FulfillmentOrderID fulfillment.ID `json:"fulfillmentOrderId,omitempty"` // of several, the first
	Targets            []Target       `json:"targets,omitempty"`

	// After is the key of the effect whose answer it came with: that goes first.
	After string `json:"-"`
	// RefusedSince is since when it has been refused by what may pass.
	RefusedSince *time.Time `json:"-"`
	// Epoch is how often somebody has begun with it: only the last one may note how it went.
	Epoch int64 `json:"-"`
}

// Count is how much news of a provider is in a state; of deliveries that are to be read, the state is
// "DELIVERY_PENDING".
type Count struct {
	Provider string
	State    string
	Count    int
	Oldest   time.Duration // how long ago the oldest of it came
}

// Poll is a service that is to be asked what is new.
type Poll struct {
	ServiceID fulfillment.ID
	Provider  string
	Options   map[string]any // fulfillment.Service.Options
	Cursor    string         // from where on; empty: it was never asked
	Epoch     int64          // only who has begun last may note what came
	Attempts  int            // that have failed since the last success
}

// Limits of what is kept.
const (
	// MaxBody is the largest body of a delivery, in bytes.
	MaxBody = 1 << 20
	// Retention is how long deliveries are kept, and news that was told or given up. What is [Kept] stays.
	Retention = 30 * 24 * time.Hour
)

// DeliveryState says how far a [Delivery] is.
type DeliveryState string

// The states of deliveries.
const (
	DeliveryPending DeliveryState = "PENDING" // it is to be read
	DeliveryDone    DeliveryState = "DONE"    // what it tells is in the inbox
	DeliveryRefused DeliveryState = "REFUSED" // it can't be read
)

// DeliveryStates lists them.
var DeliveryStates = []DeliveryState{DeliveryPending, DeliveryDone, DeliveryRefused}

// Delivery is a request of a service's system, which was verified.
type Delivery struct {
	ID         int64               `json:"id"`
	Provider   string              `json:"provider"`
	ServiceID  fulfillment.ID      `json:"serviceId"`
	Key        string              `json:"key"` // the same when it is sent again
	Method     string              `json:"method"`
	Path       string              `json:"path"`
	Header     map[string][]string `json:"header"` // what is needed to read it
	Body       []byte              `json:"-"`
	Bytes      int                 `json:"bytes"` // of the body
	ReceivedAt time.Time           `json:"receivedAt"`
	Times      int                 `json:"times"` // that it was sent

	State    DeliveryState `json:"state"`
	Attempts int           `json:"attempts"`
	Reason   string        `json:"reason,omitempty"` // why it is not read, or not yet; for people
}
