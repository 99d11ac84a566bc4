package update

import (
	"context"
	"errors"
	"strconv"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Joint gives a command on several fulfillment orders to an order, and waits until what it did is durable: all of it,
// or nothing. A batch that concerns several orders goes to any one of them. The results are in the order of
// [fulfillment.Joint.Answering]. The command's ID and its first new ID must be there.
func (c *Client) Joint(
	ctx context.Context, orderID fulfillment.ID, cmd fulfillment.Joint,
) ([]fulfillment.Result, error) {
	var answer temporalio.JointAnswer
	fingerprint := fulfillment.JointFingerprint(cmd)
	err := c.order(ctx, orderID, cmd.Envelope(), fingerprint, string(cmd.Verb()), cmd, &answer)
	if err != nil || !c.wasLost(ctx, answer.Results...) {
		return answer.Results, err
	}
	for _, result := range answer.Results {
		if err := c.Refresh(ctx, result.FulfillmentOrderID); err != nil {
			return nil, err
		}
	}
	answer = temporalio.JointAnswer{}
	err = c.order(ctx, orderID, cmd.Envelope(), fingerprint+"~lost", string(cmd.Verb()), cmd, &answer)
	return answer.Results, err
}

// CancelOrder gives an order the command to cancel each of its fulfillment orders, and tells what became of each. The
// command's ID and its first new ID must be there.
func (c *Client) CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	var out fulfillment.OrderCancelled
	err := c.order(
		ctx, cmd.OrderID, &cmd.Meta, fulfillment.CancelFingerprint(cmd), temporalio.CancelOrderUpdate, &cmd, &out,
	)
	return out, err
}

// EditOrder gives an order the command to add lines and to set quantities. The command's ID and its first new ID must
// be there.
func (c *Client) EditOrder(ctx context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error) {
	var out fulfillment.OrderEdited
	err := c.order(
		ctx, cmd.OrderID, &cmd.Meta, fulfillment.EditFingerprint(cmd), temporalio.EditOrderUpdate, &cmd, &out,
	)
	return out, err
}

// UpdateOrder gives an order the command to correct what it says of its customer. The command's ID must be there.
func (c *Client) UpdateOrder(ctx context.Context, cmd fulfillment.UpdateOrder) (fulfillment.OrderUpdated, error) {
	var out fulfillment.OrderUpdated
	err := c.order(
		ctx, cmd.OrderID, &cmd.Meta, fulfillment.UpdateFingerprint(cmd), temporalio.UpdateOrderUpdate, &cmd, &out,
	)
	return out, err
}

// CloseOrder gives an order the command to close. The command's ID must be there.
func (c *Client) CloseOrder(ctx context.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error) {
	var out fulfillment.OrderClosed
	err := c.order(
		ctx, cmd.OrderID, &cmd.Meta, fulfillment.CloseFingerprint(cmd), temporalio.CloseOrderUpdate, &cmd, &out,
	)
	return out, err
}

// OpenOrder gives an order the command to open again. The command's ID must be there.
func (c *Client) OpenOrder(ctx context.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error) {
	var out fulfillment.OrderClosed
	err := c.order(
		ctx, cmd.OrderID, &cmd.Meta, fulfillment.OpenFingerprint(cmd), temporalio.OpenOrderUpdate, &cmd, &out,
	)
	return out, err
}

// order starts the order's workflow again for a moment, or finds it still open, and gives it the command.
func (c *Client) order(
	ctx context.Context, id fulfillment.ID, meta *fulfillment.Meta, fingerprint, name string, cmd, out any,
) error {
	leave, err := c.lanes.enter(ctx, temporalio.OrderID(id))
	if err != nil {
		return err
	}
	defer leave()
	return c.Persist(ctx, meta.CommandID, func(ctx context.Context) error {
		order, err := c.store.Order(ctx, id)
		if errors.Is(err, fulfillment.ErrNotFound) {
			return fulfillment.OrderNotFound("orderId")
		}
		if err != nil {
			return err
		}
		fos, err := c.store.FulfillmentOrderIDs(ctx, id)
		if err != nil {
			return err
		}
		setBacks, err := c.store.SetBacks(ctx)
		if err != nil {
			return err
		}
		updateID := idOf(meta, fingerprint)
		if setBacks > 0 { // The server would repeat an answer of before.
			updateID += "~" + strconv.FormatInt(setBacks, 10)
		}
		start := c.temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: temporalio.OrderID(id), TaskQueue: temporalio.TaskQueue,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			TypedSearchAttributes:    temporal.NewSearchAttributes(temporalio.OrderName.ValueSet(order.Name)),
			StaticSummary:            order.Name + " · " + name,
		}, temporalio.OrderType, temporalio.OrderInput{
			Order: fulfillment.Order{ID: id}, Existing: true, FulfillmentOrderIDs: fos,
		})
		return c.update(ctx, client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: temporalio.OrderID(id), UpdateName: name,
			Args: []any{cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
		}, start, out)
	})
}
