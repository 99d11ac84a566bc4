package fulfillment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What an edit says is changed, and nothing else.
func TestLocationEditApply(t *testing.T) {
	t.Parallel()
	before := Location{ID: 4, Name: "Köln", City: "Köln", Active: true, Priority: 10, SKUs: []string{"A", "B"}}
	for name, test := range map[string]struct {
		edit   LocationEdit
		change func(l *Location)
	}{
		"nothing": {LocationEdit{}, func(*Location) {}},
		"the address": {
			LocationEdit{
				Name: new("Bonn"), CountryCode: new("DE"), ProvinceCode: new("NW"), City: new("Bonn"),
				Address1: new("Markt 1"), Address2: new("Hof"), Zip: new("53111"), Phone: new("+49 228 1"),
			},
			func(l *Location) {
				l.Name, l.CountryCode, l.ProvinceCode, l.City = "Bonn", "DE", "NW", "Bonn"
				l.Address1, l.Address2, l.Zip, l.Phone = "Markt 1", "Hof", "53111", "+49 228 1"
			}},
		"a text that is taken away": {LocationEdit{City: new("")}, func(l *Location) { l.City = "" }},
		"what routing goes by": {
			LocationEdit{Priority: new(3), Default: new(true), StocksAll: new(true), FulfillsOnlineOrders: new(false)},
			func(l *Location) {
				l.Priority, l.Default, l.StocksAll, l.FulfillsOnlineOrders = 3, true, true, new(false)
			}},
		"SKUs": {LocationEdit{AddSKUs: []string{"C", "B", "C"}, RemoveSKUs: []string{"A", "Z"}},
			func(l *Location) { l.SKUs = []string{"B", "C"} }},
	} {
		want := before
		test.change(&want)
		if diff := cmp.Diff(want, test.edit.Apply(before)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"A", "B"}, before.SKUs); diff != "" {
		t.Errorf("the location itself has changed: %s", diff)
	}
}

func TestLocationEditCheck(t *testing.T) {
	t.Parallel()
	no := false
	plain := Location{ID: 4, Name: "Köln", Active: true, SKUs: []string{"A"}}
	others := []Location{
		{ID: 8, Name: "Berlin", Active: true, FulfillsOnlineOrders: &no}, {ID: 9, Name: "Hamburg"},
	}
	for name, test := range map[string]struct {
		change func(before *Location, others *[]Location)
		edit   LocationEdit
		want   []string
	}{
		"nothing":                      {edit: LocationEdit{}},
		"its own name in another case": {edit: LocationEdit{Name: new("KÖLN")}},
		"the name of an active one": {edit: LocationEdit{Name: new("berlin")},
			want: []string{"TAKEN input.name You already have a location with this name"}},
		"the name of an inactive one": {edit: LocationEdit{Name: new("Hamburg")}},
		"no name":                     {edit: LocationEdit{Name: new("")}, want: []string{"BLANK input.name Name can't be blank"}},
		"a text that is too long": {edit: LocationEdit{City: new(strings.Repeat("x", 256))},
			want: []string{"TOO_LONG input.address.city City is too long (maximum is 255 characters)"}},
		"no online orders at the last one that takes them": {edit: LocationEdit{FulfillsOnlineOrders: &no},
			want: []string{"CANNOT_DISABLE_ONLINE_ORDER_FULFILLMENT input.fulfillsOnlineOrders " +
				"At least one location must fulfill online orders."}},
		"no online orders where another one takes them": {
			change: func(_ *Location, others *[]Location) { (*others)[0].FulfillsOnlineOrders = nil },
			edit:   LocationEdit{FulfillsOnlineOrders: &no}},
		"no online orders at a service": {
			change: func(before *Location, _ *[]Location) { before.ServiceID = 3 },
			edit:   LocationEdit{FulfillsOnlineOrders: &no},
			want: []string{"CANNOT_MODIFY_ONLINE_ORDER_FULFILLMENT_FOR_FS_LOCATION input.fulfillsOnlineOrders " +
				"Cannot modify the online order fulfillment preference for fulfillment service locations."}},
		"no online orders at the default one": {
			change: func(before *Location, others *[]Location) {
				before.Default, (*others)[0].FulfillsOnlineOrders = true, nil
			},
			edit: LocationEdit{FulfillsOnlineOrders: &no},
			want: []string{"INVALID default The default location has to fulfill online orders."}},
		"the default, not active": {
			change: func(before *Location, _ *[]Location) { before.Active = false },
			edit:   LocationEdit{Default: new(true)},
			want:   []string{"INVALID default The default location has to be active."}},
		"the default in place of another one": {
			change: func(_ *Location, others *[]Location) { (*others)[0].Default = true },
			edit:   LocationEdit{Default: new(true)}},
		"single SKUs where everything is stocked": {edit: LocationEdit{StocksAll: new(true), AddSKUs: []string{"B"}},
			want: []string{"INVALID skus The location stocks everything: " +
				"single SKUs can be added and removed when it does not."}},
		"single SKUs from now on": {change: func(before *Location, _ *[]Location) { before.StocksAll = true },
			edit: LocationEdit{StocksAll: &no, AddSKUs: []string{"B"}}},
		"before the first": {edit: LocationEdit{Priority: new(-MaxPriority)}},
		"after the last":   {edit: LocationEdit{Priority: new(MaxPriority + 1)}, want: []string{outOfRow}},
		"blank SKUs":       {edit: LocationEdit{AddSKUs: []string{" ", ""}}},
		"a country that there isn't": {edit: LocationEdit{CountryCode: new("uk")}, want: []string{
			"INVALID input.address.countryCode Country code must be a country of ISO 3166-1 by its two letters, " +
				`such as GB (is "UK"; did you mean GB?)`}},
		"a long SKU": {edit: LocationEdit{AddSKUs: []string{strings.Repeat("x", 256)}},
			want: []string{"TOO_LONG skus SKU is too long (maximum is 255 characters)"}},
		"a SKU in and out": {edit: LocationEdit{AddSKUs: []string{"B"}, RemoveSKUs: []string{"B"}},
			want: []string{`INVALID skus SKU "B" is both added and removed.`}},
	} {
		before, others := plain, append([]Location{}, others...)
		if test.change != nil {
			test.change(&before, &others)
		}
		test.edit.Complete()
		if diff := cmp.Diff(test.want, told(test.edit.Check(before, others)...)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}
