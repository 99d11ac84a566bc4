package rehearsal

import (
	"context"
	"time"

	"packhorse/internal/fulfillment"
)

// How long the player waits before it sends a command again that got no answer, and how long for an answer.
const (
	retryFirst    = 100 * time.Millisecond
	retryAtMost   = 2 * time.Second
	answerTimeout = time.Minute
)

// act plays a step for all of the order's sellers. It tells whether the order goes on: after a refusal, what builds
// on the step can't be played.
func (p *player) act(ctx context.Context, o *played, step Step) bool {
	switch step {
	case StepCreate:
		return p.create(ctx, o)
	case StepCancel:
		return p.cancel(ctx, o)
	}
	goesOn := true
	for i := range o.parts {
		part := &o.parts[i]
		if part.id == 0 {
			continue
		}
		if step == StepAccept || step == StepReject {
			if !p.insist(ctx, o, step, func(ctx context.Context) error { return p.inbox.wait(ctx, part.id) }) {
				return false
			}
		}
		if step != StepRequest && p.warehouse.plays(part.seller) {
			told := p.insist(ctx, o, step, func(ctx context.Context) error {
				return p.warehouse.tell(ctx, o, step, part, p.run)
			})
			goesOn = goesOn && told
			continue
		}
		result, ok := p.send(ctx, o, step, part, o.command(step, part))
		if ok && step == StepShip {
			part.fulfillment = result.FulfillmentID
		}
		goesOn = goesOn && ok
	}
	return goesOn
}

// command is what the step asks of one fulfillment order.
func (o *played) command(step Step, part *part) fulfillment.Command {
	r := o.record
	switch step {
	case StepRequest:
		return &fulfillment.SubmitFulfillmentRequest{Meta: fulfillment.Meta{Actor: merchant}}
	case StepAccept:
		return &fulfillment.AcceptFulfillmentRequest{}
	case StepReject:
		return &fulfillment.RejectFulfillmentRequest{
			Reason: fulfillment.RejectOutOfStock, Message: "Recorded as unavailable.",
		}
	case StepShip:
		return &fulfillment.CreateFulfillment{
			Tracking: &fulfillment.TrackingInput{Company: "Rehearsal", Number: r.ID + "-" + short(part.seller)},
		}
	case StepTransit:
		return &fulfillment.RecordEvent{FulfillmentID: part.fulfillment, Status: fulfillment.EventInTransit,
			HappenedAt: r.CarrierAt.ptr(), EstimatedDeliveryAt: r.EstimatedAt.ptr()}
	default:
		return &fulfillment.RecordEvent{FulfillmentID: part.fulfillment, Status: fulfillment.EventDelivered,
			HappenedAt: r.DeliveredAt.ptr(), EstimatedDeliveryAt: r.EstimatedAt.ptr()}
	}
}

func (p *player) create(ctx context.Context, o *played) bool {
	var ids []fulfillment.ID
	order := o.record.order(p.run, p.clock)
	order.FirstID = p.minter.Mint()
	ok := p.insist(ctx, o, StepCreate, func(ctx context.Context) error {
		created, err := p.commands.CreateOrder(ctx, order)
		ids = created.FulfillmentOrderIDs
		return err
	})
	if !ok {
		return false
	}
	o.created = true
	groups := o.record.groups()
	for _, g := range groups {
		o.parts = append(o.parts, part{seller: g.seller})
	}
	if len(groups) == 1 && len(ids) == 1 {
		o.parts[0].id = ids[0]
		return true
	}
	return p.insist(ctx, o, StepCreate, func(ctx context.Context) error { return p.look(ctx, o) })
}

// look finds out which fulfillment order is which seller's, and which was asked to stop.
func (p *player) look(ctx context.Context, o *played) error {
	fos, err := p.store.FulfillmentOrdersOf(ctx, o.id)
	if err != nil {
		return err
	}
	for i := range o.parts {
		for _, fo := range fos {
			if fo.AssignedLocation.LocationID == locationID(o.parts[i].seller) {
				o.parts[i].id = fo.ID
				o.parts[i].cancellation = fo.RequestStatus == fulfillment.RequestCancellationRequested
			}
		}
	}
	return nil
}

// cancel cancels the order, and lets every seller that was asked to stop agree; a warehouse does so at once. Which ones
// were asked is read from the store: the answer to a cancellation that was sent twice tells less.
func (p *player) cancel(ctx context.Context, o *played) bool {
	cmd := fulfillment.CancelOrder{
		Meta: fulfillment.Meta{
			CommandID: commandID(p.run, o.record.ID, StepCancel), Actor: merchant, FirstID: p.minter.Mint(),
		},
		OrderID: o.id, Reason: "Recorded as canceled.",
	}
	ok := p.insist(ctx, o, StepCancel, func(ctx context.Context) error {
		_, err := p.commands.CancelOrder(ctx, cmd)
		return err
	})
	if o.record.shipped() ||
		!p.insist(ctx, o, StepCancel, func(ctx context.Context) error { return p.waitForAll(ctx, o) }) {
		return ok
	}
	for i := range o.parts {
		if part := &o.parts[i]; part.cancellation {
			_, answered := p.send(ctx, o, StepCancel, part, &fulfillment.AcceptCancellationRequest{})
			ok = ok && answered
		}
	}
	return ok
}

// waitForAll waits until the sellers' providers have taken what they were called for, and looks what it was.
func (p *player) waitForAll(ctx context.Context, o *played) error {
	for _, part := range o.parts {
		if part.id != 0 {
			if err := p.inbox.wait(ctx, part.id); err != nil {
				return err
			}
		}
	}
	return p.look(ctx, o)
}

func (p *player) send(
	ctx context.Context, o *played, step Step, part *part, cmd fulfillment.Command,
) (result fulfillment.Result, ok bool) {
	meta := cmd.Envelope()
	meta.CommandID = commandID(p.run, o.record.ID, step, part.seller)
	if meta.Actor.Role == "" {
		meta.Actor = service(part.seller)
	}
	ok = p.insist(ctx, o, step, func(ctx context.Context) (err error) {
		result, err = p.commands.Send(ctx, part.id, cmd)
		return err
	})
	return result, ok
}

// insist sends until there is an answer or ctx ends: a system that is down is waited for. It tells whether the answer
// is a yes; a no is kept with the order.
func (p *player) insist(ctx context.Context, o *played, step Step, send func(context.Context) error) bool {
	for pause := retryFirst; ; pause = min(2*pause, retryAtMost) {
		err := attempt(ctx, send)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if refused, isRefusal := fulfillment.AsError(err); isRefusal && !refused.Retryable() {
			o.refusals = append(o.refusals, Refusal{step, refused.Code, refused.Message})
			return false
		}
		p.waiting(err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
}

func attempt(ctx context.Context, send func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return send(ctx)
}
