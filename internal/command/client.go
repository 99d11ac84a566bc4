// Package command sends commands to the workflows that own orders and fulfillment orders, once: each command has an
// ID, is sent again with the same ID until there is an answer, and every outcome becomes a domain answer or a domain
// refusal ([*fulfillment.Error]).
package command

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

// Options sets a [Client] up. The zero value is ready.
type Options struct {
	// Timeout is how long a command waits for its answer before it comes back as [fulfillment.CodeUnavailable]; the
	// command may still be carried out. Zero waits as long as the caller's context.
	Timeout time.Duration
	// Waiting is called before each repetition with what stands in the way; nil: nobody is told.
	Waiting func(err error)
}

// Client sends commands. It is safe for concurrent use.
type Client struct {
	temporal client.Client
	store    *postgres.Store
	options  Options
	minter   fulfillment.Minter
	lanes    lanes
}

// New is a client on a connection to Temporal and the store.
func New(temporal client.Client, store *postgres.Store, options Options) *Client {
	return &Client{temporal: temporal, store: store, options: options}
}

const (
	attemptTimeout = 20 * time.Second // of one try; the next one asks for the same update
	firstPause     = 50 * time.Millisecond
	longestPause   = 2 * time.Second
)

// Send gives a command to a fulfillment order and waits until what it did is durable. An empty command ID and empty
// first ID are filled in, so that the caller can repeat the very same command.
func (c *Client) Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	c.fill(cmd.Envelope())
	if orderID, ok := c.needsSiblings(ctx, id, cmd); ok {
		results, err := c.Joint(ctx, orderID, &fulfillment.Alone{FulfillmentOrderID: id, Command: cmd})
		if err != nil {
			return fulfillment.Result{}, err
		}
		return results[0], nil
	}
	leave, err := c.lanes.enter(ctx, temporalio.FulfillmentOrderID(id))
	if err != nil {
		return fulfillment.Result{}, err
	}
	defer leave()
	updateID := updateIDOf(cmd.Envelope(), fulfillment.Fingerprint(cmd))
	result, err := c.send(ctx, id, cmd, updateID)
	for again := 0; isRefusal(err); again++ {
		version, answer, ok := c.standing(ctx, id, cmd, err)
		if ok {
			return answer.Result, answer.err
		}
		if again == 2 || !isOutdated(err, version) {
			break
		}
		if again == 1 { // It is not only that the server repeats what was refused before: the workflow is behind.
			if refreshErr := c.Refresh(ctx, id); refreshErr != nil {
				break
			}
		}
		result, err = c.send(ctx, id, cmd, fmt.Sprintf("%s@%d.%d", updateID, version, again))
	}
	return result, err
}

// send sends a command as the update of this ID until there is an answer.
func (c *Client) send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command, updateID string) (fulfillment.Result, error) {
	var result fulfillment.Result
	err := c.persist(ctx, cmd.Envelope().CommandID, func(ctx context.Context) error {
		return c.updateOrRestart(ctx, id, client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: string(cmd.Verb()),
			Args: []any{cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
		}, &result)
	})
	return result, err
}

// updateIDOf names one very request. The server takes a repeated update ID for a repeated request, without looking at the
// body, and may note the one body and do the other. A command ID that comes with another body, be it only other new IDs,
// must reach the workflow, which refuses it or answers as the first time.
func updateIDOf(meta *fulfillment.Meta, fingerprint string) string {
	return meta.CommandID + "#" + fingerprint + "#" + strconv.FormatInt(int64(meta.FirstID), 36)
}

// isRefusal tells a refusal that may be out of date from other ends.
func isRefusal(err error) bool {
	refused, ok := fulfillment.AsError(err)
	return ok && !refused.Retryable() && refused.Code != fulfillment.CodeIdempotencyConflict
}

// isOutdated tells that a refusal was decided before the store had this version: the server repeats it for an update ID
// that it has seen, or the workflow does not know yet what a task that was lost has committed.
func isOutdated(refusal error, version int64) bool {
	refused, ok := fulfillment.AsError(refusal)
	return ok && refused.Sequence != 0 && refused.Sequence < version
}

// needsSiblings spares a fulfillment order the way to its order: what must be decided with the siblings goes there at
// once. If the store can't tell, the fulfillment order does.
func (c *Client) needsSiblings(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.ID, bool) {
	switch cmd.(type) {
	case *fulfillment.Move, *fulfillment.ReleaseHold, *fulfillment.AcceptCancellationRequest, *fulfillment.CancelFulfillment:
		fo, err := c.store.Load(ctx, id)
		if err == nil && fo.NeedsSiblings(cmd) {
			return fo.OrderID, true
		}
	}
	return 0, false
}

// settled is the answer to a command that was given long ago.
type settled struct {
	fulfillment.Result
	err error
}

// standing looks where the fulfillment order of a refused command stands, and whether the command was answered long ago:
// a fulfillment order remembers its last answers, the store all of them. A store that can't tell lets the refusal stand;
// it is also what an unknown answer would lead to.
func (c *Client) standing(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command, refused error) (version int64, answer settled, ok bool) {
	version, answered, err := c.store.Standing(ctx, id, cmd.Envelope().CommandID)
	switch {
	case err != nil:
		return 0, settled{err: refused}, true
	case answered == nil:
		return version, settled{}, false
	case answered.Fingerprint != fulfillment.Fingerprint(cmd):
		return version, settled{err: fulfillment.IdempotencyConflict()}, true
	}
	return version, settled{Result: answered.Result}, true
}

// restart is how a closed fulfillment order's workflow starts again; there must be a snapshot to start from.
func (c *Client) restart(ctx context.Context, id fulfillment.ID) (client.WithStartWorkflowOperation, error) {
	fo, err := c.store.Load(ctx, id)
	if errors.Is(err, postgres.ErrNotFound) {
		return nil, &fulfillment.Error{Code: fulfillment.CodeNotFound, Field: []string{"id"}, Message: "Fulfillment order does not exist."}
	}
	if err != nil {
		return nil, err
	}
	options := temporalio.StartOptions(fo)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	return c.temporal.NewWithStartWorkflowOperation(options, temporalio.FulfillmentOrderType, temporalio.FulfillmentOrderInput{ID: id}), nil
}

// Start starts the workflow of a fulfillment order that is in the store. One that has been started before is as good,
// and so is one that has ended since.
func (c *Client) Start(ctx context.Context, fo *fulfillment.FulfillmentOrder) error {
	options := temporalio.StartOptions(fo)
	options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
	_, err := c.temporal.ExecuteWorkflow(ctx, options, temporalio.FulfillmentOrderType, temporalio.FulfillmentOrderInput{ID: fo.ID})
	return err
}

// updateOrRestart sends one update to a fulfillment order and waits for its result. A closed workflow starts again.
func (c *Client) updateOrRestart(ctx context.Context, id fulfillment.ID, update client.UpdateWorkflowOptions, result any) error {
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

// update sends one update and waits for its result; with start, it starts the workflow if that is closed.
func (c *Client) update(ctx context.Context, update client.UpdateWorkflowOptions, start client.WithStartWorkflowOperation, result any) error {
	var handle client.WorkflowUpdateHandle
	var err error
	if start == nil {
		handle, err = c.temporal.UpdateWorkflow(ctx, update)
	} else {
		handle, err = c.temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: start, UpdateOptions: update})
	}
	if err != nil {
		return err
	}
	return handle.Get(ctx, result)
}

func (c *Client) fill(meta *fulfillment.Meta) {
	if meta.CommandID == "" {
		meta.CommandID = uuid.NewString()
	}
	if meta.FirstID == 0 {
		meta.FirstID = c.minter.Mint()
	}
}

// persist tries until there is an answer, the time is up, or the caller gives up.
func (c *Client) persist(ctx context.Context, commandID string, try func(context.Context) error) error {
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
				"There is no answer yet (%v). The command may still be carried out: send it again with the command ID %s to learn what became of it.", last, commandID)}
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
	return !errors.As(err, &invalid) && !errors.As(err, &denied) && !errors.As(err, &namespace) && !errors.Is(err, context.Canceled)
}
