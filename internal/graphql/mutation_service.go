package graphql

import (
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/idempotency"
	"packhorse/internal/postgres"
)

func (m *mutation) FulfillmentServiceCreate(ctx context.Context, name string, callbackURL *string, trackingSupport, _, inventoryManagement, requiresShippingMethod *bool) (*admin.FulfillmentServiceCreatePayload, error) {
	if denied := caller(ctx).MayCall("fulfillmentServiceCreate"); denied != nil {
		return nil, denied
	}
	service := fulfillment.Service{
		Name: name, Provider: fulfillment.ManualProvider, AppID: caller(ctx).App.ID, CallbackURL: value(callbackURL),
		TrackingSupport: value(trackingSupport), InventoryManagement: value(inventoryManagement), RequiresShippingMethod: requiresShippingMethod,
	}
	if key, ok := idempotency.KeyFrom(ctx); ok {
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
	deletion := fulfillment.ServiceDeletion{InventoryAction: fulfillment.InventoryAction(value(action)), CommandID: idempotency.CommandID(ctx, "")}
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
	if value(action) == admin.FulfillmentServiceDeleteInventoryActionTransfer {
		if err := m.transfer(ctx, serviceID, deletion.DestinationLocationID); err != nil {
			return nil, err
		}
	}
	err = m.Store.DeleteService(ctx, deletion)
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		return &admin.FulfillmentServiceDeletePayload{UserErrors: plain(refusals...)}, nil
	}
	if err != nil {
		return nil, err
	}
	m.ServicesChanged()
	admin.Forget(ctx)
	deleted := "gid://" + admin.Namespace(ctx) + "/" + admin.TypeFulfillmentService + "/" + serviceID.String() // Without "?id=true", as recorded.
	return &admin.FulfillmentServiceDeletePayload{DeletedID: &deleted, UserErrors: plain()}, nil
}

// transfer moves the service's fulfillment orders to the destination, if all of them can move. If one can't, or the
// destination won't do, all stay where they are, and the deletion says so.
func (m *mutation) transfer(ctx context.Context, serviceID, destination fulfillment.ID) error {
	services, err := m.Store.ServicesByID(ctx, []fulfillment.ID{serviceID})
	if err != nil || services[0] == nil || destination <= 0 {
		return err
	}
	to, err := m.Store.Location(ctx, destination)
	switch {
	case errors.Is(err, postgres.ErrNotFound):
		return nil
	case err != nil:
		return err
	case to.ServiceID != 0 || !to.Active:
		return nil
	}
	fos, err := m.waitingAt(ctx, services[0].LocationID)
	if err != nil {
		return err
	}
	stays := func(fo *fulfillment.FulfillmentOrder) bool { return !canMove(ctx, fo, to) }
	if slices.ContainsFunc(fos, stays) {
		return nil
	}
	for _, fo := range fos {
		move := &fulfillment.Move{NewLocationID: to.ID}
		move.Actor, move.CommandID = caller(ctx).Actor(fo.AssignedLocation), idempotency.CommandID(ctx, fo.ID.String())
		if _, err := m.Commands.Send(ctx, fo.ID, move); err != nil {
			_, err := split(err) // One that is refused has changed since it was read: the deletion says so.
			return err
		}
	}
	return nil
}

// canMove tells whether the caller may move the fulfillment order to the location, and its state allows it.
func canMove(ctx context.Context, fo *fulfillment.FulfillmentOrder, to fulfillment.Location) bool {
	if caller(ctx).MayCallAt("fulfillmentOrderMove", fo.AssignedLocation) != nil {
		return false
	}
	move := &fulfillment.Move{
		NewLocationID: to.ID, Location: new(to.Assign("its fulfillment service was deleted")), UnstockedSKUs: slices.DeleteFunc(fo.SKUs(), to.Stocks),
	}
	move.Actor = caller(ctx).Actor(fo.AssignedLocation)
	_, err := fo.Decide(move, fulfillment.Env{Now: time.Now().UTC()})
	return err == nil
}

// waitingAt lists the fulfillment orders at the location that are not closed.
func (m *mutation) waitingAt(ctx context.Context, locationID fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error) {
	var all []*fulfillment.FulfillmentOrder
	list := postgres.FulfillmentOrderList{LocationIDs: []fulfillment.ID{locationID}}
	list.First = postgres.MaxLimit
	for {
		page, err := m.Store.ListFulfillmentOrders(ctx, list)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if !page.HasNext {
			return all, nil
		}
		list.After = page.Cursors[len(page.Cursors)-1]
	}
}

// ownService reads the ID of a fulfillment service that the caller owns. That of somebody else is not found, like one
// that does not exist.
func (m *mutation) ownService(ctx context.Context, operation, gid string) (fulfillment.ID, *fulfillment.Error, error) {
	if denied := caller(ctx).MayCall(operation); denied != nil {
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
