package update

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Command gives a command to a fulfillment order and waits until what it did is durable. The command's ID and its first
// new ID must be there: a command that comes again with both the same is the very same request.
func (c *Client) Command(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	updateID := idOf(cmd.Envelope(), fulfillment.Fingerprint(cmd))
	result, err := c.command(ctx, id, cmd, updateID)
	for again := 0; isRefusal(err); again++ {
		version, answer, ok := c.standing(ctx, id, cmd, err)
		if ok {
			return answer.Result, answer.err
		}
		at := sequenceOf(err)
		if again == 2 || at == 0 || at == version {
			break
		}
		// At first it may only be that the server repeats what was refused before; then the workflow is behind. One
		// that is ahead knows what the store has lost: it was set back.
		if again == 1 || at > version {
			if refreshErr := c.Refresh(ctx, id); refreshErr != nil {
				break
			}
		}
		result, err = c.command(ctx, id, cmd, fmt.Sprintf("%s@%d.%d", updateID, version, again))
	}
	return result, err
}

// command sends a command as the update of this ID until there is an answer that stands.
func (c *Client) command(
	ctx context.Context, id fulfillment.ID, cmd fulfillment.Command, updateID string,
) (fulfillment.Result, error) {
	workflowID := temporalio.FulfillmentOrderID(id)
	send := func(ctx context.Context, updateID string) (result fulfillment.Result, err error) {
		err = c.updateOrRestart(ctx, id, client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: workflowID, UpdateName: string(cmd.Verb()),
			Args: []any{cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
		}, &result)
		return result, err
	}
	stands := func(ctx context.Context, result fulfillment.Result) (bool, error) { return c.stand(ctx, result) }
	return ask(ctx, c, question[fulfillment.Result]{
		commandID: cmd.Envelope().CommandID, workflowID: workflowID, laned: true,
		try: untilItStands(updateID, send, stands),
		book: func(ctx context.Context) (fulfillment.Result, bool, error) {
			_, answered, err := c.store.Standing(ctx, id, cmd.Envelope().CommandID)
			if err != nil || answered == nil {
				return fulfillment.Result{}, false, err
			}
			if fulfillment.IsAgain(cmd, answered.Fingerprint) {
				return answered.Result, true, nil
			}
			fo, err := c.store.Load(ctx, id)
			if err != nil {
				return fulfillment.Result{}, false, err
			}
			return fulfillment.Result{}, true, fo.Conflict(cmd.Envelope().Actor)
		},
	})
}

// checkSame refuses a command whose ID came before with another body.
func checkSame(before, now string) error {
	if before != now {
		return fulfillment.IdempotencyConflict()
	}
	return nil
}

// idOf names one very request. The server takes a repeated update ID for a repeated request, without looking at the
// body, and may note the one body and do the other. A command ID that comes with another body, be it only other new
// IDs, must reach the workflow, which refuses it or answers as the first time.
func idOf(meta *fulfillment.Meta, fingerprint string) string {
	return meta.CommandID + "#" + fingerprint + "#" + strconv.FormatInt(int64(meta.FirstID), 36)
}

// isRefusal tells a refusal that may be out of date from other ends.
func isRefusal(err error) bool {
	refused, ok := fulfillment.AsError(err)
	return ok && refused.Final()
}

// sequenceOf is the version on which a refusal was decided; 0: on none. The server repeats it for an update ID that it
// has seen, or the workflow does not know yet what a task that was lost has committed, or that something is lost.
func sequenceOf(refusal error) int64 {
	if refused, ok := fulfillment.AsError(refusal); ok {
		return refused.Sequence
	}
	return 0
}

// earlier is the answer to a command that was given long ago.
type earlier struct {
	fulfillment.Result
	err error
}

// standing looks where the fulfillment order of a refused command stands, and whether the command was answered long
// ago: a fulfillment order remembers its last answers, the store all of them. A store that can't tell lets the refusal
// stand; it is also what an unknown answer would lead to.
func (c *Client) standing(
	ctx context.Context, id fulfillment.ID, cmd fulfillment.Command, refused error,
) (version int64, answer earlier, ok bool) {
	version, answered, err := c.store.Standing(ctx, id, cmd.Envelope().CommandID)
	switch {
	case errors.Is(err, fulfillment.ErrNotFound): // It may be lost.
		return 0, earlier{}, false
	case err != nil:
		return 0, earlier{err: refused}, true
	case answered == nil:
		return version, earlier{}, false
	case fulfillment.IsAgain(cmd, answered.Fingerprint):
		return version, earlier{Result: answered.Result}, true
	}
	switch fo, err := c.store.Load(ctx, id); {
	case errors.Is(err, fulfillment.ErrNotFound):
		return 0, earlier{}, false
	case err != nil:
		return 0, earlier{err: refused}, true
	default:
		return version, earlier{err: fo.Conflict(cmd.Envelope().Actor)}, true
	}
}
