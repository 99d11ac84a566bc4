package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/routing"
)

// EditOrderInput is an order edit with everything decided that must not change on a retry.
type EditOrderInput struct {
	Command fulfillment.EditOrder `json:"command"`
	Now     time.Time             `json:"now"`
}

// PlannedEdit is which fulfillment orders must give up how many units.
type PlannedEdit struct {
	Lower []CancelUnitsInput `json:"lower,omitempty"`
}

// PlanEdit decides where lowered quantities come from, or refuses the whole edit. It changes nothing, and plans nothing
// for an edit that was carried out before.
func (a *Activities) PlanEdit(ctx context.Context, in EditOrderInput) (PlannedEdit, error) {
	if _, done, err := a.editDone(ctx, in.Command); done || err != nil {
		return PlannedEdit{}, asApplicationError(err)
	}
	order, plan, _, err := a.planEdit(ctx, in)
	if err == nil && len(plan.Routed()) > 0 { // Lines that nobody can ship are refused before any unit is given up.
		_, _, err = a.routeAdded(ctx, order, plan, in.Now)
	}
	if err != nil {
		return PlannedEdit{}, asApplicationError(err)
	}
	var planned PlannedEdit
	for _, cancel := range plan.Cancel {
		units := fulfillment.CancelUnits{LineItems: cancel.LineItems, Reason: "order edit"}
		units.Meta = fulfillment.Meta{
			CommandID: in.Command.CommandID + "/" + cancel.FulfillmentOrderID.String(), Actor: in.Command.Actor,
		}
		planned.Lower = append(
			planned.Lower, CancelUnitsInput{FulfillmentOrderID: cancel.FulfillmentOrderID, Command: units},
		)
	}
	return planned, nil
}

// EditOrder commits an edit whose lowered quantities have been given up: the order's lines, and new fulfillment
// orders for added ones and raised quantities. What an earlier try has committed stays as it is.
func (a *Activities) EditOrder(ctx context.Context, in EditOrderInput) (OrderCreated, error) {
	if created, done, err := a.editDone(ctx, in.Command); done || err != nil {
		return created, asApplicationError(err)
	}
	order, plan, ids, err := a.planEdit(ctx, in)
	if err != nil {
		return OrderCreated{}, asApplicationError(err)
	}
	if len(plan.Cancel) > 0 { // It had given them up, and was set back since.
		return OrderCreated{}, asApplicationError(unsettled("Fulfillment order " +
			plan.Cancel[0].FulfillmentOrderID.String() + " has units again that the edit takes away."))
	}
	edit := fulfillment.OrderEdit{
		OrderID: in.Command.OrderID, CommandID: in.Command.CommandID, At: in.Now, Actor: in.Command.Actor,
		Add: plan.Add, SetQuantities: in.Command.SetQuantities,
	}
	for _, l := range plan.Raise {
		edit.Raised = append(edit.Raised, fulfillment.Quantity{ID: l.ID, Quantity: l.Quantity})
	}
	if len(plan.Routed()) > 0 {
		added, assignments, err := a.routeAdded(ctx, order, plan, in.Now)
		if err != nil {
			return OrderCreated{}, asApplicationError(err)
		}
		edit.FulfillmentOrders, edit.Transitions, err = fulfillment.NewFulfillmentOrders(
			added, assignments, fulfillment.Env{Now: in.Now, IDs: ids},
		)
		if err != nil {
			return OrderCreated{}, asApplicationError(err)
		}
	}
	if err := a.Store.EditOrder(ctx, edit); err != nil {
		return OrderCreated{}, asApplicationError(err)
	}
	return OrderCreated{FulfillmentOrders: edit.FulfillmentOrders}, nil
}

// editDone finds what an earlier sending of the same edit has committed; done is false when there is none.
func (a *Activities) editDone(
	ctx context.Context, cmd fulfillment.EditOrder,
) (created OrderCreated, done bool, err error) {
	edit, err := a.Store.EditBy(ctx, cmd.OrderID, cmd.CommandID)
	switch {
	case errors.Is(err, fulfillment.ErrNotFound):
		return created, false, nil
	case errors.Is(err, fulfillment.ErrStale):
		return created, false, fulfillment.IdempotencyConflict()
	case err != nil:
		return created, false, err
	case !edit.IsEdit(cmd):
		return created, false, fulfillment.IdempotencyConflict()
	}
	stored, err := a.Store.FulfillmentOrdersOf(ctx, cmd.OrderID)
	if err != nil {
		return created, false, err
	}
	for _, fo := range stored {
		if slices.Contains(edit.Made, fo.ID) {
			created.FulfillmentOrders = append(created.FulfillmentOrders, fo)
		}
	}
	return created, true, nil
}

// routeAdded finds out where the units that an edit adds are shipped from.
func (a *Activities) routeAdded(
	ctx context.Context, order *fulfillment.Order, plan fulfillment.EditPlan, now time.Time,
) (*fulfillment.Order, []fulfillment.Assignment, error) {
	added := order.With(plan.Routed())
	locations, err := a.Store.StockedLocations(ctx, skusOf(added))
	if err != nil {
		return nil, nil, err
	}
	assignments, err := routing.Route(added, locations, now)
	return added, assignments, err
}

func (a *Activities) planEdit(ctx context.Context, in EditOrderInput) (
	*fulfillment.Order, fulfillment.EditPlan, *fulfillment.IDs, error,
) {
	record, err := a.Store.Order(ctx, in.Command.OrderID)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil, fulfillment.EditPlan{}, nil, fulfillment.OrderNotFound("orderId")
	}
	if err != nil {
		return nil, fulfillment.EditPlan{}, nil, err
	}
	fos, err := a.Store.FulfillmentOrdersOf(ctx, in.Command.OrderID)
	if err != nil {
		return nil, fulfillment.EditPlan{}, nil, err
	}
	ids := fulfillment.NewIDs(in.Command.FirstID)
	view := fulfillment.ViewOrder(record.CancelledAt != nil, fos)
	plan, err := fulfillment.PlanEdit(view, record.LineItems, fos, in.Command, ids)
	return &record.Order, plan, ids, err
}
