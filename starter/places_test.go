package main

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// What is added is what the flags say, and what is left out has its default; what is changed is what they say, alone.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"location with its defaults", []string{"location", "add", "Annex"},
			`AddLocation {"id":"0","name":"Annex","active":true,"priority":10,"default":false,"stocksAll":false,"fulfillsOnlineOrders":true}`},
		{"location with an address", []string{"location", "add", "Annex", "--country", "ca", "--province", "ON",
			"--city", "Toronto", "--address1", "Queen St 1",
			"--address2", "Door 2", "--zip", "M5H", "--phone", "+1 416", "--fulfills-online-orders=false",
			"--inactive"},
			`AddLocation {"id":"0","name":"Annex","countryCode":"CA","provinceCode":"ON","city":"Toronto","address1":"Queen St 1","address2":"Door 2",` +
				`"zip":"M5H","phone":"+1 416","active":false,"priority":10,"default":false,"stocksAll":false,"fulfillsOnlineOrders":false}`},
		{"location edit says what is given alone",
			[]string{"location", "edit", "main warehouse", "--name", "Depot", "--priority", "3", "--default=false",
				"--add-sku", "A,B", "--remove-sku", "C", "--country", "pt", "--fulfills-online-orders=false"},
			`EditLocation {"ID":"7","Name":"Depot","CountryCode":"PT","ProvinceCode":null,"City":null,"Address1":null,"Address2":null,` +
				`"Zip":null,"Phone":null,"FulfillsOnlineOrders":false,"Priority":3,"Default":false,"StocksAll":null,` +
				`"AddSKUs":["A","B"],"RemoveSKUs":["C"]}`},
		{"location activate", []string{"location", "activate", "Annex"}, `ActivateLocation "10"`},
		{"location deactivate", []string{"location", "deactivate", "10"}, `DeactivateLocation "10"`},
		{"location deactivate to where nothing has to go",
			[]string{"location", "deactivate", "Annex", "--destination", "Main warehouse"}, `DeactivateLocation "10"`},
		{"location delete", []string{"location", "delete", "Annex"}, `DeleteLocation {"ID":"10","CommandID":""}`},
		{"service with its defaults", []string{"service", "add", "Hands"},
			`AddService {"id":"0","name":"Hands","handle":"","provider":"manual","locationId":"0","requiresShippingMethod":true}`},
		{"service with all it can do", []string{"service", "add", "Hands", "--callback-url", "https://example.com/hook",
			"--tracking-support",
			"--inventory-management", "--requires-shipping-method=false"},
			`AddService {"id":"0","name":"Hands","handle":"","provider":"manual","locationId":"0","callbackUrl":"https://example.com/hook",` +
				`"trackingSupport":true,"inventoryManagement":true,"requiresShippingMethod":false}`},
	} {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			f := lantern()
			f.locations = append(f.locations, fulfillment.Location{ID: 10, Name: "Annex"})
			status, _, stderr := call(t, f, "", test.args...)
			if status != 0 || !slices.Equal(f.sent, []string{test.want}) {
				t.Errorf("status %d, %s\nsent %s\nwant %s", status, stderr, f.sent, test.want)
			}
		})
	}
}

// TestLocationPlacesAreFlags: what is wrong with a location is said by the flag that it was given with.
func TestLocationPlacesAreFlags(t *testing.T) {
	t.Parallel()
	var a app
	add, edit := a.newLocationAdd(), a.newLocationEdit()
	for step, place := range locationPlaces {
		flag := strings.TrimPrefix(place, "--")
		if add.Flags().Lookup(flag) == nil && edit.Flags().Lookup(flag) == nil {
			t.Errorf("%s: there is no flag %s", step, place)
		}
	}
	long := strings.Repeat("x", 300)
	err := asLocationFlags(fulfillment.Location{Name: long, City: long, SKUs: []string{"a", "\x07"}}.CheckNew(nil), "NAME")
	var fields []string
	for _, refused := range fulfillment.AsRefusals(err) {
		fields = append(fields, refused.Field...)
	}
	if want := []string{"NAME", "--city", "--sku"}; !slices.Equal(fields, want) {
		t.Errorf("named %v, want %v", fields, want)
	}
}
