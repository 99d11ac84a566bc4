package graphql

import (
	"context"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderSubmitFulfillmentRequest(ctx context.Context, id string, message *string, notifyCustomer *bool, lines []*admin.FulfillmentOrderLineItemInput) (*admin.FulfillmentOrderSubmitFulfillmentRequestPayload, error) {
	named, err := quantities(lines)
	if err != nil {
		return nil, err
	}
	result, refused, err := m.send(ctx, "fulfillmentOrderSubmitFulfillmentRequest", id, &fulfillment.SubmitFulfillmentRequest{
		Message: value(message), NotifyCustomer: value(notifyCustomer), Lines: named})
	if err == nil {
		err = unknown(refused, id)
	}
	if err != nil || refused != nil {
		return &admin.FulfillmentOrderSubmitFulfillmentRequestPayload{UserErrors: plain(refused)}, err
	}
	submitted, err := m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	if err != nil {
		return nil, err
	}
	rest, err := m.fulfillmentOrder(ctx, result.SiblingID)
	return &admin.FulfillmentOrderSubmitFulfillmentRequestPayload{
		OriginalFulfillmentOrder: submitted, SubmittedFulfillmentOrder: submitted, UnsubmittedFulfillmentOrder: rest, UserErrors: plain(),
	}, err
}

func (m *mutation) FulfillmentOrderAcceptFulfillmentRequest(ctx context.Context, id string, message *string, estimatedShippedAt *time.Time) (*admin.FulfillmentOrderAcceptFulfillmentRequestPayload, error) {
	fo, userErrors, err := m.onFulfillmentOrder(ctx, "fulfillmentOrderAcceptFulfillmentRequest", id,
		&fulfillment.AcceptFulfillmentRequest{Message: value(message), EstimatedShippedAt: estimatedShippedAt})
	return &admin.FulfillmentOrderAcceptFulfillmentRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderRejectFulfillmentRequest(ctx context.Context, id string, reason *fulfillment.RejectionReason, message *string, lines []*admin.IncomingRequestLineItemInput) (*admin.FulfillmentOrderRejectFulfillmentRequestPayload, error) {
	cmd := &fulfillment.RejectFulfillmentRequest{Reason: value(reason), Message: value(message)}
	for _, l := range lines {
		line, err := admin.ParseGIDOf(l.FulfillmentOrderLineItemID, admin.TypeFulfillmentOrderLineItem)
		if err != nil {
			return nil, err
		}
		cmd.Lines = append(cmd.Lines, fulfillment.RejectedLine{LineID: line, Message: value(l.Message)})
	}
	fo, userErrors, err := m.onFulfillmentOrder(ctx, "fulfillmentOrderRejectFulfillmentRequest", id, cmd)
	return &admin.FulfillmentOrderRejectFulfillmentRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderSubmitCancellationRequest(ctx context.Context, id string, message *string) (*admin.FulfillmentOrderSubmitCancellationRequestPayload, error) {
	fo, userErrors, err := m.onFulfillmentOrder(ctx, "fulfillmentOrderSubmitCancellationRequest", id, &fulfillment.SubmitCancellationRequest{Message: value(message)})
	if fo != nil && fo.State.RequestStatus == fulfillment.RequestCancellationRequested {
		fo = asBeforeCancellation(fo)
	}
	return &admin.FulfillmentOrderSubmitCancellationRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

// asBeforeCancellation shows the request status that the request was sent in, as recorded: apps know this answer so. The
// merchant requests have the new one, and whatever is read next says CANCELLATION_REQUESTED.
func asBeforeCancellation(fo *admin.FulfillmentOrder) *admin.FulfillmentOrder {
	state := fo.State.Clone()
	state.RequestStatus = fulfillment.RequestAccepted
	return &admin.FulfillmentOrder{State: state}
}

func (m *mutation) FulfillmentOrderAcceptCancellationRequest(ctx context.Context, id string, message *string) (*admin.FulfillmentOrderAcceptCancellationRequestPayload, error) {
	fo, userErrors, err := m.onFulfillmentOrder(ctx, "fulfillmentOrderAcceptCancellationRequest", id, &fulfillment.AcceptCancellationRequest{Message: value(message), Replace: true})
	return &admin.FulfillmentOrderAcceptCancellationRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderRejectCancellationRequest(ctx context.Context, id string, message *string) (*admin.FulfillmentOrderRejectCancellationRequestPayload, error) {
	fo, userErrors, err := m.onFulfillmentOrder(ctx, "fulfillmentOrderRejectCancellationRequest", id, &fulfillment.RejectCancellationRequest{Message: value(message)})
	return &admin.FulfillmentOrderRejectCancellationRequestPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderClose(ctx context.Context, id string, message *string) (*admin.FulfillmentOrderClosePayload, error) {
	fo, userErrors, err := m.onFulfillmentOrder(ctx, "fulfillmentOrderClose", id, &fulfillment.Close{Message: value(message)})
	return &admin.FulfillmentOrderClosePayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}
