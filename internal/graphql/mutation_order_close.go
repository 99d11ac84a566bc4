package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

// OrderClose puts an order away.
func (m *mutation) OrderClose(ctx context.Context, in admin.OrderCloseInput) (*admin.OrderClosePayload, error) {
	payload := new(admin.OrderClosePayload)
	order, err := m.closing(ctx, in.ID, &payload.UserErrors, func(id fulfillment.ID) error {
		_, err := m.Orders.Close(ctx, fulfillment.CloseOrder{OrderID: id})
		return err
	})
	payload.Order = order
	return payload, err
}

// OrderOpen opens a closed order again.
func (m *mutation) OrderOpen(ctx context.Context, in admin.OrderOpenInput) (*admin.OrderOpenPayload, error) {
	payload := new(admin.OrderOpenPayload)
	order, err := m.closing(ctx, in.ID, &payload.UserErrors, func(id fulfillment.ID) error {
		_, err := m.Orders.Open(ctx, fulfillment.OpenOrder{OrderID: id})
		return err
	})
	payload.Order = order
	return payload, err
}

// closing closes or opens an order, and answers it as it is then.
func (m *mutation) closing(
	ctx context.Context, gid string, refusals *[]*admin.UserError, carryOut func(fulfillment.ID) error,
) (*admin.Order, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	id, err := admin.ParseGIDOf(gid, admin.TypeOrder)
	if err != nil {
		return nil, err
	}
	err = carryOut(id)
	admin.Forget(ctx)
	if ok, err := acceptedPlain(refusals, err); !ok {
		for _, e := range *refusals {
			if len(e.Field) == 1 && e.Field[0] == "orderId" {
				e.Field = []string{"id"}
			}
		}
		return nil, err
	}
	return admin.LoadOrder(ctx, id)
}
