package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/config"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
)

func (a *app) newProvider() *cobra.Command {
	return group("provider", "What talks to the systems of fulfillment services",
		`A provider is the part of Packhorse that talks to the systems of fulfillment services. A service names its
provider (packhorse service add --provider), and workers serve those that PACKHORSE_PROVIDERS names.`,
		a.newProviderList(), a.newProviderOptions(), a.newProviderTest())
}

func (a *app) newProviderList() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List the providers that there are", Args: cobra.NoArgs,
		Long: `Lists the providers that this version has: what each is, how it can fulfill (OPTIONS), what it can do
besides taking requests and cancelling them (CAN), and the environment variables that workers read for it (SETTINGS).
A worker serves those that its PACKHORSE_PROVIDERS names.`,
		Example: `  packhorse provider list
  packhorse provider list --output json | jq '.items[] | select(.capabilities | index("prices")) | .id'`,
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		pages := []providerPage{}
		for _, entry := range catalogue.New() {
			page, err := newProviderPage(c.Context(), entry)
			if err != nil {
				return err
			}
			pages = append(pages, page)
		}
		if a.json() {
			return writeJSON(a.out, list[providerPage]{Items: pages})
		}
		t := a.newTable("PROVIDER", "OPTIONS", "CAN", "SETTINGS", "WHAT")
		for _, p := range pages {
			t.row(p.ID, joinedBy(p.Options, func(o provider.Option) string { return o.ID }),
				joinedBy(p.Capabilities, func(c provider.Capability) string { return string(c) }),
				joinedBy(p.Settings, func(s config.Variable) string { return s.Name }), p.What)
		}
		return t.flush()
	}
	return c
}

// providerPage is a provider as people and programs see it.
type providerPage struct {
	ID           string                `json:"id"`
	What         string                `json:"what"`
	Called       bool                  `json:"called"` // false: people answer in its place
	Options      []provider.Option     `json:"options"`
	Capabilities []provider.Capability `json:"capabilities"`
	Settings     []config.Variable     `json:"settings"`
}

func newProviderPage(ctx context.Context, entry provider.Entry) (providerPage, error) {
	options, err := entry.Offline.Options(ctx)
	if err != nil {
		return providerPage{}, err
	}
	page := providerPage{ID: entry.ID, What: entry.What, Called: entry.Queue != nil, Options: options,
		Capabilities: provider.Capabilities(entry.Offline), Settings: []config.Variable{}}
	if entry.Settings != nil {
		page.Settings = config.Variables(entry.Settings)
	}
	return page, nil
}

func joinedBy[T any](list []T, text func(T) string) string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = text(x)
	}
	return strings.Join(texts, ", ")
}
