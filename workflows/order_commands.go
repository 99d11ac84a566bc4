package workflows

import (
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

func (d *orderDesk) takeCommands(ctx workflow.Context) error {
	d.busy = workflow.NewMutex(ctx)
	if err := workflow.SetQueryHandler(ctx, temporalio.StateQuery, d.state); err != nil {
		return err
	}
	err := takeOrderCommand(ctx, temporalio.CancelOrderUpdate, d.cancel,
		func(cmd fulfillment.CancelOrder) fulfillment.ID { return cmd.OrderID })
	if err != nil {
		return err
	}
	err = takeOrderCommand(ctx, temporalio.EditOrderUpdate, d.edit,
		func(cmd fulfillment.EditOrder) fulfillment.ID { return cmd.OrderID })
	if err != nil {
		return err
	}
	err = takeOrderCommand(ctx, temporalio.CloseOrderUpdate, d.closeOrder,
		func(cmd fulfillment.CloseOrder) fulfillment.ID { return cmd.OrderID })
	if err != nil {
		return err
	}
	err = takeOrderCommand(ctx, temporalio.OpenOrderUpdate, d.openOrder,
		func(cmd fulfillment.OpenOrder) fulfillment.ID { return cmd.OrderID })
	if err != nil {
		return err
	}
	if err := d.takeUpdates(ctx); err != nil {
		return err
	}
	return d.takeJointCommands(ctx)
}

// takeOrderCommand registers an update that is a command on the whole order. It is read as strictly as any other.
func takeOrderCommand[C, R any](
	ctx workflow.Context, update string, carryOut func(workflow.Context, C) (R, error), of func(C) fulfillment.ID,
) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, update,
		func(ctx workflow.Context, body converter.RawValue) (R, error) {
			var cmd C
			if fulfillment.DecodeInto(update, dataOf(body), &cmd, true) != nil {
				// It was taken before there was a rule against it.
				if refused := fulfillment.DecodeInto(update, dataOf(body), &cmd, false); refused != nil {
					var none R
					return none, temporalio.RefusalError(refused)
				}
			}
			return carryOut(ctx, cmd)
		},
		workflow.UpdateHandlerOptions{Validator: func(ctx workflow.Context, body converter.RawValue) error {
			var cmd C
			if refused := fulfillment.DecodeInto(update, dataOf(body), &cmd, true); refused != nil {
				return temporalio.RefusalError(refused)
			}
			if checked, ok := any(&cmd).(interface{ Check() *fulfillment.Error }); ok {
				if refused := checked.Check(); refused != nil {
					return temporalio.RefusalError(refused)
				}
			}
			return elsewhere(ctx, of(cmd))
		}})
}

// elsewhere refuses a command that names another order than that of the workflow that it was sent to; 0 names none.
func elsewhere(ctx workflow.Context, named fulfillment.ID) error {
	workflowID := workflow.GetInfo(ctx).WorkflowExecution.ID
	if named == 0 || temporalio.OrderID(named) == workflowID {
		return nil
	}
	return refusalOf(&fulfillment.Error{
		Code: fulfillment.CodeInvalid, Field: []string{"orderId"},
		Message: "orderId: must be the number in the workflow ID " + workflowID + ", or left out (is " +
			named.String() + ")",
	})
}

// enter waits until the order is taken in and no other command on the whole order is under way. What is to be carried
// out is told to people.
func (d *orderDesk) enter(ctx workflow.Context, command string) error {
	if err := workflow.Await(ctx, func() bool { return d.opened }); err != nil {
		return err
	}
	if err := d.busy.Lock(ctx); err != nil {
		return err
	}
	d.under, d.since = command, stamp(workflow.Now(ctx))
	d.tell("- **" + d.under + "** is being carried out since " + d.since)
	d.show(ctx, d.page)
	return nil
}

// leave ends a command on the whole order.
func (d *orderDesk) leave(ctx workflow.Context) {
	d.told[len(d.told)-1] = "- **" + d.under + "** from " + d.since + " until " + stamp(workflow.Now(ctx))
	d.show(ctx, d.page)
	d.under = ""
	d.busy.Unlock()
}

// cancel asks every fulfillment order of the order to give its units up. Siblings that appear meanwhile are asked
// too. The order counts as cancelled when each has answered and none refused or was shipped meanwhile; otherwise the
// command may be sent again. A repeated one is answered with what became of the first.
func (d *orderDesk) cancel(ctx workflow.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	ctx = goingOn(ctx)
	if err := d.enter(ctx, temporalio.CancelOrderUpdate); err != nil {
		return fulfillment.OrderCancelled{}, err
	}
	defer d.leave(ctx)
	d.fill(ctx, &cmd.Meta)
	cmd.OrderID = d.id
	listed, err := d.list(ctx, cmd.CommandID)
	switch {
	case err != nil:
		return fulfillment.OrderCancelled{}, err
	case listed.Conflicts(cmd):
		return fulfillment.OrderCancelled{}, refusalOf(fulfillment.IdempotencyConflict())
	case listed.CancelledBy != "" && listed.CancelledBy == cmd.CommandID:
		return d.cancelled(listed, nil), nil
	case listed.CancelRefused != nil:
		return fulfillment.OrderCancelled{}, refusalOf(listed.CancelRefused)
	}
	asked := make(map[fulfillment.ID]bool) // Only looked up, never ranged over.
	refusals := make(map[fulfillment.ID]*fulfillment.Error)
	for {
		var sent []workflow.Future
		for _, fo := range listed.FulfillmentOrders {
			if asked[fo.ID] || fo.Status == fulfillment.StatusClosed {
				continue
			}
			asked[fo.ID] = true
			units := fulfillment.CancelUnits{WholeOrder: true, Reason: cmd.Reason}
			units.Meta = fulfillment.Meta{CommandID: fmt.Sprintf("%s/%d", cmd.CommandID, fo.ID), Actor: cmd.Actor}
			sent = append(
				sent, sendCancelUnits(ctx, activities.CancelUnitsInput{FulfillmentOrderID: fo.ID, Command: units}),
			)
		}
		if len(sent) == 0 {
			break
		}
		for _, future := range sent {
			var outcome fulfillment.CancelledFulfillmentOrder
			if err := future.Get(ctx, &outcome); err != nil {
				return fulfillment.OrderCancelled{}, answerOf(err)
			}
			if outcome.Error != nil {
				refusals[outcome.FulfillmentOrderID] = outcome.Error
			}
		}
		if listed, err = d.list(ctx, cmd.CommandID); err != nil {
			return fulfillment.OrderCancelled{}, err
		}
	}
	if listed.CancelRefused != nil { // Somebody shipped meanwhile.
		for _, fo := range listed.FulfillmentOrders {
			if fo.Shipped() {
				refusals[fo.ID] = listed.CancelRefused
			}
		}
	}
	out := d.cancelled(listed, refusals)
	if len(refusals) > 0 {
		return out, nil
	}
	return out, local(
		ctx, "mark the order cancelled", activity.MarkOrderCancelled,
		activities.MarkOrderCancelledInput{Command: cmd, At: workflow.Now(ctx).UTC()}, nil,
	)
}

// cancelled tells of each fulfillment order what the cancellation came to.
func (d *orderDesk) cancelled(
	listed activities.OrderFulfillmentOrders, refusals map[fulfillment.ID]*fulfillment.Error,
) fulfillment.OrderCancelled {
	for _, fo := range listed.FulfillmentOrders {
		d.has(fo.ID)
	}
	return fulfillment.CancelledAll(d.id, listed.FulfillmentOrders, refusals)
}

// edit lowers quantities first, each in the fulfillment order that has the units, then adds lines and raises quantities
// as new fulfillment orders. Everything is checked first; a fulfillment order that refuses all the same, because of
// what happened meanwhile, ends the edit, and what was lowered before stays lowered.
func (d *orderDesk) edit(ctx workflow.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error) {
	ctx = goingOn(ctx)
	if err := d.enter(ctx, temporalio.EditOrderUpdate); err != nil {
		return fulfillment.OrderEdited{}, err
	}
	defer d.leave(ctx)
	d.fill(ctx, &cmd.Meta)
	cmd.OrderID = d.id
	if err := mintFirst(ctx, &cmd.FirstID); err != nil {
		return fulfillment.OrderEdited{}, err
	}
	in := activities.EditOrderInput{Command: cmd, Now: workflow.Now(ctx).UTC()}
	out := fulfillment.OrderEdited{OrderID: d.id}
	var plan activities.PlannedEdit
	if err := local(ctx, "plan the edit", activity.PlanEdit, in, &plan); err != nil {
		return out, err
	}
	for _, lower := range plan.Lower {
		var outcome fulfillment.CancelledFulfillmentOrder
		if err := sendCancelUnits(ctx, lower).Get(ctx, &outcome); err != nil {
			return out, answerOf(err)
		}
		out.Lowered = append(out.Lowered, outcome)
		if outcome.Error != nil {
			return out, refusalOf(outcome.Error)
		}
	}
	var created activities.OrderCreated
	err := local(ctx, "commit the edit", activity.EditOrder, in, &created)
	for isIDTaken(err) { // By a sender that gave IDs of its own.
		if in.Command.FirstID, err = mint(ctx); err == nil {
			err = local(ctx, "commit the edit", activity.EditOrder, in, &created)
		}
	}
	if err != nil {
		return out, err
	}
	for _, fo := range created.FulfillmentOrders {
		out.Added = append(out.Added, fo.ID)
		d.has(fo.ID)
		out.FulfillmentOrderIDs = append(out.FulfillmentOrderIDs, fo.ID)
		out.WorkflowIDs = append(out.WorkflowIDs, temporalio.FulfillmentOrderID(fo.ID))
	}
	return out, startFulfillmentOrders(ctx, created.FulfillmentOrders)
}

func (d *orderDesk) list(ctx workflow.Context, commandID string) (activities.OrderFulfillmentOrders, error) {
	var listed activities.OrderFulfillmentOrders
	err := local(
		ctx, "list the fulfillment orders", activity.ListFulfillmentOrders, several{d.id, commandID}, &listed,
	)
	if isNotFound(err) {
		err = refusalOf(fulfillment.OrderNotFound("orderId"))
	}
	return listed, err
}

// fill gives a command that has no command ID that of its update.
func (d *orderDesk) fill(ctx workflow.Context, meta *fulfillment.Meta) {
	if meta.CommandID == "" {
		meta.CommandID = workflow.GetCurrentUpdateInfo(ctx).ID
	}
}

// sendCancelUnits is a normal activity: it waits for another workflow.
func sendCancelUnits(ctx workflow.Context, in activities.CancelUnitsInput) workflow.Future {
	return workflow.ExecuteActivity(
		waiting(ctx, "cancel units of "+temporalio.FulfillmentOrderID(in.FulfillmentOrderID)), activity.CancelUnits, in,
	)
}
