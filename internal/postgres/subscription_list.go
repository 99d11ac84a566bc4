package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
	"packhorse/internal/webhook"
)

// SubscriptionFilter selects webhook subscriptions. The zero value selects all.
type SubscriptionFilter struct {
	AppID  fulfillment.ID // 0: of any app
	Own    bool           // only those that the apps made themselves
	URI    string         // "": any
	Format webhook.Format // "": any
	Topics []webhook.Topic
	States []webhook.State
	Search Search // of [SubscriptionSearch]
}

func (f SubscriptionFilter) conditions() conditions {
	var c conditions
	if f.AppID != 0 {
		c.add("s.app_id = $%d", f.AppID)
	}
	if f.Own {
		c.sql += " AND NOT s.by_operator"
	}
	if f.URI != "" {
		c.add("s.uri = $%d", clean(f.URI))
	}
	if f.Format != "" {
		c.add("s.format = $%d", f.Format)
	}
	whenAny(&c, "s.topic", f.Topics)
	whenAny(&c, "s.state", f.States)
	f.Search.of("s").add(&c)
	return c
}

// SubscriptionSearch makes a condition on webhook subscriptions; see [FulfillmentOrderSearch].
func SubscriptionSearch(e search.Expr) (Search, error) { return subscriptionSearch.compile(e) }

var subscriptionSearch = SearchSpec{
	Noun: "Webhook subscriptions",
	Fields: []SearchField{
		idField("id", "WebhookSubscription", "id", "the subscription's own ID"),
		timeField("created_at", "when it was made"),
		timeField("updated_at", "when it was changed last"),
	},
}

var subscriptions = listed{
	table: "webhook_subscriptions", alias: "s", columns: subscriptionColumns,
	keys: map[Sort]string{SortCreatedAt: "s.created_at"},
}

// SubscriptionList asks for webhook subscriptions.
type SubscriptionList struct {
	Window // sorts: ID, CREATED_AT
	SubscriptionFilter
}

// ListSubscriptions lists webhook subscriptions. A window that makes no sense is refused with a *[fulfillment.Error].
func (s *Store) ListSubscriptions(
	ctx context.Context, list SubscriptionList,
) (Segment[*webhook.Subscription], error) {
	span, err := list.check(SortID, SortCreatedAt)
	if err != nil {
		return Segment[*webhook.Subscription]{}, err
	}
	of, err := segments(ctx, s, span, subscriptions, list.conditions(), false,
		func() ([]any, func() *webhook.Subscription) {
			scan := new(subscriptionScan)
			return scan.columns(), scan.subscription
		})
	if err != nil {
		return Segment[*webhook.Subscription]{}, fmt.Errorf("list webhook subscriptions: %w", translate(err))
	}
	return of[0], nil
}

// CountSubscriptions counts webhook subscriptions, at most limit of them, nil for all; it also tells whether that is
// all of them. A negative limit is refused with a *[fulfillment.Error].
func (s *Store) CountSubscriptions(
	ctx context.Context, filter SubscriptionFilter, limit *int,
) (n int, all bool, err error) {
	n, all, err = s.count(ctx, "webhook_subscriptions s", filter.conditions(), limit)
	if err != nil {
		return 0, false, fmt.Errorf("count webhook subscriptions: %w", translate(err))
	}
	return n, all, nil
}

// SubscriptionsByID reads webhook subscriptions in the order of the IDs; nil in place of one that there is not.
func (s *Store) SubscriptionsByID(ctx context.Context, ids []fulfillment.ID) ([]*webhook.Subscription, error) {
	rows, err := s.pool.Query(ctx, selectSubscriptions+` WHERE s.id = ANY($1)`, ids)
	var found []webhook.Subscription
	if err == nil {
		found, err = pgx.CollectRows(rows, scanSubscription)
	}
	if err != nil {
		return nil, fmt.Errorf("read %d webhook subscriptions: %w", len(ids), translate(err))
	}
	byID := make(map[fulfillment.ID]*webhook.Subscription, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	list := make([]*webhook.Subscription, len(ids))
	for i, id := range ids {
		list[i] = byID[id]
	}
	return list, nil
}

// Subscriptions lists webhook subscriptions by their IDs, a page at a time.
func (s *Store) Subscriptions(
	ctx context.Context, filter SubscriptionFilter, page Page,
) (Results[webhook.Subscription], error) {
	c := filter.conditions()
	end := page.clause("s.id", &c.args)
	rows, err := s.pool.Query(ctx, selectSubscriptions+` WHERE true`+c.sql+end, c.args...)
	var found []webhook.Subscription
	if err == nil {
		found, err = pgx.CollectRows(rows, scanSubscription)
	}
	if err != nil {
		return Results[webhook.Subscription]{}, fmt.Errorf("list webhook subscriptions: %w", translate(err))
	}
	return paged(found, page, func(sub *webhook.Subscription) int64 { return int64(sub.ID) }), nil
}

// subscriptionScan reads the columns of a subscription, each NULL where there is none.
type subscriptionScan struct {
	id, appID                        *fulfillment.ID
	byOperator                       *bool
	topic, uri, format, filter, name *string
	includeFields, namespaces        []string
	metafields                       []webhook.Metafield
	apiVersion, state, reason        *string
	stateSince, createdAt, updatedAt *time.Time
	timeoutMS, concurrency           *int
}

func (r *subscriptionScan) columns() []any {
	return []any{&r.id, &r.appID, &r.byOperator, &r.topic, &r.uri, &r.format, &r.filter, &r.includeFields,
		&r.namespaces, &r.metafields, &r.name, &r.apiVersion, &r.state, &r.reason, &r.stateSince, &r.createdAt,
		&r.updatedAt, &r.timeoutMS, &r.concurrency}
}

func (r *subscriptionScan) subscription() *webhook.Subscription {
	return &webhook.Subscription{
		ID: *r.id, AppID: *r.appID, ByOperator: *r.byOperator, Topic: webhook.Topic(*r.topic), URI: *r.uri,
		Format: webhook.Format(*r.format), Filter: r.filter, IncludeFields: r.includeFields,
		MetafieldNamespaces: r.namespaces, Metafields: r.metafields, Name: r.name, APIVersion: *r.apiVersion,
		State: webhook.State(*r.state), StateReason: *r.reason, StateSince: *r.stateSince, CreatedAt: *r.createdAt,
		UpdatedAt: *r.updatedAt, TimeoutMS: *r.timeoutMS, Concurrency: *r.concurrency,
	}
}
