package activities

import (
	"context"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// Store is the book as activities need it: a *postgres.Store. What it answers is told apart by the outcomes of package
// fulfillment, such as [fulfillment.ErrStale]; any other error is tried again.
type Store interface {
	Writer
	Reader
	CallReader
}

// Writer is what activities write. Each of its methods is one transaction, and may be repeated.
type Writer interface {
	// Commit writes what a fulfillment order decided; earlier: it was there already.
	Commit(ctx context.Context, c fulfillment.Commit) (earlier bool, err error)
	// CommitJointly writes what was decided about several.
	CommitJointly(ctx context.Context, c fulfillment.JointCommit) error
	// CreateOrder writes an order with the fulfillment orders that it became; earlier: it was there already.
	CreateOrder(
		ctx context.Context, order *fulfillment.Order, fulfillmentOrders []*fulfillment.FulfillmentOrder,
		transitions []fulfillment.Transition,
	) (earlier bool, err error)
	EditOrder(ctx context.Context, edit fulfillment.OrderEdit) error
	CancelOrder(
		ctx context.Context, orderID fulfillment.ID, at time.Time, reason, commandID string, actor fulfillment.Actor,
	) error
	DeleteService(ctx context.Context, deletion fulfillment.ServiceDeletion) error
	// Restore writes how a fulfillment order goes on after the store was set back, and what it has lost; Lose only
	// that.
	Restore(ctx context.Context, c fulfillment.Commit, loss fulfillment.Loss) error
	Lose(ctx context.Context, loss fulfillment.Loss) error
}

// Reader is what activities read.
type Reader interface {
	// Load reads the snapshot of a fulfillment order, with its last answers.
	Load(ctx context.Context, id fulfillment.ID) (*fulfillment.FulfillmentOrder, error)
	// Answers reads what a fulfillment order answered to these commands, however long ago.
	Answers(ctx context.Context, id fulfillment.ID, commandIDs []string) ([]fulfillment.Answered, error)
	// Refused lists which of these commands were signalled and refused, as the history has it.
	Refused(ctx context.Context, id fulfillment.ID, commandIDs []string) ([]string, error)
	// RefusedSignals lists the command IDs of the run's signals whose refusals are in the history.
	RefusedSignals(ctx context.Context, id fulfillment.ID, runID string) ([]string, error)
	FulfillmentOrdersByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
	FulfillmentOrdersOf(ctx context.Context, orderID fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
	FulfillmentOrderIDs(ctx context.Context, orderID fulfillment.ID) ([]fulfillment.ID, error)
	// JointStates reads the fulfillment orders of all orders that the named ones belong to.
	JointStates(
		ctx context.Context, ids []fulfillment.ID, commandID string,
	) ([]*fulfillment.FulfillmentOrder, error)
	// WaitingAt lists what is not closed at a location, by ID.
	WaitingAt(
		ctx context.Context, locationID, after fulfillment.ID, limit int,
	) ([]*fulfillment.FulfillmentOrder, error)
	Order(ctx context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error)
	// OrderReturns reads the returns of these orders, by the orders' IDs.
	OrderReturns(ctx context.Context, orderIDs []fulfillment.ID) (map[fulfillment.ID][]*returns.Return, error)
	// Recognise tells whether an order that comes again is the one that was handed over first.
	Recognise(ctx context.Context, order *fulfillment.Order, given fulfillment.OrderContent) (name string, err error)
	// NextOrderName takes the next number, as the name of an order that has none.
	NextOrderName(ctx context.Context) (string, error)
	// EditBy finds the edit of an order that had this command ID.
	EditBy(ctx context.Context, orderID fulfillment.ID, commandID string) (fulfillment.OrderDetails, error)
	// UpdateBy finds the answer to the update of an order that had this command ID, and what it asked for.
	UpdateBy(
		ctx context.Context, orderID fulfillment.ID, commandID string,
	) (answer fulfillment.OrderUpdated, fingerprint string, err error)
	UpdateOrder(ctx context.Context, plan *fulfillment.OrderUpdatePlan) error
	// NoteUnchanged remembers a command that changed nothing of an order, UnchangedBy finds it by its ID.
	NoteUnchanged(ctx context.Context, c fulfillment.OrderUnchanged) error
	UnchangedBy(ctx context.Context, orderID fulfillment.ID, commandID string) (fulfillment.OrderUnchanged, error)
	// CloseOrder closes an order or opens it, and tells whether that changed anything.
	CloseOrder(ctx context.Context, c fulfillment.OrderClosing) (changed bool, err error)
	Location(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error)
	Locations(ctx context.Context) ([]fulfillment.Location, error)
	// StockedLocations are also told what services said that they have of these SKUs.
	StockedLocations(ctx context.Context, skus []string) ([]fulfillment.Location, error)
	ServicesByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.Service, error)
}

// CallReader is what a provider's activities read: the details of a call about an order to a location's provider.
type CallReader interface {
	ProviderCall(
		ctx context.Context, orderID, locationID fulfillment.ID, destinationBefore int,
	) (fulfillment.CallDetails, error)
	Location(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error)
	// ClaimLostCall takes what a provider has of a call that was lost for an effect; false: it was taken for another.
	ClaimLostCall(ctx context.Context, key, effect string) (bool, error)
}
