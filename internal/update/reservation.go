package update

import (
	"context"
	"errors"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Reserve asks a fulfillment order to take no other command until it hears more, and tells at which version that is: a
// store that has less, later, was set back.
func (c *Client) Reserve(ctx context.Context, id fulfillment.ID, by string) (version int64, err error) {
	r := temporalio.Reservation{By: by}
	if c.store != nil {
		stored, _, err := c.store.Standing(ctx, id, "")
		if err != nil && !errors.Is(err, fulfillment.ErrNotFound) {
			return 0, err
		}
		r.Stored = &stored
	}
	if err := c.step(ctx, id, temporalio.ReserveUpdate, r); err != nil {
		return 0, err
	}
	state, err := c.Ended(ctx, id, "") // The present run, which decides nothing meanwhile.
	if err != nil || state == nil {
		return 0, err
	}
	return state.Sequence, nil
}

// Apply tells a reserved fulfillment order that what it was reserved for is in the store: done is what was committed
// for it, nil if nobody knows.
func (c *Client) Apply(ctx context.Context, id fulfillment.ID, by string, done *fulfillment.Answered) error {
	return c.step(ctx, id, temporalio.ApplyUpdate, temporalio.Reservation{By: by, Done: done})
}

// Abort tells a reserved fulfillment order that nothing came of what it was reserved for.
func (c *Client) Abort(ctx context.Context, id fulfillment.ID, by string) error {
	return c.step(ctx, id, temporalio.AbortUpdate, temporalio.Reservation{By: by})
}

// step sends a step of a joint command. A closed run has no reservation that would have to end.
func (c *Client) step(ctx context.Context, id fulfillment.ID, name string, r temporalio.Reservation) error {
	return c.Persist(ctx, r.By, temporalio.FulfillmentOrderID(id), func(ctx context.Context) error {
		update := client.UpdateWorkflowOptions{
			UpdateID: name + "/" + r.By, WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: name,
			Args: []any{r}, WaitForStage: client.WorkflowUpdateStageCompleted,
		}
		if name == temporalio.ReserveUpdate {
			return c.updateOrRestart(ctx, id, update, nil)
		}
		err := c.update(ctx, update, nil, nil)
		switch {
		case !isClosed(err):
			return err
		case name == temporalio.ApplyUpdate:
			return c.applyToClosed(ctx, id, update)
		}
		return nil
	})
}

// applyToClosed has a closed run start again that does not know what is in the store: its reservation had ended by
// itself, and it too, when the joint command was committed.
func (c *Client) applyToClosed(ctx context.Context, id fulfillment.ID, update client.UpdateWorkflowOptions) error {
	if c.store == nil {
		return nil
	}
	stored, _, err := c.store.Standing(ctx, id, "")
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	last, err := c.Ended(ctx, id, "")
	if err != nil || last != nil && last.Sequence >= stored {
		return err
	}
	return c.updateOrRestart(ctx, id, update, nil)
}
