package command

import (
	"context"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Joint gives a command on several fulfillment orders to an order, and waits until what it did is durable: all of it, or
// nothing. A batch that concerns several orders goes to any one of them. The results are in the order of
// [fulfillment.Joint.Answering].
func (c *Client) Joint(ctx context.Context, orderID fulfillment.ID, cmd fulfillment.Joint) ([]fulfillment.Result, error) {
	var answer temporalio.JointAnswer
	meta := cmd.Envelope()
	c.fill(meta)
	err := c.commandOrder(ctx, orderID, meta, fulfillment.JointFingerprint(cmd), string(cmd.Verb()), cmd, &answer)
	return answer.Results, err
}

// Reserve asks a fulfillment order to take no other command until it hears more.
func (c *Client) Reserve(ctx context.Context, id fulfillment.ID, by string) error {
	return c.settle(ctx, id, temporalio.ReserveUpdate, by)
}

// Apply tells a reserved fulfillment order that what it was reserved for is in the store.
func (c *Client) Apply(ctx context.Context, id fulfillment.ID, by string) error {
	return c.settle(ctx, id, temporalio.ApplyUpdate, by)
}

// Abort tells a reserved fulfillment order that nothing came of what it was reserved for.
func (c *Client) Abort(ctx context.Context, id fulfillment.ID, by string) error {
	return c.settle(ctx, id, temporalio.AbortUpdate, by)
}

// settle sends a step of a joint command. To end a reservation, a closed run need not be started again: it has none.
func (c *Client) settle(ctx context.Context, id fulfillment.ID, step, by string) error {
	return c.persist(ctx, by, func(ctx context.Context) error {
		update := client.UpdateWorkflowOptions{
			UpdateID: step + "/" + by, WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: step,
			Args: []any{temporalio.Reservation{By: by}}, WaitForStage: client.WorkflowUpdateStageCompleted,
		}
		if step == temporalio.ReserveUpdate {
			return c.updateOrRestart(ctx, id, update, nil)
		}
		if err := c.update(ctx, update, nil, nil); !isClosed(err) {
			return err
		}
		return nil
	})
}
