package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

// quantities reads line items with quantities. A line that can't exist gets an ID that none has.
func quantities(in []*admin.FulfillmentOrderLineItemInput) ([]fulfillment.Quantity, error) {
	var list []fulfillment.Quantity
	for _, l := range in {
		id, err := admin.ParseGIDOf(l.ID, admin.TypeFulfillmentOrderLineItem)
		if err != nil {
			return nil, err
		}
		list = append(list, fulfillment.Quantity{ID: id, Quantity: l.Quantity})
	}
	return list, nil
}

// send gives a command to the fulfillment order with this global ID. What is read next is read anew.
func (m *mutation) send(ctx context.Context, gid string, cmd fulfillment.Command) (fulfillment.Result, error) {
	id, err := admin.ParseGIDOf(gid, admin.TypeFulfillmentOrder)
	if err != nil {
		return fulfillment.Result{}, err
	}
	defer admin.Forget(ctx)
	return m.FulfillmentOrders.Send(ctx, id, cmd)
}

// sendJointly gives a command to several fulfillment orders. What is read next is read anew.
func (m *mutation) sendJointly(ctx context.Context, cmd fulfillment.Joint) ([]fulfillment.Result, error) {
	defer admin.Forget(ctx)
	return m.FulfillmentOrders.SendJointly(ctx, cmd)
}

// onFulfillmentOrder answers a mutation whose payload is the fulfillment order and user errors without a code.
func (m *mutation) onFulfillmentOrder(ctx context.Context, gid string, cmd fulfillment.Command) (
	fo *admin.FulfillmentOrder, userErrors []*admin.UserError, err error,
) {
	result, err := m.send(ctx, gid, cmd)
	if ok, err := acceptedPlain(&userErrors, notThere(err, gid)); !ok {
		return nil, userErrors, err
	}
	fo, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	return fo, userErrors, err
}
