package update

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// DeleteService has a fulfillment service deleted, and waits until it is. The command's ID must be there. Sent again
// under it, a deletion that is under way goes on, and one that is done is answered as the first time. When the time is
// over, the deletion goes on by itself.
func (c *Client) DeleteService(ctx context.Context, cmd temporalio.DeleteService) error {
	workflowID := temporalio.ServiceDeletionID(cmd.ID)
	updateID := fmt.Sprintf("%s#%s#%d", cmd.CommandID, cmd.InventoryAction, cmd.DestinationLocationID)
	send := func(ctx context.Context, updateID string) (none struct{}, err error) {
		start := c.temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: workflowID, TaskQueue: temporalio.TaskQueue,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		}, temporalio.ServiceDeletionType)
		return none, c.update(ctx, client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: workflowID, UpdateName: temporalio.DeleteServiceUpdate,
			Args: []any{cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
		}, start, nil)
	}
	gone := func(ctx context.Context, _ struct{}) (bool, error) {
		there, err := c.store.ServicesByID(ctx, []fulfillment.ID{cmd.ID})
		return err == nil && there[0] == nil, err
	}
	_, err := ask(ctx, c, question[struct{}]{
		commandID: cmd.CommandID, workflowID: workflowID, try: untilItStands(updateID, send, gone),
	})
	return err
}
