package postgres

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

func TestProviderCall(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o := b.order()
	o.ShippingAddress = &fulfillment.Address{FirstName: "Ada", Address1: "Kai 1", City: "Hamburg", CountryCode: "DE"}
	o.LineItems[0].UnitPrice, o.LineItems[0].Weight = "12.50", &fulfillment.Weight{Value: 0.4, Unit: fulfillment.Pounds}
	o.LineItems[0].HarmonizedSystemCode, o.LineItems[0].CountryCodeOfOrigin = "610910", "PT"
	o.ShippingOption = &fulfillment.ShippingOption{Rule: fulfillment.RuleFastest, WithinDays: new(3)}
	fos, transitions := b.plan(o, merchant)
	if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
		t.Fatal(err)
	}
	added := b.service(
		fulfillment.Service{Name: "Ship Co", Provider: "simulated", Options: map[string]any{"seed": 7.0}},
	)
	var lines []fulfillment.CallLine
	for _, l := range o.LineItems {
		lines = append(lines, fulfillment.CallLine{ID: l.ID, UnitPrice: l.UnitPrice, Weight: l.Weight,
			HarmonizedSystemCode: l.HarmonizedSystemCode, CountryCodeOfOrigin: l.CountryCodeOfOrigin})
	}
	own, err := b.AddLocation(t.Context(), fulfillment.Location{ID: merchant.LocationID, Name: merchant.Name,
		Address1: "Kai 2", City: "Hamburg", Zip: "20457", ProvinceCode: "HH", CountryCode: "DE", Phone: "+49"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		location fulfillment.ID
		options  map[string]any
		from     *fulfillment.Address
	}{{added.LocationID, added.Options, nil}, {own.ID, nil, &fulfillment.Address{Company: merchant.Name,
		Address1: "Kai 2", City: "Hamburg", Zip: "20457", ProvinceCode: "HH", CountryCode: "DE", Phone: "+49"}}} {
		got, err := b.ProviderCall(t.Context(), o.ID, test.location, 0)
		if diff := cmp.Diff(
			fulfillment.CallDetails{ServiceOptions: test.options, Destination: o.ShippingAddress,
				CurrencyCode: o.CurrencyCode, From: test.from, Lines: lines,
				ShippingOption: o.ShippingOption}, got,
		); err != nil || diff != "" {
			t.Errorf("%v; -want +got:\n%s", err, diff)
		}
	}
	for _, ids := range [][2]fulfillment.ID{{404, own.ID}, {o.ID, 404}} {
		if _, err := b.ProviderCall(t.Context(), ids[0], ids[1], 0); !errors.Is(err, fulfillment.ErrNotFound) {
			t.Errorf("order %d, location %d: %v, want fulfillment.ErrNotFound", ids[0], ids[1], err)
		}
	}
}
