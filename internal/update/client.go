// Package update gives updates to the workflows of orders and fulfillment orders, once: an update is sent again with
// the same ID until there is an answer, a workflow that is closed is started again for it, and every outcome becomes a
// domain answer or a domain refusal ([*fulfillment.Error]). Callers who have yet to decide what their command is, and
// where it goes, use package operation, which stands on this one; so do the activities by which workflows command each
// other.
package update

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

// Options sets a [Client] up. The zero value is ready.
type Options struct {
	// Timeout is how long a command waits for its answer before it comes back as [fulfillment.CodeUnavailable]; the
	// command may still be carried out. Zero waits as long as the caller's context.
	Timeout time.Duration
	// Waiting is called with what stands in the way while a command waits for its answer: first after 2 s, then every
	// 5 s. The context is that of the command; nil: nobody is told.
	Waiting func(ctx context.Context, cause error)
	// Repeats is called before each repetition with what stands in the way; nil: nobody is told.
	Repeats func(cause error)
}

// Client gives updates to workflows. It is safe for concurrent use.
type Client struct {
	temporal client.Client
	store    *postgres.Store
	options  Options
	lanes    lanes
}

// New is a client on a connection to Temporal and the store.
func New(temporal client.Client, store *postgres.Store, options Options) *Client {
	return &Client{temporal: temporal, store: store, options: options}
}

// Start starts the workflow of a fulfillment order that is in the store. One that has been started before is as good,
// and so is one that has ended since.
func (c *Client) Start(ctx context.Context, fo *fulfillment.FulfillmentOrder) error {
	options := temporalio.StartOptions(fo)
	// One that failed was lost, and is there again.
	options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	_, err := c.temporal.ExecuteWorkflow(
		ctx, options, temporalio.FulfillmentOrderType, temporalio.FulfillmentOrderInput{ID: fo.ID},
	)
	return err
}

// updateOrRestart sends one update to a fulfillment order and waits for its result. A closed workflow starts again.
func (c *Client) updateOrRestart(
	ctx context.Context, id fulfillment.ID, update client.UpdateWorkflowOptions, result any,
) error {
	err := c.update(ctx, update, nil, result)
	if !isClosed(err) {
		return err
	}
	start, err := c.restart(ctx, id)
	if err != nil {
		return err
	}
	return c.update(ctx, update, start, result)
}

// restart is how a closed fulfillment order's workflow starts again; there must be a snapshot to start from.
func (c *Client) restart(ctx context.Context, id fulfillment.ID) (client.WithStartWorkflowOperation, error) {
	fo, err := c.store.Load(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil, fulfillment.NotFound("id")
	}
	if err != nil {
		return nil, err
	}
	in, err := c.begin(ctx, fo)
	if err != nil {
		return nil, err
	}
	options := temporalio.StartOptions(fo)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	return c.temporal.NewWithStartWorkflowOperation(options, temporalio.FulfillmentOrderType, in), nil
}

// update sends one update and waits for its result; with start, it starts the workflow if that is closed.
func (c *Client) update(
	ctx context.Context, update client.UpdateWorkflowOptions, start client.WithStartWorkflowOperation, result any,
) error {
	return c.unoccupied(ctx, update.WorkflowID, func(ctx context.Context) error {
		return c.updateAnybody(ctx, update, start, result)
	})
}

// updateAnybody is update, whatever the run is that has the workflow's ID.
func (c *Client) updateAnybody(
	ctx context.Context, update client.UpdateWorkflowOptions, start client.WithStartWorkflowOperation, result any,
) error {
	var handle client.WorkflowUpdateHandle
	var err error
	if start == nil {
		handle, err = c.temporal.UpdateWorkflow(ctx, update)
	} else {
		handle, err = c.temporal.UpdateWithStartWorkflow(
			ctx, client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: start, UpdateOptions: update},
		)
	}
	if err != nil {
		return err
	}
	return handle.Get(ctx, result)
}
