package operation

import (
	"context"
	"errors"
	"slices"

	"packhorse/internal/carrier"
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
	return o.send(ctx, fo, cmd)
}

// send gives a command to a fulfillment order with which the caller may do this.
func (o FulfillmentOrders) send(
	ctx context.Context, fo *fulfillment.FulfillmentOrder, cmd fulfillment.Command,
) (fulfillment.Result, error) {
	sign(ctx, cmd.Envelope(), fo.AssignedLocation)
	carrier.ProposeFor(cmd)
	fulfillment.TrackingOf(cmd).EncodeURLs()
	return o.Commands.Send(ctx, fo.ID, cmd)
}

// PrepareEach gives each of the fulfillment orders its own command of this verb, which says that its units stand ready
// for the customer. Each is done by itself, in order, unless one of them is not the caller's to prepare; one that is
// named again is done already. The refusals are by position in ids, those of unknown ones, too.
func (o FulfillmentOrders) PrepareEach(
	ctx context.Context, ids []fulfillment.ID, verb fulfillment.Verb,
) (map[int]*fulfillment.Error, error) {
	for _, id := range ids {
		if _, err := o.find(ctx, names[verb], id); err != nil && !isMissing(err) {
			return nil, err
		}
	}
	refusals := map[int]*fulfillment.Error{}
	for i, id := range ids {
		if id != 0 && slices.Contains(ids[:i], id) {
			continue
		}
		cmd := fulfillment.NewCommand(verb)
		cmd.Envelope().CommandID = CommandID(ctx, id.String())
		_, err := o.Send(ctx, id, cmd)
		if isMissing(err) {
			err = &fulfillment.Error{
				Code: fulfillment.CodePickupInvalid, Field: []string{"fulfillmentOrderId"},
				Message: "Invalid fulfillment_order_id provided " + id.String() + ".",
			}
		}
		if refused, ok := fulfillment.AsError(err); ok {
			refusals[i] = refused
		} else if err != nil {
			return nil, err
		}
	}
	return refusals, nil
}

// find reads a fulfillment order with which the caller may do this. One that it may not see is not found.
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
	if errors.Is(err, fulfillment.ErrNotFound) || err == nil && !caller(ctx).Knows(name, fo.AssignedLocation) {
		return nil, fulfillment.NotFound("id")
	}
	if err != nil {
		return nil, err
	}
	return fo, mayCallAt(ctx, name, fo.AssignedLocation)
}
