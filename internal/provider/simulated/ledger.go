package simulated

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Ledger is the memory of the simulated system: what it did under each key, and what it is going to do. It is the
// outside world, so it is kept apart from Packhorse's own tables, and it survives any end of the worker.
type Ledger interface {
	// Record does what e says, once: the first time under e.Key it keeps e and schedules the tasks; after that it
	// counts the call and returns what it kept. With again, a repeated call is a second effect and is counted as
	// such. With drop, a first effect ends the request of that key: what was scheduled for it and is not a parcel's
	// news is not done any more, and what is said of it is that it is rejected, unless a parcel has left.
	Record(ctx context.Context, e Effect, tasks []Task, drop string, again bool) (Effect, error)

	// Find is what Record kept under the key; ok is false if there is nothing.
	Find(ctx context.Context, key string) (e Effect, ok bool, err error)

	// Effects lists everything that was done, by the time at which it was first done.
	Effects(ctx context.Context) ([]Effect, error)

	// Claim hands out at most limit tasks that are due, to nobody else until the lease is over. A lease that ends much
	// later than one that is given now was taken by a clock that was ahead, and binds nobody.
	Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Task, error)

	// Next is when the earliest task that nobody has claimed is due; ok is false if there is none.
	Next(ctx context.Context, now time.Time) (due time.Time, ok bool, err error)

	// Finish ends a claimed task, once, with what came of it; schedules what follows; keeps what is said of the effect
	// from now on (nil: the same as before); and drops as Record does.
	Finish(ctx context.Context, task Task, outcome string, said *provider.Answer, next []Task, drop string) error

	// Postpone gives a claimed task back, to be tried again at due.
	Postpone(ctx context.Context, task Task, due time.Time, problem string) error
}

// Kind says what the simulated system did.
type Kind string

// The kinds of effects.
const (
	KindCreate   Kind = "CREATE"
	KindCancel   Kind = "CANCEL"
	KindWithdraw Kind = "WITHDRAW"
	KindReturn   Kind = "RETURN"
)

// Effect is what the simulated system did under one key.
type Effect struct {
	Key                string         `json:"key"`
	Kind               Kind           `json:"kind"`
	RequestKey         string         `json:"requestKey,omitempty"` // CANCEL and WITHDRAW: the key of the request
	FulfillmentOrderID fulfillment.ID `json:"fulfillmentOrderId"`
	ServiceID          fulfillment.ID `json:"serviceId,omitempty"`
	// CREATE: the order, and what was asked for of its lines. Empty of a request from before this was noted.
	OrderID fulfillment.ID         `json:"orderId,omitempty"`
	Units   []fulfillment.Quantity `json:"units,omitempty"`

	Reference string           `json:"reference"`
	Answer    provider.Answer  `json:"answer"`         // to the call
	Said      *provider.Answer `json:"said,omitempty"` // since then; nil: no other
	Settings  Settings         `json:"-"`
	CreatedAt time.Time        `json:"createdAt"`
	Calls     int              `json:"calls"`   // how often it was asked for
	Effects   int              `json:"effects"` // how often it was done: more than 1 is what must never be
}

// says is what the service says of the effect when it is asked now.
func (e Effect) says() provider.Answer {
	if e.Said != nil {
		return *e.Said
	}
	return e.Answer
}

// ended is what is said of a request that has ended before a parcel left.
var ended = provider.Answer{
	Outcome: fulfillment.OutcomeRejected, Message: "The simulated service has nothing to do with it any more.",
}

// References are the names of what was done, one for each time.
func (e Effect) References() []string {
	references := []string{e.Reference}
	for n := 2; n <= e.Effects; n++ {
		references = append(references, fmt.Sprintf("%s-%d", e.Reference, n))
	}
	return references
}

// Doubled are the effects that were done more than once, and the requests of one fulfillment order that were
// accepted under different keys, none of them cancelled: either way, goods would leave twice.
func Doubled(effects []Effect) []Effect {
	var doubled []Effect
	ended := make(map[string]bool)
	for _, e := range effects {
		if (e.Kind == KindCancel || e.Kind == KindWithdraw) && e.Answer.Outcome != fulfillment.OutcomeRejected {
			ended[e.RequestKey] = true
		}
	}
	alive := make(map[fulfillment.ID]bool)
	for _, e := range effects {
		again := false
		if e.Kind == KindCreate && e.Answer.Outcome == fulfillment.OutcomeAccepted && !ended[e.Key] {
			again = alive[e.FulfillmentOrderID]
			alive[e.FulfillmentOrderID] = true
		}
		if e.Effects > 1 || again {
			doubled = append(doubled, e)
		}
	}
	return doubled
}

// Task is a step whose time is known.
type Task struct {
	ID                 int64 // given by the ledger
	Key                string
	FulfillmentOrderID fulfillment.ID
	ServiceID          fulfillment.ID
	FulfillmentID      fulfillment.ID // the shipment that a carrier's news is about
	DueAt              time.Time
	Attempts           int // with this one
	Step               Step
}

// Step is a command that the simulated service is going to send, and what follows once it was sent.
type Step struct {
	Name  string               `json:"name"` // unique under its key
	After fulfillment.Duration `json:"after,omitempty"`
	Verb  fulfillment.Verb     `json:"command"`
	Body  json.RawMessage      `json:"body"`
	Says  *provider.Answer     `json:"says,omitempty"` // what the command answers to the call of this key; nil: nothing
	Drop  string               `json:"drop,omitempty"` // key of a request that ends with this
	Then  []Step               `json:"then,omitempty"`
	Else  []Step               `json:"else,omitempty"` // what follows instead when the command is refused for good
}
