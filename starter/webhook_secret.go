package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// webhookSecretBook is the part of the book that has the secrets of subscriptions.
type webhookSecretBook interface {
	WebhookSecret(ctx context.Context, id fulfillment.ID) (access.Secret, error)
	RotateWebhookSecret(ctx context.Context, id fulfillment.ID) (access.Secret, error)
	RevokeOldWebhookSecret(ctx context.Context, id fulfillment.ID) error
}

func (a *app) newWebhookSecret() *cobra.Command {
	return group("secret", "What a subscription alone is signed with", `A subscription may have a secret of its own: webhook-signature (Standard Webhooks) is made with it then, and
X-Shopify-Hmac-Sha256 with the app's as ever.`,
		&cobra.Command{
			Use: "rotate ID", Short: "Give a subscription a new secret of its own",
			Long: `Gives a subscription a new secret of its own, and shows it as receivers of Standard Webhooks take it: this once. The one
before it, at first the app's, is good for another 24 hours; until it is revoked or these are over, the secret can't be
rotated again.`,
			Args:    oneArgument("subscription's ID", isID),
			Example: `  packhorse webhook secret rotate 915173728805303737`,
			RunE: a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
				secret, err := b.RotateWebhookSecret(ctx, id)
				if err != nil {
					return err
				}
				return a.writeWebhookSecret(id, secret)
			}),
		},
		&cobra.Command{
			Use: "revoke-old ID", Short: "Make the secret before the present one worthless",
			Long:    `Ends a rotation: webhook-signature is made with the present secret alone. Doing it again changes nothing.`,
			Args:    oneArgument("subscription's ID", isID),
			Example: `  packhorse webhook secret revoke-old 915173728805303737`,
			RunE: a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
				return b.RevokeOldWebhookSecret(ctx, id)
			}),
		})
}

func (a *app) writeWebhookSecret(id fulfillment.ID, secret access.Secret) error {
	if a.json() {
		return writeJSON(a.out, map[string]any{
			"id": id, "standard": access.StandardSecret(secret.Current), "madeAt": secret.MadeAt,
			"previousUntil": secret.PreviousUntil,
		})
	}
	if _, err := fmt.Fprintln(a.out, access.StandardSecret(secret.Current)); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if secret.PreviousUntil != nil {
		fmt.Fprintf(a.errOut, "it is not shown again; the one before it is good until %s, or until it is revoked: "+
			"packhorse webhook secret revoke-old %s\n", secret.PreviousUntil.In(a.zone).Format(secondLayout), id)
	}
	return nil
}
