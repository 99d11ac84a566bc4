package workflows

import (
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// closeOrder puts the order away. Its fulfillment orders have no part in it.
func (d *orderDesk) closeOrder(ctx workflow.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error) {
	ctx = goingOn(ctx)
	if err := d.enter(ctx, temporalio.CloseOrderUpdate); err != nil {
		return fulfillment.OrderClosed{}, err
	}
	defer d.leave(ctx)
	d.fill(ctx, &cmd.Meta)
	cmd.OrderID = d.id
	return closeOrOpen(ctx, activities.CloseOrderInput{Close: &cmd})
}

// openOrder opens the order again.
func (d *orderDesk) openOrder(ctx workflow.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error) {
	ctx = goingOn(ctx)
	if err := d.enter(ctx, temporalio.OpenOrderUpdate); err != nil {
		return fulfillment.OrderClosed{}, err
	}
	defer d.leave(ctx)
	d.fill(ctx, &cmd.Meta)
	cmd.OrderID = d.id
	return closeOrOpen(ctx, activities.CloseOrderInput{Open: &cmd})
}

func closeOrOpen(ctx workflow.Context, in activities.CloseOrderInput) (fulfillment.OrderClosed, error) {
	in.Now = workflow.Now(ctx).UTC()
	var out fulfillment.OrderClosed
	err := local(ctx, "close or open the order", activity.CloseOrder, in, &out)
	return out, err
}
