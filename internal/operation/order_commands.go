package operation

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// CreateOrder hands an order over and waits until it is routed and durable. The same order again (by ID, or by
// sourceIdentifier, from which the ID is derived when it has none) gives what it became the first time.
func (c *Commands) CreateOrder(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error) {
	if order.ID == 0 {
		if order.SourceIdentifier != "" {
			order.ID = fulfillment.OrderIDOf(order.SourceIdentifier)
		} else {
			order.ID = c.minter.Mint()
		}
	}
	if order.CommandID == "" {
		order.CommandID = uuid.NewString()
	}
	if order.FirstID == 0 {
		order.FirstID = c.minter.Mint()
	}
	if err := order.Complete(time.Now().UTC()); err != nil { // A malformed order never reaches Temporal.
		return fulfillment.OrderCreated{}, err
	}
	created := fulfillment.OrderCreated{OrderID: order.ID, Name: order.Name}
	err := c.updates.Persist(ctx, order.CommandID, func(ctx context.Context) error {
		attributes := temporal.NewSearchAttributes(temporalio.OrderName.ValueSet(order.Name))
		run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: temporalio.OrderID(order.ID), TaskQueue: temporalio.TaskQueue,
			WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
			WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			WorkflowExecutionErrorWhenAlreadyStarted: true,
			TypedSearchAttributes:                    attributes,
			StaticSummary:                            order.Name,
		}, temporalio.OrderType, temporalio.OrderInput{Order: order})
		if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
			return c.existing(ctx, order, &created)
		}
		if err != nil {
			return err
		}
		var out temporalio.OrderOutput
		if err := run.Get(ctx, &out); err != nil {
			return err
		}
		for _, id := range out.FulfillmentOrderIDs {
			if !id.InBlock(order.FirstID) { // It was somebody else's run.
				return c.existing(ctx, order, &created)
			}
		}
		created.FulfillmentOrderIDs = out.FulfillmentOrderIDs
		return nil
	})
	return created, err
}

// existing answers for an order whose workflow has run already.
func (c *Commands) existing(ctx context.Context, order fulfillment.Order, created *fulfillment.OrderCreated) error {
	stored, err := c.store.Order(ctx, order.ID)
	if errors.Is(err, fulfillment.ErrNotFound) { // Under way: its first run has not committed yet.
		return &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "The order is being taken in."}
	}
	if err != nil {
		return err
	}
	if !sameOrder(stored, order) {
		return &fulfillment.Error{Code: fulfillment.CodeOrderExists, Field: []string{"id"},
			Message: "Order " + order.ID.String() +
				" exists already with another name, sourceIdentifier or line items."}
	}
	fos, err := c.store.FulfillmentOrdersOf(ctx, order.ID)
	if err != nil {
		return err
	}
	created.Repeated = true
	created.FulfillmentOrderIDs = nil
	for _, fo := range fos {
		created.FulfillmentOrderIDs = append(created.FulfillmentOrderIDs, fo.ID)
	}
	return nil
}

// sameOrder tells whether the stored order is this one sent again. Lines that were added since come after its own.
func sameOrder(stored *fulfillment.OrderRecord, order fulfillment.Order) bool {
	if stored.Name != order.Name || stored.SourceIdentifier != order.SourceIdentifier ||
		len(stored.LineItems) < len(order.LineItems) {
		return false
	}
	for i, line := range order.LineItems {
		there := stored.LineItems[i]
		if there.Title != line.Title || there.SKU != line.SKU || there.Quantity != line.Quantity {
			return false
		}
	}
	return len(stored.LineItems) == len(order.LineItems) || stored.Edited()
}

// CancelOrder cancels each of an order's fulfillment orders, or asks its service to stop, and tells what became of
// each.
func (c *Commands) CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	c.fill(&cmd.Meta)
	return c.updates.CancelOrder(ctx, cmd)
}

// EditOrder adds lines to an order and lowers quantities.
func (c *Commands) EditOrder(ctx context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error) {
	c.fill(&cmd.Meta)
	return c.updates.EditOrder(ctx, cmd)
}
