package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// mailbox keeps subscriptions, and what the delivery is told.
type mailbox struct {
	subs    map[fulfillment.ID]webhook.Subscription
	keyless bool
	told    []fulfillment.ID
}

func (m *mailbox) KeepsSecrets() bool { return !m.keyless }

func (m *mailbox) AddSubscription(_ context.Context, s webhook.Subscription) (webhook.Subscription, error) {
	if s.ID == 0 {
		s.ID = 100
	}
	m.subs[s.ID] = s
	return s, nil
}

func (m *mailbox) UpdateSubscription(
	_ context.Context, id fulfillment.ID, change func(webhook.Subscription) (webhook.Subscription, error),
) (webhook.Subscription, error) {
	s, ok := m.subs[id]
	if !ok {
		return s, fmt.Errorf("update: %w", fulfillment.ErrNotFound)
	}
	changed, err := change(s)
	if err == nil {
		m.subs[id] = changed
	}
	return changed, err
}

func (m *mailbox) SubscriptionsByID(_ context.Context, ids []fulfillment.ID) ([]*webhook.Subscription, error) {
	if s, ok := m.subs[ids[0]]; ok {
		return []*webhook.Subscription{&s}, nil
	}
	return []*webhook.Subscription{nil}, nil
}

func (m *mailbox) DeleteSubscription(_ context.Context, id fulfillment.ID) error {
	delete(m.subs, id)
	return nil
}

func (m *mailbox) SetSubscriptionState(
	_ context.Context, id fulfillment.ID, state webhook.State, reason string,
) (webhook.Subscription, error) {
	s := m.subs[id]
	s.State, s.StateReason = state, reason
	m.subs[id] = s
	return s, nil
}

func (m *mailbox) Changed(_ context.Context, id fulfillment.ID) { m.told = append(m.told, id) }

// An app's subscription is its own, an operator's is for the app that it names; the delivery is told of each change.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	reader := access.App{ID: 5, Scopes: []access.Scope{access.ReadOrders}}
	app := access.WithCaller(t.Context(), access.Caller{App: reader})
	another := access.WithCaller(t.Context(), access.Caller{App: access.App{ID: 6, Scopes: access.Scopes()}})
	operator := access.WithCaller(t.Context(), access.Trusted(fulfillment.Actor{Role: fulfillment.RoleOperator}))
	uri := "https://example.com/h"
	wanted := webhook.Subscription{AppID: 9, Topic: "ORDERS_CREATE", URI: uri}
	change := webhook.Change{URI: new(string)}
	*change.URI = "https://example.com/2"
	for name, test := range map[string]struct {
		ctx  context.Context
		do   func(context.Context, Subscriptions) error
		want string // the refusal; "": it is done, and the delivery is told
		then func(*mailbox) bool
	}{
		"create": {
			ctx: WithVersion(app, "2026-04"),
			do:  func(ctx context.Context, o Subscriptions) error { _, err := o.Create(ctx, wanted); return err },
			then: func(m *mailbox) bool {
				s := m.subs[100]
				return s.AppID == 5 && !s.ByOperator && s.APIVersion == "2026-04" && s.Format == webhook.FormatJSON
			},
		},
		"limits_as_app": {
			ctx: app,
			do: func(ctx context.Context, o Subscriptions) error {
				limited := wanted
				limited.TimeoutMS, limited.Concurrency = 9000, 9
				made, err := o.Create(ctx, limited)
				if err == nil {
					o.Delivery = nil // It was told once already.
					_, err = o.Update(ctx, made.ID, webhook.Change{TimeoutMS: new(9000), Concurrency: new(9)})
				}
				return err
			},
			then: func(m *mailbox) bool { return m.subs[100].TimeoutMS == 0 && m.subs[100].Concurrency == 0 },
		},
		"limits_as_operator": {
			ctx: operator,
			do: func(ctx context.Context, o Subscriptions) error {
				limited := wanted
				limited.TimeoutMS, limited.Concurrency = 9000, 9
				made, err := o.Create(ctx, limited)
				if err == nil {
					o.Delivery = nil // It was told once already.
					_, err = o.Update(ctx, made.ID, webhook.Change{TimeoutMS: new(8000)})
				}
				return err
			},
			then: func(m *mailbox) bool { return m.subs[100].TimeoutMS == 8000 && m.subs[100].Concurrency == 9 },
		},
		"create_as_operator": {
			ctx:  operator,
			do:   func(ctx context.Context, o Subscriptions) error { _, err := o.Create(ctx, wanted); return err },
			then: func(m *mailbox) bool { return m.subs[100].AppID == 9 && m.subs[100].ByOperator },
		},
		"create_without_the_scope": {
			ctx: app,
			do: func(ctx context.Context, o Subscriptions) error {
				_, err := o.Create(ctx, webhook.Subscription{Topic: "FULFILLMENTS_CREATE", URI: uri})
				return err
			},
			want: "You do not have access to this webhook topic",
		},
		"create_at_no_address": {
			ctx: app,
			do: func(ctx context.Context, o Subscriptions) error {
				_, err := o.Create(ctx, webhook.Subscription{Topic: "ORDERS_CREATE"})
				return err
			},
			want: "Address can't be blank",
		},
		"update": {
			ctx: WithVersion(app, "2026-07"),
			do:  func(ctx context.Context, o Subscriptions) error { _, err := o.Update(ctx, 1, change); return err },
			then: func(m *mailbox) bool {
				return m.subs[1].URI == "https://example.com/2" && m.subs[1].APIVersion == "2026-07"
			},
		},
		"update_of_another_app's": {
			ctx:  another,
			do:   func(ctx context.Context, o Subscriptions) error { _, err := o.Update(ctx, 1, change); return err },
			want: "Webhook subscription does not exist",
		},
		"update_of_an_operator's": {
			ctx:  app,
			do:   func(ctx context.Context, o Subscriptions) error { _, err := o.Update(ctx, 2, change); return err },
			want: "Webhook subscription does not exist",
		},
		"update_of_none": {
			ctx:  app,
			do:   func(ctx context.Context, o Subscriptions) error { _, err := o.Update(ctx, 3, change); return err },
			want: "Webhook subscription does not exist",
		},
		"update_as_operator": {
			ctx: operator,
			do:  func(ctx context.Context, o Subscriptions) error { _, err := o.Update(ctx, 1, change); return err },
		},
		"delete": {
			ctx:  app,
			do:   func(ctx context.Context, o Subscriptions) error { return o.Delete(ctx, 1) },
			then: func(m *mailbox) bool { _, there := m.subs[1]; return !there },
		},
		"delete_of_an_operator's": {
			ctx:  app,
			do:   func(ctx context.Context, o Subscriptions) error { return o.Delete(ctx, 2) },
			want: "Webhook subscription does not exist",
			then: func(m *mailbox) bool { _, there := m.subs[2]; return there },
		},
		"pause": {
			ctx: operator,
			do:  func(ctx context.Context, o Subscriptions) error { _, err := o.Pause(ctx, 1, "Moving."); return err },
			then: func(m *mailbox) bool {
				return m.subs[1].State == webhook.Paused && m.subs[1].StateReason == "Moving."
			},
		},
		"pause_again_without_a_reason": {
			ctx: operator,
			do: func(ctx context.Context, o Subscriptions) error {
				_, err := o.Pause(ctx, 4, "")
				return err
			},
			then: func(m *mailbox) bool {
				return m.subs[4].State == webhook.Paused && m.subs[4].StateReason == "It is too far behind."
			},
		},
		"pause_again_with_a_reason": {
			ctx: operator,
			do:  func(ctx context.Context, o Subscriptions) error { _, err := o.Pause(ctx, 4, "Moving."); return err },
			then: func(m *mailbox) bool {
				return m.subs[4].State == webhook.Paused && m.subs[4].StateReason == "Moving."
			},
		},
		"pause_without_a_reason": {
			ctx: operator,
			do:  func(ctx context.Context, o Subscriptions) error { _, err := o.Pause(ctx, 1, ""); return err },
			then: func(m *mailbox) bool {
				return m.subs[1].State == webhook.Paused && m.subs[1].StateReason == "Paused by an operator."
			},
		},
		"resume": {
			ctx:  operator,
			do:   func(ctx context.Context, o Subscriptions) error { _, err := o.Resume(ctx, 1); return err },
			then: func(m *mailbox) bool { return m.subs[1].State == webhook.Enabled && m.subs[1].StateReason == "" },
		},
		"pause_of_another_app's": {
			ctx:  another,
			do:   func(ctx context.Context, o Subscriptions) error { _, err := o.Pause(ctx, 1, ""); return err },
			want: "Webhook subscription does not exist",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &mailbox{subs: map[fulfillment.ID]webhook.Subscription{
				1: {ID: 1, AppID: 5, Topic: "ORDERS_CREATE", URI: uri}, 2: {ID: 2, AppID: 5, URI: uri, ByOperator: true},
				4: {ID: 4, AppID: 5, URI: uri, State: webhook.Paused, StateReason: "It is too far behind."},
			}}
			err := test.do(test.ctx, Subscriptions{Store: m, Delivery: m})
			switch refused, ok := fulfillment.AsError(err); {
			case test.want == "" && (err != nil || len(m.told) != 1):
				t.Errorf("%v; the delivery was told of %v", err, m.told)
			case test.want != "" && (!ok || refused.Message != test.want || m.told != nil):
				t.Errorf("got %v, want %s; the delivery was told of %v", err, test.want, m.told)
			}
			if test.then != nil && !test.then(m) {
				t.Errorf("there is %+v", m.subs)
			}
		})
	}
}

// Without keys apps have no secrets, and what can't be signed is not promised.
func TestSubscriptionsNeedSecrets(t *testing.T) {
	t.Parallel()
	m := &mailbox{subs: map[fulfillment.ID]webhook.Subscription{}, keyless: true}
	ctx := access.WithCaller(t.Context(), access.Caller{App: access.App{ID: 5, Scopes: access.Scopes()}})
	_, err := Subscriptions{Store: m}.Create(ctx, webhook.Subscription{Topic: "ORDERS_CREATE", URI: "https://example.com/h"})
	refused, ok := errors.AsType[*fulfillment.Error](err)
	if !ok || !strings.Contains(refused.Message, "PACKHORSE_SECRETS_KEYS") || len(m.subs) > 0 {
		t.Errorf("got %v", err)
	}
}
