package operation

import (
	"context"
	"errors"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// Returns is what callers do with returns. Both fields are needed.
type Returns struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		Return(ctx context.Context, id fulfillment.ID) (*returns.Return, error)
		ReturnOf(ctx context.Context, partIDs []fulfillment.ID) (map[fulfillment.ID]fulfillment.ID, error)
	}
	// Commands gives commands to the workflows of returns: a *Commands.
	Commands interface {
		BeginReturn(
			ctx context.Context, orderID fulfillment.ID, cmd returns.Opening,
		) (returns.Result, *returns.Return, error)
		CommandReturn(
			ctx context.Context, id fulfillment.ID, cmd returns.Command,
		) (returns.Result, *returns.Return, error)
	}
}

// Begin makes a return of an order and waits until it is durable. The same, asked for again under the same idempotency
// key, is the same return. The ID of no order is 0.
func (r Returns) Begin(ctx context.Context, orderID fulfillment.ID, cmd returns.Opening) (returns.Result, error) {
	if err := mayCall(ctx, returnNames[cmd.Verb()]); err != nil {
		return returns.Result{}, err
	}
	if orderID == 0 {
		return returns.Result{}, returns.OrderNotFound(cmd)
	}
	sign(ctx, cmd.Envelope(), nowhere)
	result, _, err := r.Commands.BeginReturn(ctx, orderID, cmd)
	return result, err
}

// Send gives a command to a return and waits until what it did is durable. It is the merchant's.
func (r Returns) Send(ctx context.Context, id fulfillment.ID, cmd returns.Command) (returns.Result, error) {
	if err := mayCall(ctx, returnNames[cmd.Verb()]); err != nil {
		return returns.Result{}, err
	}
	if id == 0 {
		return returns.Result{}, returns.NotFoundBy(cmd)
	}
	sign(ctx, cmd.Envelope(), nowhere)
	result, _, err := r.Commands.CommandReturn(ctx, id, cmd)
	return result, err
}

// CreateDelivery says that a parcel comes back for a reverse fulfillment order.
func (r Returns) CreateDelivery(ctx context.Context, cmd *returns.CreateDelivery) (returns.Result, error) {
	return r.sendToPart(ctx, cmd, returns.WorkNotFound(), cmd.WorkID)
}

// UpdateDelivery changes a parcel's tracking and label.
func (r Returns) UpdateDelivery(ctx context.Context, cmd *returns.UpdateDelivery) (returns.Result, error) {
	return r.sendToPart(ctx, cmd, returns.DeliveryNotFound(), cmd.DeliveryID)
}

// Dispose says what became of units. All lines must be of one reverse fulfillment order.
func (r Returns) Dispose(ctx context.Context, cmd *returns.Dispose) (returns.Result, error) {
	if err := mayCall(ctx, returnNames[cmd.Verb()]); err != nil {
		return returns.Result{}, err
	}
	if refused := cmd.CheckDisposals(); refused != nil {
		return returns.Result{}, refused
	}
	lines := make([]fulfillment.ID, len(cmd.Units))
	for i, units := range cmd.Units {
		lines[i] = units.WorkLineID
	}
	return r.sendToPart(ctx, cmd, returns.TwoReturns(), lines...)
}

// sendToPart gives a command to the return that all of these parts are of. Who runs the location that it comes to acts
// as such.
func (r Returns) sendToPart(
	ctx context.Context, cmd returns.Command, unknown *fulfillment.Error, parts ...fulfillment.ID,
) (returns.Result, error) {
	if err := mayCall(ctx, returnNames[cmd.Verb()]); err != nil {
		return returns.Result{}, err
	}
	of, err := r.Store.ReturnOf(ctx, parts)
	if err != nil {
		return returns.Result{}, err
	}
	for _, part := range parts {
		if of[part] == 0 || of[part] != of[parts[0]] {
			return returns.Result{}, unknown
		}
	}
	found, err := r.Store.Return(ctx, of[parts[0]])
	if errors.Is(err, fulfillment.ErrNotFound) {
		return returns.Result{}, unknown
	}
	if err != nil {
		return returns.Result{}, err
	}
	at := fulfillment.AssignedLocation{LocationID: found.Destination.LocationID, ServiceID: found.Destination.ServiceID}
	sign(ctx, cmd.Envelope(), at)
	result, _, err := r.Commands.CommandReturn(ctx, found.ID, cmd)
	return result, err
}
