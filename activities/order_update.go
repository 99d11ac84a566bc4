package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// UpdateOrderInput is an update of an order, with everything decided that must not change on a retry.
type UpdateOrderInput struct {
	Command  fulfillment.UpdateOrder `json:"command"`
	Now      time.Time               `json:"now"`
	Reserved []fulfillment.ID        `json:"reserved,omitempty"` // those that take no other command meanwhile
	Reservations
}

// PlannedUpdate is what an update would do.
type PlannedUpdate struct {
	Participants []fulfillment.ID          `json:"participants,omitempty"` // those that hear of another address, by ID
	Done         bool                      `json:"done,omitempty"`         // it was carried out before, or changes nothing
	Answer       *fulfillment.OrderUpdated `json:"answer,omitempty"`       // when it is done
}

// PlanUpdate decides an update on what the store has, without doing it: a refusal needs nobody to wait.
func (a *Activities) PlanUpdate(ctx context.Context, in UpdateOrderInput) (PlannedUpdate, error) {
	plan, done, err := a.planUpdate(ctx, in)
	if err != nil {
		return PlannedUpdate{}, asApplicationError(err)
	}
	if done {
		return PlannedUpdate{Done: true, Answer: &plan.Answer}, nil
	}
	return PlannedUpdate{Participants: participantsOf(plan)}, nil
}

// UpdateOrder decides an update and commits it: one transaction. It fails with [ErrorStale] if a fulfillment order that
// would hear of it is not reserved, or if the store is not as it was decided on.
func (a *Activities) UpdateOrder(ctx context.Context, in UpdateOrderInput) (fulfillment.OrderUpdated, error) {
	plan, done, err := a.planUpdate(ctx, in)
	if err != nil {
		return fulfillment.OrderUpdated{}, asApplicationError(err)
	}
	if done { // By an earlier try.
		return plan.Answer, nil
	}
	if err := in.check(in.Reserved, participantsOf(plan), plan.Transitions); err != nil {
		return fulfillment.OrderUpdated{}, asApplicationError(err)
	}
	if err := a.Store.UpdateOrder(ctx, plan); err != nil {
		return fulfillment.OrderUpdated{}, asApplicationError(err)
	}
	a.countTransitions(plan.Transitions)
	return plan.Answer, nil
}

// planUpdate decides an update; done tells that there is nothing to write: it was carried out before, or changes
// nothing, which is remembered.
func (a *Activities) planUpdate(
	ctx context.Context, in UpdateOrderInput,
) (plan *fulfillment.OrderUpdatePlan, done bool, err error) {
	answer, of, err := a.Store.UpdateBy(ctx, in.Command.OrderID, in.Command.CommandID)
	switch {
	case err == nil && of != fulfillment.UpdateFingerprint(in.Command):
		return nil, false, fulfillment.IdempotencyConflict()
	case err == nil:
		return &fulfillment.OrderUpdatePlan{Answer: answer}, true, nil
	case !errors.Is(err, fulfillment.ErrNotFound):
		return nil, false, err
	}
	order, err := a.Store.Order(ctx, in.Command.OrderID)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil, false, fulfillment.OrderNotFound("orderId")
	}
	if err != nil {
		return nil, false, err
	}
	fos, err := a.Store.FulfillmentOrdersOf(ctx, in.Command.OrderID)
	if err != nil {
		return nil, false, err
	}
	plan, err = fulfillment.PlanOrderUpdate(order, fos, in.Command, fulfillment.Env{Now: in.Now})
	if err != nil || plan.Changes() {
		return plan, false, err
	}
	return plan, true, a.Store.NoteUnchanged(ctx, fulfillment.OrderUnchanged{
		OrderID: plan.OrderID, CommandID: plan.CommandID, Fingerprint: plan.Fingerprint, At: plan.At,
	})
}

// participantsOf are the fulfillment orders that hear of an update, by ID.
func participantsOf(plan *fulfillment.OrderUpdatePlan) []fulfillment.ID {
	var ids []fulfillment.ID
	for _, fo := range plan.States {
		ids = append(ids, fo.ID)
	}
	slices.Sort(ids)
	return ids
}
