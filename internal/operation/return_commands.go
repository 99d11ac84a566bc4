package operation

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// BeginReturn gives an order's return its first command, which makes it, and waits until that is durable. An empty
// command ID is filled in, so that the caller can repeat the very same command; which return it is follows from the
// order and that. The return is as it is now.
func (c *Commands) BeginReturn(
	ctx context.Context, orderID fulfillment.ID, cmd returns.Opening,
) (returns.Result, *returns.Return, error) {
	c.fill(cmd.Envelope())
	return c.updates.BeginReturn(ctx, orderID, cmd)
}

// CommandReturn gives a command to a return and waits until what it did is durable. An empty command ID is filled in,
// so that the caller can repeat the very same command. The return is as it is now.
func (c *Commands) CommandReturn(
	ctx context.Context, id fulfillment.ID, cmd returns.Command,
) (returns.Result, *returns.Return, error) {
	c.fill(cmd.Envelope())
	return c.updates.CommandReturn(ctx, id, cmd)
}
