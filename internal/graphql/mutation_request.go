package graphql

import (
	"context"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderSubmitFulfillmentRequest(
	ctx context.Context, id string, message *string, notifyCustomer *bool, lines []*admin.FulfillmentOrderLineItemInput,
) (*admin.FulfillmentOrderSubmitFulfillmentRequestPayload, error) {
	named, err := quantities(lines)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrderSubmitFulfillmentRequestPayload{}
	result, err := m.send(ctx, id, &fulfillment.SubmitFulfillmentRequest{
		Message: value(message), NotifyCustomer: value(notifyCustomer), Lines: named})
	if ok, err := acceptedPlain(&payload.UserErrors, notThere(err, id)); !ok {
		return payload, err
	}
	if payload.SubmittedFulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID); err != nil {
		return nil, err
	}
	payload.OriginalFulfillmentOrder = payload.SubmittedFulfillmentOrder
	payload.UnsubmittedFulfillmentOrder, err = m.fulfillmentOrder(ctx, result.SiblingID)
	return payload, err
}

func (m *mutation) FulfillmentOrderAcceptFulfillmentRequest(
	ctx context.Context, id string, message *string, estimatedShippedAt *time.Time,
) (*admin.FulfillmentOrderAcceptFulfillmentRequestPayload, error) {
	fo, userErrors, err := m.onFulfillmentOrder(
		ctx, id, &fulfillment.AcceptFulfillmentRequest{Message: value(message), EstimatedShippedAt: estimatedShippedAt},
	)
	return &admin.FulfillmentOrderAcceptFulfillmentRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderRejectFulfillmentRequest(
	ctx context.Context, id string, reason *fulfillment.RejectionReason, message *string,
	lines []*admin.IncomingRequestLineItemInput,
) (*admin.FulfillmentOrderRejectFulfillmentRequestPayload, error) {
	cmd := &fulfillment.RejectFulfillmentRequest{Reason: value(reason), Message: value(message)}
	for _, l := range lines {
		line, err := admin.ParseGIDOf(l.FulfillmentOrderLineItemID, admin.TypeFulfillmentOrderLineItem)
		if err != nil {
			return nil, err
		}
		cmd.Lines = append(cmd.Lines, fulfillment.RejectedLine{LineID: line, Message: value(l.Message)})
	}
	fo, userErrors, err := m.onFulfillmentOrder(ctx, id, cmd)
	return &admin.FulfillmentOrderRejectFulfillmentRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderSubmitCancellationRequest(ctx context.Context, id string, message *string) (
	*admin.FulfillmentOrderSubmitCancellationRequestPayload, error,
) {
	fo, userErrors, err := m.onFulfillmentOrder(
		ctx, id, &fulfillment.SubmitCancellationRequest{Message: value(message)},
	)
	if fo != nil && fo.State.RequestStatus == fulfillment.RequestCancellationRequested {
		fo = asBeforeCancellation(fo)
	}
	return &admin.FulfillmentOrderSubmitCancellationRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

// asBeforeCancellation shows the request status that the request was sent in, as recorded: apps know this answer so.
// The merchant requests have the new one, and whatever is read next says CANCELLATION_REQUESTED.
func asBeforeCancellation(fo *admin.FulfillmentOrder) *admin.FulfillmentOrder {
	state := fo.State.Clone()
	state.RequestStatus = fulfillment.RequestAccepted
	return &admin.FulfillmentOrder{State: state}
}

func (m *mutation) FulfillmentOrderAcceptCancellationRequest(ctx context.Context, id string, message *string) (
	*admin.FulfillmentOrderAcceptCancellationRequestPayload, error,
) {
	fo, userErrors, err := m.onFulfillmentOrder(
		ctx, id, &fulfillment.AcceptCancellationRequest{Message: value(message), Replace: true},
	)
	return &admin.FulfillmentOrderAcceptCancellationRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderRejectCancellationRequest(ctx context.Context, id string, message *string) (
	*admin.FulfillmentOrderRejectCancellationRequestPayload, error,
) {
	fo, userErrors, err := m.onFulfillmentOrder(
		ctx, id, &fulfillment.RejectCancellationRequest{Message: value(message)},
	)
	return &admin.FulfillmentOrderRejectCancellationRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderClose(
	ctx context.Context, id string, message *string,
) (*admin.FulfillmentOrderClosePayload, error) {
	fo, userErrors, err := m.onFulfillmentOrder(ctx, id, &fulfillment.Close{Message: value(message)})
	return &admin.FulfillmentOrderClosePayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}
