package operation

import (
	"context"
	"errors"

	"packhorse/internal/fulfillment"
)

// FulfillmentOrders is what callers do with fulfillment orders and with their shipments. Both fields are needed.
type FulfillmentOrders struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		Load(ctx context.Context, id fulfillment.ID) (*fulfillment.FulfillmentOrder, error)
		FulfillmentOrdersByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
		Fulfillment(ctx context.Context, id fulfillment.ID) (
			*fulfillment.FulfillmentOrder, *fulfillment.Fulfillment, error,
		)
	}
	// Commands gives commands to the workflows that carry them out: a *Commands.
	Commands interface {
		Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error)
		Joint(ctx context.Context, orderID fulfillment.ID, cmd fulfillment.Joint) ([]fulfillment.Result, error)
	}
}

// Send gives a command to a fulfillment order and waits until what it did is durable. Who asks is filled in; so is the
// command ID, unless it has one.
func (o FulfillmentOrders) Send(
	ctx context.Context, id fulfillment.ID, cmd fulfillment.Command,
) (fulfillment.Result, error) {
	fo, err := o.find(ctx, names[cmd.Verb()], id)
	if err != nil {
		return fulfillment.Result{}, err
	}
	sign(ctx, cmd.Envelope(), fo.AssignedLocation)
	return o.Commands.Send(ctx, fo.ID, cmd)
}

// PrepareForPickup says whether the lines of a fulfillment order can be said to be prepared for pickup. That is all:
// the status stays, and mail to customers is not Packhorse's.
func (o FulfillmentOrders) PrepareForPickup(ctx context.Context, id fulfillment.ID) error {
	fo, err := o.find(ctx, prepareForPickup, id)
	if isMissing(err) {
		fo, err = &fulfillment.FulfillmentOrder{ID: id}, nil // Nothing of it is picked up.
	}
	if err != nil {
		return err
	}
	if refused := fo.PreparedForPickup(); refused != nil {
		return refused
	}
	return nil
}

// find reads a fulfillment order with which the caller may do this.
func (o FulfillmentOrders) find(
	ctx context.Context, name string, id fulfillment.ID,
) (*fulfillment.FulfillmentOrder, error) {
	if err := mayCall(ctx, name); err != nil {
		return nil, err
	}
	if id == 0 {
		return nil, fulfillment.NotFound("id")
	}
	fo, err := o.Store.Load(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil, fulfillment.NotFound("id")
	}
	if err != nil {
		return nil, err
	}
	return fo, mayCallAt(ctx, name, fo.AssignedLocation)
}
