package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderHold(
	ctx context.Context, id string, in admin.FulfillmentOrderHoldInput,
) (*admin.FulfillmentOrderHoldPayload, error) {
	lines, err := quantities(in.FulfillmentOrderLineItems)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrderHoldPayload{}
	result, err := m.send(ctx, id, &fulfillment.PlaceHold{
		Reason: in.Reason, ReasonNotes: value(in.ReasonNotes), NotifyMerchant: value(in.NotifyMerchant),
		ExternalID: value(in.ExternalID), Handle: value(in.Handle), Lines: lines,
	})
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	if payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID); err != nil {
		return nil, err
	}
	payload.FulfillmentHold = payload.FulfillmentOrder.Hold(result.HoldID)
	payload.RemainingFulfillmentOrder, err = m.fulfillmentOrder(ctx, result.SiblingID)
	return payload, err
}

func (m *mutation) FulfillmentOrderReleaseHold(
	ctx context.Context, id string, holdIDs []string, externalID *string,
) (*admin.FulfillmentOrderReleaseHoldPayload, error) {
	// Of both, the fulfillment order is looked at first.
	if _, err := admin.ParseGIDOf(id, admin.TypeFulfillmentOrder); err != nil {
		return nil, err
	}
	holds, err := admin.ParseGIDs(holdIDs, admin.TypeFulfillmentHold)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrderReleaseHoldPayload{}
	result, err := m.send(ctx, id, &fulfillment.ReleaseHold{HoldIDs: holds, ExternalID: value(externalID)})
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	return payload, err
}
