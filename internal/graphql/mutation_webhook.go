package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/webhook"
)

func (m *mutation) WebhookSubscriptionCreate(
	ctx context.Context, topic webhook.Topic, in admin.WebhookSubscriptionInput,
) (*admin.WebhookSubscriptionCreatePayload, error) {
	payload := &admin.WebhookSubscriptionCreatePayload{}
	sub, err := m.subscribe(ctx, topic, subscriptionChange(in))
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.WebhookSubscription = sub
	return payload, nil
}

func (m *mutation) WebhookSubscriptionUpdate(
	ctx context.Context, gid string, in admin.WebhookSubscriptionInput,
) (*admin.WebhookSubscriptionUpdatePayload, error) {
	payload := &admin.WebhookSubscriptionUpdatePayload{}
	sub, err := m.resubscribe(ctx, gid, subscriptionChange(in))
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.WebhookSubscription = sub
	return payload, nil
}

func (m *mutation) WebhookSubscriptionDelete(
	ctx context.Context, gid string,
) (*admin.WebhookSubscriptionDeletePayload, error) {
	id, err := admin.ParseGIDOf(gid, admin.TypeWebhookSubscription)
	if err != nil {
		return nil, err
	}
	payload := &admin.WebhookSubscriptionDeletePayload{}
	err = m.Subscriptions.Delete(ctx, id)
	admin.Forget(ctx)
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	deleted := admin.GID{Type: admin.TypeWebhookSubscription, ID: id}.Text(admin.Namespace(ctx))
	payload.DeletedWebhookSubscriptionID = &deleted
	return payload, nil
}

// subscribe makes a subscription that is as the change says.
func (m *mutation) subscribe(
	ctx context.Context, topic webhook.Topic, change webhook.Change,
) (*admin.WebhookSubscription, error) {
	sub, err := m.Subscriptions.Create(ctx, change.Apply(webhook.Subscription{Topic: topic}))
	admin.Forget(ctx)
	return &admin.WebhookSubscription{State: &sub}, err
}

func (m *mutation) resubscribe(
	ctx context.Context, gid string, change webhook.Change,
) (*admin.WebhookSubscription, error) {
	id, err := admin.ParseGIDOf(gid, admin.TypeWebhookSubscription)
	if err != nil {
		return nil, err
	}
	sub, err := m.Subscriptions.Update(ctx, id, change)
	admin.Forget(ctx)
	return &admin.WebhookSubscription{State: &sub}, err
}

// subscriptionChange is what an input says, and leaves open. The deprecated callbackUrl counts where there is no uri.
func subscriptionChange(in admin.WebhookSubscriptionInput) webhook.Change {
	change := webhook.Change{
		URI: in.URI, Format: in.Format, IncludeFields: in.IncludeFields, MetafieldNamespaces: in.MetafieldNamespaces,
		Metafields: metafieldsOf(in.Metafields),
	}
	if change.URI == nil {
		change.URI = in.CallbackURL
	}
	if filter, given := in.Filter.ValueOK(); given {
		change.Filter = &filter
	}
	if name, given := in.Name.ValueOK(); given {
		change.Name = &name
	}
	return change
}

func metafieldsOf(in []*admin.HasMetafieldsMetafieldIdentifierInput) []webhook.Metafield {
	if in == nil {
		return nil
	}
	list := make([]webhook.Metafield, len(in))
	for i, m := range in {
		list[i] = webhook.Metafield{Namespace: value(m.Namespace), Key: m.Key}
	}
	return list
}

// renamed is a refusal of an address that was given in another field.
func renamed(err error, field string) error {
	refusals := fulfillment.AsRefusals(err)
	if refusals == nil {
		return err
	}
	list := make(fulfillment.Refusals, len(refusals))
	for i, refused := range refusals {
		one := *refused
		if len(one.Field) == 2 && one.Field[1] == "callbackUrl" {
			one.Field = []string{one.Field[0], field}
		}
		list[i] = &one
	}
	return list
}
