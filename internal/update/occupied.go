package update

import (
	"context"
	"errors"
	"time"

	"packhorse/internal/temporalio"
)

const (
	// occupiedDelay is how long an update may take before it is looked who sits on the workflow's ID.
	occupiedDelay = 2 * time.Second
	// occupiedTimeout bounds that look.
	occupiedTimeout = 5 * time.Second
)

// Occupied is an *[temporalio.OccupiedError] if the workflow's ID is taken by a run that is none of ours; nil: it is
// not, or nobody can say.
func (c *Client) Occupied(ctx context.Context, workflowID string) error {
	// It is asked why there was no answer when the time for one may be over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), occupiedTimeout)
	defer cancel()
	described, err := c.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return nil
	}
	if found := temporalio.Occupied(described); found != nil {
		return found
	}
	return nil
}

// unoccupied does something with a workflow. When that lasts, or fails in a way that passes, it may be because of a run
// that is none of ours, which knows nothing of our updates or has no worker: then the error names that.
func (c *Client) unoccupied(ctx context.Context, workflowID string, do func(context.Context) error) error {
	attempt, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	look := time.AfterFunc(occupiedDelay, func() {
		if found := c.Occupied(ctx, workflowID); found != nil {
			cancel(found)
		}
	})
	defer look.Stop()
	err := do(attempt)
	if err == nil {
		return nil
	}
	if found, ok := errors.AsType[*temporalio.OccupiedError](context.Cause(attempt)); ok {
		return found
	}
	if isClosed(err) || !isPassing(err) {
		return err
	}
	if found := c.Occupied(ctx, workflowID); found != nil {
		return found
	}
	return err
}
