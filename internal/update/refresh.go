package update

import (
	"context"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Refresh has a fulfillment order look into the store and do what is due, and starts its workflow if that is not
// running. It decides nothing by itself, so to send it once too often is harmless. One that is paused is not waited
// for: the error is a [*temporalio.PausedError].
func (c *Client) Refresh(ctx context.Context, id fulfillment.ID) error {
	update := client.UpdateWorkflowOptions{
		UpdateID: temporalio.RefreshUpdate + "/" + uuid.NewString(), WorkflowID: temporalio.FulfillmentOrderID(id),
		UpdateName: temporalio.RefreshUpdate, WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	_, err := ask(ctx, c, question[struct{}]{
		commandID: update.UpdateID, workflowID: update.WorkflowID, unlessPaused: true,
		try: func(ctx context.Context) (none struct{}, err error) {
			return none, c.updateOrRestart(ctx, id, update, nil)
		},
	})
	return err
}
