package graphql

import (
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
)

func missing() *fulfillment.Error {
	return &fulfillment.Error{Code: fulfillment.CodeNotFound, Field: []string{"id"}, Message: "Fulfillment order does not exist."}
}

// allowed loads a fulfillment order and says whether the caller may do this with it. A refusal says that it is not there.
func (r *Resolver) allowed(ctx context.Context, name string, id fulfillment.ID) (*fulfillment.FulfillmentOrder, *fulfillment.Error, error) {
	if denied := caller(ctx).MayCall(name); denied != nil {
		return nil, nil, denied
	}
	if id == 0 {
		return nil, missing(), nil
	}
	fo, err := r.Store.Load(ctx, id)
	if errors.Is(err, postgres.ErrNotFound) {
		return nil, missing(), nil
	}
	if err != nil {
		return nil, nil, err
	}
	if denied := caller(ctx).MayCallAt(name, fo.AssignedLocation); denied != nil {
		return nil, nil, denied
	}
	return fo, nil, nil
}

// sendAs gives a command to the fulfillment order with this global ID. The refusal is for the payload's user errors; the
// error ends the field.
func (m *mutation) sendAs(ctx context.Context, name, gid string, cmd fulfillment.Command) (fulfillment.Result, *fulfillment.Error, error) {
	id, err := admin.ParseGIDOf(gid, admin.TypeFulfillmentOrder)
	if err != nil {
		return fulfillment.Result{}, nil, err
	}
	return m.sendToAs(ctx, name, id, cmd)
}

func (m *mutation) sendToAs(ctx context.Context, name string, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, *fulfillment.Error, error) {
	fo, refused, err := m.allowed(ctx, name, id)
	if refused != nil || err != nil {
		return fulfillment.Result{}, refused, err
	}
	meta := cmd.Envelope()
	meta.Actor = caller(ctx).Actor(fo.AssignedLocation)
	meta.CommandID = operation.CommandID(ctx, "")
	result, err := m.Commands.Send(ctx, fo.ID, cmd)
	admin.Forget(ctx)
	if err != nil {
		refused, err := split(err)
		return fulfillment.Result{}, refused, err
	}
	return result, nil, nil
}

// sendJointlyAs gives a command on several fulfillment orders to the order of the first one that exists. It is refused if
// none exists, and also if only some do, unless the command skips what does not exist.
func (m *mutation) sendJointlyAs(ctx context.Context, name string, cmd fulfillment.Joint, skips bool) ([]fulfillment.Result, *fulfillment.Error, error) {
	if denied := caller(ctx).MayCall(name); denied != nil {
		return nil, nil, denied
	}
	fos, err := m.Store.FulfillmentOrdersByID(ctx, cmd.Named())
	if err != nil {
		return nil, nil, err
	}
	present := slices.DeleteFunc(fos, func(fo *fulfillment.FulfillmentOrder) bool { return fo == nil })
	for _, fo := range present {
		if denied := caller(ctx).MayCallAt(name, fo.AssignedLocation); denied != nil {
			return nil, nil, denied
		}
	}
	meta := cmd.Envelope()
	meta.CommandID = operation.CommandID(ctx, "")
	if len(present) == 0 || !skips && len(present) < len(cmd.Named()) {
		// Nobody owns what does not exist, so the app asks as the merchant. What the domain refuses before it looks for a
		// fulfillment order is told first.
		meta.Actor = caller(ctx).Actor(fulfillment.AssignedLocation{})
		_, err := fulfillment.DecideJointly(cmd, present, fulfillment.Env{Now: time.Now().UTC()})
		if refused, ok := fulfillment.AsError(err); ok {
			return nil, refused, nil
		}
		return nil, missing(), nil
	}
	meta.Actor = caller(ctx).Actor(present[0].AssignedLocation)
	results, err := m.Commands.Joint(ctx, present[0].OrderID, cmd)
	admin.Forget(ctx)
	if err != nil {
		refused, err := split(err)
		return nil, refused, err
	}
	return results, nil, nil
}

// onFulfillmentOrderAs answers a mutation whose payload is the fulfillment order and user errors without a code.
func (m *mutation) onFulfillmentOrderAs(ctx context.Context, name, gid string, cmd fulfillment.Command) (*admin.FulfillmentOrder, []*admin.UserError, error) {
	result, refused, err := m.sendAs(ctx, name, gid, cmd)
	if err == nil {
		err = unknown(refused, gid)
	}
	if err != nil || refused != nil {
		return nil, plain(refused), err
	}
	fo, err := m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	return fo, plain(), err
}
