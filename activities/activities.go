// Package activities is what workflows may cause: commit to the store, read from it, call a provider, route an order,
// and send a command to another workflow. Workflows decide; activities do.
package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio"
)

// Types of the application errors that workflows tell apart. A domain refusal has its code as type.
const (
	// ErrorStale: the store holds something else at this version. The workflow reloads and decides again.
	ErrorStale = "STALE"
	// ErrorIDTaken: a new object's ID is something else's already. The workflow decides again with other IDs.
	ErrorIDTaken = "ID_TAKEN"
	// ErrorNotFound: the store has no such fulfillment order or order.
	ErrorNotFound = "NOT_FOUND"
)

// Workflows is how activities reach other workflows: each waits for a durable answer, and does once what it is told
// twice. The commands have their IDs and the first of their new IDs.
type Workflows interface {
	// Command gives a command to a fulfillment order.
	Command(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error)
	// Joint gives a command on several fulfillment orders to an order.
	Joint(ctx context.Context, orderID fulfillment.ID, cmd fulfillment.Joint) ([]fulfillment.Result, error)
	// Reserve, Apply and Abort are the steps of a joint command at one fulfillment order. The version is the one at
	// which it is reserved.
	Reserve(ctx context.Context, id fulfillment.ID, by string) (version int64, err error)
	Apply(ctx context.Context, id fulfillment.ID, by string, done *fulfillment.Answered) error
	Abort(ctx context.Context, id fulfillment.ID, by string) error
	// Start starts the workflow of a fulfillment order that is in the store, unless it has been started before.
	Start(ctx context.Context, fo *fulfillment.FulfillmentOrder) error
	// Ended is the state that a run of a fulfillment order ended with; nil: there is none, or nobody can tell any more.
	Ended(ctx context.Context, id fulfillment.ID, runID string) (*fulfillment.FulfillmentOrder, error)
}

// Activities is the dependencies of all activities; its methods are registered on the task queue "packhorse".
type Activities struct {
	Store     Store
	Workflows Workflows
	Metrics   *telemetry.Metrics // may be nil

	minter fulfillment.Minter
}

// mintFirst gives a command new IDs, if its workflow sent it without.
func (a *Activities) mintFirst(meta *fulfillment.Meta) {
	if meta.FirstID == 0 {
		meta.FirstID = a.minter.Mint()
	}
}

// Providers is the activities of one provider; its methods are registered on the provider's own task queue.
type Providers struct {
	Store    CallReader
	Inbox    Inbox // nil: news that comes with answers is lost
	Provider provider.Provider
	Papers   Papers             // keeps labels and documents; nil: nobody does
	Settle   time.Duration      // provider.Entry's
	Metrics  *telemetry.Metrics // may be nil
	Clock    func() time.Time   // the worker's own, which may be wrong; default: time.Now
}

// asApplicationError turns what the store and the domain say into what a workflow can tell apart after it crossed
// the wire. Everything else stays retryable: infrastructure is waited for.
func asApplicationError(err error) error {
	if err == nil {
		return nil
	}
	if refused, ok := fulfillment.AsError(err); ok {
		return temporalio.RefusalError(refused)
	}
	switch {
	case errors.Is(err, fulfillment.ErrStale):
		return temporal.NewNonRetryableApplicationError(err.Error(), ErrorStale, err)
	case errors.Is(err, fulfillment.ErrIDTaken):
		return temporal.NewNonRetryableApplicationError(err.Error(), ErrorIDTaken, err)
	case errors.Is(err, fulfillment.ErrNotFound):
		return temporal.NewNonRetryableApplicationError(err.Error(), ErrorNotFound, err)
	case errors.Is(err, fulfillment.ErrInvalid):
		return temporalio.FaultError(&unstorable, err)
	}
	var exists *fulfillment.OrderExistsError
	if errors.As(err, &exists) {
		return temporalio.RefusalError(exists.Refusal())
	}
	return err
}

// unstorable is the answer when the database refuses for good what it is to store. Waiting would not help, and what is
// wrong is for the logs and for the cause of the activity's failure.
var unstorable = fulfillment.Error{
	Code: fulfillment.CodeInternal,
	Message: "The database refused to store what follows from this, " +
		"so nothing has happened. That is a fault of Packhorse: tell who runs it.",
}
