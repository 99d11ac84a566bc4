package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/paper"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// noon is the present of the tests that look at what is printed.
var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// fakeBackend has what a test put into it, and remembers what it was sent.
type fakeBackend struct {
	alerts, kept      []news.Item
	orders            []*fulfillment.OrderRecord
	fulfillmentOrders []*fulfillment.FulfillmentOrder
	transitions       []fulfillment.Transition
	locations         []fulfillment.Location
	documents         []*paper.Document
	returned          fakeReturns
	printed           []string // documents, and by whom

	feed            func(q postgres.FeedQuery) (postgres.FeedPage, error)
	await           func(ctx context.Context, after int64) (int64, error) // what the watch of the feed does
	withoutPosition int                                                   // events
	unopened        int                                                   // secrets whose key is not set
	receiver        string                                                // where its webhooks go

	failing bool             // the receiver of its webhooks is only probed
	told    []fulfillment.ID // webhook subscriptions and services whose change was passed on

	create func(fulfillment.Order) (fulfillment.OrderCreated, error) // default: creates it
	cancel func(fulfillment.CancelOrder) error
	send   func(fulfillment.ID, fulfillment.Command) (fulfillment.Result, error)

	ui       string            // base URL of the Temporal UI
	unserved []string          // providers that no worker serves
	system   provider.Provider // opened in the place of those that are not
	temporal error             // why nobody can tell

	mu   sync.Mutex
	sent []string // verb or command, and its JSON
	book struct{ err error }
}

type fakeBook struct{ *fakeBackend }

func (f *fakeBackend) asBackend() backend { return fakeConnections{f} }

// fakeConnections is the fake as a backend.
type fakeConnections struct{ f *fakeBackend }

func (c fakeConnections) book(context.Context) (book, error)     { return fakeBook{c.f}, c.f.book.err }
func (c fakeConnections) sender(context.Context) (sender, error) { return fakeBook{c.f}, nil }
func (c fakeConnections) feedWatch(context.Context) (feedWatch, error) {
	return fakeBook{c.f}, nil
}
func (c fakeConnections) provider(_ context.Context, id string) (provider.Provider, error) {
	if c.f.system != nil {
		return c.f.system, nil
	}
	entry, err := catalogue.New().Find(id)
	return entry.Offline, err
}
func (c fakeConnections) served(_ context.Context, ids []string) (map[string]bool, error) {
	if c.f.temporal != nil {
		return nil, c.f.temporal
	}
	served := map[string]bool{}
	for _, id := range ids {
		served[id] = !slices.Contains(c.f.unserved, id)
	}
	return served, nil
}
func (c fakeConnections) migrate(context.Context, func(string)) error { return nil }
func (c fakeConnections) where() string                               { return "Temporal at t:1, PostgreSQL at p:2" }
func (c fakeConnections) workflowURL(id string) string {
	return config.Temporal{UIURL: c.f.ui, Namespace: "shop"}.WorkflowURL(id)
}
func (c fakeConnections) close() {}

func (b fakeBook) Changed(_ context.Context, id fulfillment.ID)        { b.told = append(b.told, id) }
func (b fakeBook) ServiceChanged(_ context.Context, id fulfillment.ID) { b.told = append(b.told, id) }

func (b fakeBook) Order(_ context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error) {
	for _, o := range b.orders {
		if o.ID == id {
			return o, nil
		}
	}
	return nil, fmt.Errorf("read order: %w", fulfillment.ErrNotFound)
}

func (b fakeBook) Orders(_ context.Context, filter postgres.OrderFilter, _ postgres.Page) (postgres.OrderPage, error) {
	var page postgres.OrderPage
	for _, o := range b.orders {
		if (filter.Name == "" || filter.Name == o.Name) &&
			(filter.SourceIdentifier == "" || filter.SourceIdentifier == o.SourceIdentifier) {
			page.Items = append(page.Items, postgres.OrderSummary{ID: o.ID, Name: o.Name,
				SourceIdentifier: o.SourceIdentifier, ProcessedAt: o.ProcessedAt,
				DisplayFulfillmentStatus: o.DisplayFulfillmentStatus, Quantity: 3, Remaining: 2, FulfillmentOrders: 2,
				OpenFulfillmentOrders: 1})
		}
	}
	return page, nil
}

func (b fakeBook) Load(_ context.Context, id fulfillment.ID) (*fulfillment.FulfillmentOrder, error) {
	for _, fo := range b.fulfillmentOrders {
		if fo.ID == id {
			return fo, nil
		}
	}
	return nil, fmt.Errorf("load: %w", fulfillment.ErrNotFound)
}

func (b fakeBook) FulfillmentOrdersByID(
	ctx context.Context, ids []fulfillment.ID,
) ([]*fulfillment.FulfillmentOrder, error) {
	found := make([]*fulfillment.FulfillmentOrder, len(ids))
	for i, id := range ids {
		found[i], _ = b.Load(ctx, id)
	}
	return found, nil
}

func (b fakeBook) Answers(context.Context, fulfillment.ID, []string) ([]fulfillment.Answered, error) {
	return nil, nil
}

func (b fakeBook) FulfillmentOrders(
	_ context.Context, _ postgres.FulfillmentOrderFilter, page postgres.Page,
) (postgres.FulfillmentOrderPage, error) {
	var found postgres.FulfillmentOrderPage
	for _, fo := range b.fulfillmentOrders {
		if page.After != 0 && int64(fo.ID) >= int64(page.After) {
			continue
		}
		if len(found.Items) == page.Limit {
			found.Next, found.HasMore = postgres.Cursor(found.Items[page.Limit-1].ID), true
			break
		}
		found.Items = append(found.Items, postgres.FulfillmentOrderSummary{ID: fo.ID, OrderID: fo.OrderID,
			OrderName: fo.OrderName, Name: nameAmong(b.fulfillmentOrders, fo), Status: fo.Status,
			RequestStatus: fo.RequestStatus, LocationName: fo.AssignedLocation.Name, FulfillBy: fo.FulfillBy,
			DeadlineMissedAt: fo.DeadlineMissedAt,
			Total:            fo.TotalUnits(), Remaining: fo.RemainingUnits(), Holds: len(fo.Holds),
			UpdatedAt: fo.UpdatedAt})
	}
	return found, nil
}

func (b fakeBook) FulfillmentOrdersOf(_ context.Context, id fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error) {
	var found []*fulfillment.FulfillmentOrder
	for _, fo := range b.fulfillmentOrders {
		if fo.OrderID == id {
			found = append(found, fo)
		}
	}
	return found, nil
}

func (b fakeBook) Transitions(context.Context, fulfillment.ID, postgres.Page) (postgres.TransitionPage, error) {
	return postgres.TransitionPage{Items: b.transitions}, nil
}

func (b fakeBook) Fulfillment(_ context.Context, id fulfillment.ID) (
	*fulfillment.FulfillmentOrder, *fulfillment.Fulfillment, error,
) {
	for _, fo := range b.fulfillmentOrders {
		for i := range fo.Fulfillments {
			if fo.Fulfillments[i].ID == id {
				return fo, &fo.Fulfillments[i], nil
			}
		}
	}
	return nil, nil, fulfillment.ErrNotFound
}

func (b fakeBook) Locations(context.Context) ([]fulfillment.Location, error) { return b.locations, nil }

func (b fakeBook) AddLocation(_ context.Context, l fulfillment.Location) (fulfillment.Location, error) {
	return l, b.note("AddLocation", l)
}

func (b fakeBook) Location(_ context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	for _, l := range b.locations {
		if l.ID == id {
			return l, nil
		}
	}
	return fulfillment.Location{}, fulfillment.ErrNotFound
}

func (b fakeBook) EditLocation(ctx context.Context, edit fulfillment.LocationEdit) (fulfillment.Location, error) {
	l, err := b.Location(ctx, edit.ID)
	if err == nil {
		err = b.note("EditLocation", edit)
	}
	return edit.Apply(l), err
}

func (b fakeBook) ActivateLocation(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	l, _ := b.Location(ctx, id)
	return l, b.note("ActivateLocation", id)
}

func (b fakeBook) DeactivateLocation(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error) {
	l, _ := b.Location(ctx, id)
	return l, b.note("DeactivateLocation", id)
}

func (b fakeBook) DeleteLocation(_ context.Context, deletion fulfillment.LocationDeletion) error {
	return b.note("DeleteLocation", deletion)
}

func (b fakeBook) WaitingAt(
	_ context.Context, locationID, after fulfillment.ID, _ int,
) ([]*fulfillment.FulfillmentOrder, error) {
	var found []*fulfillment.FulfillmentOrder
	for _, fo := range b.fulfillmentOrders {
		if fo.AssignedLocation.LocationID == locationID && fo.ID > after {
			found = append(found, fo)
		}
	}
	return found, nil
}

func (b fakeBook) UpdateService(_ context.Context, u fulfillment.ServiceUpdate) (fulfillment.Service, error) {
	for _, l := range b.locations {
		if l.Service != nil && l.Service.ID == u.ID {
			return u.Apply(*l.Service), b.note("UpdateService", u)
		}
	}
	return fulfillment.Service{ID: u.ID}, b.note("UpdateService", u)
}

func (b fakeBook) Services(context.Context) ([]fulfillment.Service, error) {
	var services []fulfillment.Service
	for _, l := range b.locations {
		if l.Service != nil {
			services = append(services, *l.Service)
		}
	}
	return services, nil
}

func (b fakeBook) AllServices(ctx context.Context) ([]fulfillment.Service, error) {
	return b.Services(ctx)
}

func (b fakeBook) AddService(_ context.Context, s fulfillment.Service) (fulfillment.Service, error) {
	return s, b.note("AddService", s)
}

// note remembers what was sent, without the IDs that are new every time.
func (b fakeBook) note(what string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, what+" "+string(text))
	return nil
}

func (b fakeBook) CreateOrder(_ context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error) {
	if err := b.note("CreateOrder", order); err != nil {
		return fulfillment.OrderCreated{}, err
	}
	if b.create != nil {
		return b.create(order)
	}
	return fulfillment.OrderCreated{OrderID: order.ID, Name: order.Name}, nil
}

func (b fakeBook) Send(_ context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	if err := b.note(string(cmd.Verb())+" "+id.String(), cmd); err != nil {
		return fulfillment.Result{}, err
	}
	if b.fakeBackend.send != nil {
		return b.fakeBackend.send(id, cmd)
	}
	return fulfillment.Result{FulfillmentOrderID: id}, nil
}

func (b fakeBook) Joint(
	_ context.Context, orderID fulfillment.ID, cmd fulfillment.Joint,
) ([]fulfillment.Result, error) {
	return nil, b.note(string(cmd.Verb())+" order "+orderID.String(), cmd)
}

func (b fakeBook) CancelOrder(_ context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	if b.cancel != nil {
		return fulfillment.OrderCancelled{}, b.cancel(cmd)
	}
	return fulfillment.OrderCancelled{OrderID: cmd.OrderID, FulfillmentOrders: []fulfillment.CancelledFulfillmentOrder{
		{FulfillmentOrderID: 4711, Outcome: fulfillment.CancelOutcomeRequested}}}, b.note("CancelOrder", cmd)
}

func (b fakeBook) EditOrder(_ context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error) {
	return fulfillment.OrderEdited{OrderID: cmd.OrderID, FulfillmentOrderIDs: []fulfillment.ID{4712}}, b.note("EditOrder", cmd)
}

func (b fakeBook) CloseOrder(_ context.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error) {
	answer := fulfillment.OrderClosed{OrderID: cmd.OrderID, ClosedAt: new(time.Now()), Changed: true}
	return answer, b.note("CloseOrder", cmd)
}

func (b fakeBook) OpenOrder(_ context.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error) {
	return fulfillment.OrderClosed{OrderID: cmd.OrderID, Changed: true}, b.note("OpenOrder", cmd)
}

func (b fakeBook) UpdateOrder(_ context.Context, cmd fulfillment.UpdateOrder) (fulfillment.OrderUpdated, error) {
	if cmd.ShippingAddress == nil {
		return fulfillment.OrderUpdated{OrderID: cmd.OrderID, Changed: []string{"note"}}, b.note("UpdateOrder", cmd)
	}
	return fulfillment.OrderUpdated{OrderID: cmd.OrderID, Changed: []string{"shippingAddress"},
		Followed: []fulfillment.ID{4711}, Kept: []fulfillment.KeptDestination{
			{FulfillmentOrderID: 4712, Message: "Ship Co has accepted it."},
		}}, b.note("UpdateOrder", cmd)
}

// call runs the program on the fake and returns what it printed.
func call(t *testing.T, f *fakeBackend, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	a := newApp(strings.NewReader(stdin), &out, &errOut)
	a.now, a.zone, a.backend = func() time.Time { return noon }, time.UTC, f.asBackend()
	status = a.run(t.Context(), args)
	return status, out.String(), errOut.String()
}

// lantern is a fulfillment order on hold, of an order #1001 with ID 1001.
func lantern() *fakeBackend {
	by, until := noon.Add(36*time.Hour), noon.Add(90*time.Minute)
	fo := &fulfillment.FulfillmentOrder{
		ID: 4711, OrderID: 1001, OrderName: "#1001", Status: fulfillment.StatusOnHold,
		RequestStatus: fulfillment.RequestUnsubmitted,
		AssignedLocation: fulfillment.AssignedLocation{
			LocationID: 7, Name: "Main warehouse", Why: "the only location that stocks all lines",
		},
		DeliveryMethod: fulfillment.DeliveryShipping, FulfillBy: &by,
		Lines: []fulfillment.Line{
			{
				ID: 4712, LineItemID: 11, Title: "Storm lantern", SKU: "LANTERN", RequiresShipping: true, Total: 3,
				Remaining: 2,
			},
		},
		Holds: []fulfillment.Hold{
			{
				ID: 4713, Reason: fulfillment.HoldAwaitingPayment, ReasonNotes: "bank\ttransfer",
				HeldAt: noon.Add(-time.Hour), ExpiresAt: &until,
			},
		},
		Fulfillments: []fulfillment.Fulfillment{{ID: 4714, Name: "#1001-F1", Status: fulfillment.FulfillmentSuccess,
			DisplayStatus: fulfillment.DisplayInTransit,
			Lines: []fulfillment.FulfillmentLine{
				{ID: 4715, FulfillmentOrderLineID: 4712, LineItemID: 11, Quantity: 1},
			},
			Tracking: []fulfillment.TrackingInfo{{Company: "DHL", Number: "0034"}}, RequiresShipping: true,
			CreatedAt: noon.Add(-2 * time.Hour)}},
		RequestAttachments: &fulfillment.Attachments{
			Labels: []fulfillment.Label{{TrackingNumber: "0034", LabelURL: "https://labels.example/0034.pdf"}},
			Documents: []fulfillment.Document{{Kind: fulfillment.DocumentLabel, Name: "0034.pdf",
				ContentType: "application/pdf", URL: "https://labels.example/0034.pdf"}},
			Data: map[string]any{"shipment": "shp_1"},
		},
		Sequence: 4, CreatedAt: noon.Add(-3 * time.Hour), UpdatedAt: noon.Add(-time.Hour),
	}
	placed := noon.Add(-3 * time.Hour)
	return &fakeBackend{
		fulfillmentOrders: []*fulfillment.FulfillmentOrder{fo},
		orders: []*fulfillment.OrderRecord{{
			Order: fulfillment.Order{ID: 1001, Name: "#1001", SourceIdentifier: "web-1", ProcessedAt: &placed,
				LineItems: []fulfillment.LineItem{{ID: 11, Title: "Storm lantern", SKU: "LANTERN", Quantity: 3}}},
			DisplayFulfillmentStatus: fulfillment.OrderPartiallyFulfilled,
			ReturnStatus:             "NO_RETURN",
			CurrentQuantities:        []fulfillment.Quantity{{ID: 11, Quantity: 3}},
		}},
		locations: []fulfillment.Location{
			{ID: 7, Name: "Main warehouse", Active: true, Priority: 10, StocksAll: true, Default: true},
			{ID: 8, Name: "Nordlicht", Active: true, Priority: 20, SKUs: []string{"LANTERN"}, ServiceID: 9,
				Service: &fulfillment.Service{
					ID: 9, Name: "Nordlicht", Handle: "nordlicht", Provider: "simulated", LocationID: 8,
				}},
		},
		transitions: []fulfillment.Transition{
			{
				Sequence: 1, Kind: fulfillment.KindCreated, At: noon.Add(-3 * time.Hour), Reason: "the only location",
				After: fulfillment.State{Status: "OPEN", RequestStatus: "UNSUBMITTED", Remaining: 3},
			},
			{Sequence: 2, Kind: fulfillment.KindHeld, At: noon.Add(-time.Hour),
				Before: fulfillment.State{Status: "OPEN", RequestStatus: "UNSUBMITTED"},
				After:  fulfillment.State{Status: "ON_HOLD", RequestStatus: "UNSUBMITTED", Remaining: 2}},
		},
	}
}
