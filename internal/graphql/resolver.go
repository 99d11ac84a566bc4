// Package graphql answers the Admin API: each mutation field asks for one operation, waits until what it did is
// durable, and answers with what the store has then; each query field reads the store. The schema is in package schema,
// the objects are in package admin, with what gqlgen makes of both.
package graphql

import (
	"context"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// Resolver answers the root fields. Mutations need all fields, see [NewResolver]; queries none.
type Resolver struct {
	FulfillmentOrders operation.FulfillmentOrders
	Orders            operation.Orders
	OrderEdits        *operation.OrderEdits
	Returns           operation.Returns
	Services          operation.Services
	Locations         operation.Locations
	Subscriptions     operation.Subscriptions
}

var _ admin.ResolverRoot = (*Resolver)(nil)

// NewResolver is a Resolver of the store and of the workflows behind the commands. servicesChanged is called before a
// mutation is answered that gave an app a fulfillment service, or took one away. No webhook goes to the shop's domain.
func NewResolver(
	store *postgres.Store, commands *operation.Commands, servicesChanged func(), shopDomain string,
) *Resolver {
	return &Resolver{
		FulfillmentOrders: operation.FulfillmentOrders{Store: store, Commands: commands},
		Orders:            operation.Orders{Store: store, Commands: commands},
		OrderEdits:        &operation.OrderEdits{Store: store, Commands: commands},
		Returns:           operation.Returns{Store: store, Commands: commands},
		Services: operation.Services{
			Store: store, Commands: commands, Calls: commands, Changed: servicesChanged,
		},
		Locations: operation.Locations{Store: store, Commands: commands},
		Subscriptions: operation.Subscriptions{
			Store: store, Rules: webhook.Rules{Callbacks: store.Webhooks(), ShopDomain: shopDomain},
			Delivery: commands,
		},
	}
}

// Mutation answers the mutation fields.
func (r *Resolver) Mutation() admin.MutationResolver { return &mutation{r} }

// QueryRoot answers the query fields.
func (r *Resolver) QueryRoot() admin.QueryRootResolver { return &query{r} }

type mutation struct{ *Resolver }

type query struct{ *Resolver }

// caller is who asks. Without one there are no rights.
func caller(ctx context.Context) access.Caller {
	c, _ := access.CallerFrom(ctx)
	return c
}

// fulfillmentOrder is the object as the store has it now, after a command; nil for no ID.
func (r *Resolver) fulfillmentOrder(ctx context.Context, id fulfillment.ID) (*admin.FulfillmentOrder, error) {
	if id == 0 {
		return nil, nil
	}
	return admin.LoadFulfillmentOrder(ctx, id)
}

// fulfillmentOrders are several of them, without those that the caller may not see.
func (r *Resolver) fulfillmentOrders(ctx context.Context, ids []fulfillment.ID) ([]*admin.FulfillmentOrder, error) {
	list := make([]*admin.FulfillmentOrder, 0, len(ids))
	for _, id := range ids {
		fo, err := r.fulfillmentOrder(ctx, id)
		if err != nil {
			return nil, err
		}
		if fo != nil {
			list = append(list, fo)
		}
	}
	return list, nil
}

// value is what p points to; the zero value for nil.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
