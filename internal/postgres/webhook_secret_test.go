package postgres

import (
	"errors"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/seal"
)

// A subscription has a secret of its own once somebody has asked for it. The one before, at first its app's, stays good
// until it is revoked, or a day is over; all are sealed anew as those of apps, and go with the subscription.
func TestWebhookSecrets(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	old, latest := seal.NewKey(), seal.NewKey()
	b.secrets, _ = seal.ParseKeys(old)
	app := b.app("Shop", access.ReadOrders)
	sub := b.subscribe(app, "ORDERS_CREATE", "https://example.com/h")
	of, err := b.AppSecret(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	if none, err := b.WebhookSecret(t.Context(), sub.ID); err != nil || none != (access.Secret{}) {
		t.Errorf("at first: %v", err)
	}
	first, err := b.RotateWebhookSecret(t.Context(), sub.ID)
	if err != nil || first.Current == of.Current || first.Previous != of.Current ||
		first.PreviousUntil.Sub(first.MadeAt) != access.Grace {
		t.Fatalf("rotated: %v", err)
	}
	_, err = b.RotateWebhookSecret(t.Context(), sub.ID)
	if refusal, ok := fulfillment.AsError(err); !ok || !strings.Contains(refusal.Message, "revoke-old") {
		t.Errorf("rotated while a rotation lasts: %v", err)
	}

	b.secrets, _ = seal.ParseKeys(latest + "," + old)
	if done, err := b.Reseal(t.Context()); err != nil || done.Resealed != 3 || len(done.ByKey) != 1 {
		t.Errorf("sealed anew: %+v, %v", done, err)
	}
	b.secrets, _ = seal.ParseKeys(latest)
	if again, err := b.WebhookSecret(t.Context(), sub.ID); err != nil || again.Current != first.Current ||
		again.Previous != of.Current {
		t.Errorf("sealed anew, it is another one: %v", err)
	}
	for range 2 {
		if err := b.RevokeOldWebhookSecret(t.Context(), sub.ID); err != nil {
			t.Error(err)
		}
	}
	second, err := b.RotateWebhookSecret(t.Context(), sub.ID)
	if err != nil || second.Previous != first.Current {
		t.Errorf("rotated again: %v", err)
	}
	if _, err := b.pool.Exec(t.Context(), `UPDATE webhook_secrets SET previous_until = now()`); err != nil {
		t.Fatal(err)
	}
	if later, err := b.WebhookSecret(t.Context(), sub.ID); err != nil || later.Current != second.Current ||
		later.Previous != "" {
		t.Errorf("a day later: %v", err)
	}
	if now, err := b.AppSecret(t.Context(), app.ID); err != nil || now.Current != of.Current || now.Previous != "" {
		t.Errorf("the app's is another one: %v", err)
	}
	if _, err := b.RotateWebhookSecret(t.Context(), 1); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Errorf("of a subscription that there isn't: %v", err)
	}
	if err := b.DeleteSubscription(t.Context(), sub.ID); err != nil {
		t.Error(err)
	}
}
