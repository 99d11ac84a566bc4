package operation

import (
	"context"
	"errors"

	"packhorse/internal/fulfillment"
)

// SendToOwner gives a command on a shipment to the fulfillment order that owns the shipment. A shipment that the caller
// may not see is not found, whatever it may do with others.
func (o FulfillmentOrders) SendToOwner(
	ctx context.Context, cmd fulfillment.ShipmentCommand,
) (fulfillment.Result, error) {
	name := names[cmd.Verb()]
	if err := mayCall(ctx, name); err != nil {
		return fulfillment.Result{}, err
	}
	owner, _, err := o.Store.Fulfillment(ctx, cmd.Shipment())
	if errors.Is(err, fulfillment.ErrNotFound) || err == nil && !caller(ctx).Knows(name, owner.AssignedLocation) {
		return fulfillment.Result{}, cmd.Unknown()
	}
	if err != nil {
		return fulfillment.Result{}, err
	}
	if err := mayCallAt(ctx, name, owner.AssignedLocation); err != nil {
		return fulfillment.Result{}, err
	}
	return o.send(ctx, owner, cmd)
}
