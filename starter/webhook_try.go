package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"packhorse/internal/delivery"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// trial is what became of a request that tells nothing, as it is answered to programs.
type trial struct {
	WebhookID    string `json:"webhookId"`
	Status       int    `json:"status,omitempty"` // 0: there was no answer
	Milliseconds int64  `json:"ms"`
	Error        string `json:"error,omitempty"` // empty: it was taken
	Answer       string `json:"answer,omitempty"`
}

func (a *app) newWebhookTest() *cobra.Command {
	return &cobra.Command{
		Use: "test ID", Short: "Try the receiver of a subscription",
		Long: `Sends one request to a subscription's address, from here and in whatever state it is, and shows the answer. It is
signed as others are, of the subscription's topic, and marked X-Shopify-Test: true. Its body is that of the topic, of an
order that does not exist, with the fields that the subscription asks for; its filter is not asked. It is no attempt of
the subscription's, and no event.`,
		Args:    oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook test 915173728805303737`,
		RunE: a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
			sub, err := subscription(ctx, b, id)
			if err != nil {
				return err
			}
			current, previous, err := b.Secrets(ctx, sub.AppID)
			if err != nil {
				return err
			}
			own, err := b.WebhookSecret(ctx, id)
			if err != nil {
				return err
			}
			message, err := a.trialMessage(ctx, b, *sub)
			if err != nil {
				return err
			}
			client := delivery.NewClient(b.Webhooks(), delivery.Options{Timeout: sub.Timeout()})
			defer client.Close()
			signer := delivery.Signer{
				ShopDomain: a.settings.ShopDomain, Current: current, Previous: previous,
				Own: own.Current, OwnPrevious: own.Previous,
			}
			r := client.Send(ctx, sub.URI, message.Header(signer, time.Now()), message.Body)
			t := trial{
				WebhookID: message.WebhookID(), Status: r.Status, Milliseconds: r.Took.Milliseconds(),
				Answer: string(r.Answer),
			}
			if !r.OK() {
				t.Error = http.StatusText(r.Status)
			}
			if r.Err != nil {
				t.Error = r.Err.Error()
			}
			if err := a.writeTrial(t); err != nil || r.OK() {
				return err
			}
			return errors.New("the receiver did not take it: what is not answered with 2xx is sent again")
		}),
	}
}

// trialMessage is what a subscription is sent to try its receiver: an example of its topic.
func (a *app) trialMessage(ctx context.Context, b book, sub webhook.Subscription) (delivery.Message, error) {
	if !sub.Topic.IsRaised() {
		return delivery.Message{}, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Message: "Nothing is ever sent of " + string(sub.Topic) + ".",
		}
	}
	zone, err := time.LoadLocation(a.settings.ShopTimeZone)
	if err != nil {
		return delivery.Message{}, fmt.Errorf("read PACKHORSE_SHOP_TIME_ZONE: %w", err)
	}
	apps, err := b.Apps(ctx)
	if err != nil {
		return delivery.Message{}, err
	}
	to, err := oneApp(apps, sub.AppID.String())
	if err != nil {
		return delivery.Message{}, err
	}
	shop := webhook.Shop{
		Namespace: a.settings.GIDNamespace, TimeZone: zone, CurrencyCode: a.settings.ShopCurrency,
	}
	event, body, err := shop.Example(sub.Topic.Wire(), to, a.now())
	if err != nil {
		return delivery.Message{}, err
	}
	if body, err = webhook.Trim(body, sub.IncludeFields); err != nil {
		return delivery.Message{}, err
	}
	return delivery.Message{
		Subscription: sub, Sequence: event.Sequence, Place: event.Position, OrderID: event.OrderID,
		CommandID: uuid.NewString(), TriggeredAt: event.At, Topic: event.Topic, Body: body, Attempt: 1, Test: true,
	}, nil
}

func (a *app) writeTrial(of trial) error {
	if a.json() {
		return writeJSON(a.out, of)
	}
	t := a.newTable()
	t.pair("webhook-id", of.WebhookID)
	if of.Status != 0 {
		t.pair("status", number(of.Status))
	}
	t.pair("time", fmt.Sprintf("%d ms", of.Milliseconds))
	t.pair("error", of.Error)
	t.pair("answer", of.Answer)
	return t.flush()
}
