package operation

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// deliverTimeout is how long whoever changes a webhook subscription waits until its workflow has heard of it. One that
// has not hears of it from the database, or is started by a worker, a little later.
const deliverTimeout = 2 * time.Second

// Deliver has the webhooks of a subscription delivered: its workflow is started, or told that something has changed.
// The error is a [*temporalio.OccupiedError] when that is somebody else's workflow, which does nothing with it.
func (c *Commands) Deliver(ctx context.Context, id fulfillment.ID) error {
	_, err := c.temporal.SignalWithStartWorkflow(
		ctx, temporalio.WebhookSubscriptionID(id), temporalio.ChangedSignal, nil,
		client.StartWorkflowOptions{TaskQueue: temporalio.TaskQueue, StaticSummary: "webhooks"},
		temporalio.WebhookSubscriptionType,
	)
	if err != nil {
		return fmt.Errorf("have webhook subscription %d delivered: %w", id, err)
	}
	return c.updates.Occupied(ctx, temporalio.WebhookSubscriptionID(id))
}

// Call has a fulfillment service called back: its workflow is started, or told that something has changed.
// The error is as that of [Commands.Deliver].
func (c *Commands) Call(ctx context.Context, id fulfillment.ID) error {
	_, err := c.temporal.SignalWithStartWorkflow(
		ctx, temporalio.ServiceCallbacksID(id), temporalio.ChangedSignal, nil,
		client.StartWorkflowOptions{TaskQueue: temporalio.TaskQueue, StaticSummary: "callbacks"},
		temporalio.ServiceCallbacksType,
	)
	if err != nil {
		return fmt.Errorf("have fulfillment service %d called: %w", id, err)
	}
	return c.updates.Occupied(ctx, temporalio.ServiceCallbacksID(id))
}

// ServiceChanged has a fulfillment service called that was added or changed. What it can't pass on is not the caller's
// business: a worker looks for services that nobody calls.
func (c *Commands) ServiceChanged(ctx context.Context, id fulfillment.ID) {
	ctx, cancel := context.WithTimeout(ctx, deliverTimeout)
	defer cancel()
	if err := c.Call(ctx, id); err != nil {
		slog.DebugContext(ctx, "A fulfillment service is called a little later.", "error", err)
	}
}

// Changed is that of [Delivery].
func (c *Commands) Changed(ctx context.Context, id fulfillment.ID) {
	ctx, cancel := context.WithTimeout(ctx, deliverTimeout)
	defer cancel()
	if err := c.Deliver(ctx, id); err != nil {
		slog.DebugContext(ctx, "A webhook subscription starts a little later.", "error", err)
	}
}
