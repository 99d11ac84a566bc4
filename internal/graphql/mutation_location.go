package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

// LocationAdd adds a location that has everything in stock. Routing asks it after those that operators placed.
func (m *mutation) LocationAdd(ctx context.Context, in admin.LocationAddInput) (*admin.LocationAddPayload, error) {
	location := fulfillment.Location{
		Name: in.Name, FulfillsOnlineOrders: in.FulfillsOnlineOrders,
		Active: true, StocksAll: true, Priority: fulfillment.AddedLocationPriority,
	}
	if a := in.Address; a != nil {
		location.Address1, location.Address2, location.City = value(a.Address1), value(a.Address2), value(a.City)
		location.Zip, location.ProvinceCode, location.Phone = value(a.Zip), value(a.ProvinceCode), value(a.Phone)
		location.CountryCode = a.CountryCode
	}
	payload := &admin.LocationAddPayload{}
	added, err := m.Locations.Add(ctx, location)
	admin.Forget(ctx)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.Location, err = admin.LoadLocation(ctx, added.ID)
	return payload, err
}

func (m *mutation) LocationEdit(
	ctx context.Context, gid string, in admin.LocationEditInput,
) (*admin.LocationEditPayload, error) {
	id, err := locationOf(ctx, gid)
	if err != nil {
		return nil, err
	}
	edit := fulfillment.LocationEdit{ID: id, Name: in.Name, FulfillsOnlineOrders: in.FulfillsOnlineOrders}
	if a := in.Address; a != nil {
		edit.Address1, edit.Address2, edit.City, edit.Zip = a.Address1, a.Address2, a.City, a.Zip
		edit.ProvinceCode, edit.CountryCode, edit.Phone = a.ProvinceCode, a.CountryCode, a.Phone
	}
	payload := &admin.LocationEditPayload{}
	_, err = m.Locations.Edit(ctx, edit)
	admin.Forget(ctx)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.Location, err = admin.LoadLocation(ctx, id)
	return payload, err
}

// LocationActivate answers with the location also when it is refused.
func (m *mutation) LocationActivate(ctx context.Context, gid string) (*admin.LocationActivatePayload, error) {
	id, err := locationOf(ctx, gid)
	if err != nil {
		return nil, err
	}
	payload := &admin.LocationActivatePayload{}
	_, err = m.Locations.Activate(ctx, id)
	admin.Forget(ctx)
	if _, err := accepted(&payload.LocationActivateUserErrors, err); err != nil {
		return nil, err
	}
	payload.Location, err = admin.LoadLocation(ctx, id)
	return payload, err
}

// LocationDeactivate answers with the location also when it is refused.
func (m *mutation) LocationDeactivate(
	ctx context.Context, gid string, destination *string,
) (*admin.LocationDeactivatePayload, error) {
	id, err := locationOf(ctx, gid)
	if err != nil {
		return nil, err
	}
	deactivation := fulfillment.LocationDeactivation{ID: id}
	if destination != nil {
		if deactivation.DestinationID, err = admin.ParseGIDOf(*destination, admin.TypeLocation); err != nil {
			return nil, err
		}
		if deactivation.DestinationID == 0 { // Too large for any location, but given.
			deactivation.DestinationID = -1
		}
	}
	payload := &admin.LocationDeactivatePayload{}
	_, err = m.Locations.Deactivate(ctx, deactivation)
	admin.Forget(ctx)
	if _, err := accepted(&payload.LocationDeactivateUserErrors, err); err != nil {
		return nil, err
	}
	payload.Location, err = admin.LoadLocation(ctx, id)
	return payload, err
}

func (m *mutation) LocationDelete(ctx context.Context, gid string) (*admin.LocationDeletePayload, error) {
	id, err := locationOf(ctx, gid)
	if err != nil {
		return nil, err
	}
	payload := &admin.LocationDeletePayload{}
	err = m.Locations.Delete(ctx, id)
	admin.Forget(ctx)
	if ok, err := accepted(&payload.LocationDeleteUserErrors, err); !ok {
		return payload, err
	}
	payload.DeletedLocationID = new(admin.GID{Type: admin.TypeLocation, ID: id}.Text(admin.Namespace(ctx)))
	return payload, nil
}

// locationOf reads the ID of a location.
func locationOf(ctx context.Context, gid string) (fulfillment.ID, error) {
	if err := mayAsk(ctx); err != nil {
		return 0, err
	}
	return admin.ParseGIDOf(gid, admin.TypeLocation)
}
