package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// webhookBook is the part of the book that has webhook subscriptions.
type webhookBook interface {
	KeepsSecrets() bool
	Webhooks() callback.Rules
	Secrets(ctx context.Context, appID fulfillment.ID) (current, previous string, err error)
	AddSubscription(ctx context.Context, sub webhook.Subscription) (webhook.Subscription, error)
	UpdateSubscription(
		ctx context.Context, id fulfillment.ID, change func(webhook.Subscription) (webhook.Subscription, error),
	) (webhook.Subscription, error)
	DeleteSubscription(ctx context.Context, id fulfillment.ID) error
	SetSubscriptionState(
		ctx context.Context, id fulfillment.ID, state webhook.State, reason string,
	) (webhook.Subscription, error)
	SubscriptionsByID(ctx context.Context, ids []fulfillment.ID) ([]*webhook.Subscription, error)
	Subscriptions(
		ctx context.Context, filter postgres.SubscriptionFilter, page postgres.Page,
	) (postgres.Results[webhook.Subscription], error)
	WebhookStanding(ctx context.Context, id fulfillment.ID) (webhook.Standing, error)
	WebhookStandings(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]webhook.Standing, error)
	WebhookAttempts(
		ctx context.Context, id fulfillment.ID, position int64, page postgres.Page,
	) (postgres.Results[webhook.Attempt], error)
	FeedBefore(ctx context.Context, since time.Time) (int64, error)
	Replay(ctx context.Context, id fulfillment.ID, r webhook.Replay) (webhook.Replayed, error)
	DeadLetters(ctx context.Context, id fulfillment.ID, page postgres.Page) (postgres.Results[webhook.Parked], error)
}

func (a *app) newWebhook() *cobra.Command {
	return group("webhook", "Who is told of what happens", `A webhook subscription says that an app is to be told of a topic at an address. Apps make theirs with the Admin API
(webhookSubscriptionCreate); those that are made here belong to an app, too, are signed with its secret and tell what it
may read, but the app does not see them: it can't delete what it does not know.`,
		a.newWebhookCreate(), a.newWebhookList(), a.newWebhookShow(), a.newWebhookAttempts(), a.newWebhookDead(),
		a.newWebhookUpdate(), a.newWebhookSecret(), a.newWebhookReplay(), a.newWebhookTest(), a.newWebhookPause(),
		a.newWebhookResume(), a.newWebhookDelete())
}

// subscriptions is what is done with webhook subscriptions here.
func (a *app) subscriptions(b book) operation.Subscriptions {
	return operation.Subscriptions{
		Store: b, Rules: webhook.Rules{Callbacks: b.Webhooks(), ShopDomain: a.settings.ShopDomain},
		Delivery: herald{a.backend},
	}
}

func (a *app) newWebhookCreate() *cobra.Command {
	sub := webhook.Subscription{}
	var filter, name string
	c := &cobra.Command{
		Use: "create APP", Short: "Have an app told of a topic", Args: oneArgument("app", nil),
		Long: `Has an app told of a topic at an address. Topics are named as in the API or as events spell them. A filter is a search
over the keys of the body; includeFields are paths into it, of which alone is sent then.

The topics: ` + joined(webhook.Raised()),
		Example: `  packhorse webhook create web-shop --topic FULFILLMENTS_CREATE --uri https://shop.example.com/hooks
  packhorse webhook create web-shop --topic fulfillment_orders/placed_on_hold --uri https://shop.example.com/hooks \
    --filter 'fulfillment_order.fulfillment_holds.reason:other' --include-fields fulfillment_order.id --name holds`,
	}
	c.Flags().Var(&value{"TOPIC", func(text string) error {
		topic := webhook.TopicOf(text)
		if !topic.IsRaised() {
			return fmt.Errorf("it is none of %s", joined(webhook.Raised()))
		}
		sub.Topic = topic
		return nil
	}, nil}, "topic", "what the app is told of")
	completeValues(c, "topic", webhook.Raised()...)
	c.Flags().StringVar(&sub.URI, "uri", "", "`URL` that it is told at")
	c.Flags().StringVar(&filter, "filter", "", "`QUERY` over the keys of the body: only what it finds is sent")
	c.Flags().StringSliceVar(
		&sub.IncludeFields, "include-fields", nil, "`PATH` of what is sent; by commas, or once for each (default: all)",
	)
	c.Flags().StringVar(&name, "name", "", "`NAME` that is sent along, unlike that of the app's others")
	sub.APIVersion = gateway.NewestVersion()
	c.Flags().Var(&value{"VERSION", func(text string) error {
		if !gateway.IsVersion(text) {
			return fmt.Errorf("there is no such version of the API; versions are %s", gateway.Versions())
		}
		sub.APIVersion = text
		return nil
	}, func() string { return sub.APIVersion }}, "api-version", "`VERSION` of the API whose form the bodies have")
	limits := limitFlags(c)
	_ = c.MarkFlagRequired("topic") // They only fail for flags that aren't there.
	_ = c.MarkFlagRequired("uri")
	c.RunE = func(c *cobra.Command, args []string) error {
		said(c.Flags(), map[string]func(){
			"filter": func() { sub.Filter = &filter }, "name": func() { sub.Name = &name },
		})
		sub = limits.Apply(sub)
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		of, err := findApp(c.Context(), b, args[0])
		if err != nil {
			return err
		}
		sub.AppID = of.ID
		subscriptions := a.subscriptions(b)
		made, err := subscriptions.Create(asOperator(c.Context()), sub)
		if err != nil {
			return byFlag(err, subscriptions.Rules.InDevelopment(sub))
		}
		return a.writeSubscription(c.Context(), b, made)
	}
	return c
}

// byFlag is a refusal of a subscription whose field is that of a flag here. It says so where a setting for development
// would let the address pass.
func byFlag(err error, development bool) error {
	refused, ok := fulfillment.AsError(err)
	if !ok || len(refused.Field) == 0 {
		return err
	}
	one := *refused
	switch last := one.Field[len(one.Field)-1]; last {
	case "callbackUrl":
		one.Field = []string{"uri"}
		if development {
			one.Message += " (for development, set PACKHORSE_CALLBACK_ALLOW_PRIVATE=true, for every program)"
		}
	case "webhookSubscription":
		one.Field = []string{"filter"}
	default:
		one.Field = []string{last}
	}
	return &one
}

func (a *app) newWebhookPause() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "pause ID", Short: "Keep what a subscription would be sent",
		Long:    `Sends nothing more to a subscription until it is resumed; then it goes on where it stopped. How long events are kept for it is a setting.`,
		Args:    oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook pause 915173728805303737 --reason "The receiver moves."`,
	}
	c.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why (default: what a pause before this one said)")
	c.RunE = a.onSubscription(func(
		ctx context.Context, o operation.Subscriptions, id fulfillment.ID,
	) (webhook.Subscription, error) {
		return o.Pause(ctx, id, reason)
	})
	return c
}

func (a *app) newWebhookResume() *cobra.Command {
	return &cobra.Command{
		Use: "resume ID", Short: "Go on where a subscription stopped",
		Long:    `Sends to a subscription again that was paused, or disabled because its receiver said that it is gone. It goes on where it stopped.`,
		Args:    oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook resume 915173728805303737`,
		RunE: a.onSubscription(func(
			ctx context.Context, o operation.Subscriptions, id fulfillment.ID,
		) (webhook.Subscription, error) {
			return o.Resume(ctx, id)
		}),
	}
}

func (a *app) newWebhookDelete() *cobra.Command {
	c := &cobra.Command{
		Use: "delete ID", Short: "End a subscription", Aliases: []string{"rm"},
		Long:    `Ends a subscription, whoever made it. What waited for it is not sent any more.`,
		Args:    oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook delete 915173728805303737`,
	}
	c.RunE = a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
		if err := a.subscriptions(b).Delete(ctx, id); err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, struct {
				DeletedWebhookSubscriptionID fulfillment.ID `json:"deletedWebhookSubscriptionId"`
			}{id})
		}
		fmt.Fprintf(a.out, "Webhook subscription %s is deleted.\n", id)
		return nil
	})
	return c
}

// onSubscription does something with the subscription whose ID is the argument, and shows it.
func (a *app) onSubscription(
	do func(context.Context, operation.Subscriptions, fulfillment.ID) (webhook.Subscription, error),
) func(*cobra.Command, []string) error {
	return a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
		sub, err := do(ctx, a.subscriptions(b), id)
		if err != nil {
			return err
		}
		return a.writeSubscription(ctx, b, sub)
	})
}

func (a *app) writeSubscription(ctx context.Context, b book, sub webhook.Subscription) error {
	if a.json() {
		return writeJSON(a.out, sub)
	}
	apps, err := b.Apps(ctx)
	if err != nil {
		return err
	}
	return a.subscriptionTable([]webhook.Subscription{sub}, apps, nil)
}

// subscriptionTable lists subscriptions, with how far they are behind if that is known.
func (a *app) subscriptionTable(
	subs []webhook.Subscription, apps []access.App, standings map[fulfillment.ID]webhook.Standing,
) error {
	handles := handlesOf(apps)
	t := a.newTable("SUBSCRIPTION", "APP", "TOPIC", "STATE", "BEHIND", "MADE BY", "ADDRESS", "ONLY")
	for _, sub := range subs {
		by := "app"
		if sub.ByOperator {
			by = "operator"
		}
		var only []string
		if sub.Filter != nil && *sub.Filter != "" {
			only = append(only, *sub.Filter)
		}
		if len(sub.IncludeFields) > 0 {
			only = append(only, count(len(sub.IncludeFields), "field"))
		}
		lag, state := "", string(sub.State)
		s := standings[sub.ID]
		if s.Lag > 0 {
			lag = fmt.Sprintf("%d, %v", s.Lag, time.Duration(s.LagSeconds)*time.Second)
		}
		if s.Failing {
			state += ", FAILING"
		}
		t.row(
			sub.ID.String(), handles[sub.AppID], string(sub.Topic), state, lag, by, sub.URI,
			strings.Join(only, "; "),
		)
	}
	return t.flush()
}

func handlesOf(apps []access.App) map[fulfillment.ID]string {
	handles := make(map[fulfillment.ID]string, len(apps))
	for _, app := range apps {
		handles[app.ID] = app.Handle
	}
	return handles
}
