package main

import (
	"context"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
)

// book is what has been committed: a *postgres.Store.
type book interface {
	appBook
	secretBook
	webhookBook
	newsBook
	webhookSecretBook
	documentBook
	returnBook
	Order(ctx context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error)
	Orders(ctx context.Context, filter postgres.OrderFilter, page postgres.Page) (postgres.OrderPage, error)
	Load(ctx context.Context, id fulfillment.ID) (*fulfillment.FulfillmentOrder, error)
	FulfillmentOrdersByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
	Answers(ctx context.Context, id fulfillment.ID, commandIDs []string) ([]fulfillment.Answered, error)
	FulfillmentOrders(
		ctx context.Context, filter postgres.FulfillmentOrderFilter, page postgres.Page,
	) (postgres.FulfillmentOrderPage, error)
	FulfillmentOrdersOf(ctx context.Context, orderID fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
	Transitions(ctx context.Context, id fulfillment.ID, page postgres.Page) (postgres.TransitionPage, error)
	Fulfillment(ctx context.Context, id fulfillment.ID) (*fulfillment.FulfillmentOrder, *fulfillment.Fulfillment, error)
	Locations(ctx context.Context) ([]fulfillment.Location, error)
	Location(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error)
	AddLocation(ctx context.Context, l fulfillment.Location) (fulfillment.Location, error)
	EditLocation(ctx context.Context, edit fulfillment.LocationEdit) (fulfillment.Location, error)
	ActivateLocation(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error)
	DeactivateLocation(ctx context.Context, id fulfillment.ID) (fulfillment.Location, error)
	DeleteLocation(ctx context.Context, deletion fulfillment.LocationDeletion) error
	WaitingAt(
		ctx context.Context, locationID, after fulfillment.ID, limit int,
	) ([]*fulfillment.FulfillmentOrder, error)
	Services(ctx context.Context) ([]fulfillment.Service, error)
	AllServices(ctx context.Context) ([]fulfillment.Service, error)
	AddService(ctx context.Context, s fulfillment.Service) (fulfillment.Service, error)
	UpdateService(ctx context.Context, u fulfillment.ServiceUpdate) (fulfillment.Service, error)
	ServiceCalls(ctx context.Context, id fulfillment.ID) (calls []callback.Standing, stopped string, err error)
	StockLevels(
		ctx context.Context, locationID fulfillment.ID, limit int,
	) (levels []postgres.StockLevel, all int, err error)
	Feed(ctx context.Context, q postgres.FeedQuery) (postgres.FeedPage, error)
	FeedWaiting(ctx context.Context) (events int, oldest time.Duration, err error)
}

// sender sends commands to workflows: a *operation.Commands. Its refusals are *fulfillment.Error.
type sender interface {
	CreateOrder(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error)
	Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error)
	Joint(ctx context.Context, orderID fulfillment.ID, cmd fulfillment.Joint) ([]fulfillment.Result, error)
	CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error)
	EditOrder(ctx context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error)
	UpdateOrder(ctx context.Context, cmd fulfillment.UpdateOrder) (fulfillment.OrderUpdated, error)
	CloseOrder(ctx context.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error)
	OpenOrder(ctx context.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error)
	returnSender
	// Changed and ServiceChanged tell whoever sends webhooks, or calls services, what was changed.
	Changed(ctx context.Context, subscriptionID fulfillment.ID)
	ServiceChanged(ctx context.Context, id fulfillment.ID)
}

// backend opens the servers' clients when they are first needed, so that reading needs no Temporal.
type backend interface {
	book(ctx context.Context) (book, error)
	sender(ctx context.Context) (sender, error)
	feedWatch(ctx context.Context) (feedWatch, error)                        // which runs until the context ends
	provider(ctx context.Context, id string) (provider.Provider, error)      // connected to its system
	served(ctx context.Context, providers []string) (map[string]bool, error) // those that some worker serves
	migrate(ctx context.Context, done func(what string)) error
	where() string // the addresses, for people, without passwords
	// workflowURL is where the Temporal UI shows a workflow; empty when nobody said where the UI is.
	workflowURL(workflowID string) string
	close()
}
