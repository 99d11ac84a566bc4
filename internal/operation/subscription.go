package operation

import (
	"cmp"
	"context"
	"errors"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// Subscriptions is what apps do with webhook subscriptions of their own, and operators with those of all apps. Store is
// needed.
type Subscriptions struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		KeepsSecrets() bool
		AddSubscription(ctx context.Context, sub webhook.Subscription) (webhook.Subscription, error)
		UpdateSubscription(
			ctx context.Context, id fulfillment.ID, change func(webhook.Subscription) (webhook.Subscription, error),
		) (webhook.Subscription, error)
		SubscriptionsByID(ctx context.Context, ids []fulfillment.ID) ([]*webhook.Subscription, error)
		DeleteSubscription(ctx context.Context, id fulfillment.ID) error
		SetSubscriptionState(
			ctx context.Context, id fulfillment.ID, state webhook.State, reason string,
		) (webhook.Subscription, error)
	}
	// Rules are what addresses are allowed.
	Rules webhook.Rules
	// Delivery is who sends to subscriptions; nil: whoever does looks for himself.
	Delivery Delivery
}

// Delivery is who sends to webhook subscriptions.
type Delivery interface {
	// Changed says that a subscription was made, changed, paused, resumed or deleted, once that is committed. What it
	// can't pass on is not the caller's business: who delivers looks for what it was not told of.
	Changed(ctx context.Context, id fulfillment.ID)
}

// Create subscribes the caller's app to a topic, or for an operator the app that the subscription names, and returns
// the subscription as it is stored. Asked for again under the same idempotency key, it is the same one.
func (o Subscriptions) Create(ctx context.Context, sub webhook.Subscription) (webhook.Subscription, error) {
	if err := mayCall(ctx, subscriptionCreate); err != nil {
		return webhook.Subscription{}, err
	}
	by := caller(ctx)
	if sub.ByOperator = by.As != nil; !sub.ByOperator {
		sub.AppID, sub.TimeoutMS, sub.Concurrency = by.App.ID, 0, 0
	}
	if key, ok := KeyFrom(ctx); ok {
		sub.ID = key.ID("webhook-subscription")
	}
	if sub.APIVersion == "" {
		sub.APIVersion = Version(ctx)
	}
	if !by.MayHear(string(sub.Topic)) {
		return webhook.Subscription{}, webhook.TopicDenied()
	}
	sub = sub.Tidy()
	if err := o.Rules.Check(sub); err != nil {
		return webhook.Subscription{}, err
	}
	if !o.Store.KeepsSecrets() {
		return webhook.Subscription{}, &fulfillment.Error{
			Code: fulfillment.CodeInvalid,
			Message: "Webhooks can't be signed here: apps have no secrets. Whoever runs Packhorse has to set " +
				"PACKHORSE_SECRETS_KEYS.",
		}
	}
	added, err := o.Store.AddSubscription(ctx, sub)
	if err != nil {
		return webhook.Subscription{}, err
	}
	o.changed(ctx, added.ID)
	return added, nil
}

// Update changes a subscription of the caller's, and returns it as it is stored. How its receiver is called, only an
// operator changes.
func (o Subscriptions) Update(
	ctx context.Context, id fulfillment.ID, change webhook.Change,
) (webhook.Subscription, error) {
	if err := mayCall(ctx, subscriptionUpdate); err != nil {
		return webhook.Subscription{}, err
	}
	if change.APIVersion == "" {
		change.APIVersion = Version(ctx)
	}
	if caller(ctx).As == nil {
		change.TimeoutMS, change.Concurrency = nil, nil
	}
	updated, err := o.Store.UpdateSubscription(
		ctx, id, func(stored webhook.Subscription) (webhook.Subscription, error) {
			if !hasSubscription(ctx, stored) {
				return stored, webhook.NotThere()
			}
			changed := change.Apply(stored).Tidy()
			return changed, o.Rules.Check(changed)
		},
	)
	if err != nil {
		return webhook.Subscription{}, subscriptionNotThere(err)
	}
	o.changed(ctx, id)
	return updated, nil
}

// Delete ends a subscription of the caller's: nothing is sent to it any more, but what is on its way.
func (o Subscriptions) Delete(ctx context.Context, id fulfillment.ID) error {
	if err := mayCall(ctx, subscriptionDelete); err != nil {
		return err
	}
	if _, err := o.own(ctx, id); err != nil {
		return err
	}
	if err := o.Store.DeleteSubscription(ctx, id); err != nil {
		return subscriptionNotThere(err)
	}
	o.changed(ctx, id)
	return nil
}

// Pause keeps what a subscription would be sent until it is resumed. The reason is for people; "": nothing is said, and
// one that is paused already keeps its own, which may be all that says what it needs.
func (o Subscriptions) Pause(ctx context.Context, id fulfillment.ID, reason string) (webhook.Subscription, error) {
	if reason == "" {
		if sub, err := o.own(ctx, id); err == nil && sub.State == webhook.Paused {
			reason = sub.StateReason
		}
	}
	return o.setState(ctx, id, webhook.Paused, cmp.Or(reason, "Paused by an operator."))
}

// Resume goes on where a subscription stopped, whatever it was that stopped it.
func (o Subscriptions) Resume(ctx context.Context, id fulfillment.ID) (webhook.Subscription, error) {
	return o.setState(ctx, id, webhook.Enabled, "")
}

func (o Subscriptions) setState(
	ctx context.Context, id fulfillment.ID, state webhook.State, reason string,
) (webhook.Subscription, error) {
	if err := mayCall(ctx, subscriptionUpdate); err != nil {
		return webhook.Subscription{}, err
	}
	if _, err := o.own(ctx, id); err != nil {
		return webhook.Subscription{}, err
	}
	sub, err := o.Store.SetSubscriptionState(ctx, id, state, reason)
	if err != nil {
		return webhook.Subscription{}, subscriptionNotThere(err)
	}
	o.changed(ctx, id)
	return sub, nil
}

// own is a subscription of the caller's; one of somebody else is not there.
func (o Subscriptions) own(ctx context.Context, id fulfillment.ID) (webhook.Subscription, error) {
	found, err := o.Store.SubscriptionsByID(ctx, []fulfillment.ID{id})
	switch {
	case err != nil:
		return webhook.Subscription{}, err
	case found[0] == nil || !hasSubscription(ctx, *found[0]):
		return webhook.Subscription{}, webhook.NotThere()
	}
	return *found[0], nil
}

func (o Subscriptions) changed(ctx context.Context, id fulfillment.ID) {
	if o.Delivery != nil {
		o.Delivery.Changed(ctx, id)
	}
}

// hasSubscription tells whether a subscription is the caller's: one that its app made, or any one for an operator.
func hasSubscription(ctx context.Context, sub webhook.Subscription) bool {
	by := caller(ctx)
	return by.As != nil || sub.AppID == by.App.ID && !sub.ByOperator
}

// subscriptionNotThere is the refusal of what is asked of a subscription that the store does not have; any other error
// stays.
func subscriptionNotThere(err error) error {
	if errors.Is(err, fulfillment.ErrNotFound) {
		return webhook.NotThere()
	}
	return err
}
