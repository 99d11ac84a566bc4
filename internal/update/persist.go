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

// question is what somebody asks of a workflow, until there is an answer. Each try must ask for the same.
type question[R any] struct {
	commandID  string // what people are told to send it again with
	workflowID string
	laned      bool // it waits for a place in the workflow's lane
	try        func(ctx context.Context) (R, error)
	// book looks whether the store has the answer already: that of a command which was given long ago, or whose
	// workflow can't tell now. A refusal is an answer, too, and any other error says nothing. nil: it never has.
	book func(ctx context.Context) (answer R, there bool, err error)
	// unlessPaused gives up when the workflow is paused, with a [*temporalio.PausedError].
	unlessPaused bool
}

// Persist tries until there is an answer, the time of [Options.Timeout] is up, or the caller gives up. Each try must
// ask the workflow for the same; what stands in the way of one and goes away by itself is no answer. The command ID is
// what people are told to send it again with.
func (c *Client) Persist(
	ctx context.Context, commandID, workflowID string, try func(context.Context) error,
) error {
	_, err := ask(ctx, c, question[struct{}]{commandID: commandID, workflowID: workflowID, try: func(
		ctx context.Context,
	) (none struct{}, err error) {
		return none, try(ctx)
	}})
	return err
}

// ask is Persist for an answer that the store may have, too. Where that is so, nobody has to be there but the store.
func ask[R any](ctx context.Context, c *Client, q question[R]) (R, error) {
	asked := ctx
	if c.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
	}
	w := startWait(ctx, c, q)
	answer, err := w.persist()
	w.end()
	switch {
	case w.found != nil && err != nil:
		return w.found.answer, w.found.err
	case errors.Is(err, errNoAnswer) && errors.Is(asked.Err(), context.Canceled):
		return answer, asked.Err()
	case errors.Is(err, errNoAnswer):
		return answer, unanswered(q.commandID, w.why())
	}
	return answer, err
}

// errNoAnswer ends tries that came to nothing in their time.
var errNoAnswer = errors.New("there is no answer yet")

// persist tries until its context ends.
func (w *wait[R]) persist() (answer R, err error) {
	if w.laned {
		leave, err := w.client.lanes.enter(w.ctx, w.workflowID)
		if err != nil {
			return answer, errNoAnswer
		}
		defer leave()
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		attempt, cancel := context.WithTimeout(w.ctx, attemptTimeout)
		answer, err = w.try(attempt)
		cancel()
		if err == nil {
			return answer, nil
		}
		if refused, ok := temporalio.Refusal(err); ok && !refused.Retryable() {
			return answer, refused
		}
		if occupied, ok := errors.AsType[*temporalio.OccupiedError](err); ok { // That doesn't pass by waiting.
			return answer, &Unanswered{Refused: occupied.Refusal(), Cause: occupied}
		}
		if canceled := new(temporal.CanceledError); errors.As(err, &canceled) {
			return answer, &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: "The workflow was " +
				"cancelled in Temporal before it had carried out this command. Look what became of it, and send it " +
				"again with another command ID than " + w.commandID + "."}
		}
		if !isPassing(err) {
			return answer, fmt.Errorf("send command %s: %w", w.commandID, err)
		}
		w.failed(err)
		if paused := w.paused(); paused != nil && w.unlessPaused {
			return answer, paused
		}
		select {
		case <-w.ctx.Done():
			return answer, errNoAnswer
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
