package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
)

func (m *mutation) LocationAdd(ctx context.Context, in admin.LocationAddInput) (*admin.LocationAddPayload, error) {
	if denied := caller(ctx).MayCall("locationAdd"); denied != nil {
		return nil, denied
	}
	location := fulfillment.Location{Name: in.Name, Active: true, StocksAll: true,
		Priority: fulfillment.AddedLocationPriority, FulfillsOnlineOrders: in.FulfillsOnlineOrders}
	if a := in.Address; a != nil {
		location.Address1, location.Address2, location.City, location.Zip = value(a.Address1), value(a.Address2), value(a.City), value(a.Zip)
		location.ProvinceCode, location.CountryCode, location.Phone = value(a.ProvinceCode), a.CountryCode, value(a.Phone)
	}
	if key, ok := operation.KeyFrom(ctx); ok {
		location.ID = key.ID("location")
	}
	added, err := m.Store.AddLocation(ctx, location)
	if refusals := fulfillment.AsRefusals(err); refusals != nil {
		payload := &admin.LocationAddPayload{UserErrors: []*admin.LocationAddUserError{}}
		for _, e := range refusals {
			payload.UserErrors = append(payload.UserErrors, &admin.LocationAddUserError{
				Code: code[admin.LocationAddUserErrorCode](e), Field: e.Field, Message: e.Message})
		}
		return payload, nil
	}
	if err != nil {
		return nil, err
	}
	admin.Forget(ctx)
	loaded, err := admin.LoadLocation(ctx, added.ID)
	return &admin.LocationAddPayload{Location: loaded, UserErrors: []*admin.LocationAddUserError{}}, err
}
