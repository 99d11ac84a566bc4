package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// appBook is the part of the book that says who may use the Admin API.
type appBook interface {
	Apps(ctx context.Context) ([]access.App, error)
	CreateApp(ctx context.Context, app access.App) (access.App, error)
	UpdateAppScopes(ctx context.Context, id fulfillment.ID, scopes []access.Scope) (access.App, error)
	ServicesOfApp(ctx context.Context, id fulfillment.ID) ([]fulfillment.Service, error)
	Tokens(ctx context.Context, appID fulfillment.ID) ([]access.Token, error)
	CreateToken(ctx context.Context, appID fulfillment.ID) (access.Token, string, error)
	RevokeToken(ctx context.Context, id fulfillment.ID) (access.Token, error)
}

func (a *app) newAppCommand() *cobra.Command {
	return group("app", "The programs that may use the Admin API", `An app is a program that uses the Admin API: an order system, an order-management app, a fulfillment service. Its scopes
say what it may do; its tokens (packhorse token) prove who it is; its secret (packhorse app secret) proves to it who
sends webhooks. Apps are named by their ID, handle or name.

The scopes: `+strings.Join(scopeTexts(access.Scopes()), ", ")+`. A write scope implies its read scope.`,
		a.newAppCreate(), a.newAppList(), a.newAppShow(), a.newAppUpdate(), a.newAppSecret())
}

func (a *app) newAppCreate() *cobra.Command {
	wanted := access.App{}
	c := &cobra.Command{
		Use: "create NAME", Short: "Create an app", Args: oneArgument("app's name", nil),
		Long: `Creates an app, with a secret. Creating the same one again, with the same name and scopes, changes nothing.`,
		Example: `  packhorse app create "Web shop" --scopes write_orders,write_merchant_managed_fulfillment_orders,write_third_party_fulfillment_orders
  packhorse app create "Nordlicht 3PL" --scopes write_assigned_fulfillment_orders,write_fulfillments
  packhorse app create dev --scopes all`,
	}
	scopesFlag(c, &wanted.Scopes)
	c.Flags().StringVar(
		&wanted.Handle, "handle", "", "`HANDLE` that holds and histories name it by (default: from its name)",
	)
	c.RunE = func(c *cobra.Command, args []string) error {
		wanted.Name = args[0]
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		created, err := b.CreateApp(c.Context(), wanted)
		if err != nil {
			return err
		}
		return a.writeApp(created)
	}
	return c
}

func (a *app) newAppList() *cobra.Command {
	c := &cobra.Command{Use: "list", Aliases: []string{"ls"}, Short: "List apps, by handle", Args: cobra.NoArgs}
	page := pagingFlags(c, false)
	c.RunE = func(c *cobra.Command, _ []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		apps, err := b.Apps(c.Context())
		if err != nil {
			return err
		}
		found, err := part(page, apps, func(app access.App) fulfillment.ID { return app.ID })
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		if err := a.appTable(found.Items); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "apps", found.Next)
		return nil
	}
	return c
}

// appPage is an app with what belongs to it, as it is answered to programs.
type appPage struct {
	access.App
	Services []fulfillment.Service `json:"services"`
	Tokens   []access.Token        `json:"tokens"`
}

func (a *app) newAppShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show APP", Short: "Show an app, its fulfillment services and its tokens", Args: oneArgument("app", nil),
		Example: `  packhorse app show web-shop`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		found, err := findApp(c.Context(), b, args[0])
		if err != nil {
			return err
		}
		services, err := b.ServicesOfApp(c.Context(), found.ID)
		if err != nil {
			return err
		}
		tokens, err := b.Tokens(c.Context(), found.ID)
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(
				a.out,
				appPage{found, append([]fulfillment.Service{}, services...), append([]access.Token{}, tokens...)},
			)
		}
		if err := a.appTable([]access.App{found}); err != nil {
			return err
		}
		if len(services) > 0 {
			fmt.Fprintln(a.out)
			if err := a.serviceTable(services); err != nil {
				return err
			}
		}
		if len(tokens) > 0 {
			fmt.Fprintln(a.out)
			return a.tokenTable(tokens, []access.App{found})
		}
		return nil
	}
	return c
}

func (a *app) newAppUpdate() *cobra.Command {
	var scopes []access.Scope
	c := &cobra.Command{
		Use: "update APP", Short: "Give an app other scopes", Args: oneArgument("app", nil),
		Long:    `Gives an app these scopes in place of those that it has. Its tokens have them from now on.`,
		Example: `  packhorse app update web-shop --scopes read_orders,read_merchant_managed_fulfillment_orders`,
	}
	scopesFlag(c, &scopes)
	c.RunE = func(c *cobra.Command, args []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		found, err := findApp(c.Context(), b, args[0])
		if err != nil {
			return err
		}
		updated, err := b.UpdateAppScopes(c.Context(), found.ID, scopes)
		if err != nil {
			return err
		}
		return a.writeApp(updated)
	}
	return c
}

// scopesFlag is the required flag --scopes.
func scopesFlag(c *cobra.Command, into *[]access.Scope) {
	c.Flags().Var(&value{"SCOPE,...", func(text string) (err error) {
		*into, err = access.ParseScopes(text)
		return err
	}, nil}, "scopes", "what it may do: scopes by commas, or all")
	_ = c.MarkFlagRequired("scopes") // Only fails for a flag that isn't there.
	completeValues(c, "scopes", append([]access.Scope{access.AllScopes}, access.Scopes()...)...)
}

// findApp finds an app by its ID, handle or name.
func findApp(ctx context.Context, b appBook, name string) (access.App, error) {
	apps, err := b.Apps(ctx)
	if err != nil {
		return access.App{}, err
	}
	return oneApp(apps, name)
}

func oneApp(apps []access.App, name string) (access.App, error) {
	for _, app := range apps { // Another app's name may be this one's handle.
		if app.Handle == name {
			return app, nil
		}
	}
	return only(
		apps, name, "app", func(app access.App) []string { return []string{app.ID.String(), app.Handle, app.Name} },
	)
}

func (a *app) writeApp(app access.App) error {
	if a.json() {
		return writeJSON(a.out, app)
	}
	return a.appTable([]access.App{app})
}

func (a *app) appTable(apps []access.App) error {
	t := a.newTable("APP", "NAME", "HANDLE", "CREATED", "SCOPES")
	for _, app := range apps {
		scopes := strings.Join(scopeTexts(app.Scopes), ", ")
		if len(app.Scopes) == len(access.Scopes()) {
			scopes = access.AllScopes
		}
		t.row(app.ID.String(), app.Name, app.Handle, a.date(app.CreatedAt), scopes)
	}
	return t.flush()
}

func scopeTexts(scopes []access.Scope) []string {
	texts := make([]string, len(scopes))
	for i, s := range scopes {
		texts[i] = string(s)
	}
	return texts
}
