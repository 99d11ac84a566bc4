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
	lines []*admin.FulfillmentOrderLineItemInput, reason *fulfillment.RejectionReason,
	rejected []*admin.IncomingRequestLineItemInput,
) (*admin.FulfillmentOrderAcceptFulfillmentRequestPayload, error) {
	cmd := &fulfillment.AcceptFulfillmentRequest{
		Message: value(message), EstimatedShippedAt: estimatedShippedAt, Reason: value(reason),
	}
	var err error
	if cmd.Lines, err = partOf(lines); err != nil {
		return nil, err
	}
	if cmd.Rejected, err = rejectedLines(rejected); err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrderAcceptFulfillmentRequestPayload{}
	payload.FulfillmentOrder, payload.RejectedFulfillmentOrder, err = m.inParts(ctx, id, cmd, &payload.UserErrors)
	return payload, err
}

// inParts sends a service's answer, and reads the fulfillment order and the one with the units that are answered for
// otherwise; nil: there is none.
func (m *mutation) inParts(
	ctx context.Context, id string, cmd fulfillment.Command, userErrors *[]*admin.UserError,
) (fo, others *admin.FulfillmentOrder, err error) {
	result, err := m.send(ctx, id, cmd)
	if ok, err := acceptedPlain(userErrors, notThere(err, id)); !ok {
		return nil, nil, err
	}
	if fo, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID); err != nil {
		return nil, nil, err
	}
	if others, err = m.fulfillmentOrder(ctx, result.SiblingID); err != nil {
		return nil, nil, err
	}
	return fo, others, nil
}

// partOf is the units that a service answers for. That the list is there and empty is another answer than that it
// isn't.
func partOf(lines []*admin.FulfillmentOrderLineItemInput) ([]fulfillment.Quantity, error) {
	named, err := quantities(lines)
	if err == nil && named == nil && lines != nil {
		named = []fulfillment.Quantity{}
	}
	return named, err
}

func rejectedLines(lines []*admin.IncomingRequestLineItemInput) ([]fulfillment.RejectedLine, error) {
	var rejected []fulfillment.RejectedLine
	for _, l := range lines {
		line, err := admin.ParseGIDOf(l.FulfillmentOrderLineItemID, admin.TypeFulfillmentOrderLineItem)
		if err != nil {
			return nil, err
		}
		rejected = append(rejected, fulfillment.RejectedLine{LineID: line, Message: value(l.Message)})
	}
	return rejected, nil
}

func (m *mutation) FulfillmentOrderRejectFulfillmentRequest(
	ctx context.Context, id string, reason *fulfillment.RejectionReason, message *string,
	lines []*admin.IncomingRequestLineItemInput,
) (*admin.FulfillmentOrderRejectFulfillmentRequestPayload, error) {
	rejected, err := rejectedLines(lines)
	if err != nil {
		return nil, err
	}
	cmd := &fulfillment.RejectFulfillmentRequest{Reason: value(reason), Message: value(message), Lines: rejected}
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

func (m *mutation) FulfillmentOrderAcceptCancellationRequest(
	ctx context.Context, id string, message *string, lines []*admin.FulfillmentOrderLineItemInput,
) (*admin.FulfillmentOrderAcceptCancellationRequestPayload, error) {
	named, err := partOf(lines)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrderAcceptCancellationRequestPayload{}
	payload.FulfillmentOrder, payload.CancelledFulfillmentOrder, err = m.inParts(
		ctx, id, &fulfillment.AcceptCancellationRequest{Message: value(message), Replace: true, Lines: named},
		&payload.UserErrors,
	)
	return payload, err
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
