package growth

import (
	"context"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// The locations of all stores. Work at the service's is asked for and answered.
var (
	ownLocations = []fulfillment.AssignedLocation{
		{LocationID: 11, Name: "Berlin"}, {LocationID: 12, Name: "Hamburg"}, {LocationID: 13, Name: "Wien"},
	}
	shipCo = fulfillment.AssignedLocation{
		LocationID: 22, Name: "Ship Co", ServiceID: 33, ServiceName: "Ship Co", Provider: fulfillment.ManualProvider,
	}
)

// life is what a fulfillment order has been through.
type life struct {
	at       fulfillment.AssignedLocation
	commands []fulfillment.Command
}

// lives are the lives of a store, in the order in which they come again and again: seven of ten are done.
func lives() []life {
	var all []life
	add := func(at fulfillment.AssignedLocation, commands ...fulfillment.Command) {
		all = append(all, life{at, commands})
	}
	submit := func() fulfillment.Command { return &fulfillment.SubmitFulfillmentRequest{} }
	accept := func() fulfillment.Command { return &fulfillment.AcceptFulfillmentRequest{} }
	ship := func() fulfillment.Command {
		return &fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Company: "DHL", Number: "JJD0001"}}
	}
	carried := func(s fulfillment.EventStatus) fulfillment.Command { return &fulfillment.RecordEvent{Status: s} }
	delivered := func(at fulfillment.AssignedLocation, before ...fulfillment.Command) {
		add(at, append(before, ship(), carried(fulfillment.EventInTransit), carried(fulfillment.EventDelivered))...)
	}
	hold := func() fulfillment.Command { return &fulfillment.PlaceHold{Reason: fulfillment.HoldAwaitingPayment} }
	for i, own := range ownLocations {
		delivered(own)
		delivered(shipCo, submit(), accept())
		delivered(own)
		add(own, [][]fulfillment.Command{{}, {hold()}, {&fulfillment.ReportProgress{ReasonNotes: "Picked"}}}[i]...)
		delivered(own, hold(), &fulfillment.ReleaseHold{})
	}
	add(shipCo, submit())
	add(shipCo, submit(), accept())
	add(shipCo)
	delivered(shipCo, submit(), accept())
	delivered(ownLocations[0])
	return all
}

// IDs of a life begin with the number of the order, which a copy has another one of, and end with four digits. The
// others of these texts are replaced in a copy, too: they stand in all times and nowhere else.
const (
	idsOfOrder   = 10_000
	firstLife    = 11_000_000_000_000
	firstCopy    = 20_000_000_000_000
	dayOfLives   = "2001-02-03"
	secondOfHour = ":44:55"
)

// storeLife lets the order of this number go through a life, by the store's own writers.
func storeLife(ctx context.Context, store *postgres.Store, number int64, l life) error {
	first := fulfillment.ID(number * idsOfOrder)
	now, err := time.Parse(time.RFC3339, dayOfLives+"T08"+secondOfHour+"Z")
	if err != nil {
		return err
	}
	order := &fulfillment.Order{
		ID: first, Name: fmt.Sprint("#", number), Email: fmt.Sprintf("buyer-%d@example.com", number),
		CurrencyCode: "EUR", Tags: []string{"web"},
		CommandID: fmt.Sprint("create-", number), ProcessedAt: &now,
		ShippingAddress: &fulfillment.Address{
			FirstName: "Ada", LastName: "Example", Address1: "Street 1", City: "Berlin", CountryCode: "DE",
			Zip: "10115",
		},
		LineItems: []fulfillment.LineItem{
			{ID: first + 1, Title: "Saddle", VariantTitle: "Brown", SKU: "SAD-1", Quantity: 3, UnitPrice: "12.50"},
			{ID: first + 2, Title: "Bell", SKU: "BEL-1", Quantity: 1, UnitPrice: "3.00"},
		},
	}
	order.SourceIdentifier = fmt.Sprint("shop-", number)
	switch number % 20 { // Few are not shipped, or paid back.
	case 3:
		order.DeliveryMethod = fulfillment.DeliveryPickUp
	case 4:
		order.Transactions = []fulfillment.Transaction{
			{Amount: "40.50", Gateway: "manual"},
			{Kind: fulfillment.TransactionRefund, Amount: "40.50", Gateway: "manual"},
		}
	default:
		order.Transactions = []fulfillment.Transaction{{Amount: "40.50", Gateway: "manual"}}
	}
	if err := order.Complete(now); err != nil {
		return err
	}
	plan := fulfillment.Assignment{
		Location: l.at, Lines: []fulfillment.Quantity{{ID: first + 1, Quantity: 3}, {ID: first + 2, Quantity: 1}},
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
	for i, cmd := range l.commands {
		cmd.Envelope().CommandID = fmt.Sprintf("%d-%d", number, i)
		if event, ok := cmd.(*fulfillment.RecordEvent); ok {
			event.FulfillmentID = state.Fulfillments[0].ID
		}
		env := fulfillment.Env{
			Now: now.Add(time.Duration(i+1) * time.Hour), IDs: fulfillment.NewIDs(first + fulfillment.ID(100*(i+1))),
		}
		if state, err = commit(ctx, store, state, cmd, env); err != nil {
			return fmt.Errorf("%s: %w", cmd.Verb(), err)
		}
	}
	return nil
}

// commit decides a command on a state and commits what it did.
func commit(
	ctx context.Context, store *postgres.Store, state *fulfillment.FulfillmentOrder, cmd fulfillment.Command,
	env fulfillment.Env,
) (*fulfillment.FulfillmentOrder, error) {
	d, err := state.Decide(cmd, env)
	if err != nil {
		return nil, err
	}
	_, err = store.Commit(ctx, fulfillment.CommitOf(d.State, d))
	return d.State, err
}

// furnish adds the locations to a store.
func furnish(ctx context.Context, store *postgres.Store) error {
	for _, own := range ownLocations {
		if _, err := store.AddLocation(
			ctx, fulfillment.Location{ID: own.LocationID, Name: own.Name, Active: true, StocksAll: true},
		); err != nil {
			return err
		}
	}
	_, err := store.AddService(
		ctx,
		fulfillment.Service{
			ID: shipCo.ServiceID, LocationID: shipCo.LocationID, Name: shipCo.Name, Provider: shipCo.Provider,
		},
	)
	return err
}
