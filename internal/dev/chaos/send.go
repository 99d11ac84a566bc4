package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// insist tries until there is an answer, with the same command ID each time, or patience ends. It notes how the command
// ended, and tells whether it was done.
func (a *actor) insist(s sent, try func(context.Context) error) bool {
	for {
		// Each time, somebody gives up at another moment of the command's way.
		ctx, cancel := context.WithTimeout(a.patience, time.Duration(2000+a.rng.IntN(20000))*time.Millisecond)
		err := try(ctx)
		over := ctx.Err() != nil
		cancel()
		refusal, isRefusal := fulfillment.AsError(err)
		switch {
		case err == nil:
			a.journal.ended(s, done, "")
			a.journal.kept(promiseAnswer, s, "")
			return true
		case isRefusal && !refusal.Retryable():
			a.journal.ended(s, refused, refusal)
			a.journal.kept(promiseAnswer, s, "")
			return false
		case a.patience.Err() != nil:
			a.journal.ended(s, unknown, err)
			return false
		case !isRefusal && !over:
			a.journal.ended(s, unknown, err)
			a.journal.kept(promiseAnswer, s, err.Error())
			return false
		}
		sleep(a.patience, time.Duration(a.rng.IntN(1000))*time.Millisecond)
	}
}

// send sends a command as the API does.
func (a *actor) send(s sent, cmd fulfillment.Command) {
	s.way = "client"
	var result fulfillment.Result
	ok := a.insist(s, func(ctx context.Context) (err error) {
		result, err = a.commands.Send(ctx, s.fulfillmentOrderID, cmd)
		return err
	})
	if ok {
		a.journal.shipped(s, result.FulfillmentID)
		a.verify(s, cmd, result)
	}
}

// verify looks at what a command that was answered has promised.
func (a *actor) verify(s sent, cmd fulfillment.Command, result fulfillment.Result) {
	if chance(a.rng, 0.3) {
		a.read(s, result)
	}
	if chance(a.rng, 0.08) {
		a.repeat(s, cmd, result)
	}
	if chance(a.rng, 0.08) {
		a.reuse(s)
	}
}

// read reads what a command has written. A store that doesn't answer tells nothing.
func (a *actor) read(s sent, result fulfillment.Result) {
	ctx, cancel := context.WithTimeout(a.patience, lookTimeout)
	defer cancel()
	fo, err := a.pool.store.Load(ctx, s.fulfillmentOrderID)
	if err != nil {
		return
	}
	wrong := ""
	if fo.Sequence < result.Sequence {
		wrong = fmt.Sprintf("it was answered with transition %d, the store has %d", result.Sequence, fo.Sequence)
	}
	a.journal.kept(promiseRead, s, wrong)
}

// repeat sends a command once more that was done.
func (a *actor) repeat(s sent, cmd fulfillment.Command, first fulfillment.Result) {
	again, err := a.commands.Send(a.patience, s.fulfillmentOrderID, cmd)
	switch {
	case a.patience.Err() != nil:
	case err != nil:
		a.journal.kept(promiseSame, s, fmt.Sprintf("it was done, then refused: %v", err))
	default:
		a.journal.kept(promiseSame, s, cmp.Diff(first, again))
	}
}

// reuse sends another command with the ID of one that was done.
func (a *actor) reuse(s sent) {
	other := &fulfillment.SetDeadline{
		Meta:      fulfillment.Meta{CommandID: s.id, FirstID: a.minter.Mint()},
		FulfillBy: new(time.Now().AddDate(1, 0, a.sent).UTC()),
	}
	_, err := a.commands.Send(a.patience, s.fulfillmentOrderID, other)
	refusal, ok := fulfillment.AsError(err)
	switch {
	case a.patience.Err() != nil:
	case !ok || refusal.Code != fulfillment.CodeIdempotencyConflict:
		a.journal.kept(promiseConflict, s, fmt.Sprintf("a SetDeadline with the same ID got %v", err))
	default:
		a.journal.kept(promiseConflict, s, "")
	}
}

// twice sends a command two times at once, as a double click does. Both must be answered the same.
func (a *actor) twice(s sent, command fulfillment.Command) {
	s.way = "twice"
	var results [2]fulfillment.Result
	var errs [2]error
	var both sync.WaitGroup
	for i := range results {
		both.Go(func() {
			results[i], errs[i] = a.commands.Send(a.patience, s.fulfillmentOrderID, command)
		})
	}
	both.Wait()
	i := 0
	if errs[0] != nil {
		i = 1 // Refused in one state, done in the next: it counts as done.
	}
	if errs[0] == nil && errs[1] == nil {
		a.journal.kept(promiseSame, s, cmp.Diff(results[0], results[1]))
	}
	if a.insist(s, func(context.Context) error { return errs[i] }) {
		a.journal.shipped(s, results[i].FulfillmentID)
	}
}

// glance sends a command and is gone before the answer, for good or only for a moment.
func (a *actor) glance(s sent, cmd fulfillment.Command) {
	s.way = "glance"
	ctx, cancel := context.WithTimeout(a.patience, time.Duration(10+a.rng.IntN(300))*time.Millisecond)
	_, err := a.commands.Send(ctx, s.fulfillmentOrderID, cmd)
	cancel()
	if refusal, ok := fulfillment.AsError(err); (!ok || refusal.Retryable()) && err != nil && chance(a.rng, 0.4) {
		a.journal.ended(s, unknown, "left")
		return
	}
	a.send(s, cmd)
}

// update sends a command as any Temporal client could: its ID is the update's, and what it leaves out is filled in.
func (a *actor) update(s sent, cmd fulfillment.Command) {
	s.way = "update"
	if chance(a.rng, 0.5) {
		cmd.Envelope().CommandID, cmd.Envelope().FirstID = "", 0
	}
	var result fulfillment.Result
	ok := a.insist(s, func(ctx context.Context) error {
		handle, err := a.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			UpdateID: s.id, WorkflowID: temporalio.FulfillmentOrderID(s.fulfillmentOrderID), UpdateName: s.verb,
			Args: []any{cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = handle.Get(ctx, &result)
		}
		if closed(err) { // Only the client knows how to wake a fulfillment order that is closed.
			cmd.Envelope().CommandID = s.id
			result, err = a.commands.Send(ctx, s.fulfillmentOrderID, cmd)
			return err
		}
		return answer(err)
	})
	if ok {
		a.journal.shipped(s, result.FulfillmentID)
		cmd.Envelope().CommandID = s.id
		a.verify(s, cmd, result)
	}
}

// signal sends a command to which nobody answers. What became of it is looked up when all is over.
func (a *actor) signal(s sent, cmd fulfillment.Command) {
	s.way = "signal"
	cmd.Envelope().Actor.Name = s.id // By it a refused one is found, whatever version refused it.
	for {
		ctx, cancel := context.WithTimeout(a.patience, 10*time.Second)
		err := a.temporal.SignalWorkflow(ctx, temporalio.FulfillmentOrderID(s.fulfillmentOrderID), "", s.verb, cmd)
		cancel()
		switch {
		case err == nil:
			a.journal.signalled(s)
			return
		case closed(err):
			a.journal.ended(s, refused, "closed")
			return
		case a.patience.Err() != nil:
			a.journal.ended(s, unknown, err)
			return
		}
		sleep(a.patience, 500*time.Millisecond)
	}
}

// closed tells that a workflow has ended, before the command or with it.
func closed(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, new(*serviceerror.NotFound)) || errors.As(err, &app) &&
		app.Type() == "AcceptedUpdateCompletedWorkflow"
}

// answer turns an error of a Temporal client into a refusal, if it is one. Anything else is tried again.
func answer(err error) error {
	if err == nil {
		return nil
	}
	if refusal, ok := temporalio.Refusal(err); ok {
		return refusal
	}
	return &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: err.Error()}
}
