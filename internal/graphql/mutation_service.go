package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentServiceCreate(
	ctx context.Context, name string, callbackURL *string,
	trackingSupport, _, inventoryManagement, requiresShippingMethod *bool,
) (*admin.FulfillmentServiceCreatePayload, error) {
	payload := &admin.FulfillmentServiceCreatePayload{}
	added, err := m.Services.Create(ctx, fulfillment.Service{
		Name: name, CallbackURL: value(callbackURL), TrackingSupport: value(trackingSupport),
		InventoryManagement: value(inventoryManagement), RequiresShippingMethod: requiresShippingMethod,
	})
	admin.Forget(ctx)
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.FulfillmentService, err = admin.LoadFulfillmentService(ctx, added.ID)
	return payload, err
}

func (m *mutation) FulfillmentServiceUpdate(
	ctx context.Context, gid string, name, callbackURL *string,
	trackingSupport, _, inventoryManagement, requiresShippingMethod *bool,
) (*admin.FulfillmentServiceUpdatePayload, error) {
	id, err := serviceOf(ctx, gid)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentServiceUpdatePayload{}
	err = m.Services.Update(ctx, fulfillment.ServiceUpdate{
		ID: id, Name: name, CallbackURL: callbackURL, TrackingSupport: trackingSupport,
		InventoryManagement: inventoryManagement, RequiresShippingMethod: requiresShippingMethod,
	})
	admin.Forget(ctx)
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.FulfillmentService, err = admin.LoadFulfillmentService(ctx, id)
	return payload, err
}

func (m *mutation) FulfillmentServiceDelete(
	ctx context.Context, gid string, destinationLocationID *string,
	action *admin.FulfillmentServiceDeleteInventoryAction,
) (*admin.FulfillmentServiceDeletePayload, error) {
	deletion := fulfillment.ServiceDeletion{InventoryAction: fulfillment.InventoryAction(value(action))}
	if destinationLocationID != nil {
		var err error
		deletion.DestinationLocationID, err = admin.ParseGIDOf(*destinationLocationID, admin.TypeLocation)
		if err != nil {
			return nil, err
		}
		if deletion.DestinationLocationID == 0 { // Too large for any location, but given.
			deletion.DestinationLocationID = -1
		}
	}
	var err error
	if deletion.ID, err = serviceOf(ctx, gid); err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentServiceDeletePayload{}
	err = m.Services.Delete(ctx, deletion)
	admin.Forget(ctx)
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	// Without "?id=true", as recorded.
	deleted := "gid://" + admin.Namespace(ctx) + "/" + admin.TypeFulfillmentService + "/" + deletion.ID.String()
	payload.DeletedID = &deleted
	return payload, nil
}

// serviceOf reads the ID of a fulfillment service.
func serviceOf(ctx context.Context, gid string) (fulfillment.ID, error) {
	if err := mayAsk(ctx); err != nil {
		return 0, err
	}
	return admin.ParseGIDOf(gid, admin.TypeFulfillmentService)
}
