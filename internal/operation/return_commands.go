package operation

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// BeginReturn makes a return of an order and waits until it is durable. An empty command ID is filled in, so that the
// caller can repeat the very same command; which return it is follows from the order and that.
func (c *Commands) BeginReturn(
	ctx context.Context, orderID fulfillment.ID, cmd returns.Opening,
) (returns.Result, error) {
	c.fill(cmd.Envelope())
	result, _, err := c.updates.BeginReturn(ctx, orderID, cmd)
	return result, err
}

// CommandReturn gives a command to a return and waits until what it did is durable. An empty command ID is filled in,
// so that the caller can repeat the very same command.
func (c *Commands) CommandReturn(
	ctx context.Context, id fulfillment.ID, cmd returns.Command,
) (returns.Result, error) {
	c.fill(cmd.Envelope())
	result, _, err := c.updates.CommandReturn(ctx, id, cmd)
	return result, err
}
