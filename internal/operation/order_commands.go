package operation

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

// CreateOrder hands an order over and waits until it is routed and durable. It gets its ID by [IdentifyOrder], and the
// next number if it has no name. The same order again gives what it became the first time; another one under the same
// ID is refused with [fulfillment.CodeOrderExists], which says in what it differs.
func (c *Commands) CreateOrder(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error) {
	IdentifyOrder(&order)
	if order.FirstID == 0 {
		order.FirstID = c.minter.Mint()
	}
	checked := order
	if err := checked.Complete(time.Now().UTC()); err != nil { // A malformed order never reaches Temporal.
		return fulfillment.OrderCreated{}, err
	}
	h := &handover{Commands: c, order: order}
	err := c.updates.Persist(ctx, order.CommandID, temporalio.OrderID(order.ID), h.try)
	return h.created, err
}

// handover is how an order gets to its workflow.
type handover struct {
	*Commands
	order   fulfillment.Order // as its sender gave it: what was left out is for the workflow to fill in
	begun   bool              // an earlier try may have started the workflow, and did not hear of it
	created fulfillment.OrderCreated
}

// try hands the order over once. A run that is open is never joined: it may be that of another order, or of a command
// on the order, whose end says nothing of this one.
func (h *handover) try(ctx context.Context) error {
	if h.order.Name == "" {
		h.number(ctx)
	}
	started, err := h.start(ctx, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY)
	if started || err != nil {
		return h.bySource(ctx, err)
	}
	if err := h.recognise(ctx); !errors.Is(err, fulfillment.ErrNotFound) {
		return err
	}
	if err := h.updates.Occupied(ctx, temporalio.OrderID(h.order.ID)); err != nil {
		return err
	}
	// It is under way, or the last run has ended without it. How it ended is for the store to say.
	_ = h.temporal.GetWorkflow(ctx, temporalio.OrderID(h.order.ID), "").Get(ctx, nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := h.recognise(ctx); !errors.Is(err, fulfillment.ErrNotFound) {
		return err
	}
	started, err = h.start(ctx, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	if !started && err == nil {
		err = &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "The order is being taken in."}
	}
	return err
}

// number takes the next number as the order's name, so that people can tell its run from others from the beginning. If
// the store is away, the workflow takes it later.
func (h *handover) number(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, numberTimeout)
	defer cancel()
	if name, err := h.store.NextOrderName(ctx); err == nil {
		h.order.Name, h.order.Numbered = name, true
	}
}

// numberTimeout is how long an order waits for its number before it is handed over without one.
const numberTimeout = 2 * time.Second

// start starts a run of the order's workflow and waits for its result; false: one is open, or there was one.
func (h *handover) start(ctx context.Context, reuse enumspb.WorkflowIdReusePolicy) (started bool, err error) {
	options := client.StartWorkflowOptions{
		ID: temporalio.OrderID(h.order.ID), TaskQueue: temporalio.TaskQueue,
		WorkflowIDReusePolicy:                    reuse,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            h.order.Name,
	}
	if h.order.Name != "" {
		options.TypedSearchAttributes = temporal.NewSearchAttributes(temporalio.OrderName.ValueSet(h.order.Name))
	}
	run, err := h.temporal.ExecuteWorkflow(ctx, options, temporalio.OrderType, temporalio.OrderInput{Order: h.order})
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return false, nil
	}
	h.begun = true
	if err != nil {
		return true, err
	}
	var out temporalio.OrderOutput
	if err := run.Get(ctx, &out); err != nil {
		return true, err
	}
	for _, id := range out.FulfillmentOrderIDs {
		if !id.InBlock(h.order.FirstID) { // The run found the same order in the store.
			h.begun = false
			return true, h.recognise(ctx)
		}
	}
	if h.order.Name == "" { // The workflow has numbered it.
		return true, h.recognise(ctx)
	}
	h.created = fulfillment.OrderCreated{
		OrderID: h.order.ID, Name: h.order.Name, FulfillmentOrderIDs: out.FulfillmentOrderIDs,
	}
	return true, nil
}

// bySource answers for an order that was refused although it is there, under an ID that its first sender gave it: one
// that names no ID of its own is the one with its source identifier. Else the outcome stays.
func (h *handover) bySource(ctx context.Context, outcome error) error {
	source := h.order.SourceIdentifier
	if _, refused := temporalio.Refusal(outcome); !refused || source == "" ||
		h.order.ID != fulfillment.OrderIDOf(source) {
		return outcome
	}
	page, err := h.store.Orders(ctx, postgres.OrderFilter{SourceIdentifier: source}, postgres.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(page.Items) == 0 || page.Items[0].ID == h.order.ID {
		return outcome
	}
	h.order.ID = page.Items[0].ID
	return h.recognise(ctx)
}

// recognise answers for an order that is in the store: it is this one, or it is refused.
func (h *handover) recognise(ctx context.Context) error {
	name, err := h.store.Recognise(ctx, &h.order, h.order.Content())
	var exists *fulfillment.OrderExistsError
	if errors.As(err, &exists) {
		return exists.Refusal()
	}
	if err != nil {
		return err
	}
	fos, err := h.store.FulfillmentOrdersOf(ctx, h.order.ID)
	if err != nil {
		return err
	}
	h.created = fulfillment.OrderCreated{OrderID: h.order.ID, Name: name, Repeated: true}
	for _, fo := range fos {
		h.created.FulfillmentOrderIDs = append(h.created.FulfillmentOrderIDs, fo.ID)
		if h.begun && fo.ID.InBlock(h.order.FirstID) {
			h.created.Repeated = false
		}
	}
	return nil
}

// CancelOrder cancels each of an order's fulfillment orders, or asks its service to stop, and tells what became of
// each.
func (c *Commands) CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	c.fill(&cmd.Meta)
	return c.updates.CancelOrder(ctx, cmd)
}

// UpdateOrder corrects what an order says of its customer.
func (c *Commands) UpdateOrder(ctx context.Context, cmd fulfillment.UpdateOrder) (fulfillment.OrderUpdated, error) {
	c.fill(&cmd.Meta)
	return c.updates.UpdateOrder(ctx, cmd)
}

// CloseOrder puts an order away.
func (c *Commands) CloseOrder(ctx context.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error) {
	c.fill(&cmd.Meta)
	return c.updates.CloseOrder(ctx, cmd)
}

// OpenOrder opens a closed order again.
func (c *Commands) OpenOrder(ctx context.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error) {
	c.fill(&cmd.Meta)
	return c.updates.OpenOrder(ctx, cmd)
}

// EditOrder adds lines to an order and sets quantities.
func (c *Commands) EditOrder(ctx context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error) {
	c.fill(&cmd.Meta)
	return c.updates.EditOrder(ctx, cmd)
}
