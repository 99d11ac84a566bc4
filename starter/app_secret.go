package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// secretBook is the part of the book that has the secrets of apps.
type secretBook interface {
	AppSecret(ctx context.Context, appID fulfillment.ID) (access.Secret, error)
	RotateSecret(ctx context.Context, appID fulfillment.ID) (access.Secret, error)
	Reseal(ctx context.Context) (postgres.Sealed, error)
	SecretsKeys() []string
	RevokeOldSecret(ctx context.Context, appID fulfillment.ID) (access.Secret, error)
}

func (a *app) newAppSecret() *cobra.Command {
	return group("secret", "What an app's webhooks are signed with", `Every app has a secret: what Packhorse sends it is signed with it (X-Shopify-Hmac-Sha256, webhook-signature), so that the
app knows who sent it. It is kept sealed, under the keys in PACKHORSE_SECRETS_KEYS.

To replace it: rotate it, give the new one to every receiver, and revoke the old one. Both are good meanwhile, for 24
hours at the most.`,
		a.newAppSecretCommand("show", "Show an app's secret", `Shows an app's secret. The secret alone goes to the standard output, and everything else to the standard error output.`,
			secretBook.AppSecret),
		a.newAppSecretCommand("rotate", "Give an app a new secret, beside the one it has",
			`Gives an app a new secret, and shows it as secret show does. The one before it is good for another 24 hours; until it is
revoked or these are over, the secret can't be rotated again.`, secretBook.RotateSecret),
		a.newAppSecretCommand("revoke-old", "Make the secret before the present one worthless",
			`Ends a rotation: what is sent from now on is signed with the present secret alone. Doing it again changes nothing.`,
			secretBook.RevokeOldSecret))
}

// shownSecret is a secret as it is answered to programs.
type shownSecret struct {
	AppID fulfillment.ID `json:"appId"`
	App   string         `json:"app"`
	access.Secret
	// What receivers of Standard Webhooks take.
	Standard         string `json:"standard"`
	StandardPrevious string `json:"standardPrevious,omitempty"`
}

func (a *app) newAppSecretCommand(
	name, short, long string, do func(secretBook, context.Context, fulfillment.ID) (access.Secret, error),
) *cobra.Command {
	return &cobra.Command{
		Use: name + " APP", Short: short, Long: long, Args: oneArgument("app", nil),
		Example: "  packhorse app secret " + name + " web-shop\n" +
			"  packhorse app secret " + name + " web-shop --output json | jq -r .standard",
		RunE: func(c *cobra.Command, args []string) error {
			b, err := a.backend.book(c.Context())
			if err != nil {
				return err
			}
			of, err := findApp(c.Context(), b, args[0])
			if err != nil {
				return err
			}
			secret, err := do(b, c.Context(), of.ID)
			if err != nil {
				return err
			}
			return a.writeSecret(of, secret)
		},
	}
}

func (a *app) writeSecret(of access.App, secret access.Secret) error {
	if a.json() {
		shown := shownSecret{
			AppID: of.ID, App: of.Handle, Secret: secret, Standard: access.StandardSecret(secret.Current),
		}
		if secret.Previous != "" {
			shown.StandardPrevious = access.StandardSecret(secret.Previous)
		}
		return writeJSON(a.out, shown)
	}
	if _, err := fmt.Fprintln(a.out, secret.Current); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	fmt.Fprintf(a.errOut, "secret of the app %s since %s\n", of.Handle, a.date(secret.MadeAt))
	if secret.PreviousUntil != nil {
		fmt.Fprintf(a.errOut, "the one before it is good until %s, or until it is revoked: packhorse app secret "+
			"revoke-old %s\n", secret.PreviousUntil.In(a.zone).Format(secondLayout), of.Handle)
	}
	return nil
}
