package operation

import (
	"context"

	"github.com/google/uuid"

	"packhorse/internal/temporalio"
)

// DeleteService moves what waits at a fulfillment service to the destination, if there is to be one and all of it can
// move, deletes the service, and waits until that is durable. One that still has fulfillment orders then is not
// deleted: the refusal names some of them. An empty command ID is filled in.
func (c *Commands) DeleteService(ctx context.Context, cmd temporalio.DeleteService) error {
	if cmd.CommandID == "" {
		cmd.CommandID = uuid.NewString()
	}
	return c.updates.DeleteService(ctx, cmd)
}
