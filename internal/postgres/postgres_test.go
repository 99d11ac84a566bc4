package postgres

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

var testStart = time.Date(2026, 3, 4, 5, 30, 0, 0, time.UTC)

// book is a database of its own, with a clock and IDs.
type book struct {
	*Store
	t      testing.TB
	url    string
	minter fulfillment.Minter
	now    time.Time
	calls  *tripCounter
}

func newBook(t testing.TB) *book {
	t.Helper()
	b := &book{t: t, url: devstacktest.Database(t, Migrate), now: testStart, calls: new(tripCounter)}
	b.Store = b.open(Options{MaxConns: 8, Tracer: b.calls})
	return b
}

func (b *book) open(opts Options) *Store {
	b.t.Helper()
	store, err := Open(b.t.Context(), b.url, opts)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(store.Close)
	return store
}

func (b *book) env() fulfillment.Env {
	b.now = b.now.Add(time.Minute)
	return fulfillment.Env{Now: b.now, IDs: fulfillment.NewIDs(b.minter.Mint())}
}

// order is an order of two lines, three units and one, completed.
func (b *book) order() *fulfillment.Order {
	b.t.Helper()
	id := b.minter.Mint()
	o := &fulfillment.Order{
		ID: id, SourceIdentifier: "shop/" + id.String(), Email: "buyer@example.com", Tags: []string{"vip"},
		CurrencyCode:    "EUR",
		ShippingAddress: &fulfillment.Address{FirstName: "Ada", City: "Berlin", CountryCode: "DE"},
		Metadata:        map[string]string{"channel": "web"}, DeliveryTimeout: fulfillment.Duration(36 * time.Hour),
		LineItems: []fulfillment.LineItem{
			{
				ID: b.minter.Mint(), Title: "Saddle", SKU: "SAD-1", Quantity: 3, UnitPrice: "12.50",
				Metadata: map[string]string{"size": "L"},
			},
			{ID: b.minter.Mint(), Title: "Bell", SKU: "BEL-1", Quantity: 1},
		},
	}
	if err := o.Complete(b.now); err != nil {
		b.t.Fatal(err)
	}
	return o
}

// merchant is a location of the merchant's own; service is one that a fulfillment service runs.
var (
	merchant = fulfillment.AssignedLocation{LocationID: 11, Name: "Berlin", Why: "It stocks all of it."}
	service  = fulfillment.AssignedLocation{
		LocationID: 22, Name: "Ship Co", ServiceID: 33, ServiceName: "Ship Co", Provider: "manual",
	}
)

// plan makes one fulfillment order for each location; every one gets one of the order's lines, the last the rest.
func (b *book) plan(
	o *fulfillment.Order, locations ...fulfillment.AssignedLocation,
) ([]*fulfillment.FulfillmentOrder, []fulfillment.Transition) {
	b.t.Helper()
	assignments := make([]fulfillment.Assignment, len(locations))
	for i, l := range o.LineItems {
		a := &assignments[min(i, len(locations)-1)]
		a.Lines = append(a.Lines, fulfillment.Quantity{ID: l.ID, Quantity: l.Quantity})
	}
	for i, l := range locations {
		assignments[i].Location = l
	}
	fos, transitions, err := fulfillment.NewFulfillmentOrders(o, assignments, b.env())
	if err != nil {
		b.t.Fatal(err)
	}
	return fos, transitions
}

// create stores an order with its fulfillment orders.
func (b *book) create(locations ...fulfillment.AssignedLocation) (*fulfillment.Order, []*fulfillment.FulfillmentOrder) {
	b.t.Helper()
	o := b.order()
	fos, transitions := b.plan(o, locations...)
	if _, err := b.CreateOrder(b.t.Context(), o, fos, transitions); err != nil {
		b.t.Fatal(err)
	}
	return o, fos
}

// decide applies commands, and gathers what they did into one commit.
func (b *book) decide(fo *fulfillment.FulfillmentOrder, commands ...fulfillment.Command) fulfillment.Commit {
	b.t.Helper()
	var decisions []*fulfillment.Decision
	for _, cmd := range commands {
		d, err := fo.Decide(cmd, b.env())
		if err != nil {
			b.t.Fatalf("%s: %v", cmd.Verb(), err)
		}
		fo = d.State
		decisions = append(decisions, d)
	}
	return fulfillment.CommitOf(fo, decisions...)
}

// do decides and commits.
func (b *book) do(fo *fulfillment.FulfillmentOrder, commands ...fulfillment.Command) *fulfillment.FulfillmentOrder {
	b.t.Helper()
	c := b.decide(fo, commands...)
	if _, err := b.Commit(b.t.Context(), c); err != nil {
		b.t.Fatal(err)
	}
	return c.State
}

// uncommitted compares without the times that the store adds.
var uncommitted = cmpopts.IgnoreTypes(fulfillment.Committed{})

// stored is a fulfillment order as it is read.
func (b *book) stored(id fulfillment.ID) *fulfillment.FulfillmentOrder {
	b.t.Helper()
	fo, err := b.Load(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return fo
}

func (b *book) one(query string, args ...any) (n int) {
	b.t.Helper()
	if err := b.pool.QueryRow(b.t.Context(), query, args...).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func id(commandID string) fulfillment.Meta { return fulfillment.Meta{CommandID: commandID} }

// tripCounter counts round trips: batches, single statements, and statements that are prepared first.
type tripCounter struct{ trips, statements atomic.Int64 }

func (c *tripCounter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.trips.Add(1)
	c.statements.Add(1)
	return ctx
}

func (c *tripCounter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *tripCounter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	c.trips.Add(1)
	c.statements.Add(int64(data.Batch.Len()))
	return ctx
}

func (c *tripCounter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (c *tripCounter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
