package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) LocationAdd(ctx context.Context, in admin.LocationAddInput) (*admin.LocationAddPayload, error) {
	location := fulfillment.Location{Name: in.Name, FulfillsOnlineOrders: in.FulfillsOnlineOrders}
	if a := in.Address; a != nil {
		location.Address1, location.Address2, location.City = value(a.Address1), value(a.Address2), value(a.City)
		location.Zip, location.ProvinceCode, location.Phone = value(a.Zip), value(a.ProvinceCode), value(a.Phone)
		location.CountryCode = a.CountryCode
	}
	payload := &admin.LocationAddPayload{}
	id, err := m.Locations.Add(ctx, location)
	admin.Forget(ctx)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.Location, err = admin.LoadLocation(ctx, id)
	return payload, err
}
