package graphql

import (
	"context"

	"packhorse/internal/graphql/admin"
	"packhorse/internal/returns"
)

// ReverseDeliveryCreateWithShipping says that a parcel comes back.
func (m *mutation) ReverseDeliveryCreateWithShipping(
	ctx context.Context, label *admin.ReverseDeliveryLabelInput, notify *bool,
	lines []*admin.ReverseDeliveryLineItemInput, workID string, tracking *admin.ReverseDeliveryTrackingInput,
) (*admin.ReverseDeliveryCreateWithShippingPayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	payload := new(admin.ReverseDeliveryCreateWithShippingPayload)
	cmd := &returns.CreateDelivery{
		Tracking: reverseTracking(tracking), Label: reverseLabel(label), Notify: value(notify),
	}
	var err error
	if cmd.WorkID, err = admin.ParseGIDOrZero(workID, admin.TypeReverseFulfillmentOrder); err != nil {
		return nil, err
	}
	for _, l := range lines {
		id, err := admin.ParseGIDOrZero(
			l.ReverseFulfillmentOrderLineItemID, admin.TypeReverseFulfillmentOrderLineItem,
		)
		if err != nil {
			return nil, err
		}
		cmd.Lines = append(cmd.Lines, returns.DeliveryUnits{WorkLineID: id, Quantity: l.Quantity})
	}
	result, err := m.Returns.CreateDelivery(ctx, cmd)
	payload.ReverseDelivery, err = parcel(ctx, result, err, &payload.UserErrors)
	return payload, err
}

// ReverseDeliveryShippingUpdate changes a parcel's tracking and label.
func (m *mutation) ReverseDeliveryShippingUpdate(
	ctx context.Context, label *admin.ReverseDeliveryLabelInput, notify *bool, deliveryID string,
	tracking *admin.ReverseDeliveryTrackingInput,
) (*admin.ReverseDeliveryShippingUpdatePayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	payload := new(admin.ReverseDeliveryShippingUpdatePayload)
	cmd := &returns.UpdateDelivery{
		Tracking: reverseTracking(tracking), Label: reverseLabel(label), Notify: value(notify),
	}
	var err error
	if cmd.DeliveryID, err = admin.ParseGIDOrZero(deliveryID, admin.TypeReverseDelivery); err != nil {
		return nil, err
	}
	result, err := m.Returns.UpdateDelivery(ctx, cmd)
	payload.ReverseDelivery, err = parcel(ctx, result, err, &payload.UserErrors)
	return payload, err
}

// ReverseFulfillmentOrderDispose says what became of units.
func (m *mutation) ReverseFulfillmentOrderDispose(
	ctx context.Context, inputs []*admin.ReverseFulfillmentOrderDisposeInput,
) (*admin.ReverseFulfillmentOrderDisposePayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	payload := new(admin.ReverseFulfillmentOrderDisposePayload)
	units, err := dispositions(inputs)
	if err != nil {
		return nil, err
	}
	result, err := m.Returns.Dispose(ctx, &returns.Dispose{Units: units})
	admin.Forget(ctx)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.ReverseFulfillmentOrderLineItems, err = admin.LoadReverseFulfillmentOrderLineItems(
		ctx, result.ReturnID, result.WorkLines,
	)
	return payload, err
}

// parcel makes a payload's reverse delivery and user errors of what an operation came to. What is read next is read
// anew.
func parcel(
	ctx context.Context, result returns.Result, err error, refusals *[]*admin.ReturnUserError,
) (*admin.ReverseDelivery, error) {
	admin.Forget(ctx)
	if ok, err := accepted(refusals, err); !ok {
		return nil, err
	}
	return admin.LoadReverseDelivery(ctx, result.DeliveryID)
}

// dispositions reads what became of units. Where a location can't exist, it is one that nobody has.
func dispositions(inputs []*admin.ReverseFulfillmentOrderDisposeInput) ([]returns.DisposeUnits, error) {
	var list []returns.DisposeUnits
	for _, in := range inputs {
		line, err := admin.ParseGIDOrZero(
			in.ReverseFulfillmentOrderLineItemID, admin.TypeReverseFulfillmentOrderLineItem,
		)
		if err != nil {
			return nil, err
		}
		units := returns.DisposeUnits{WorkLineID: line, Quantity: in.Quantity, Type: in.DispositionType}
		if in.LocationID != nil {
			if units.LocationID, err = admin.ParseGIDOrZero(*in.LocationID, admin.TypeLocation); err != nil {
				return nil, err
			}
			if units.LocationID == 0 {
				units.LocationID = -1
			}
		}
		list = append(list, units)
	}
	return list, nil
}

func reverseTracking(in *admin.ReverseDeliveryTrackingInput) *returns.TrackingInput {
	if in == nil {
		return nil
	}
	return &returns.TrackingInput{Number: value(in.Number), URL: value(in.URL)}
}

func reverseLabel(in *admin.ReverseDeliveryLabelInput) *returns.LabelInput {
	if in == nil {
		return nil
	}
	return &returns.LabelInput{FileURL: in.FileURL}
}
