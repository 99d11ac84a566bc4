package graphql

import (
	"context"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentCreate(
	ctx context.Context, in admin.FulfillmentInput, message *string,
) (*admin.FulfillmentCreatePayload, error) {
	f, userErrors, err := m.ship(ctx, in, message)
	return &admin.FulfillmentCreatePayload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentCreateV2(
	ctx context.Context, in admin.FulfillmentV2Input, message *string,
) (*admin.FulfillmentCreateV2Payload, error) {
	f, userErrors, err := m.ship(ctx, admin.FulfillmentInput(in), message)
	return &admin.FulfillmentCreateV2Payload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) ship(
	ctx context.Context, in admin.FulfillmentInput, message *string,
) (*admin.Fulfillment, []*admin.UserError, error) {
	cmd := &fulfillment.Ship{
		Message: value(message), NotifyCustomer: value(in.NotifyCustomer),
		OriginAddress: originAddress(in.OriginAddress),
	}
	if in.TrackingInfo != nil {
		cmd.Tracking = new(tracking(*in.TrackingInfo))
	}
	for _, g := range in.LineItemsByFulfillmentOrder {
		id, err := admin.ParseGIDOf(g.FulfillmentOrderID, admin.TypeFulfillmentOrder)
		if err != nil { // The one mutation with another text for it, as recorded.
			return nil, nil, &gqlerror.Error{
				Message: "invalid id", Extensions: map[string]any{"code": admin.CodeNotFound},
			}
		}
		lines, err := quantities(g.FulfillmentOrderLineItems)
		if err != nil {
			return nil, nil, err
		}
		cmd.Groups = append(cmd.Groups, fulfillment.ShipGroup{FulfillmentOrderID: id, Lines: lines})
	}
	result, err := m.FulfillmentOrders.Ship(ctx, cmd)
	admin.Forget(ctx)
	return shipment(ctx, result, err)
}

func (m *mutation) FulfillmentCancel(ctx context.Context, id string) (*admin.FulfillmentCancelPayload, error) {
	f, userErrors, err := m.onShipment(ctx, id, func(id fulfillment.ID) fulfillment.ShipmentCommand {
		return &fulfillment.CancelFulfillment{FulfillmentID: id}
	})
	return &admin.FulfillmentCancelPayload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentTrackingInfoUpdate(
	ctx context.Context, id string, in admin.FulfillmentTrackingInput, notify *bool,
) (*admin.FulfillmentTrackingInfoUpdatePayload, error) {
	f, userErrors, err := m.updateTracking(ctx, id, in, notify)
	return &admin.FulfillmentTrackingInfoUpdatePayload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentTrackingInfoUpdateV2(
	ctx context.Context, id string, in admin.FulfillmentTrackingInput, notify *bool,
) (*admin.FulfillmentTrackingInfoUpdateV2Payload, error) {
	f, userErrors, err := m.updateTracking(ctx, id, in, notify)
	return &admin.FulfillmentTrackingInfoUpdateV2Payload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) updateTracking(
	ctx context.Context, id string, in admin.FulfillmentTrackingInput, notify *bool,
) (*admin.Fulfillment, []*admin.UserError, error) {
	return m.onShipment(ctx, id, func(id fulfillment.ID) fulfillment.ShipmentCommand {
		return &fulfillment.UpdateTracking{FulfillmentID: id, Tracking: tracking(in), NotifyCustomer: value(notify)}
	})
}

func (m *mutation) FulfillmentEventCreate(
	ctx context.Context, in admin.FulfillmentEventInput,
) (*admin.FulfillmentEventCreatePayload, error) {
	payload := &admin.FulfillmentEventCreatePayload{}
	result, err := m.sendToOwner(ctx, in.FulfillmentID, func(id fulfillment.ID) fulfillment.ShipmentCommand {
		return &fulfillment.RecordEvent{
			FulfillmentID: id, Status: in.Status, Message: value(in.Message), HappenedAt: in.HappenedAt,
			EstimatedDeliveryAt: in.EstimatedDeliveryAt, Address1: value(in.Address1), City: value(in.City),
			Province: value(in.Province), Country: value(in.Country), Zip: value(in.Zip),
			Latitude: in.Latitude, Longitude: in.Longitude,
		}
	})
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.FulfillmentEvent, err = admin.LoadFulfillmentEvent(ctx, result.EventID)
	return payload, err
}

// onShipment answers a mutation of a shipment whose payload is the shipment.
func (m *mutation) onShipment(
	ctx context.Context, gid string, command func(fulfillment.ID) fulfillment.ShipmentCommand,
) (*admin.Fulfillment, []*admin.UserError, error) {
	result, err := m.sendToOwner(ctx, gid, command)
	return shipment(ctx, result, err)
}

// sendToOwner gives a command on the shipment with this global ID to the fulfillment order that owns it. What is read
// next is read anew.
func (m *mutation) sendToOwner(
	ctx context.Context, gid string, command func(fulfillment.ID) fulfillment.ShipmentCommand,
) (fulfillment.Result, error) {
	if err := mayAsk(ctx); err != nil {
		return fulfillment.Result{}, err
	}
	id, err := admin.ParseGIDOf(gid, admin.TypeFulfillment)
	if err != nil {
		return fulfillment.Result{}, err
	}
	defer admin.Forget(ctx)
	return m.FulfillmentOrders.SendToOwner(ctx, command(id))
}

// shipment makes a payload's shipment and user errors of what an operation came to.
func shipment(ctx context.Context, result fulfillment.Result, err error) (
	f *admin.Fulfillment, userErrors []*admin.UserError, ended error,
) {
	if ok, err := acceptedPlain(&userErrors, named(ctx, err)); !ok {
		return nil, userErrors, err
	}
	f, ended = admin.LoadFulfillment(ctx, result.FulfillmentID)
	return f, userErrors, ended
}

func tracking(in admin.FulfillmentTrackingInput) fulfillment.TrackingInput {
	return fulfillment.TrackingInput{
		Company: value(in.Company), Number: value(in.Number), URL: value(in.URL), Numbers: in.Numbers, URLs: in.Urls,
	}
}

func originAddress(in *admin.FulfillmentOriginAddressInput) *fulfillment.OriginAddress {
	if in == nil {
		return nil
	}
	return &fulfillment.OriginAddress{Address1: value(in.Address1), Address2: value(in.Address2), City: value(in.City),
		Zip: value(in.Zip), ProvinceCode: value(in.ProvinceCode), CountryCode: in.CountryCode}
}
