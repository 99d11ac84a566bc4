package graphql

import (
	"context"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderOpen(ctx context.Context, id string) (*admin.FulfillmentOrderOpenPayload, error) {
	fo, userErrors, err := m.onFulfillmentOrder(ctx, id, &fulfillment.Open{})
	return &admin.FulfillmentOrderOpenPayload{FulfillmentOrder: fo, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentOrderCancel(ctx context.Context, id string) (
	*admin.FulfillmentOrderCancelPayload, error,
) {
	payload := &admin.FulfillmentOrderCancelPayload{}
	result, err := m.send(ctx, id, &fulfillment.Cancel{})
	if ok, err := accepted(&payload.UserErrors, notThere(err, id)); !ok {
		return payload, err
	}
	if payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID); err != nil {
		return nil, err
	}
	payload.ReplacementFulfillmentOrder, err = m.fulfillmentOrder(ctx, result.SiblingID)
	return payload, err
}

func (m *mutation) FulfillmentOrderReschedule(
	ctx context.Context, id string, fulfillAt time.Time,
) (*admin.FulfillmentOrderReschedulePayload, error) {
	payload := &admin.FulfillmentOrderReschedulePayload{}
	result, err := m.send(ctx, id, &fulfillment.Reschedule{FulfillAt: fulfillAt})
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	return payload, err
}

func (m *mutation) FulfillmentOrderReportProgress(
	ctx context.Context, id string, report *admin.FulfillmentOrderReportProgressInput,
) (*admin.FulfillmentOrderReportProgressPayload, error) {
	cmd := &fulfillment.ReportProgress{}
	if report != nil {
		cmd.ReasonNotes = value(report.ReasonNotes)
	}
	payload := &admin.FulfillmentOrderReportProgressPayload{}
	result, err := m.send(ctx, id, cmd)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.FulfillmentOrder, err = m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	return payload, err
}

func (m *mutation) FulfillmentOrdersSetFulfillmentDeadline(ctx context.Context, gids []string, deadline time.Time) (
	*admin.FulfillmentOrdersSetFulfillmentDeadlinePayload, error,
) {
	ids, err := admin.ParseGIDs(gids, admin.TypeFulfillmentOrder)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrdersSetFulfillmentDeadlinePayload{}
	_, err = m.sendJointly(ctx, &fulfillment.SetDeadlines{FulfillmentOrderIDs: ids, FulfillBy: &deadline})
	ok, err := accepted(&payload.UserErrors, err)
	payload.Success = &ok
	return payload, err
}
