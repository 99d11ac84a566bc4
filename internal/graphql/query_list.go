package graphql

import (
	"cmp"
	"context"

	"packhorse/internal/graphql/admin"
	"packhorse/internal/webhook"
)

// noFulfillmentOrders is a page without anything.
func noFulfillmentOrders() *admin.FulfillmentOrderConnection {
	return &admin.FulfillmentOrderConnection{
		Edges: []*admin.FulfillmentOrderEdge{}, Nodes: []*admin.FulfillmentOrder{}, PageInfo: &admin.PageInfo{},
	}
}

func (*query) FulfillmentOrders(
	ctx context.Context, includeClosed *bool, first *int, after *string, last *int, before *string, reverse *bool,
	sortKey *admin.FulfillmentOrderSortKeys, query *string,
) (*admin.FulfillmentOrderConnection, error) {
	if hidden(ctx, "fulfillmentOrders") {
		return noFulfillmentOrders(), nil
	}
	return admin.LoadersFrom(ctx).FulfillmentOrders(ctx, admin.FulfillmentOrderList{
		Paging:  admin.Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse},
		SortKey: sortKey, Query: query, IncludeClosed: value(includeClosed),
	})
}

func (*query) AssignedFulfillmentOrders(
	ctx context.Context, assignmentStatus *admin.FulfillmentOrderAssignmentStatus, locationIDs []string, first *int,
	after *string, last *int, before *string, reverse *bool, sortKey *admin.FulfillmentOrderSortKeys,
) (*admin.FulfillmentOrderConnection, error) {
	if hidden(ctx, "assignedFulfillmentOrders") {
		return noFulfillmentOrders(), nil
	}
	list := admin.FulfillmentOrderList{
		Paging:  admin.Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse},
		SortKey: sortKey, AssignedOnly: true, Assignment: assignmentStatus,
	}
	if len(locationIDs) > 0 {
		var err error
		if list.LocationIDs, err = admin.ParseGIDs(locationIDs, admin.TypeLocation); err != nil {
			return nil, err
		}
	}
	return admin.LoadersFrom(ctx).FulfillmentOrders(ctx, list)
}

func (*query) ManualHoldsFulfillmentOrders(
	ctx context.Context, query *string, first *int, after *string, last *int, before *string, reverse *bool,
) (*admin.FulfillmentOrderConnection, error) {
	if hidden(ctx, "manualHoldsFulfillmentOrders") {
		return noFulfillmentOrders(), nil
	}
	return admin.LoadersFrom(ctx).FulfillmentOrders(ctx, admin.FulfillmentOrderList{
		Paging: admin.Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse}, Query: query,
		OnHold: true,
	})
}

func (*query) Orders(
	ctx context.Context, first *int, after *string, last *int, before *string, reverse *bool,
	sortKey *admin.OrderSortKeys, query *string,
) (*admin.OrderConnection, error) {
	if hidden(ctx, "orders") {
		return &admin.OrderConnection{
			Edges: []*admin.OrderEdge{}, Nodes: []*admin.Order{}, PageInfo: &admin.PageInfo{},
		}, nil
	}
	return admin.LoadersFrom(ctx).Orders(ctx, admin.OrderList{
		Paging:  admin.Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse},
		SortKey: sortKey, Query: query,
	})
}

func (*query) Locations(
	ctx context.Context, includeLegacy, includeInactive *bool, first *int, after *string, last *int, before *string,
	reverse *bool, sortKey *admin.LocationSortKeys, query *string,
) (*admin.LocationConnection, error) {
	if hidden(ctx, "locations") {
		return &admin.LocationConnection{
			Edges: []*admin.LocationEdge{}, Nodes: []*admin.Location{}, PageInfo: &admin.PageInfo{},
		}, nil
	}
	return admin.LoadersFrom(ctx).Locations(ctx, admin.LocationList{
		Paging:  admin.Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse},
		SortKey: sortKey, Query: query, IncludeLegacy: value(includeLegacy), IncludeInactive: value(includeInactive),
	})
}

// WebhookSubscriptions lists those of the caller's app. The deprecated callbackUrl counts where there is no uri.
func (*query) WebhookSubscriptions(
	ctx context.Context, callbackURL *string, format *webhook.Format, topics []webhook.Topic, uri *string, first *int,
	after *string, last *int, before *string, reverse *bool, sortKey *admin.WebhookSubscriptionSortKeys, query *string,
) (*admin.WebhookSubscriptionConnection, error) {
	return admin.LoadersFrom(ctx).WebhookSubscriptions(ctx, admin.WebhookSubscriptionList{
		Paging:  admin.Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse},
		SortKey: sortKey, Query: query, URI: cmp.Or(value(uri), value(callbackURL)), Format: format, Topics: topics,
	})
}
