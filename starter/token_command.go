package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

func (a *app) newTokenCommand() *cobra.Command {
	return group("token", "The secrets that prove who an app is", `A token stands for an app in the header X-Shopify-Access-Token of its requests. Only a hash of it is stored: a token that
is lost can't be shown again, only revoked and replaced.`,
		a.newTokenCreate(), a.newTokenList(), a.newTokenRevoke())
}

// createdToken is a token with its text, which is answered only once.
type createdToken struct {
	access.Token
	Text string `json:"token"`
}

func (a *app) newTokenCreate() *cobra.Command {
	c := &cobra.Command{
		Use: "create APP", Short: "Create a token for an app, and show it once", Args: oneArgument("app", nil),
		Long: `Creates a token for an app. The token alone goes to the standard output, and everything else to the standard error
output. It is shown this once.`,
		Example: `  packhorse token create web-shop
  TOKEN=$(packhorse token create web-shop)
  packhorse token create web-shop --output json | jq -r .token`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		of, err := findApp(c.Context(), b, args[0])
		if err != nil {
			return err
		}
		token, text, err := b.CreateToken(c.Context(), of.ID)
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, createdToken{token, text})
		}
		if _, err := fmt.Fprintln(a.out, text); err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
		fmt.Fprintf(a.errOut, "token %s of the app %s; keep it: it is not shown again\n", token.ID, of.Handle)
		return nil
	}
	return c
}

func (a *app) newTokenList() *cobra.Command {
	c := &cobra.Command{
		Use: "list [APP]", Aliases: []string{"ls"},
		Short: "List the tokens of an app, or of all apps, the latest first",
		Args:  cobra.MaximumNArgs(1),
		Example: `  packhorse token list
  packhorse token list web-shop`,
	}
	page := pagingFlags(c, true)
	c.RunE = func(c *cobra.Command, args []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		apps, err := b.Apps(c.Context())
		if err != nil {
			return err
		}
		of := access.App{}
		if len(args) > 0 {
			if of, err = oneApp(apps, args[0]); err != nil {
				return err
			}
		}
		tokens, err := b.Tokens(c.Context(), of.ID)
		if err != nil {
			return err
		}
		if !page.ascending {
			tokens = slices.Clone(tokens)
			slices.Reverse(tokens)
		}
		found, err := part(page, tokens, func(token access.Token) fulfillment.ID { return token.ID })
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		if err := a.tokenTable(found.Items, apps); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "tokens", found.Next)
		return nil
	}
	return c
}

func (a *app) newTokenRevoke() *cobra.Command {
	c := &cobra.Command{
		Use: "revoke ID", Short: "Make a token worthless, for ever", Args: oneArgument("token's ID", isID),
		Long:    `Revokes a token. It is refused within moments everywhere; at the latest, if the database can't tell, after 10 seconds. Revoking it again changes nothing.`,
		Example: `  packhorse token revoke 912616695843258426`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		id, err := fulfillment.ParseID(args[0])
		if err != nil {
			return err
		}
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		token, err := b.RevokeToken(c.Context(), id)
		if err != nil {
			return unknownToken(err, id)
		}
		if a.json() {
			return writeJSON(a.out, token)
		}
		apps, err := b.Apps(c.Context())
		if err != nil {
			return err
		}
		return a.tokenTable([]access.Token{token}, apps)
	}
	return c
}

func isID(text string) error {
	_, err := fulfillment.ParseID(text)
	return err
}

// unknownToken is the refusal for a token that isn't there; any other error stays.
func unknownToken(err error, id fulfillment.ID) error {
	if errors.Is(err, fulfillment.ErrNotFound) {
		return &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"id"},
			Message: "There is no token " + id.String() + "; see packhorse token list."}
	}
	return err
}

func (a *app) tokenTable(tokens []access.Token, apps []access.App) error {
	handles := handlesOf(apps)
	t := a.newTable("TOKEN", "APP", "SHOWN AS", "CREATED", "LAST USED", "REVOKED")
	for _, token := range tokens {
		used := a.when(token.LastUsedAt)
		if used == "" {
			used = "never"
		}
		t.row(
			token.ID.String(), handles[token.AppID], access.TokenPrefix+"…"+token.LastFour, a.date(token.CreatedAt),
			used, a.when(token.RevokedAt),
		)
	}
	return t.flush()
}
