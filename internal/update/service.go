package update

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/temporalio"
)

// DeleteService has a fulfillment service deleted, and waits until it is. The command's ID must be there. Sent again
// under it, a deletion that is under way goes on, and one that is done is answered as the first time. When the time is
// over, the deletion goes on by itself.
func (c *Client) DeleteService(ctx context.Context, cmd temporalio.DeleteService) error {
	workflowID := temporalio.ServiceDeletionID(cmd.ID)
	updateID := fmt.Sprintf("%s#%s#%d", cmd.CommandID, cmd.InventoryAction, cmd.DestinationLocationID)
	return c.Persist(ctx, cmd.CommandID, workflowID, func(ctx context.Context) error {
		start := c.temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: workflowID, TaskQueue: temporalio.TaskQueue,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		}, temporalio.ServiceDeletionType)
		return c.update(ctx, client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: workflowID, UpdateName: temporalio.DeleteServiceUpdate,
			Args: []any{cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
		}, start, nil)
	})
}
