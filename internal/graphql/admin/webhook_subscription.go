package admin

import (
	"cmp"
	"context"
	"math"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/search"
	"packhorse/internal/webhook"
)

// WebhookSubscription says that an app is to be told of a topic at an address.
type WebhookSubscription struct{ State *webhook.Subscription }

// WebhookSubscription is the subscription with this number; nil when the caller's app has none.
func (l *Loaders) WebhookSubscription(ctx context.Context, id fulfillment.ID) (*WebhookSubscription, error) {
	state, err := l.reads().subscriptions.load(ctx, id)
	if state == nil {
		return nil, err
	}
	return &WebhookSubscription{state}, nil
}

// relation: what an operator made for the app is not the app's.
func (s *WebhookSubscription) relation(by access.Caller) access.Relation {
	return by.ToOwn(s.State.AppID == by.App.ID && !s.State.ByOperator)
}

// WebhookSubscriptionList asks for a part of the webhook subscriptions that the caller's app made.
type WebhookSubscriptionList struct {
	Paging
	SortKey *WebhookSubscriptionSortKeys
	Query   *string
	URI     string // "": any
	Format  *webhook.Format
	Topics  []webhook.Topic
}

// WebhookSubscriptions lists them.
func (l *Loaders) WebhookSubscriptions(
	ctx context.Context, list WebhookSubscriptionList,
) (*WebhookSubscriptionConnection, error) {
	filter, err := ownSubscriptions(ctx, list.Query)
	if err != nil {
		return nil, err
	}
	filter.URI, filter.Format, filter.Topics = list.URI, value(list.Format), list.Topics
	key := cmp.Or(postgres.Sort(value(list.SortKey)), postgres.SortCreatedAt)
	r := l.reads()
	s, err := r.book.ListSubscriptions(
		ctx, postgres.SubscriptionList{Window: list.Window(key), SubscriptionFilter: filter},
	)
	if err != nil {
		return nil, err
	}
	for _, state := range s.Items {
		r.sawSubscription(state)
	}
	return connection(mapped(s, func(state *webhook.Subscription) *WebhookSubscription {
		return &WebhookSubscription{state}
	}),
		func(cursor string, node *WebhookSubscription) *WebhookSubscriptionEdge {
			return &WebhookSubscriptionEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*WebhookSubscriptionEdge, nodes []*WebhookSubscription, page *PageInfo,
		) *WebhookSubscriptionConnection {
			return &WebhookSubscriptionConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// CountWebhookSubscriptions counts those that a search finds, at most so many; nil: all.
func (l *Loaders) CountWebhookSubscriptions(ctx context.Context, query *string, limit *int) (*Count, error) {
	filter, err := ownSubscriptions(ctx, query)
	if err != nil {
		return nil, err
	}
	n, all, err := l.reads().book.CountSubscriptions(ctx, filter, limit)
	if err != nil {
		return nil, err
	}
	return countOf(n, all), nil
}

// ownSubscriptions are those that the caller's app made and a search finds.
func ownSubscriptions(ctx context.Context, query *string) (postgres.SubscriptionFilter, error) {
	filter := postgres.SubscriptionFilter{AppID: caller(ctx).App.ID, Own: true}
	e, err := search.Parse(value(query))
	if err == nil {
		filter.Search, err = postgres.SubscriptionSearch(e)
	}
	return filter, err
}

// countOf is a count, and how exact it is.
func countOf(n int, all bool) *Count {
	if all {
		return &Count{Count: n, Precision: CountPrecisionExact}
	}
	return &Count{Count: n, Precision: CountPrecisionAtLeast}
}

// IsNode says that [Loaders.Node] finds it.
func (*WebhookSubscription) IsNode() {}

// IsLegacyInteroperability says that it has a plain number.
func (*WebhookSubscription) IsLegacyInteroperability() {}

// ID is its global ID.
func (s *WebhookSubscription) ID() GID { return GID{TypeWebhookSubscription, s.State.ID} }

// LegacyResourceID is the number of the ID.
func (s *WebhookSubscription) LegacyResourceID() uint64 { return uint64(s.State.ID) }

// APIVersion is the version whose form the bodies have.
func (s *WebhookSubscription) APIVersion() *APIVersion { return apiVersion(s.State.APIVersion) }

// CallbackURL is the address, if it is a URL; else what Shopify's API shows there.
func (s *WebhookSubscription) CallbackURL() string {
	if webhook.IsHTTP(s.State.URI) {
		return s.State.URI
	}
	return "https://eventbridge.arn"
}

// Endpoint is the address, by its kind.
func (s *WebhookSubscription) Endpoint() WebhookSubscriptionEndpoint {
	if project, topic, ok := webhook.ParsePubSub(s.State.URI); ok {
		return &WebhookPubSubEndpoint{PubSubProject: project, PubSubTopic: topic}
	}
	if arn, ok := webhook.ParseEventBridge(s.State.URI); ok {
		return &WebhookEventBridgeEndpoint{Arn: arn}
	}
	return &WebhookHTTPEndpoint{CallbackURL: s.State.URI}
}

// CreatedAt is when it was made.
func (s *WebhookSubscription) CreatedAt() time.Time { return s.State.CreatedAt }

// UpdatedAt is when it was changed last.
func (s *WebhookSubscription) UpdatedAt() time.Time { return s.State.UpdatedAt }

// Filter decides which events are sent.
func (s *WebhookSubscription) Filter() *string { return s.State.Filter }

// Format is how bodies are written.
func (s *WebhookSubscription) Format() webhook.Format { return s.State.Format }

// IncludeFields are the parts of bodies that are sent.
func (s *WebhookSubscription) IncludeFields() []string { return s.State.IncludeFields }

// MetafieldNamespaces are kept as they were given.
func (s *WebhookSubscription) MetafieldNamespaces() []string { return s.State.MetafieldNamespaces }

// Metafields are kept as they were given.
func (s *WebhookSubscription) Metafields() []*WebhookSubscriptionMetafieldIdentifier {
	list := make([]*WebhookSubscriptionMetafieldIdentifier, len(s.State.Metafields))
	for i, m := range s.State.Metafields {
		list[i] = &WebhookSubscriptionMetafieldIdentifier{Namespace: m.Namespace, Key: m.Key}
	}
	return list
}

// Name tells the app's subscriptions apart.
func (s *WebhookSubscription) Name() *string { return s.State.Name }

// Topic is what it is about.
func (s *WebhookSubscription) Topic() webhook.Topic { return s.State.Topic }

// URI is the address.
func (s *WebhookSubscription) URI() string { return s.State.URI }

// Attempts are what became of the requests to it.
func (s *WebhookSubscription) Attempts(
	ctx context.Context, first *int, after *string, last *int, before *string, reverse *bool, position *uint64,
) (*WebhookAttemptConnection, error) {
	if position != nil && (*position == 0 || *position > math.MaxInt64) {
		return nil, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"position"},
			Message: "position must be that of an event in the feed, from 1.",
		}
	}
	page := Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse}
	list := postgres.AttemptList{Window: page.Window(postgres.SortID), Position: int64(value(position))}
	of, err := read(ctx).attemptsOf(list).load(ctx, s.State.ID)
	if err != nil {
		return nil, err
	}
	return connection(mapped(of, func(a webhook.Attempt) *WebhookAttempt {
		return &WebhookAttempt{
			Answer: optional(a.Answer), At: a.At, Attempt: a.Attempt, Error: optional(a.Error),
			Milliseconds: int(a.Took.Milliseconds()), Position: uint64(a.Position), Replay: a.Replay,
			Status: optional(a.Status), Topic: s.State.Topic,
		}
	}),
		func(cursor string, node *WebhookAttempt) *WebhookAttemptEdge {
			return &WebhookAttemptEdge{Cursor: cursor, Node: node}
		},
		func(edges []*WebhookAttemptEdge, nodes []*WebhookAttempt, page *PageInfo) *WebhookAttemptConnection {
			return &WebhookAttemptConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// Delivery is how it goes. One that was deleted meanwhile has none.
func (s *WebhookSubscription) Delivery(ctx context.Context) (*WebhookDelivery, error) {
	standing, err := read(ctx).standings.load(ctx, s.State.ID)
	if err != nil {
		return nil, err
	}
	d := &WebhookDelivery{
		Cursor: uint64(standing.Cursor), DeadLetters: standing.Dead, Lag: uint64(standing.Lag),
		LagSeconds: uint64(standing.LagSeconds), LastError: optional(standing.LastError), State: s.State.State,
		StateReason: optional(s.State.StateReason), StateSince: s.State.StateSince, Waiting: standing.Waiting,
		Failing: standing.Failing,
	}
	if s.State.State == webhook.Enabled {
		d.NextAttemptAt = standing.NextAttempt
	}
	return d, nil
}

// apiVersion is a version by its name in the path. All that are served are supported, but the one that may change any
// day.
func apiVersion(handle string) *APIVersion {
	const unstable = "unstable"
	return &APIVersion{Handle: handle, DisplayName: handle, Supported: handle != unstable}
}
