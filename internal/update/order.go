package update

import (
	"context"
	"errors"
	"strconv"
	"time"

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
	answer, err := order(ctx, c, orderCommand[temporalio.JointAnswer]{
		orderID, cmd.Envelope(), fulfillment.JointFingerprint(cmd), string(cmd.Verb()), cmd,
		func(ctx context.Context) (temporalio.JointAnswer, bool, error) { return c.bookedJoint(ctx, cmd) },
		func(ctx context.Context, answer temporalio.JointAnswer) (bool, error) {
			return c.stand(ctx, answer.Results...)
		},
	})
	return answer.Results, err
}

// CancelOrder gives an order the command to cancel each of its fulfillment orders, and tells what became of each. The
// command's ID and its first new ID must be there.
func (c *Client) CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	return order(ctx, c, orderCommand[fulfillment.OrderCancelled]{
		cmd.OrderID, &cmd.Meta, fulfillment.CancelFingerprint(cmd), temporalio.CancelOrderUpdate, &cmd,
		func(ctx context.Context) (fulfillment.OrderCancelled, bool, error) {
			return c.bookedCancel(ctx, cmd)
		},
		c.stillCancelled,
	})
}

// EditOrder gives an order the command to add lines and to set quantities. The command's ID and its first new ID must
// be there.
func (c *Client) EditOrder(ctx context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error) {
	return order(ctx, c, orderCommand[fulfillment.OrderEdited]{
		cmd.OrderID, &cmd.Meta, fulfillment.EditFingerprint(cmd), temporalio.EditOrderUpdate, &cmd,
		func(ctx context.Context) (fulfillment.OrderEdited, bool, error) {
			return c.bookedEdit(ctx, cmd)
		},
		nil,
	})
}

// UpdateOrder gives an order the command to correct what it says of its customer. The command's ID must be there.
func (c *Client) UpdateOrder(ctx context.Context, cmd fulfillment.UpdateOrder) (fulfillment.OrderUpdated, error) {
	return order(ctx, c, orderCommand[fulfillment.OrderUpdated]{
		cmd.OrderID, &cmd.Meta, fulfillment.UpdateFingerprint(cmd), temporalio.UpdateOrderUpdate, &cmd,
		func(ctx context.Context) (fulfillment.OrderUpdated, bool, error) {
			return c.bookedUpdate(ctx, cmd)
		},
		nil,
	})
}

// CloseOrder gives an order the command to close. The command's ID must be there.
func (c *Client) CloseOrder(ctx context.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error) {
	return order(ctx, c, orderCommand[fulfillment.OrderClosed]{
		cmd.OrderID, &cmd.Meta, fulfillment.CloseFingerprint(cmd), temporalio.CloseOrderUpdate, &cmd,
		func(ctx context.Context) (fulfillment.OrderClosed, bool, error) {
			closing, refused := cmd.Closing(time.Now())
			return c.bookedClosing(ctx, closing, refused)
		},
		nil,
	})
}

// OpenOrder gives an order the command to open again. The command's ID must be there.
func (c *Client) OpenOrder(ctx context.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error) {
	return order(ctx, c, orderCommand[fulfillment.OrderClosed]{
		cmd.OrderID, &cmd.Meta, fulfillment.OpenFingerprint(cmd), temporalio.OpenOrderUpdate, &cmd,
		func(ctx context.Context) (fulfillment.OrderClosed, bool, error) {
			opening, refused := cmd.Closing(time.Now())
			return c.bookedClosing(ctx, opening, refused)
		},
		nil,
	})
}

// orderCommand is a command on a whole order, and where its answer is in the book.
type orderCommand[R any] struct {
	id          fulfillment.ID // of the order
	meta        *fulfillment.Meta
	fingerprint string
	update      string
	cmd         any
	book        func(ctx context.Context) (R, bool, error)
	// stands tells whether the store has what was answered; nil: when the book has an answer.
	stands func(ctx context.Context, answer R) (bool, error)
}

// order starts the order's workflow again for a moment, or finds it still open, and gives it the command.
func order[R any](ctx context.Context, c *Client, o orderCommand[R]) (R, error) {
	send := func(ctx context.Context, updateID string) (out R, err error) {
		start, err := c.startOrder(ctx, o.id, o.update)
		if err != nil {
			return out, err
		}
		updateID, err = c.sinceSetBack(ctx, updateID)
		if err != nil {
			return out, err
		}
		err = c.update(ctx, client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: temporalio.OrderID(o.id), UpdateName: o.update,
			Args: []any{o.cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
		}, start, &out)
		return out, err
	}
	stands := o.stands
	if stands == nil {
		stands = func(ctx context.Context, _ R) (bool, error) {
			_, there, err := o.book(ctx)
			if isRefusal(err) { // For the workflow to say.
				return false, nil
			}
			return there, err
		}
	}
	return ask(ctx, c, question[R]{
		commandID: o.meta.CommandID, workflowID: temporalio.OrderID(o.id), laned: true, book: o.book,
		try: untilItStands(idOf(o.meta, o.fingerprint), send, stands),
	})
}

// sinceSetBack is another update ID after each time the database was set back: the server would repeat an answer of
// before.
func (c *Client) sinceSetBack(ctx context.Context, updateID string) (string, error) {
	setBacks, err := c.store.SetBacks(ctx)
	if err != nil || setBacks == 0 {
		return updateID, err
	}
	return updateID + "~" + strconv.FormatInt(setBacks, 10), nil
}

// startOrder is how an order's workflow starts again for a command; the order must be in the store.
func (c *Client) startOrder(
	ctx context.Context, id fulfillment.ID, command string,
) (client.WithStartWorkflowOperation, error) {
	order, err := c.store.Order(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil, fulfillment.OrderNotFound("orderId")
	}
	if err != nil {
		return nil, err
	}
	fos, err := c.store.FulfillmentOrderIDs(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: temporalio.OrderID(id), TaskQueue: temporalio.TaskQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		TypedSearchAttributes:    temporal.NewSearchAttributes(temporalio.OrderName.ValueSet(order.Name)),
		StaticSummary:            order.Name + " · " + command,
	}, temporalio.OrderType, temporalio.OrderInput{
		Order: fulfillment.Order{ID: id}, Existing: true, FulfillmentOrderIDs: fos,
	}), nil
}
