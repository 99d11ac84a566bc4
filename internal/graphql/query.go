package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

// hidden tells whether the caller has none of the scopes that the query may need. Then everything is left out of its
// answer, as what it may not see is left out for a caller with some of them.
func hidden(ctx context.Context, operation string) bool { return caller(ctx).MayCall(operation) != nil }

func (*query) FulfillmentOrder(ctx context.Context, id string) (*admin.FulfillmentOrder, error) {
	return one(ctx, "fulfillmentOrder", id, admin.TypeFulfillmentOrder, admin.LoadFulfillmentOrder)
}

func (*query) Fulfillment(ctx context.Context, id string) (*admin.Fulfillment, error) {
	return one(ctx, "fulfillment", id, admin.TypeFulfillment, admin.LoadFulfillment)
}

func (*query) FulfillmentService(ctx context.Context, id string) (*admin.FulfillmentService, error) {
	return one(ctx, "fulfillmentService", id, admin.TypeFulfillmentService, admin.LoadFulfillmentService)
}

func (*query) Order(ctx context.Context, id string) (*admin.Order, error) {
	return one(ctx, "order", id, admin.TypeOrder, admin.LoadOrder)
}

// OrderByIdentifier finds orders by their ID: there are no metafields to find them by.
func (q *query) OrderByIdentifier(ctx context.Context, by admin.OrderIdentifierInput) (*admin.Order, error) {
	if (by.ID == nil) == (by.CustomID == nil) {
		return nil, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"identifier"},
			Message: "identifier must have one of id and customId.",
		}
	}
	if by.ID == nil {
		return nil, nil
	}
	return one(ctx, "orderByIdentifier", *by.ID, admin.TypeOrder, admin.LoadOrder)
}

// OrdersCount counts none for a caller who may not read orders.
func (*query) OrdersCount(ctx context.Context, limit *int, query *string) (*admin.Count, error) {
	if hidden(ctx, "ordersCount") {
		return &admin.Count{Precision: admin.CountPrecisionExact}, nil
	}
	return admin.LoadersFrom(ctx).CountOrders(ctx, query, limit)
}

func (*query) CurrentAppInstallation(ctx context.Context) (*admin.AppInstallation, error) {
	return admin.CurrentAppInstallation(ctx), nil
}

func (*query) Job(ctx context.Context, id string) (*admin.Job, error) {
	return one(ctx, "job", id, admin.TypeJob, admin.LoadersFrom(ctx).Job)
}

// Location without an ID is the default one.
func (*query) Location(ctx context.Context, id *string) (*admin.Location, error) {
	if id != nil {
		return one(ctx, "location", *id, admin.TypeLocation, admin.LoadLocation)
	}
	if hidden(ctx, "location") {
		return nil, nil
	}
	return admin.LoadersFrom(ctx).DefaultLocation(ctx)
}

// WebhookSubscription is one of the caller's app.
func (*query) WebhookSubscription(ctx context.Context, id string) (*admin.WebhookSubscription, error) {
	return one(
		ctx, "webhookSubscription", id, admin.TypeWebhookSubscription, admin.LoadersFrom(ctx).WebhookSubscription,
	)
}

func (*query) WebhookSubscriptionsCount(ctx context.Context, limit *int, query *string) (*admin.Count, error) {
	return admin.LoadersFrom(ctx).CountWebhookSubscriptions(ctx, query, limit)
}

// one loads the object of this type; nil when there is none.
func one[T any](
	ctx context.Context, operation, gid, kind string, load func(context.Context, fulfillment.ID) (*T, error),
) (*T, error) {
	id, err := admin.ParseGIDOf(gid, kind)
	if id == 0 || err != nil || hidden(ctx, operation) {
		return nil, err
	}
	return load(ctx, id)
}

func (*query) Shop(ctx context.Context) (*admin.Shop, error) {
	return admin.LoadersFrom(ctx).Shop(), nil
}

func (*query) Node(ctx context.Context, id string) (admin.Node, error) {
	gid, err := admin.ParseGID(id)
	if err != nil {
		return nil, err
	}
	return admin.LoadersFrom(ctx).Node(ctx, gid)
}

func (*query) Nodes(ctx context.Context, ids []string) ([]admin.Node, error) {
	gids := make([]admin.GID, len(ids))
	for i, id := range ids {
		var err error
		if gids[i], err = admin.ParseGID(id); err != nil {
			return nil, err
		}
	}
	return admin.LoadersFrom(ctx).Nodes(ctx, gids)
}
