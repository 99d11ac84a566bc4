package operation

import (
	"context"
	"errors"

	"packhorse/internal/fulfillment"
)

// SendToOwner gives a command on a shipment to the fulfillment order that owns the shipment.
func (o FulfillmentOrders) SendToOwner(
	ctx context.Context, cmd fulfillment.ShipmentCommand,
) (fulfillment.Result, error) {
	if err := mayCall(ctx, names[cmd.Verb()]); err != nil {
		return fulfillment.Result{}, err
	}
	owner, _, err := o.Store.Fulfillment(ctx, cmd.Shipment())
	if errors.Is(err, fulfillment.ErrNotFound) {
		return fulfillment.Result{}, cmd.Unknown()
	}
	if err != nil {
		return fulfillment.Result{}, err
	}
	return o.Send(ctx, owner.ID, cmd)
}
