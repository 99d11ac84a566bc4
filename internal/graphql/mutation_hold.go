package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderHold(ctx context.Context, id string, in admin.FulfillmentOrderHoldInput) (*admin.FulfillmentOrderHoldPayload, error) {
	lines, err := quantities(in.FulfillmentOrderLineItems)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrderHoldPayload{UserErrors: []*admin.FulfillmentOrderHoldUserError{}}
	result, refused, err := m.sendAs(ctx, "fulfillmentOrderHold", id, &fulfillment.PlaceHold{
		Reason: in.Reason, ReasonNotes: value(in.ReasonNotes), NotifyMerchant: value(in.NotifyMerchant),
		ExternalID: value(in.ExternalID), Handle: value(in.Handle), Lines: lines,
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderHoldUserError{
			Code: code[admin.FulfillmentOrderHoldUserErrorCode](refused), Field: refused.Field, Message: refused.Message})
		return payload, nil
	}
	if payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID); err != nil {
		return nil, err
	}
	payload.FulfillmentHold = payload.FulfillmentOrder.Hold(result.HoldID)
	payload.RemainingFulfillmentOrder, err = m.fulfillmentOrder(ctx, result.SiblingID)
	return payload, err
}

func (m *mutation) FulfillmentOrderReleaseHold(ctx context.Context, id string, holdIDs []string, externalID *string) (*admin.FulfillmentOrderReleaseHoldPayload, error) {
	if _, err := admin.ParseGIDOf(id, admin.TypeFulfillmentOrder); err != nil { // Of both, the fulfillment order is looked at first.
		return nil, err
	}
	holds, err := admin.ParseGIDs(holdIDs, admin.TypeFulfillmentHold)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrderReleaseHoldPayload{UserErrors: []*admin.FulfillmentOrderReleaseHoldUserError{}}
	result, refused, err := m.sendAs(ctx, "fulfillmentOrderReleaseHold", id, &fulfillment.ReleaseHold{HoldIDs: holds, ExternalID: value(externalID)})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderReleaseHoldUserError{
			Code: code[admin.FulfillmentOrderReleaseHoldUserErrorCode](refused), Field: refused.Field, Message: refused.Message})
		return payload, nil
	}
	payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	return payload, err
}
