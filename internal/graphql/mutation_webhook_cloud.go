package graphql

import (
	"context"

	"packhorse/internal/graphql/admin"
	"packhorse/internal/webhook"
)

func (m *mutation) EventBridgeWebhookSubscriptionCreate(
	ctx context.Context, topic webhook.Topic, in admin.EventBridgeWebhookSubscriptionInput,
) (*admin.EventBridgeWebhookSubscriptionCreatePayload, error) {
	payload := &admin.EventBridgeWebhookSubscriptionCreatePayload{}
	sub, err := m.subscribe(ctx, topic, eventBridgeChange(in))
	if ok, err := acceptedPlain(&payload.UserErrors, renamed(err, "arn")); !ok {
		return payload, err
	}
	payload.WebhookSubscription = sub
	return payload, nil
}

func (m *mutation) EventBridgeWebhookSubscriptionUpdate(
	ctx context.Context, gid string, in admin.EventBridgeWebhookSubscriptionInput,
) (*admin.EventBridgeWebhookSubscriptionUpdatePayload, error) {
	payload := &admin.EventBridgeWebhookSubscriptionUpdatePayload{}
	sub, err := m.resubscribe(ctx, gid, eventBridgeChange(in))
	if ok, err := acceptedPlain(&payload.UserErrors, renamed(err, "arn")); !ok {
		return payload, err
	}
	payload.WebhookSubscription = sub
	return payload, nil
}

func eventBridgeChange(in admin.EventBridgeWebhookSubscriptionInput) webhook.Change {
	return subscriptionChange(admin.WebhookSubscriptionInput{
		URI: in.Arn, Format: in.Format, IncludeFields: in.IncludeFields, MetafieldNamespaces: in.MetafieldNamespaces,
		Metafields: in.Metafields, Filter: in.Filter, Name: in.Name,
	})
}

func (m *mutation) PubSubWebhookSubscriptionCreate(
	ctx context.Context, topic webhook.Topic, in admin.PubSubWebhookSubscriptionInput,
) (*admin.PubSubWebhookSubscriptionCreatePayload, error) {
	payload := &admin.PubSubWebhookSubscriptionCreatePayload{}
	var sub *admin.WebhookSubscription
	change, err := pubSubChange(in)
	if err == nil {
		sub, err = m.subscribe(ctx, topic, change)
	}
	if ok, err := accepted(&payload.UserErrors, renamed(err, "pubSubProject")); !ok {
		return payload, err
	}
	payload.WebhookSubscription = sub
	return payload, nil
}

func (m *mutation) PubSubWebhookSubscriptionUpdate(
	ctx context.Context, gid string, in admin.PubSubWebhookSubscriptionInput,
) (*admin.PubSubWebhookSubscriptionUpdatePayload, error) {
	payload := &admin.PubSubWebhookSubscriptionUpdatePayload{}
	var sub *admin.WebhookSubscription
	change, err := pubSubChange(in)
	if err == nil {
		sub, err = m.resubscribe(ctx, gid, change)
	}
	if ok, err := accepted(&payload.UserErrors, renamed(err, "pubSubProject")); !ok {
		return payload, err
	}
	payload.WebhookSubscription = sub
	return payload, nil
}

func pubSubChange(in admin.PubSubWebhookSubscriptionInput) (webhook.Change, error) {
	uri, err := webhook.PubSubURI(in.PubSubProject, in.PubSubTopic)
	return subscriptionChange(admin.WebhookSubscriptionInput{
		URI: &uri, Format: in.Format, IncludeFields: in.IncludeFields, MetafieldNamespaces: in.MetafieldNamespaces,
		Metafields: in.Metafields, Filter: in.Filter, Name: in.Name,
	}), err
}
