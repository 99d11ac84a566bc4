package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
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
		{"service of an app", []string{"service", "add", "Hands", "--app", "web-shop"},
			`AddService {"id":"0","name":"Hands","handle":"","provider":"manual","locationId":"0","appId":"52","requiresShippingMethod":true}`},
		{"service with all it can do", []string{"service", "add", "Hands", "--callback-url", "https://example.com/hook",
			"--tracking-support",
			"--inventory-management", "--requires-shipping-method=false"},
			`AddService {"id":"0","name":"Hands","handle":"","provider":"manual","locationId":"0","callbackUrl":"https://example.com/hook",` +
				`"trackingSupport":true,"inventoryManagement":true,"requiresShippingMethod":false}`},
		{"service update says what is given alone", []string{"service", "update", "hands", "--callback-url",
			"https://example.com/cb"}, `UpdateService {"ID":"31","Name":null,"CallbackURL":"https://example.com/cb",` +
			`"TrackingSupport":null,"InventoryManagement":null,"RequiresShippingMethod":false}`},
		{"service update gives other options", []string{"service", "update", "31", "--options", "{}"},
			`UpdateService {"ID":"31","Name":null,"CallbackURL":null,"TrackingSupport":null,"InventoryManagement":null,` +
				`"RequiresShippingMethod":false,"Options":{}}`},
		{"service update takes away", []string{"service", "update", "31", "--callback-url", "none", "--name", "North",
			"--tracking-support=false", "--inventory-management", "--requires-shipping-method"},
			`UpdateService {"ID":"31","Name":"North","CallbackURL":"",` +
				`"TrackingSupport":false,"InventoryManagement":true,"RequiresShippingMethod":true}`},
	} {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			f := lantern()
			f.locations = append(f.locations, fulfillment.Location{ID: 10, Name: "Annex"}, fulfillment.Location{
				ID: 11, Name: "Dock", Service: &fulfillment.Service{
					ID: 31, Name: "Dockers", Handle: "hands", Provider: fulfillment.ManualProvider, AppID: 52,
					RequiresShippingMethod: new(false),
				},
			})
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

// ServiceCalls are those of a service that failed once.
func (b fakeBook) ServiceCalls(_ context.Context, id fulfillment.ID) ([]callback.Standing, string, error) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	next := at.Add(10 * time.Second)
	return []callback.Standing{
		{Call: callback.TrackingNumbers},
		{
			Call: callback.FulfillmentRequest, CalledAt: &at, FailingSince: &at, NextAt: &next, Status: 400,
			Error: "400 Bad Request",
		},
	}, "", b.note("ServiceCalls", id)
}

// StockLevels are those of a service that has 21 SKUs.
func (b fakeBook) StockLevels(_ context.Context, id fulfillment.ID, _ int) ([]postgres.StockLevel, int, error) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return []postgres.StockLevel{{SKU: "LAMP-1", Available: 100, ReadAt: at}}, 21, b.note("StockLevels", id)
}

// TestServiceShow: people and programs see how the calls of a service stand, those for which there was a reason.
func TestServiceShow(t *testing.T) {
	t.Parallel()
	f := lantern()
	f.locations = append(f.locations, fulfillment.Location{ID: 10, Name: "Annex", Service: &fulfillment.Service{
		ID: 31, Name: "Hands", Handle: "hands", Provider: fulfillment.ManualProvider, CallbackURL: "https://example.com/cb",
	}})
	status, said, stderr := call(t, f, "", "service", "show", "hands")
	for _, want := range []string{
		"Fulfillment service 31", "https://example.com/cb", "FULFILLMENT_REQUEST", "400 Bad Request", "2026-03-04",
		"LAMP-1", "100", "and 20 SKUs more", "It belongs to no app, so there is no secret to sign callbacks with.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %s:\n%s", want, said)
		}
	}
	if status != 0 || strings.Contains(said, "FETCH_TRACKING_NUMBERS") {
		t.Errorf("status %d, %s\n%s", status, stderr, said)
	}
	status, said, _ = call(t, f, "", "service", "show", "31", "--output", "json")
	if status != 0 || !strings.Contains(said, `"kind": "FULFILLMENT_REQUEST"`) || !strings.Contains(said, `"status": 400`) {
		t.Errorf("status %d: %s", status, said)
	}
	if status, _, stderr = call(t, f, "", "service", "show", "nobody"); status == 0 || !strings.Contains(stderr, "nobody") {
		t.Errorf("status %d: %s", status, stderr)
	}
}
