package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/schema"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

func (a *app) newWebhookList() *cobra.Command {
	var filter postgres.SubscriptionFilter
	var of string
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List webhook subscriptions, the latest first", Args: cobra.NoArgs,
		Example: `  packhorse webhook list --app web-shop
  packhorse webhook list --state PAUSED,DISABLED`,
	}
	c.Flags().StringVar(&of, "app", "", "only those of this `APP`")
	c.Flags().Var(anyOf(&filter.States, webhook.States...), "state", "only those in one of these states")
	completeValues(c, "state", webhook.States...)
	c.Flags().Var(&value{"TOPIC,...", func(text string) error {
		// Apps may have named any topic of the API, also one of which there is nothing to tell.
		topics := schema.Load().Types["WebhookSubscriptionTopic"].EnumValues
		for part := range strings.SplitSeq(text, ",") {
			topic := webhook.TopicOf(strings.TrimSpace(part))
			if !topic.IsRaised() && topics.ForName(string(topic)) == nil {
				return fmt.Errorf(
					"%q is no topic; those that there is something to tell of are %s", part, joined(webhook.Raised()),
				)
			}
			filter.Topics = append(filter.Topics, topic)
		}
		return nil
	}, nil}, "topic", "only those about one of these topics")
	completeValues(c, "topic", webhook.Raised()...)
	page := pagingFlags(c, true)
	c.RunE = func(c *cobra.Command, _ []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		apps, err := b.Apps(c.Context())
		if err != nil {
			return err
		}
		if of != "" {
			app, err := oneApp(apps, of)
			if err != nil {
				return err
			}
			filter.AppID = app.ID
		}
		found, err := collect(page, func(p postgres.Page) (postgres.Results[webhook.Subscription], error) {
			return b.Subscriptions(c.Context(), filter, p)
		})
		if err != nil {
			return err
		}
		ids := make([]fulfillment.ID, len(found.Items))
		for i, sub := range found.Items {
			ids[i] = sub.ID
		}
		standings, err := b.WebhookStandings(c.Context(), ids)
		if err != nil {
			return err
		}
		if a.json() {
			items := make([]listedSubscription, len(found.Items))
			for i, sub := range found.Items {
				items[i] = listedSubscription{sub, standings[sub.ID]}
			}
			return writeJSON(a.out, list[listedSubscription]{Items: items, Next: found.Next})
		}
		if err := a.subscriptionTable(found.Items, apps, standings); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "webhook subscriptions", found.Next)
		return nil
	}
	return c
}

// listedSubscription is a subscription of a list, as it is answered to programs.
type listedSubscription struct {
	webhook.Subscription
	Delivery webhook.Standing `json:"delivery"`
}

// subscriptionPage is a subscription with how its delivery goes, as it is answered to programs.
type subscriptionPage struct {
	webhook.Subscription
	Delivery webhook.Standing `json:"delivery"`
	Attempts []attempt        `json:"attempts"` // the last ones, the latest first
}

func (a *app) newWebhookShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a webhook subscription, and how its delivery goes",
		Args:    oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook show 915173728805303737`,
		RunE: a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
			sub, err := subscription(ctx, b, id)
			if err != nil {
				return err
			}
			standing, err := b.WebhookStanding(ctx, id)
			if err != nil {
				return err
			}
			last, err := b.WebhookAttempts(ctx, id, 0, postgres.Page{Limit: shownAttempts, Reverse: true})
			if err != nil {
				return err
			}
			if a.json() {
				return writeJSON(a.out, subscriptionPage{*sub, standing, attempts(last.Items)})
			}
			apps, err := b.Apps(ctx)
			if err != nil {
				return err
			}
			err = a.subscriptionHead(sub, standing, handlesOf(apps)[sub.AppID])
			if err != nil || len(last.Items) == 0 {
				return err
			}
			fmt.Fprint(a.out, "\nThe last attempts\n")
			return a.attemptTable(last.Items)
		}),
	}
}

// behind is how far a subscription is behind the feed, in positions and in time.
func behind(s webhook.Standing) string {
	text := count(int(s.Lag), "position") + " behind the feed"
	if s.Lag > 0 {
		text += ", since " + (time.Duration(s.LagSeconds) * time.Second).String()
	}
	return text
}

func (a *app) subscriptionHead(sub *webhook.Subscription, standing webhook.Standing, app string) error {
	fmt.Fprintf(a.out, "Webhook subscription %s\n", sub.ID)
	t := a.newTable()
	by := "the app itself"
	if sub.ByOperator {
		by = "an operator; the app does not see it"
	}
	state := fmt.Sprintf("%s since %s", sub.State, a.when(&sub.StateSince))
	if sub.StateReason != "" {
		state += ": " + sub.StateReason
	}
	if standing.Failing {
		state += "; the receiver fails, and is tried now and then: FAILING"
	}
	topic := string(sub.Topic)
	if !sub.Topic.IsRaised() {
		topic += " (Packhorse never has anything to tell of it)"
	}
	name, filter := "", ""
	if sub.Name != nil {
		name = *sub.Name
	}
	if sub.Filter != nil {
		filter = *sub.Filter
	}
	t.pair("app", app)
	t.pair("made by", by)
	t.pair("topic", topic)
	t.pair("address", sub.URI)
	t.pair("state", state)
	t.pair("name", name)
	t.pair("filter", filter)
	t.pair("fields", strings.Join(sub.IncludeFields, ", "))
	t.pair("format", fmt.Sprintf("%s, as of version %s", sub.Format, sub.APIVersion))
	t.pair("receiver", receiverLimits(*sub))
	t.pair("made", a.when(&sub.CreatedAt))
	t.pair("changed", a.when(&sub.UpdatedAt))
	t.pair("position", fmt.Sprintf("%d, %s", standing.Cursor, behind(standing)))
	if standing.Waiting > 0 {
		t.pair("waiting", count(standing.Waiting, "event"))
	}
	if standing.Dead > 0 {
		t.pair("given up", fmt.Sprintf("%s (packhorse webhook dead %s)", count(standing.Dead, "event"), sub.ID))
	}
	t.pair("last error", standing.LastError)
	if sub.State == webhook.Enabled {
		t.pair("next attempt", a.when(standing.NextAttempt))
	}
	return t.flush()
}
