package operation

import (
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Locations is what callers do with locations. Both fields are needed.
type Locations struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		Location(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error)
		AddLocation(ctx context.Context, l fulfillment.Location) (fulfillment.Location, error)
		EditLocation(ctx context.Context, edit fulfillment.LocationEdit) (fulfillment.Location, error)
		ActivateLocation(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error)
		DeactivateLocation(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error)
		DeleteLocation(ctx context.Context, deletion fulfillment.LocationDeletion) error
		WaitingAt(
			ctx context.Context, locationID, after fulfillment.ID, limit int,
		) ([]*fulfillment.FulfillmentOrder, error)
	}
	// Commands gives commands to the workflows of the fulfillment orders that a deactivation moves: a *Commands.
	Commands interface {
		Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error)
	}
}

// Add adds a location of the merchant's own, and returns it as it is stored. Asked for again under the same idempotency
// key, it is the same location.
func (o Locations) Add(ctx context.Context, location fulfillment.Location) (fulfillment.Location, error) {
	if err := mayCall(ctx, locationAdd); err != nil {
		return fulfillment.Location{}, err
	}
	if key, ok := KeyFrom(ctx); ok {
		location.ID = key.ID("location")
	}
	return o.Store.AddLocation(ctx, location)
}

// Edit changes a location, and returns it as it is stored.
func (o Locations) Edit(ctx context.Context, edit fulfillment.LocationEdit) (fulfillment.Location, error) {
	if err := mayCall(ctx, locationEdit); err != nil {
		return fulfillment.Location{}, err
	}
	return o.Store.EditLocation(ctx, edit)
}

// Activate takes a location into use again, and returns it as it is stored.
func (o Locations) Activate(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	if err := mayCall(ctx, locationActivate); err != nil {
		return fulfillment.Location{}, err
	}
	if err := keyFault(ctx); err != nil {
		return fulfillment.Location{}, err
	}
	return o.Store.ActivateLocation(ctx, id)
}

// Deactivate takes a location out of use, and returns it as it is stored. What waits there goes to the destination
// first, if there is one, all of it can move, and the caller may move it; else the deactivation is refused, and names
// some of what waits, if the caller may see it. One that was interrupted goes on when it is asked for again.
func (o Locations) Deactivate(
	ctx context.Context, deactivation fulfillment.LocationDeactivation,
) (fulfillment.Location, error) {
	if err := mayCall(ctx, locationDeactivate); err != nil {
		return fulfillment.Location{}, err
	}
	if err := keyFault(ctx); err != nil {
		return fulfillment.Location{}, err
	}
	if deactivation.DestinationID != 0 {
		if err := o.clear(ctx, deactivation); err != nil {
			return fulfillment.Location{}, unnamed(ctx, err)
		}
	}
	l, err := o.Store.DeactivateLocation(ctx, deactivation.ID)
	return l, unnamed(ctx, err)
}

// unnamed is a refusal that does not name the fulfillment orders that wait, if the caller may not see them. A location
// that is deactivated is always one of the merchant's own.
func unnamed(ctx context.Context, err error) error {
	refused, ok := fulfillment.AsError(err)
	if ok && refused.Code == fulfillment.CodeHasFulfillmentOrders && !caller(ctx).MayRead(nowhere) {
		return fulfillment.StillWaiting(1, nil)
	}
	return err
}

// Delete deletes a location that is not in use. Asked for again under the same idempotency key, it is done already.
func (o Locations) Delete(ctx context.Context, id fulfillment.ID) error {
	if err := mayCall(ctx, locationDelete); err != nil {
		return err
	}
	return o.Store.DeleteLocation(ctx, fulfillment.LocationDeletion{ID: id, CommandID: CommandID(ctx, "")})
}

// clearPage is how many fulfillment orders of a location are read at once.
const clearPage = 50

// clear moves what waits at a location to the destination, if all of it can move. What is refused because of what
// happened meanwhile stays: the store says so.
func (o Locations) clear(ctx context.Context, deactivation fulfillment.LocationDeactivation) error {
	to, err := o.find(ctx, deactivation.DestinationID)
	if err != nil {
		return err
	}
	if refused := deactivation.CheckDestination(to); refused != nil {
		return refused
	}
	var stays []fulfillment.ID
	err = o.waiting(ctx, deactivation.ID, func(fo *fulfillment.FulfillmentOrder) error {
		if o.mayMove(ctx, fo, *to) != nil {
			stays = append(stays, fo.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(stays) > 0 {
		return fulfillment.StillWaiting(len(stays), stays[:min(len(stays), fulfillment.MaxShownInUse)])
	}
	return o.waiting(ctx, deactivation.ID, func(fo *fulfillment.FulfillmentOrder) error {
		move := &fulfillment.Move{NewLocationID: to.ID}
		move.Actor, move.CommandID = caller(ctx).Actor(fo.AssignedLocation), CommandID(ctx, fo.ID.String())
		_, err := o.Commands.Send(ctx, fo.ID, move)
		if refused, ok := fulfillment.AsError(err); ok && refused.Final() {
			return nil
		}
		return err
	})
}

// mayMove says why the caller can't move the fulfillment order there; nil: it can.
func (o Locations) mayMove(ctx context.Context, fo *fulfillment.FulfillmentOrder, to fulfillment.Location) error {
	if err := mayCallAt(ctx, names[fulfillment.VerbMove], fo.AssignedLocation); err != nil {
		return err
	}
	move := &fulfillment.Move{
		NewLocationID: to.ID, Location: new(to.Assign("")), UnstockedSKUs: slices.DeleteFunc(fo.SKUs(), to.Stocks),
	}
	move.Actor = caller(ctx).Actor(fo.AssignedLocation)
	_, err := fo.Decide(move, fulfillment.Env{Now: time.Now().UTC()})
	return err
}

// waiting calls do with each fulfillment order that waits at the location.
func (o Locations) waiting(
	ctx context.Context, id fulfillment.ID, do func(*fulfillment.FulfillmentOrder) error,
) error {
	for after := fulfillment.ID(0); ; {
		page, err := o.Store.WaitingAt(ctx, id, after, clearPage)
		if err != nil {
			return err
		}
		for _, fo := range page {
			if fo.Status == fulfillment.StatusCancelled {
				continue
			}
			if err := do(fo); err != nil {
				return err
			}
		}
		if len(page) < clearPage {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// find is the location with the ID; nil if there is none.
func (o Locations) find(ctx context.Context, id fulfillment.ID) (*fulfillment.Location, error) {
	l, err := o.Store.Location(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &l, nil
}
