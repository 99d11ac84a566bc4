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
signed as others are, of the subscription's topic, and marked X-Shopify-Test: true; its body is made up. It is no
attempt of the subscription's, and no event.`,
		Args:    oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook test 915173728805303737`,
		RunE: a.lookAtSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
			sub, err := subscription(ctx, b, id)
			if err != nil {
				return err
			}
			current, previous, err := b.Secrets(ctx, sub.AppID)
			if err != nil {
				return err
			}
			message := delivery.Message{
				Subscription: *sub, CommandID: uuid.NewString(), TriggeredAt: a.now(), Topic: sub.Topic.Wire(),
				Attempt: 1, Body: []byte(`{"test":true,"message":"Somebody tries this receiver. Nothing has happened."}`), Test: true,
			}
			client := delivery.NewClient(b.Webhooks(), delivery.Options{})
			defer client.Close()
			signer := delivery.Signer{ShopDomain: a.settings.ShopDomain, Current: current, Previous: previous}
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
