package postgres

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// hooked is a book whose services may be called back on one host.
func hooked(t *testing.T) *book {
	b := newBook(t)
	b.Store = b.open(
		Options{MaxConns: 8, Tracer: b.calls, Callbacks: callback.Rules{Hosts: []string{"hooks.example.com"}}},
	)
	return b
}

func (b *book) service(s fulfillment.Service) fulfillment.Service {
	b.t.Helper()
	added, err := b.AddService(b.t.Context(), s)
	if err != nil {
		b.t.Fatal(err)
	}
	return added
}

// TestStockIsBounded: all levels of a long answer are kept, and of more than a location may have, those go that were
// not named for the longest time.
func TestStockIsBounded(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	at := b.service(fulfillment.Service{Name: "North", Provider: fulfillment.ManualProvider}).LocationID
	levels := map[string]int64{}
	for i := range 2*levelsAtOnce + 1 {
		levels[strconv.Itoa(i)] = int64(i)
	}
	if err := b.SetStock(t.Context(), at, levels); err != nil {
		t.Fatal(err)
	}
	if _, all, err := b.StockLevels(t.Context(), at, 1); err != nil || all != len(levels) {
		t.Errorf("there are %d levels, %v; want %d", all, err, len(levels))
	}
	if err := b.SetStock(t.Context(), at, map[string]int64{"7": 8, "B": 2}); err != nil {
		t.Fatal(err)
	}
	if err := b.trimStock(t.Context(), at, 2); err != nil {
		t.Fatal(err)
	}
	kept, all, err := b.StockLevels(t.Context(), at, 3)
	if err != nil || all != 2 || kept[0].SKU != "7" || kept[0].Available != 8 || kept[1].SKU != "B" {
		t.Errorf("kept are %+v of %d, %v", kept, all, err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestAddService(t *testing.T) {
	t.Parallel()
	b := hooked(t)
	app, err := b.CreateApp(t.Context(), access.App{Name: "Warehouse app", Scopes: []access.Scope{access.ReadOrders}})
	if err != nil {
		t.Fatal(err)
	}
	added := b.service(fulfillment.Service{Name: "Ship Co", AppID: app.ID,
		CallbackURL:     "https://hooks.example.com/ship",
		TrackingSupport: true, InventoryManagement: true, RequiresShippingMethod: ptr(false)})
	want := fulfillment.Service{Name: "Ship Co", Handle: "ship-co", Provider: fulfillment.ManualProvider, AppID: app.ID,
		CallbackURL: "https://hooks.example.com/ship", TrackingSupport: true, InventoryManagement: true,
		RequiresShippingMethod: ptr(false)}
	if diff := cmp.Diff(want, added, cmpopts.IgnoreFields(want, "ID", "LocationID")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	operators := b.service(fulfillment.Service{Name: "Harbour"})
	services, err := b.ServicesByID(t.Context(), []fulfillment.ID{operators.ID, 404, added.ID, added.ID})
	if diff := cmp.Diff([]*fulfillment.Service{&operators, nil, &added, &added}, services); err != nil || diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
	if !operators.NeedsShippingMethod() || operators.CallbackURL != "" {
		t.Errorf("the defaults: %+v", operators)
	}
	if owned, err := b.ServicesOfApp(t.Context(), app.ID); err != nil || len(owned) != 1 || owned[0].ID != added.ID {
		t.Errorf("owned are %+v, %v", owned, err)
	}
	for id, stocksAll := range map[fulfillment.ID]bool{added.LocationID: false, operators.LocationID: true} {
		l, err := b.Location(t.Context(), id)
		if err != nil || l.StocksAll != stocksAll || !l.IsFulfillmentService() || !l.TakesOnlineOrders() ||
			l.ShipsInventory() || !l.Active || !l.Stocks("ANY") {
			t.Errorf("a location made for a service: %+v, %v", l, err)
		}
	}
}

func TestAddServiceRefuses(t *testing.T) {
	t.Parallel()
	b := hooked(t)
	first := b.service(fulfillment.Service{ID: 3, Name: "Ship Co"})
	if again, err := b.AddService(t.Context(), fulfillment.Service{ID: 3, Name: "Ship Co"}); err != nil ||
		!cmp.Equal(again, first) {
		t.Errorf("added again: %+v, %v; want %+v", again, err, first)
	}
	for _, test := range []struct {
		service fulfillment.Service
		want    []string
	}{
		{fulfillment.Service{Name: "Gift_Card"}, []string{"INVALID name Name is reserved"}},
		{fulfillment.Service{Name: "Ship Co"}, []string{"INVALID name Name has already been taken"}},
		{fulfillment.Service{Name: "SHIP co"}, []string{"INVALID name Name has already been taken"}},
		{fulfillment.Service{Name: "Ship-Co."}, []string{"INVALID name Name has already been taken"}}, // by handle
		{fulfillment.Service{Name: "ship co", CallbackURL: "https://example.com/"}, []string{
			"INVALID name Name has already been taken", "INVALID callbackUrl Callback url is not allowed"}},
		{fulfillment.Service{ID: 3, Name: "Other"}, []string{"INVALID id There is another service with the ID 3."}},
		{fulfillment.Service{Name: "Other", LocationID: first.LocationID}, []string{
			"INVALID locationId The location " + first.LocationID.String() + " belongs to another service."}},
	} {
		_, err := b.AddService(t.Context(), test.service)
		if diff := cmp.Diff(test.want, told(err)); diff != "" {
			t.Errorf("%+v: %v; -want +got:\n%s", test.service, err, diff)
		}
	}
	if got := b.one(`SELECT count(*) FROM locations`); got != 1 {
		t.Errorf("%d locations, want that of the service only", got)
	}
}

func TestUpdateService(t *testing.T) {
	t.Parallel()
	b := hooked(t)
	service := b.service(
		fulfillment.Service{
			Name: "Ship Co", TrackingSupport: true, CallbackURL: "https://hooks.example.com/1",
			RequiresShippingMethod: ptr(false),
		},
	)
	b.service(fulfillment.Service{Name: "Bikes"})
	update := func(u fulfillment.ServiceUpdate) fulfillment.Service {
		t.Helper()
		u.ID = service.ID
		got, err := b.UpdateService(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		if stored, err := b.ServicesByID(t.Context(), []fulfillment.ID{u.ID}); err != nil ||
			!cmp.Equal(stored[0], &got) {
			t.Errorf("stored is %+v, %v; answered was %+v", stored[0], err, got)
		}
		return got
	}
	for range 2 { // The same again changes nothing.
		got := update(
			fulfillment.ServiceUpdate{
				Name: ptr("Boat Co"), TrackingSupport: ptr(false), InventoryManagement: ptr(true),
				RequiresShippingMethod: ptr(false),
			},
		)
		want := service
		want.Name, want.TrackingSupport, want.InventoryManagement = "Boat Co", false, true
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if l, err := b.Location(t.Context(), service.LocationID); err != nil || l.Name != "Boat Co" {
		t.Errorf("the location is %q, %v", l.Name, err)
	}
	if got := update(fulfillment.ServiceUpdate{}); !got.NeedsShippingMethod() || !got.InventoryManagement ||
		got.Name != "Boat Co" || got.CallbackURL == "" {
		t.Errorf("an update that says nothing: %+v", got)
	}
	if got := update(
		fulfillment.ServiceUpdate{CallbackURL: ptr("http://hooks.example.com/2")},
	); got.CallbackURL != "http://hooks.example.com/2" {
		t.Errorf("another URL: %+v", got)
	}
	if got := update(fulfillment.ServiceUpdate{CallbackURL: ptr("")}); got.CallbackURL != "" {
		t.Errorf("no URL: %+v", got)
	}
	options := map[string]any{"url": "https://boats.example.com"}
	if got := update(fulfillment.ServiceUpdate{Options: &options}); !cmp.Equal(got.Options, options) {
		t.Errorf("other options: %+v", got)
	}
	if got := update(fulfillment.ServiceUpdate{}); !cmp.Equal(got.Options, options) {
		t.Errorf("an update that says nothing of options: %+v", got)
	}
	update(fulfillment.ServiceUpdate{Name: ptr("BOAT co")}) // Its own name is not taken.
	update(fulfillment.ServiceUpdate{Name: ptr("Ship-Co")}) // Nor is its own handle.

	secret := map[string]any{"key": "sk_live_0123456789"}
	if _, err := b.UpdateService(
		t.Context(), fulfillment.ServiceUpdate{ID: service.ID, Options: &secret},
	); fulfillment.AsRefusals(err) == nil {
		t.Errorf("a secret among the options: %v", err)
	}
	before := update(fulfillment.ServiceUpdate{})
	for _, test := range []struct {
		update fulfillment.ServiceUpdate
		want   []string
	}{
		{
			fulfillment.ServiceUpdate{ID: 404, Name: ptr("")},
			[]string{"SERVICE_NOT_FOUND id Fulfillment service could not be found."},
		},
		{fulfillment.ServiceUpdate{ID: service.ID, Name: ptr("Shopify")}, []string{"INVALID name Name is reserved"}},
		{
			fulfillment.ServiceUpdate{ID: service.ID, Name: ptr("BIKES")},
			[]string{"INVALID name Name has already been taken"},
		},
		{fulfillment.ServiceUpdate{
			ID: service.ID, Name: ptr("Bikes!"), CallbackURL: ptr("https://example.com/"),
		}, []string{
			"INVALID name Name has already been taken", "INVALID callbackUrl Callback url is not allowed"}},
	} {
		_, err := b.UpdateService(t.Context(), test.update)
		if diff := cmp.Diff(test.want, told(err)); diff != "" {
			t.Errorf("%+v: %v; -want +got:\n%s", test.update, err, diff)
		}
	}
	if after := update(fulfillment.ServiceUpdate{}); !cmp.Equal(before, after) {
		t.Errorf("a refused update changed %+v into %+v", before, after)
	}
}

// A location that a service took over keeps a name of its own.
func TestUpdateServiceLeavesOtherNames(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	if _, err := b.AddLocation(t.Context(), fulfillment.Location{ID: 5, Name: "Hamburg", Active: true}); err != nil {
		t.Fatal(err)
	}
	service := b.service(fulfillment.Service{Name: "Ship Co", LocationID: 5})
	if _, err := b.UpdateService(
		t.Context(), fulfillment.ServiceUpdate{ID: service.ID, Name: ptr("Boat Co")},
	); err != nil {
		t.Fatal(err)
	}
	if l, err := b.Location(t.Context(), 5); err != nil || l.Name != "Hamburg" {
		t.Errorf("the location is %q, %v", l.Name, err)
	}
}

// Updates and deletions of one service at once wait for each other; none fails for another reason than a refusal.
func TestServiceAtOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	service := b.service(fulfillment.Service{Name: "Ship Co"})
	var group errgroup.Group
	for i := range 12 {
		group.Go(func() error {
			var err error
			switch i % 3 {
			case 0:
				_, err = b.UpdateService(t.Context(), fulfillment.ServiceUpdate{ID: service.ID, Name: ptr("Boat Co")})
			case 1:
				_, err = b.UpdateService(
					t.Context(), fulfillment.ServiceUpdate{ID: service.ID, TrackingSupport: ptr(true)},
				)
			default:
				err = b.DeleteService(
					t.Context(),
					fulfillment.ServiceDeletion{ID: service.ID, InventoryAction: fulfillment.InventoryKeep},
				)
			}
			if fulfillment.AsRefusals(err) != nil {
				err = nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

func TestManualService(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	expect := func(locationID fulfillment.ID) {
		t.Helper()
		got, err := b.ManualService(t.Context())
		if err != nil || got.LocationID != locationID || got.Type() != fulfillment.ServiceManual {
			t.Errorf("got %+v, %v; want the location %d", got, err, locationID)
		}
		all, err := b.AllServices(t.Context())
		if err != nil || len(all) != 2 || !cmp.Equal(all[0], got) || all[1].Name != "Ship Co" {
			t.Errorf("all services are %+v, %v", all, err)
		}
	}
	b.service(fulfillment.Service{Name: "Ship Co"})
	expect(0)
	for _, step := range []struct {
		add  fulfillment.Location
		want fulfillment.ID
	}{
		{fulfillment.Location{ID: 5, Name: "Closed", Priority: 1}, 0},
		{fulfillment.Location{ID: 6, Name: "Berlin", Priority: 9, Active: true}, 6},
		{fulfillment.Location{ID: 7, Name: "Hamburg", Priority: 3, Active: true}, 7},
		{fulfillment.Location{ID: 8, Name: "Köln", Priority: 20, Active: true, Default: true}, 8},
	} {
		if _, err := b.AddLocation(t.Context(), step.add); err != nil {
			t.Fatal(err)
		}
		expect(step.want)
	}
}
