package workflows

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// takeUpdates registers the update by which an order is corrected. A misspelt field is refused, and not lost.
func (d *orderDesk) takeUpdates(ctx workflow.Context) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, temporalio.UpdateOrderUpdate, d.update,
		workflow.UpdateHandlerOptions{Validator: func(ctx workflow.Context, body converter.RawValue) error {
			cmd, err := fulfillment.DecodeUpdateOrder(dataOf(body))
			if err != nil {
				return refusalOf(err)
			}
			return elsewhere(ctx, cmd.OrderID)
		}})
}

// update corrects an order. The fulfillment orders that hear of another address are reserved, by ID; one transaction
// commits what becomes of the order and of all of them; then each goes on from there, as with any joint command.
func (d *orderDesk) update(ctx workflow.Context, body converter.RawValue) (fulfillment.OrderUpdated, error) {
	cmd, err := fulfillment.DecodeUpdateOrder(dataOf(body))
	if err != nil { // It was taken before there was a rule against it.
		err = json.Unmarshal(dataOf(body), &cmd)
	}
	if err != nil {
		return fulfillment.OrderUpdated{}, refusalOf(&fulfillment.Error{
			Code: fulfillment.CodeInvalid, Message: "The input can't be read.",
		})
	}
	by := reservationName(ctx, fulfillment.VerbUpdateOrder)
	ctx = goingOn(ctx)
	if err := d.enter(ctx, temporalio.UpdateOrderUpdate); err != nil {
		return fulfillment.OrderUpdated{}, err
	}
	defer d.leave(ctx)
	d.fill(ctx, &cmd.Meta)
	cmd.OrderID = d.id
	for try := 1; ; try++ {
		in := activities.UpdateOrderInput{Command: cmd, Now: workflow.Now(ctx).UTC()}
		var plan activities.PlannedUpdate
		if err := local(ctx, "plan the update", activity.PlanUpdate, in, &plan); err != nil {
			return fulfillment.OrderUpdated{}, err
		}
		if plan.Done {
			return *plan.Answer, nil
		}
		r := activities.ReservationInput{FulfillmentOrderIDs: plan.Participants, By: fmt.Sprintf("%s/%d", by, try)}
		if err := askAll(ctx, "reserve", activity.Reserve, r, &in.Reservations); err != nil {
			return fulfillment.OrderUpdated{}, d.abort(ctx, r, err)
		}
		in.Now, in.Reserved = workflow.Now(ctx).UTC(), plan.Participants
		var done fulfillment.OrderUpdated
		err := local(ctx, "commit the update", activity.UpdateOrder, in, &done)
		switch {
		case isStale(err):
			if err := d.abort(ctx, r, nil); err != nil {
				return fulfillment.OrderUpdated{}, err
			}
			if err := workflow.Sleep(ctx, pauseBefore(try)); err != nil {
				return fulfillment.OrderUpdated{}, err
			}
			continue
		case err != nil:
			return fulfillment.OrderUpdated{}, d.abort(ctx, r, err)
		}
		return done, askAll(ctx, "apply", activity.Apply, r, nil)
	}
}
