package endtoend

import (
	"context"
	"fmt"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/graphql/document"
	"packhorse/internal/postgres"
)

// book is a gateway on a database full of orders, for reads: there is no worker, and no Temporal.
type book struct {
	*gatewaytest.Server
	merchant, service *gatewaytest.App
}

// lives is what the orders of a book have been through, one fulfillment order each: most are done.
var lives = [][]fulfillment.Command{
	{}, {}, {&fulfillment.ReportProgress{}},
	{&fulfillment.PlaceHold{Reason: fulfillment.HoldAwaitingPayment}},
	{&fulfillment.Move{NewLocationID: serviceLocation.LocationID, Location: &serviceLocation}},
	{
		&fulfillment.Move{NewLocationID: serviceLocation.LocationID, Location: &serviceLocation},
		&fulfillment.SubmitFulfillmentRequest{},
	},
	{&fulfillment.Move{NewLocationID: serviceLocation.LocationID, Location: &serviceLocation},
		&fulfillment.SubmitFulfillmentRequest{},
		&fulfillment.AcceptFulfillmentRequest{}},
	{&fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Company: "DHL", Number: "JJD1"}}},
	{&fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Company: "DHL", Number: "JJD2"}}},
	{&fulfillment.CreateFulfillment{}},
}

var (
	ownLocation     = fulfillment.AssignedLocation{LocationID: 11, Name: "Berlin"}
	serviceLocation = fulfillment.AssignedLocation{
		LocationID: 22, Name: "Ship Co", ServiceID: 33, ServiceName: "Ship Co", Provider: fulfillment.ManualProvider,
	}
)

// newBook makes an order of each of the lives, so many times.
func newBook(t testing.TB, copies int) *book {
	t.Helper()
	url := devstacktest.Database(t, postgres.Migrate)
	b := &book{Server: gatewaytest.Serve(t, url, nil, gatewaytest.Options{
		Limits: document.Limits{MaxCost: 100_000, MaxDepth: 20, MaxPageSize: 250, MaxNodes: 1_000_000}})}
	b.merchant = b.App("Order desk", merchantScopes...)
	b.service = b.App("Ship Co", access.WriteAssigned, access.ReadLocations, access.ReadOrders)
	store, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if _, err := store.AddLocation(
		t.Context(),
		fulfillment.Location{ID: ownLocation.LocationID, Name: ownLocation.Name, Active: true, StocksAll: true},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := store.AddService(t.Context(), fulfillment.Service{ID: serviceLocation.ServiceID,
		LocationID: serviceLocation.LocationID,
		Name:       serviceLocation.Name, Provider: serviceLocation.Provider, AppID: b.service.ID}); err != nil {
		t.Fatal(err)
	}
	for i, life := range lives {
		if err := live(t.Context(), store, i+1, life); err != nil {
			t.Fatal(err)
		}
	}
	b.copy(t, copies-1)
	return b
}

// idsOfLife is how many IDs a copy of a life may have. The digits before them tell which life and which copy it is.
const (
	idsOfLife    = 1000
	copiesOfLife = 1_000_000_000
)

// live stores the n-th order, which goes through a life.
func live(ctx context.Context, store *postgres.Store, n int, life []fulfillment.Command) error {
	first := fulfillment.ID(n * copiesOfLife * idsOfLife)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	order := &fulfillment.Order{
		ID: first, Name: fmt.Sprint("#", 1000+n), Email: "buyer@example.com", CurrencyCode: "EUR",
		Tags: []string{"web"},
		ShippingAddress: &fulfillment.Address{
			FirstName: "Ada", Address1: "Street 1", City: "Berlin", CountryCode: "DE", Zip: "10115",
		},
		LineItems: []fulfillment.LineItem{
			{ID: first + 1, Title: "Saddle", SKU: "SAD-1", Quantity: 3, UnitPrice: "12.50"},
			{ID: first + 2, Title: "Bell", SKU: "BEL-1", Quantity: 1, UnitPrice: "3.00"},
		},
	}
	if err := order.Complete(now); err != nil {
		return err
	}
	plan := fulfillment.Assignment{
		Location: ownLocation,
		Lines:    []fulfillment.Quantity{{ID: first + 1, Quantity: 3}, {ID: first + 2, Quantity: 1}},
	}
	fos, transitions, err := fulfillment.NewFulfillmentOrders(
		order, []fulfillment.Assignment{plan}, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(first + 10)},
	)
	if err != nil {
		return err
	}
	if _, err := store.CreateOrder(ctx, order, fos, transitions); err != nil {
		return err
	}
	state := fos[0]
	for i, cmd := range life {
		d, err := state.Decide(
			cmd, fulfillment.Env{Now: now.Add(time.Hour), IDs: fulfillment.NewIDs(first + fulfillment.ID(100*(i+1)))},
		)
		if err != nil {
			return err
		}
		if _, err := store.Commit(ctx, fulfillment.CommitOf(d.State, d)); err != nil {
			return err
		}
		state = d.State
	}
	return nil
}

// copy copies everything about the orders so many times, with other IDs: the digits of the copy in all of them are
// replaced by its number.
func (b *book) copy(t testing.TB, times int) {
	t.Helper()
	for _, table := range []struct{ name, key string }{
		{"orders", "id"}, {"line_items", "order_id"}, {"fulfillment_orders", "order_id"},
		{"fulfillment_order_line_items", "order_id"},
		{"fulfillments", "order_id"}, {"fulfillment_line_items", "fulfillment_id"},
	} {
		_, err := b.SQL().Exec(t.Context(), fmt.Sprintf(`
			INSERT INTO %[1]s SELECT r.*
			FROM (SELECT x.%[2]s / $1 AS prefix, to_jsonb(x)::text AS row FROM %[1]s x) template, generate_series(1,
				$2::bigint) k,
				jsonb_populate_record(NULL::%[1]s, replace(row, prefix::text, (prefix + k)::text)::jsonb)
					r`, table.name, table.key), idsOfLife, times)
		if err != nil {
			t.Fatalf("copy %s: %v", table.name, err)
		}
	}
	// Not all changed at once, nor in the order in which they came.
	for _, statement := range []string{
		`UPDATE fulfillment_orders SET updated_at = updated_at + (id / 1000 * 7919 % 100003) * interval '1 second'`,
		`VACUUM ANALYZE`,
	} {
		if _, err := b.SQL().Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
