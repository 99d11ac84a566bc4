package update

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

const (
	attemptTimeout = 20 * time.Second // of one try; the next one asks for the same update
	firstPause     = 50 * time.Millisecond
	longestPause   = 2 * time.Second
)

// Persist tries until there is an answer, the time of [Options.Timeout] is up, or the caller gives up. Each try must
// ask for the same; what stands in the way of one and goes away by itself is no answer. The command ID is what people
// are told to send it again with.
func (c *Client) Persist(ctx context.Context, commandID string, try func(context.Context) error) error {
	outer := ctx
	if c.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
	}
	var last error
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		err := try(attempt)
		cancel()
		if err == nil {
			return nil
		}
		if refused, ok := temporalio.Refusal(err); ok && !refused.Retryable() {
			return refused
		}
		if occupied, ok := asOccupied(err); ok { // That doesn't pass by waiting.
			return occupied.Refusal()
		}
		if canceled := new(temporal.CanceledError); errors.As(err, &canceled) {
			return &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: "The workflow was cancelled in " +
				"Temporal before it had carried out this command. Look what became of it, and send it again with " +
				"another command ID than " + commandID + "."}
		}
		if !isPassing(err) {
			return fmt.Errorf("send command %s: %w", commandID, err)
		}
		if ctx.Err() == nil || last == nil {
			last = err
		}
		if ctx.Err() == nil && c.options.Waiting != nil {
			c.options.Waiting(err)
		}
		select {
		case <-ctx.Done():
			if outer.Err() != nil && errors.Is(outer.Err(), context.Canceled) {
				return outer.Err()
			}
			return &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: fmt.Sprintf(
				"There is no answer yet (%v). The command may still be carried out: send it again with the command "+
					"ID %s to learn what became of it.", last, commandID)}
		case <-time.After(pause/2 + rand.N(pause)): // Jitter, so that many callers do not come back at once.
		}
	}
}

// isClosed tells that no run is open for the workflow ID, or that the run ended with the update unanswered.
func isClosed(err error) bool {
	var notFound *serviceerror.NotFound
	if errors.As(err, &notFound) {
		return true
	}
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == "AcceptedUpdateCompletedWorkflow"
}

// isPassing tells an obstacle that goes away by itself from an answer.
func isPassing(err error) bool {
	if refused, ok := temporalio.Refusal(err); ok {
		return refused.Retryable()
	}
	var invalid *serviceerror.InvalidArgument
	var denied *serviceerror.PermissionDenied
	var namespace *serviceerror.NamespaceNotFound
	return !errors.As(err, &invalid) && !errors.As(err, &denied) && !errors.As(err, &namespace) &&
		!errors.Is(err, context.Canceled)
}
