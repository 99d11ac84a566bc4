package webhook

import (
	"time"

	"packhorse/internal/fulfillment"
)

// Event is what a request says of an event beside its body.
type Event struct {
	Position  int64          `json:"position"` // in the feed
	OrderID   fulfillment.ID `json:"orderId"`
	Sequence  int64          `json:"sequence"` // of the transition
	Place     int            `json:"place"`    // among the events of the transition, from 0
	Topic     string         `json:"topic"`    // such as "fulfillment_orders/moved"
	CommandID string         `json:"commandId,omitempty"`
	At        time.Time      `json:"at"` // when it happened
	// Services are those whose fulfillment order it is about, as it was then; 0 is the merchant. Of a move they are
	// also those of before and after.
	Services []fulfillment.ID `json:"services,omitempty"`
	// Skipped are positions of events of the same order that were given up, and are not told before this one.
	Skipped []int64 `json:"skipped,omitempty"`
}

// DeliveryState says what is to become of a delivery that did not succeed yet.
type DeliveryState string

// The states of deliveries.
const (
	Pending DeliveryState = "PENDING" // it is tried again
	Dead    DeliveryState = "DEAD"    // it was given up: what comes after it of the same order is delivered
)

// Parked is an event at or before a subscription's cursor that is not delivered.
type Parked struct {
	Event
	Body     []byte        `json:"-"` // nil: it could not be made yet, or was not asked for
	State    DeliveryState `json:"state"`
	Attempts int           `json:"attempts"`
	// Strikes are the attempts that count: one that fails while nothing else succeeds is the receiver's fault, and not
	// the event's.
	Strikes   int       `json:"-"`
	NextAt    time.Time `json:"-"`         // by the database's clock
	LastError string    `json:"lastError"` // for people
	// Replay says that somebody has asked for it again.
	Replay bool `json:"replay,omitempty"`
}

// Attempt is what became of one request.
type Attempt struct {
	Position int64         `json:"position"`
	Attempt  int           `json:"attempt"` // from 1
	Replay   bool          `json:"replay,omitempty"`
	At       time.Time     `json:"at"`
	Took     time.Duration `json:"-"`
	Status   int           `json:"status,omitempty"` // 0: there was no answer
	Error    string        `json:"error,omitempty"`  // for people; empty: it was delivered
	Answer   string        `json:"answer,omitempty"` // its first 4 KiB, as far as they are text
}

// Standing is how far the delivery to a subscription is.
type Standing struct {
	Cursor int64 `json:"cursor"` // everything at or before this position was delivered, was not for it, or is parked
	Newest int64 `json:"newest"` // position of the feed
	// Lag is how many positions of the feed have not been looked at yet, and LagSeconds how long ago the first of them
	// was committed; 0: there is none.
	Lag        int64 `json:"lag"`
	LagSeconds int64 `json:"lagSeconds"`

	Waiting int `json:"waiting"` // events that are parked and tried again
	Dead    int `json:"dead"`    // events that were given up
	// Failing tells that the subscription is enabled, and that its receiver fails throughout and is only probed.
	Failing bool `json:"failing"`
	// LastError is that of the oldest event that waits since it failed, and NextAttempt when it is tried again; empty
	// and nil: none does.
	LastError   string     `json:"lastError,omitempty"`
	NextAttempt *time.Time `json:"nextAttempt,omitempty"`
}

// Replay is what somebody asks for again: the events of a subscription's topic after a position, up to another one.
type Replay struct {
	After, Until int64
}

// Replayed is what became of that.
type Replayed struct {
	Events  int `json:"events"`  // are delivered again
	Waiting int `json:"waiting"` // were waiting to be delivered already
}

// Following is a subscription whose feed somebody follows, and where that begins.
type Following struct {
	Subscription
	Cursor int64 // everything at or before this position was delivered, was not for it, or is parked
	Epoch  int64 // of the one who follows: nobody before may move the cursor any more
	// Replays is how often somebody has asked for events again: each time there are parked ones of which the one who
	// follows knows nothing.
	Replays int64
	// NotedAt is when something was noted last, by the database's clock.
	NotedAt time.Time
	Now     time.Time
}

// Progress is what whoever follows a feed has done since it told last. It is taken as a whole, or not at all.
type Progress struct {
	ID, AppID     fulfillment.ID
	Epoch, Cursor int64
	// After is what [Following.NotedAt] was then: a database that has an earlier one was set back, and does not have
	// what was noted.
	After     time.Time
	Parked    []Parked // new ones, and those that have changed
	Delivered []int64  // positions that are parked no longer, unless somebody has asked for them again since
	Replayed  []int64  // positions that are parked no longer, and were asked for
	Attempts  []Attempt
	// State is what the subscription comes into; empty: it stays. Reason says why. Where URI is not empty, it stays if
	// it has another address by now.
	State       State
	Reason, URI string
	Failing     bool // whether the receiver fails throughout
}
