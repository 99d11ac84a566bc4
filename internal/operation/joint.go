package operation

import (
	"context"
	"slices"
	"time"

	"packhorse/internal/carrier"
	"packhorse/internal/fulfillment"
)

// SendJointly gives a command on several fulfillment orders to the order of the first one that exists, and waits until
// all of it is durable. The caller must be allowed to do it with each. It is refused if none exists, and also if only
// some do, unless it passes over what does not exist. For a caller, what it may not see does not exist. The results are
// in the order of [fulfillment.Joint.Answering].
func (o FulfillmentOrders) SendJointly(ctx context.Context, cmd fulfillment.Joint) ([]fulfillment.Result, error) {
	name := names[cmd.Verb()]
	if err := mayCall(ctx, name); err != nil {
		return nil, err
	}
	fos, err := o.Store.FulfillmentOrdersByID(ctx, cmd.Named())
	if err != nil {
		return nil, err
	}
	present := slices.DeleteFunc(fos, func(fo *fulfillment.FulfillmentOrder) bool {
		return fo == nil || !caller(ctx).Knows(name, fo.AssignedLocation)
	})
	for _, fo := range present {
		if err := mayCallAt(ctx, name, fo.AssignedLocation); err != nil {
			return nil, err
		}
	}
	some := len(present) < len(cmd.Named())
	if deadlines, passesOver := cmd.(*fulfillment.SetDeadlines); passesOver && some && len(present) > 0 {
		cmd, some = onlyOf(deadlines, present), false
	}
	if some || len(present) == 0 {
		return nil, refusedBeforehand(ctx, cmd, present)
	}
	sign(ctx, cmd.Envelope(), present[0].AssignedLocation)
	carrier.ProposeFor(cmd)
	fulfillment.TrackingOf(cmd).EncodeURLs()
	return o.Commands.Joint(ctx, present[0].OrderID, cmd)
}

// onlyOf is the command on those fulfillment orders alone: it passes over what does not exist, and is not told of what
// the caller may not see.
func onlyOf(deadlines *fulfillment.SetDeadlines, present []*fulfillment.FulfillmentOrder) *fulfillment.SetDeadlines {
	only := *deadlines
	only.FulfillmentOrderIDs = nil
	for _, fo := range present {
		only.FulfillmentOrderIDs = append(only.FulfillmentOrderIDs, fo.ID)
	}
	return &only
}

// refusedBeforehand is the refusal of a command that names what does not exist. What the domain refuses before it looks
// for a fulfillment order is told first. Nobody owns what does not exist, so the app asks as the merchant.
func refusedBeforehand(ctx context.Context, cmd fulfillment.Joint, present []*fulfillment.FulfillmentOrder) error {
	sign(ctx, cmd.Envelope(), nowhere)
	_, err := fulfillment.DecideJointly(cmd, present, fulfillment.Env{Now: time.Now().UTC()})
	if refused, ok := fulfillment.AsError(err); ok {
		return refused
	}
	return fulfillment.NotFound("id")
}

// SplitEach splits several fulfillment orders. A single one goes straight to it: nobody else is concerned.
func (o FulfillmentOrders) SplitEach(ctx context.Context, cmd *fulfillment.SplitEach) ([]fulfillment.Result, error) {
	if len(cmd.Splits) == 1 && cmd.Splits[0].FulfillmentOrderID != 0 {
		only := cmd.Splits[0]
		result, err := o.Send(ctx, only.FulfillmentOrderID, &fulfillment.Split{Meta: cmd.Meta, Lines: only.Lines})
		if !isMissing(err) { // Else with the place that a batch gives it.
			return []fulfillment.Result{result}, err
		}
	}
	return o.SendJointly(ctx, cmd)
}

// Ship makes a shipment of units of several fulfillment orders. One from a single fulfillment order goes straight to
// it.
func (o FulfillmentOrders) Ship(ctx context.Context, cmd *fulfillment.Ship) (fulfillment.Result, error) {
	if len(cmd.Groups) == 1 && cmd.Groups[0].FulfillmentOrderID != 0 {
		result, err := o.Send(ctx, cmd.Groups[0].FulfillmentOrderID, &fulfillment.CreateFulfillment{
			Meta: cmd.Meta, Lines: cmd.Groups[0].Lines, Tracking: cmd.Tracking, NotifyCustomer: cmd.NotifyCustomer,
			Message: cmd.Message, OriginAddress: cmd.OriginAddress,
		})
		if !isMissing(err) { // Else with the place that several give it.
			return result, err
		}
	}
	results, err := o.SendJointly(ctx, cmd)
	if err != nil {
		return fulfillment.Result{}, err
	}
	return results[0], nil
}

// isMissing tells that there is no such fulfillment order.
func isMissing(err error) bool {
	refused, ok := fulfillment.AsError(err)
	return ok && refused.Code == fulfillment.CodeNotFound
}
