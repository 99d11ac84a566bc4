// Package bare is an order's happy path as bare Temporal: as many workflows, updates and provider calls as Packhorse
// makes, that do nothing (the floor), or that write each transition with an activity and one statement, as most people
// would (naive). Neither has search attributes, summaries, deadlines, holds, or any other command.
package bare

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"
)

// Kind says which of the two it is. It is also the prefix of workflow IDs.
type Kind string

// The kinds.
const (
	Floor Kind = "floor"
	Naive Kind = "naive"
)

// TaskQueue is where the workflows run, and naive's activities.
func (k Kind) TaskQueue() string { return "bench-" + string(k) }

// ProviderTaskQueue is where the provider is called.
func (k Kind) ProviderTaskQueue() string { return k.TaskQueue() + "-provider" }

// OrderID is the workflow ID of an order.
func (k Kind) OrderID(n string) string { return string(k) + "-order/" + n }

// FulfillmentOrderID is the workflow ID of its fulfillment order.
func (k Kind) FulfillmentOrderID(n string) string { return string(k) + "-fulfillment-order/" + n }

// Workflow types and updates. They are named like Packhorse's.
const (
	OrderType            = "Order"
	FulfillmentOrderType = "FulfillmentOrder"
	Submit               = "SubmitFulfillmentRequest"
	Ship                 = "CreateFulfillment"
	Event                = "RecordEvent" // with the event's status
)

// Delivered is the event that ends a fulfillment order.
const Delivered = "DELIVERED"

// Input names what a workflow is about.
type Input struct {
	Number string `json:"number"`
}

// lives is the workflows of a kind.
type lives struct{ kind Kind }

// order starts the fulfillment order and completes.
func (l lives) order(ctx workflow.Context, in Input) error {
	if err := l.record(ctx, in, "OPEN"); err != nil {
		return err
	}
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: l.kind.FulfillmentOrderID(in.Number), TaskQueue: l.kind.TaskQueue(),
		ParentClosePolicy: enumspb.PARENT_CLOSE_POLICY_ABANDON,
	}), FulfillmentOrderType, in)
	return child.GetChildWorkflowExecution().Get(ctx, nil)
}

// fulfillmentOrder lives until it is delivered.
func (l lives) fulfillmentOrder(ctx workflow.Context, in Input) error {
	var submitted, accepted, delivered bool
	err := workflow.SetUpdateHandler(ctx, Submit, func(ctx workflow.Context) error {
		err := l.record(ctx, in, "SUBMITTED")
		submitted = err == nil
		return err
	})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandler(ctx, Ship, func(ctx workflow.Context) error {
		// Nobody can see from outside when the provider has accepted. To wait here costs nothing.
		if err := workflow.Await(ctx, func() bool { return accepted }); err != nil {
			return err
		}
		return l.record(ctx, in, "SHIPPED")
	})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandler(ctx, Event, func(ctx workflow.Context, status string) error {
		err := l.record(ctx, in, status)
		delivered = delivered || err == nil && status == Delivered
		return err
	})
	if err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return submitted }); err != nil {
		return err
	}
	call := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: l.kind.ProviderTaskQueue(), StartToCloseTimeout: time.Minute,
	})
	if err := workflow.ExecuteActivity(call, (*provider).CallProvider).Get(ctx, nil); err != nil {
		return err
	}
	if err := l.record(ctx, in, "ACCEPTED"); err != nil {
		return err
	}
	accepted = true
	return workflow.Await(ctx, func() bool { return delivered && workflow.AllHandlersFinished(ctx) })
}

// record writes a transition, as far as this kind has a store.
func (l lives) record(ctx workflow.Context, in Input, status string) error {
	if l.kind != Naive {
		return nil
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, (*book).Record, Transition{Number: in.Number, Status: status}).Get(ctx, nil)
}
