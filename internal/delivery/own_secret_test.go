package delivery

import (
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/delivery/receivertest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// TestASubscriptionIsSignedWithItsOwnSecret for receivers of Standard Webhooks, and with its app's for Shopify's.
func TestASubscriptionIsSignedWithItsOwnSecret(t *testing.T) {
	t.Parallel()
	own, before := access.NewSecret(), access.NewSecret()
	rotated, after := access.Secret{Current: own, Previous: before}, access.Secret{Current: own}
	standard := func(secret string) func(testing.TB) *receivertest.Receiver {
		return func(t testing.TB) *receivertest.Receiver {
			return receivertest.Standard(t, access.StandardSecret(secret))
		}
	}
	shopify := func(t testing.TB) *receivertest.Receiver { return receivertest.Shopify(t, "phss_1") }
	for name, test := range map[string]struct {
		receiver func(testing.TB) *receivertest.Receiver
		own      access.Secret
		believes bool
	}{
		"standard_with_its_own":               {standard(own), rotated, true},
		"standard_with_the_one_before":        {standard(before), rotated, true},
		"standard_with_the_one_that_was":      {standard(before), after, false},
		"standard_with_the_app_s":             {standard("phss_1"), after, false},
		"standard_with_the_app_s_without_one": {standard("phss_1"), access.Secret{}, true},
		"shopify_with_the_app_s":              {shopify, rotated, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &scopes{app: access.Caller{App: access.App{ID: 5, Scopes: access.Scopes()}}, own: test.own}
			c := &Courier{
				Store: store, ShopDomain: "example.myshopify.com",
				Client: NewClient(callback.Rules{AllowPrivate: true}, Options{Timeout: MaxTimeout}),
			}
			t.Cleanup(c.Client.Close)
			receiver := test.receiver(t)
			r := c.Send(t.Context(), webhook.Subscription{
				ID: 7, AppID: 5, URI: receiver.URL, APIVersion: "2026-07",
			}, Attempt{
				Event: webhook.Event{Position: 1, OrderID: 2, Topic: fulfillment.TopicOrderCreated},
				Body:  []byte(`{"id":1}`), Number: 1,
			})
			if v := receiver.Next(t); v.Valid != test.believes || r.OK() != test.believes {
				t.Errorf("it says %t %q, and %d, %v", v.Valid, v.Reason, r.Status, r.Err)
			}
		})
	}
}
