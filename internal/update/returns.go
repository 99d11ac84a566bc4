package update

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
)

// BeginReturn gives an order's return its first command, which makes it, and waits until that is durable. Which return
// it is follows from the order and the command ID ([returns.IDFor]): the same, sent again, is answered with the same
// one, whoever sends it and however late. A command without a command ID gets one. The return is as it is now.
func (c *Client) BeginReturn(
	ctx context.Context, orderID fulfillment.ID, cmd returns.Opening,
) (returns.Result, *returns.Return, error) {
	if named := returns.OrderOf(cmd); named != 0 && named != orderID {
		return returns.Result{}, nil, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"orderId"},
			Message: "orderId: must be " + orderID.String() + ", or left out (is " + named.String() + ")",
		}
	}
	returns.OfOrder(cmd, orderID)
	meta := cmd.Envelope()
	if meta.CommandID == "" {
		meta.CommandID = uuid.NewString()
	}
	id := returns.IDFor(orderID, meta.CommandID)
	meta.FirstID = id
	return c.commandReturn(ctx, id, cmd, func(
		context.Context,
	) (client.WithStartWorkflowOperation, error) {
		return c.startReturn(id, nil), nil
	})
}

// CommandReturn gives a command to a return and waits until what it did is durable. The same command ID is answered the
// same again, however late. A command without a command ID gets one. The return is as it is now.
func (c *Client) CommandReturn(
	ctx context.Context, id fulfillment.ID, cmd returns.Command,
) (returns.Result, *returns.Return, error) {
	meta := cmd.Envelope()
	if meta.CommandID == "" {
		meta.CommandID = uuid.NewString()
	}
	meta.FirstID = 0 // Minted where it is decided.
	return c.commandReturn(ctx, id, cmd, func(ctx context.Context) (client.WithStartWorkflowOperation, error) {
		r, err := c.store.Return(ctx, id)
		if errors.Is(err, fulfillment.ErrNotFound) {
			_, err = returns.Decide(nil, cmd, returns.Env{Now: time.Now().UTC()})
		}
		if err != nil {
			return nil, err
		}
		return c.startReturn(id, r), nil
	})
}

// startReturn is how the workflow of a return starts, again if it has ended; nil: it is about to be made.
func (c *Client) startReturn(id fulfillment.ID, r *returns.Return) client.WithStartWorkflowOperation {
	options := temporalio.ReturnStartOptions(id, r)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	return c.temporal.NewWithStartWorkflowOperation(options, temporalio.ReturnType, temporalio.ReturnInput{ID: id})
}

// commandReturn sends a command until there is an answer, to a run that is open, or else to one that starts for it. The
// store knows by the command ID whether it was answered before, so each call of this sends an update of its own: the
// server would repeat a refusal of before.
func (c *Client) commandReturn(
	ctx context.Context, id fulfillment.ID, cmd returns.Command,
	start func(context.Context) (client.WithStartWorkflowOperation, error),
) (returns.Result, *returns.Return, error) {
	if refused := returns.Admit(cmd, time.Now()); refused != nil {
		return returns.Result{}, nil, refused
	}
	_, opens := cmd.(returns.Opening)
	workflowID, commandID := temporalio.ReturnID(id), cmd.Envelope().CommandID
	updateID := uuid.NewString()
	send := func(ctx context.Context) (result returns.Result, err error) {
		update := client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: workflowID, UpdateName: string(cmd.Verb()), Args: []any{cmd},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		}
		if !opens {
			err = c.update(ctx, update, nil, &result)
			if !isClosed(err) {
				return result, err
			}
		}
		operation, err := start(ctx)
		if err != nil {
			return result, err
		}
		return result, c.update(ctx, update, operation, &result)
	}
	result, err := ask(ctx, c, question[returns.Result]{
		commandID: commandID, workflowID: workflowID, laned: true,
		try: func(ctx context.Context) (returns.Result, error) {
			result, err := send(ctx)
			if refused, ok := temporalio.Refusal(err); ok && refused.Retryable() {
				updateID = uuid.NewString()
			}
			return result, err
		},
		book: func(ctx context.Context) (returns.Result, bool, error) {
			answered, err := c.store.ReturnAnswer(ctx, id, commandID)
			if err != nil || answered == nil {
				return returns.Result{}, false, err
			}
			return answered.Result, true, checkSame(answered.Fingerprint, returns.Fingerprint(cmd))
		},
	})
	if err != nil {
		return returns.Result{}, nil, err
	}
	r, err := c.store.Return(ctx, id)
	return result, r, err
}

// RefreshReturn has a return look into the store and do what is due, and starts its workflow if that is not running, as
// [Client.Refresh] does for a fulfillment order.
func (c *Client) RefreshReturn(ctx context.Context, id fulfillment.ID) error {
	update := client.UpdateWorkflowOptions{
		UpdateID: temporalio.RefreshUpdate + "/" + uuid.NewString(), WorkflowID: temporalio.ReturnID(id),
		UpdateName: temporalio.RefreshUpdate, WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	_, err := ask(ctx, c, question[struct{}]{
		commandID: update.UpdateID, workflowID: update.WorkflowID, unlessPaused: true,
		try: func(ctx context.Context) (none struct{}, err error) {
			err = c.update(ctx, update, nil, nil)
			if !isClosed(err) {
				return none, err
			}
			r, err := c.store.Return(ctx, id)
			if errors.Is(err, fulfillment.ErrNotFound) {
				return none, returns.NotFound("id")
			}
			if err != nil {
				return none, err
			}
			return none, c.update(ctx, update, c.startReturn(id, r), nil)
		},
	})
	return err
}
