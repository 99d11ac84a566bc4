package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
	"packhorse/internal/temporalio"
)

func (m *mutation) FulfillmentServiceCreate(ctx context.Context, name string, callbackURL *string, trackingSupport, _, inventoryManagement, requiresShippingMethod *bool) (*admin.FulfillmentServiceCreatePayload, error) {
	if denied := caller(ctx).MayCall("fulfillmentServiceCreate"); denied != nil {
		return nil, denied
	}
	service := fulfillment.Service{
		Name: name, Provider: fulfillment.ManualProvider, AppID: caller(ctx).App.ID, CallbackURL: value(callbackURL),
		TrackingSupport: value(trackingSupport), InventoryManagement: value(inventoryManagement), RequiresShippingMethod: requiresShippingMethod,
	}
	if key, ok := operation.KeyFrom(ctx); ok {
		service.ID, service.LocationID = key.ID("fulfillment-service"), key.ID("location")
	}
	added, err := m.Store.AddService(ctx, service)
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		return &admin.FulfillmentServiceCreatePayload{UserErrors: plain(refusals...)}, nil
	}
	if err != nil {
		return nil, err
	}
	m.ServicesChanged()
	admin.Forget(ctx)
	loaded, err := admin.LoadFulfillmentService(ctx, added.ID)
	return &admin.FulfillmentServiceCreatePayload{FulfillmentService: loaded, UserErrors: plain()}, err
}

func (m *mutation) FulfillmentServiceUpdate(ctx context.Context, id string, name, callbackURL *string, trackingSupport, _, inventoryManagement, requiresShippingMethod *bool) (*admin.FulfillmentServiceUpdatePayload, error) {
	serviceID, refused, err := m.ownService(ctx, "fulfillmentServiceUpdate", id)
	if err != nil || refused != nil {
		return &admin.FulfillmentServiceUpdatePayload{UserErrors: plain(refused)}, err
	}
	_, err = m.Store.UpdateService(ctx, fulfillment.ServiceUpdate{
		ID: serviceID, Name: name, CallbackURL: callbackURL, TrackingSupport: trackingSupport,
		InventoryManagement: inventoryManagement, RequiresShippingMethod: requiresShippingMethod,
	})
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		return &admin.FulfillmentServiceUpdatePayload{UserErrors: plain(refusals...)}, nil
	}
	if err != nil {
		return nil, err
	}
	admin.Forget(ctx)
	updated, err := admin.LoadFulfillmentService(ctx, serviceID)
	return &admin.FulfillmentServiceUpdatePayload{FulfillmentService: updated, UserErrors: plain()}, err
}

func (m *mutation) FulfillmentServiceDelete(ctx context.Context, id string, destinationLocationID *string, action *admin.FulfillmentServiceDeleteInventoryAction) (*admin.FulfillmentServiceDeletePayload, error) {
	deletion := fulfillment.ServiceDeletion{
		InventoryAction: fulfillment.InventoryAction(value(action)), CommandID: operation.CommandID(ctx, ""),
	}
	if destinationLocationID != nil {
		var err error
		if deletion.DestinationLocationID, err = admin.ParseGIDOf(*destinationLocationID, admin.TypeLocation); err != nil {
			return nil, err
		}
		if deletion.DestinationLocationID == 0 { // Too large for any location, but given.
			deletion.DestinationLocationID = -1
		}
	}
	serviceID, refused, err := m.ownService(ctx, "fulfillmentServiceDelete", id)
	if err != nil || refused != nil {
		return &admin.FulfillmentServiceDeletePayload{UserErrors: plain(refused)}, err
	}
	deletion.ID = serviceID
	by := caller(ctx)
	cmd := temporalio.DeleteService{ServiceDeletion: deletion, App: by.App, Services: by.Services}
	if err := m.Commands.DeleteService(ctx, cmd); err != nil {
		refused, err := split(err)
		return &admin.FulfillmentServiceDeletePayload{UserErrors: plain(refused)}, err
	}
	m.ServicesChanged()
	admin.Forget(ctx)
	deleted := "gid://" + admin.Namespace(ctx) + "/" + admin.TypeFulfillmentService + "/" + serviceID.String() // Without "?id=true", as recorded.
	return &admin.FulfillmentServiceDeletePayload{DeletedID: &deleted, UserErrors: plain()}, nil
}

// ownService reads the ID of a fulfillment service that the caller owns. That of somebody else is not found, like one
// that does not exist.
func (m *mutation) ownService(ctx context.Context, name, gid string) (fulfillment.ID, *fulfillment.Error, error) {
	if denied := caller(ctx).MayCall(name); denied != nil {
		return 0, nil, denied
	}
	id, err := admin.ParseGIDOf(gid, admin.TypeFulfillmentService)
	if err != nil {
		return 0, nil, err
	}
	if !caller(ctx).Owns(id) {
		return 0, fulfillment.ServiceNotFound(), nil
	}
	return id, nil, nil
}
