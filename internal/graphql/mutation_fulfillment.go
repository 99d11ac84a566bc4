package graphql

import (
	"context"
	"errors"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/postgres"
)

func (m *mutation) FulfillmentCreate(ctx context.Context, in admin.FulfillmentInput, message *string) (*admin.FulfillmentCreatePayload, error) {
	f, userErrors, err := m.ship(ctx, "fulfillmentCreate", in, message)
	return &admin.FulfillmentCreatePayload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentCreateV2(ctx context.Context, in admin.FulfillmentV2Input, message *string) (*admin.FulfillmentCreateV2Payload, error) {
	f, userErrors, err := m.ship(ctx, "fulfillmentCreateV2", admin.FulfillmentInput(in), message)
	return &admin.FulfillmentCreateV2Payload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) ship(ctx context.Context, operation string, in admin.FulfillmentInput, message *string) (*admin.Fulfillment, []*admin.UserError, error) {
	cmd := &fulfillment.Ship{Message: value(message), NotifyCustomer: value(in.NotifyCustomer), OriginAddress: originAddress(in.OriginAddress)}
	if in.TrackingInfo != nil {
		cmd.Tracking = new(tracking(*in.TrackingInfo))
	}
	for _, g := range in.LineItemsByFulfillmentOrder {
		id, err := admin.ParseGIDOf(g.FulfillmentOrderID, admin.TypeFulfillmentOrder)
		if err != nil { // The one mutation with another text for it, as recorded.
			return nil, nil, &gqlerror.Error{Message: "invalid id", Extensions: map[string]any{"code": admin.CodeNotFound}}
		}
		lines, err := quantities(g.FulfillmentOrderLineItems)
		if err != nil {
			return nil, nil, err
		}
		cmd.Groups = append(cmd.Groups, fulfillment.ShipGroup{FulfillmentOrderID: id, Lines: lines})
	}
	result, refused, err := m.shipGroups(ctx, operation, cmd)
	if err != nil || refused != nil {
		return nil, plain(refused), err
	}
	f, err := admin.LoadFulfillment(ctx, result.FulfillmentID)
	return f, plain(), err
}

// shipGroups sends a shipment from one fulfillment order straight to it: nobody else is concerned.
func (m *mutation) shipGroups(ctx context.Context, operation string, cmd *fulfillment.Ship) (fulfillment.Result, *fulfillment.Error, error) {
	if len(cmd.Groups) == 1 && cmd.Groups[0].FulfillmentOrderID != 0 {
		result, refused, err := m.sendToAs(ctx, operation, cmd.Groups[0].FulfillmentOrderID, &fulfillment.CreateFulfillment{
			Lines: cmd.Groups[0].Lines, Tracking: cmd.Tracking, NotifyCustomer: cmd.NotifyCustomer, Message: cmd.Message, OriginAddress: cmd.OriginAddress,
		})
		if refused == nil || refused.Code != fulfillment.CodeNotFound { // Else with the place that several give it.
			return result, refused, err
		}
	}
	results, refused, err := m.sendJointlyAs(ctx, operation, cmd, false)
	if err != nil || refused != nil {
		return fulfillment.Result{}, refused, err
	}
	return results[0], nil, nil
}

func (m *mutation) FulfillmentCancel(ctx context.Context, id string) (*admin.FulfillmentCancelPayload, error) {
	f, userErrors, err := m.onFulfillment(ctx, "fulfillmentCancel", id, &fulfillment.Error{Field: []string{"id"}, Message: "Fulfillment not found."},
		func(id fulfillment.ID) fulfillment.Command { return &fulfillment.CancelFulfillment{FulfillmentID: id} })
	return &admin.FulfillmentCancelPayload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentTrackingInfoUpdate(ctx context.Context, id string, in admin.FulfillmentTrackingInput, notify *bool) (*admin.FulfillmentTrackingInfoUpdatePayload, error) {
	f, userErrors, err := m.updateTracking(ctx, "fulfillmentTrackingInfoUpdate", id, in, notify)
	return &admin.FulfillmentTrackingInfoUpdatePayload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) FulfillmentTrackingInfoUpdateV2(ctx context.Context, id string, in admin.FulfillmentTrackingInput, notify *bool) (*admin.FulfillmentTrackingInfoUpdateV2Payload, error) {
	f, userErrors, err := m.updateTracking(ctx, "fulfillmentTrackingInfoUpdateV2", id, in, notify)
	return &admin.FulfillmentTrackingInfoUpdateV2Payload{Fulfillment: f, UserErrors: userErrors}, err
}

func (m *mutation) updateTracking(ctx context.Context, operation, id string, in admin.FulfillmentTrackingInput, notify *bool) (*admin.Fulfillment, []*admin.UserError, error) {
	return m.onFulfillment(ctx, operation, id, &fulfillment.Error{Field: []string{"fulfillmentId"}, Message: "Fulfillment does not exist."},
		func(id fulfillment.ID) fulfillment.Command {
			return &fulfillment.UpdateTracking{FulfillmentID: id, Tracking: tracking(in), NotifyCustomer: value(notify)}
		})
}

func (m *mutation) FulfillmentEventCreate(ctx context.Context, in admin.FulfillmentEventInput) (*admin.FulfillmentEventCreatePayload, error) {
	result, refused, err := m.sendToOwner(ctx, "fulfillmentEventCreate", in.FulfillmentID,
		&fulfillment.Error{Field: []string{"fulfillmentEvent", "fulfillmentId"}, Message: "Fulfillment does not exist."},
		func(id fulfillment.ID) fulfillment.Command {
			return &fulfillment.RecordEvent{
				FulfillmentID: id, Status: in.Status, Message: value(in.Message), HappenedAt: in.HappenedAt,
				EstimatedDeliveryAt: in.EstimatedDeliveryAt, Address1: value(in.Address1), City: value(in.City),
				Province: value(in.Province), Country: value(in.Country), Zip: value(in.Zip), Latitude: in.Latitude, Longitude: in.Longitude,
			}
		})
	if err != nil || refused != nil {
		return &admin.FulfillmentEventCreatePayload{UserErrors: plain(refused)}, err
	}
	event, err := admin.LoadFulfillmentEvent(ctx, result.EventID)
	return &admin.FulfillmentEventCreatePayload{FulfillmentEvent: event, UserErrors: plain()}, err
}

// onFulfillment answers a mutation whose payload is the fulfillment.
func (m *mutation) onFulfillment(ctx context.Context, operation, gid string, notFound *fulfillment.Error, command func(fulfillment.ID) fulfillment.Command) (*admin.Fulfillment, []*admin.UserError, error) {
	result, refused, err := m.sendToOwner(ctx, operation, gid, notFound, command)
	if err != nil || refused != nil {
		return nil, plain(refused), err
	}
	f, err := admin.LoadFulfillment(ctx, result.FulfillmentID)
	return f, plain(), err
}

// sendToOwner gives a command on a fulfillment to the fulfillment order that owns it; notFound is the refusal when there is
// no such fulfillment.
func (m *mutation) sendToOwner(ctx context.Context, operation, gid string, notFound *fulfillment.Error, command func(fulfillment.ID) fulfillment.Command) (fulfillment.Result, *fulfillment.Error, error) {
	if denied := caller(ctx).MayCall(operation); denied != nil {
		return fulfillment.Result{}, nil, denied
	}
	id, err := admin.ParseGIDOf(gid, admin.TypeFulfillment)
	if err != nil {
		return fulfillment.Result{}, nil, err
	}
	owner, _, err := m.Store.Fulfillment(ctx, id)
	if errors.Is(err, postgres.ErrNotFound) {
		return fulfillment.Result{}, notFound, nil
	}
	if err != nil {
		return fulfillment.Result{}, nil, err
	}
	return m.sendToAs(ctx, operation, owner.ID, command(id))
}

func tracking(in admin.FulfillmentTrackingInput) fulfillment.TrackingInput {
	return fulfillment.TrackingInput{Company: value(in.Company), Number: value(in.Number), URL: value(in.URL), Numbers: in.Numbers, URLs: in.Urls}
}

func originAddress(in *admin.FulfillmentOriginAddressInput) *fulfillment.OriginAddress {
	if in == nil {
		return nil
	}
	return &fulfillment.OriginAddress{Address1: value(in.Address1), Address2: value(in.Address2), City: value(in.City),
		Zip: value(in.Zip), ProvinceCode: value(in.ProvinceCode), CountryCode: in.CountryCode}
}
