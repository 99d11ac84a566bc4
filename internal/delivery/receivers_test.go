package delivery

import (
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/delivery/receivertest"
)

// What apps use to check requests, as it is published, believes ours.
func TestReceiversBelieveUs(t *testing.T) {
	t.Parallel()
	shopify := receivertest.Shopify
	standard := func(t testing.TB, secret string) *receivertest.Receiver {
		return receivertest.Standard(t, access.StandardSecret(secret))
	}
	name := "wh-1"
	before, rotated, after := signer(), signer(), signer()
	before.Current = oldSecret
	rotated.Previous = oldSecret
	for title, test := range map[string]struct {
		receiver func(t testing.TB, secret string) *receivertest.Receiver
		secret   string
		believes [3]bool // before a rotation, while it lasts, and after it
	}{
		"shopify-api_with_the_old_secret":      {shopify, oldSecret, [3]bool{true, true, false}},
		"shopify-api_with_the_new_secret":      {shopify, newSecret, [3]bool{false, false, true}},
		"standardwebhooks_with_the_old_secret": {standard, oldSecret, [3]bool{true, true, false}},
		"standardwebhooks_with_the_new_secret": {standard, newSecret, [3]bool{false, true, true}},
		"standardwebhooks_with_another_secret": {standard, access.NewSecret(), [3]bool{}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			c := newCaller(t, anywhere, Options{Timeout: MaxTimeout}) // Node takes its time on a busy machine.
			receiver := test.receiver(t, test.secret)
			for i, s := range []Signer{before, rotated, after} {
				m := message()
				m.Subscription.Name, m.Attempt = &name, i+1
				result := c.Send(t.Context(), receiver.URL, m.Header(s, time.Now()), m.Body)
				v := receiver.Next(t)
				if v.Valid != test.believes[i] || result.OK() != test.believes[i] {
					t.Errorf("attempt %d: it says %t %q, and %d, %v", i+1, v.Valid, v.Reason, result.Status, result.Err)
				}
				if string(v.Body) != body {
					t.Errorf("attempt %d: it has read %s", i+1, v.Body)
				}
				if v.Headers["webhook-id"] != webhookID || v.Headers["x-shopify-webhook-id"] != webhookID {
					t.Errorf("attempt %d: the headers are %v", i+1, v.Headers)
				}
				if v.Valid && strings.HasPrefix(title, "shopify") {
					got := [...]string{v.Topic, v.Domain, v.APIVersion, v.WebhookID, v.EventID, v.Name}
					want := [...]string{
						"FULFILLMENT_ORDERS_MOVED", "example.myshopify.com", "2026-07", webhookID, eventID, "wh-1",
					}
					if got != want {
						t.Errorf("it reads %q, want %q", got, want)
					}
				}
			}
		})
	}
}
