package graphql

import (
	"context"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderOpen(ctx context.Context, id string) (*admin.FulfillmentOrderOpenPayload, error) {
	fo, userErrors, err := m.onFulfillmentOrderAs(ctx, "fulfillmentOrderOpen", id, &fulfillment.Open{})
	return &admin.FulfillmentOrderOpenPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderCancel(ctx context.Context, id string) (*admin.FulfillmentOrderCancelPayload, error) {
	payload := &admin.FulfillmentOrderCancelPayload{UserErrors: []*admin.FulfillmentOrderCancelError{}}
	result, refused, err := m.sendAs(ctx, "fulfillmentOrderCancel", id, &fulfillment.Cancel{})
	if err == nil {
		err = unknown(refused, id)
	}
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderCancelError{
			Code: code[admin.FulfillmentOrderCancelErrorCode](refused), Field: refused.Field, Message: refused.Message})
		return payload, nil
	}
	if payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID); err != nil {
		return nil, err
	}
	payload.ReplacementFulfillmentOrder, err = m.fulfillmentOrder(ctx, result.SiblingID)
	return payload, err
}

func (m *mutation) FulfillmentOrderReschedule(ctx context.Context, id string, fulfillAt time.Time) (*admin.FulfillmentOrderReschedulePayload, error) {
	payload := &admin.FulfillmentOrderReschedulePayload{UserErrors: []*admin.FulfillmentOrderRescheduleUserError{}}
	result, refused, err := m.sendAs(ctx, "fulfillmentOrderReschedule", id, &fulfillment.Reschedule{FulfillAt: fulfillAt})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderRescheduleUserError{
			Code: code[admin.FulfillmentOrderRescheduleUserErrorCode](refused), Field: refused.Field, Message: refused.Message})
		return payload, nil
	}
	payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	return payload, err
}

func (m *mutation) FulfillmentOrderReportProgress(ctx context.Context, id string, report *admin.FulfillmentOrderReportProgressInput) (*admin.FulfillmentOrderReportProgressPayload, error) {
	cmd := &fulfillment.ReportProgress{}
	if report != nil {
		cmd.ReasonNotes = value(report.ReasonNotes)
	}
	payload := &admin.FulfillmentOrderReportProgressPayload{UserErrors: []*admin.FulfillmentOrderReportProgressUserError{}}
	result, refused, err := m.sendAs(ctx, "fulfillmentOrderReportProgress", id, cmd)
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		c := code[admin.FulfillmentOrderReportProgressUserErrorCode](refused)
		if refused.Code == fulfillment.CodeInvalidState {
			c = new(admin.FulfillmentOrderReportProgressUserErrorCodeFulfillmentOrderStatusInvalid)
		}
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderReportProgressUserError{Code: c, Field: refused.Field, Message: refused.Message})
		return payload, nil
	}
	payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	return payload, err
}

func (m *mutation) FulfillmentOrdersSetFulfillmentDeadline(ctx context.Context, gids []string, deadline time.Time) (*admin.FulfillmentOrdersSetFulfillmentDeadlinePayload, error) {
	ids, err := admin.ParseGIDs(gids, admin.TypeFulfillmentOrder)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrdersSetFulfillmentDeadlinePayload{UserErrors: []*admin.FulfillmentOrdersSetFulfillmentDeadlineUserError{}}
	_, refused, err := m.sendJointlyAs(ctx, "fulfillmentOrdersSetFulfillmentDeadline",
		&fulfillment.SetDeadlines{FulfillmentOrderIDs: ids, FulfillBy: &deadline}, true)
	if err != nil {
		return nil, err
	}
	payload.Success = new(refused == nil)
	if refused != nil {
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrdersSetFulfillmentDeadlineUserError{
			Code: code[admin.FulfillmentOrdersSetFulfillmentDeadlineUserErrorCode](refused), Field: refused.Field, Message: refused.Message})
	}
	return payload, nil
}

// FulfillmentOrderLineItemsPreparedForPickup checks every entry and says what is wrong with each, as in the source. There
// is nothing to record: the status stays, and mail to customers is not Packhorse's.
func (m *mutation) FulfillmentOrderLineItemsPreparedForPickup(ctx context.Context, input admin.FulfillmentOrderLineItemsPreparedForPickupInput) (*admin.FulfillmentOrderLineItemsPreparedForPickupPayload, error) {
	const operation = "fulfillmentOrderLineItemsPreparedForPickup"
	payload := &admin.FulfillmentOrderLineItemsPreparedForPickupPayload{UserErrors: []*admin.FulfillmentOrderLineItemsPreparedForPickupUserError{}}
	refuse := func(i int, c admin.FulfillmentOrderLineItemsPreparedForPickupUserErrorCode, message string) {
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderLineItemsPreparedForPickupUserError{
			Code: &c, Field: []string{"input", "lineItemsByFulfillmentOrder", strconv.Itoa(i), "fulfillmentOrderId"}, Message: message})
	}
	for i, group := range input.LineItemsByFulfillmentOrder {
		id, err := admin.ParseGIDOf(group.FulfillmentOrderID, admin.TypeFulfillmentOrder)
		if err != nil {
			return nil, err
		}
		fo, refused, err := m.allowed(ctx, operation, id)
		switch {
		case err != nil:
			return nil, err
		case refused != nil, fo.DeliveryMethod != fulfillment.DeliveryPickUp, fo.Status != fulfillment.StatusOpen && fo.Status != fulfillment.StatusInProgress:
			refuse(i, admin.FulfillmentOrderLineItemsPreparedForPickupUserErrorCodeFulfillmentOrderInvalid,
				"Invalid fulfillment_order_id provided "+numberOf(group.FulfillmentOrderID))
		case fo.RemainingUnits() == 0:
			refuse(i, admin.FulfillmentOrderLineItemsPreparedForPickupUserErrorCodeNoLineItemsToPrepareForFulfillmentOrder,
				"There are no line items to prepare for fulfillment order "+fo.ID.String())
		}
	}
	return payload, nil
}

// numberOf is the number in a valid global ID, as it was sent.
func numberOf(gid string) string {
	plain, _, _ := strings.Cut(gid, "?")
	return plain[strings.LastIndexByte(plain, '/')+1:]
}
