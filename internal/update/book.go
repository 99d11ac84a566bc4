package update

import (
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// What follows finds the answers that the book has to commands which were given before, as their workflows would give
// them. Not there is what was never answered; what would become of such a command is not for the book to say.

// bookedJoint finds the answer to a joint command.
func (c *Client) bookedJoint(
	ctx context.Context, cmd fulfillment.Joint,
) (answer temporalio.JointAnswer, there bool, err error) {
	meta := cmd.Envelope()
	states, err := c.store.JointStates(ctx, cmd.Named(), meta.CommandID)
	if err != nil {
		return answer, false, err
	}
	var conflict error
	for _, as := range fulfillment.AsDecided(cmd) {
		decision, err := fulfillment.DecideJointly(
			as, states, fulfillment.Env{Now: time.Now().UTC(), IDs: fulfillment.NewIDs(meta.FirstID)},
		)
		switch refused, isRefusal := fulfillment.AsError(err); {
		case isRefusal && refused.Code == fulfillment.CodeIdempotencyConflict:
			conflict = refused
			continue
		case err != nil || !decision.Repeated:
			return answer, false, nil
		}
		return temporalio.JointAnswer{Results: decision.Results}, true, nil
	}
	return answer, true, conflict
}

// bookedCancel finds the answer to the cancellation of an order.
func (c *Client) bookedCancel(
	ctx context.Context, cmd fulfillment.CancelOrder,
) (answer fulfillment.OrderCancelled, there bool, err error) {
	order, err := c.store.Order(ctx, cmd.OrderID)
	if err != nil {
		return answer, false, orMissing(err)
	}
	if order.CancelledBy() != cmd.CommandID {
		switch used, err := c.changedNothing(ctx, cmd.OrderID, cmd.CommandID); {
		case err != nil:
			return answer, false, err
		case used != nil || order.Used(cmd.CommandID):
			return answer, true, fulfillment.IdempotencyConflict()
		}
		return answer, false, nil
	}
	if order.CancelReason != cmd.Reason {
		return answer, true, fulfillment.IdempotencyConflict()
	}
	fos, err := c.store.FulfillmentOrdersOf(ctx, cmd.OrderID)
	if err != nil {
		return answer, false, err
	}
	return fulfillment.CancelledAll(cmd.OrderID, fos, nil), true, nil
}

// bookedEdit finds the answer to an edit.
func (c *Client) bookedEdit(
	ctx context.Context, cmd fulfillment.EditOrder,
) (answer fulfillment.OrderEdited, there bool, err error) {
	edit, err := c.store.EditBy(ctx, cmd.OrderID, cmd.CommandID)
	switch {
	case errors.Is(err, fulfillment.ErrStale), err == nil && !edit.IsEdit(cmd):
		return answer, true, fulfillment.IdempotencyConflict()
	case err != nil:
		return answer, false, orMissing(err)
	}
	answer = fulfillment.OrderEdited{OrderID: cmd.OrderID}
	for _, id := range slices.Sorted(slices.Values(edit.Made)) {
		answer.Added = append(answer.Added, id)
		answer.FulfillmentOrderIDs = append(answer.FulfillmentOrderIDs, id)
		answer.WorkflowIDs = append(answer.WorkflowIDs, temporalio.FulfillmentOrderID(id))
	}
	return answer, true, nil
}

// bookedUpdate finds the answer to an update of an order.
func (c *Client) bookedUpdate(
	ctx context.Context, cmd fulfillment.UpdateOrder,
) (answer fulfillment.OrderUpdated, there bool, err error) {
	answer, before, err := c.store.UpdateBy(ctx, cmd.OrderID, cmd.CommandID)
	if err != nil {
		return answer, false, orMissing(err)
	}
	return answer, true, checkSame(before, fulfillment.UpdateFingerprint(cmd))
}

// bookedClosing finds the answer to the closing or opening of an order.
func (c *Client) bookedClosing(
	ctx context.Context, closing fulfillment.OrderClosing, refused error,
) (answer fulfillment.OrderClosed, there bool, err error) {
	if refused != nil { // For its workflow to say.
		return answer, false, nil
	}
	order, err := c.store.Order(ctx, closing.OrderID)
	if err != nil {
		return answer, false, orMissing(err)
	}
	if answer, there, err = closing.Answered(order); there {
		return answer, true, err
	}
	unchanged, err := c.changedNothing(ctx, closing.OrderID, closing.CommandID)
	if err != nil || unchanged == nil {
		return answer, false, err
	}
	answer = fulfillment.OrderClosed{OrderID: closing.OrderID, ClosedAt: unchanged.ClosedAt}
	return answer, true, checkSame(unchanged.Fingerprint, closing.Fingerprint)
}

// changedNothing finds the command with this ID that changed nothing of an order; nil: there is none.
func (c *Client) changedNothing(
	ctx context.Context, orderID fulfillment.ID, commandID string,
) (*fulfillment.OrderUnchanged, error) {
	unchanged, err := c.store.UnchangedBy(ctx, orderID, commandID)
	if err != nil {
		return nil, orMissing(err)
	}
	return &unchanged, nil
}

// orMissing is an error that says more than that there is nothing.
func orMissing(err error) error {
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil
	}
	return err
}
