package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

// OrderUpdate corrects an order. What it is answered has the fulfillment orders that keep the destination of before, as
// far as the caller may see them.
func (m *mutation) OrderUpdate(ctx context.Context, in admin.OrderInput) (*admin.OrderUpdatePayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	id, err := admin.ParseGIDOf(in.ID, admin.TypeOrder)
	if err != nil {
		return nil, err
	}
	payload := &admin.OrderUpdatePayload{KeptDestinations: []*admin.FulfillmentOrderKeptDestination{}}
	updated, err := m.Orders.Update(ctx, updateOf(id, in))
	admin.Forget(ctx)
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		for _, e := range payload.UserErrors {
			if len(e.Field) == 1 && e.Field[0] == "orderId" {
				e.Field = []string{"id"}
				continue
			}
			e.Field = append([]string{"input"}, e.Field...)
		}
		return payload, err
	}
	for _, kept := range updated.Kept {
		fo, err := m.fulfillmentOrder(ctx, kept.FulfillmentOrderID)
		if err != nil {
			return nil, err
		}
		if fo == nil {
			continue
		}
		payload.KeptDestinations = append(
			payload.KeptDestinations,
			&admin.FulfillmentOrderKeptDestination{FulfillmentOrder: fo, Message: kept.Message},
		)
	}
	payload.Order, err = admin.LoadOrder(ctx, id)
	return payload, err
}

func updateOf(id fulfillment.ID, in admin.OrderInput) fulfillment.UpdateOrder {
	cmd := fulfillment.UpdateOrder{OrderID: id, OrderFields: fulfillment.OrderFields{
		ShippingAddress: address(in.ShippingAddress), Email: in.Email, Phone: in.Phone, Note: in.Note,
	}}
	if in.Tags != nil {
		cmd.Tags = &in.Tags
	}
	if in.CustomAttributes != nil {
		attributes := make([]fulfillment.Attribute, len(in.CustomAttributes))
		for i, a := range in.CustomAttributes {
			attributes[i] = fulfillment.Attribute{Key: a.Key, Value: a.Value}
		}
		cmd.CustomAttributes = &attributes
	}
	return cmd
}
