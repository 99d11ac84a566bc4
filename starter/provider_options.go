package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
)

// optionsPage are the ways in which a provider, or a service, fulfills, as programs get them.
type optionsPage struct {
	Items    []provider.Option `json:"items"`
	Chosen   string            `json:"chosen,omitempty"`   // that of the service's system which its options name
	Warnings []string          `json:"warnings,omitempty"` // why those of the service's system are not there

	ofService bool
}

func (a *app) newProviderOptions() *cobra.Command {
	var of string
	c := &cobra.Command{
		Use: "options PROVIDER", Short: "List the ways in which a provider fulfills",
		Args: oneArgument("provider's ID", nil),
		Long: `Lists a provider's options. An order names one of them in its shippingOption, and a service in its options; the
provider checks both. FOR is "shipping", or "returns" of goods that come back. With --service, also those that the
system of the service has of its own, as "packhorse service options" does.`,
		Example: `  packhorse provider options simulated
  packhorse provider options http --service north
  packhorse provider options simulated --output json | jq -r '.items[].id'`,
	}
	c.Flags().StringVar(&of, "service", "", "ID, name or handle of a `SERVICE` of it, whose system is asked, too")
	c.RunE = func(c *cobra.Command, args []string) error {
		entry, err := catalogue.New().Find(args[0])
		if err != nil {
			return &usageError{err}
		}
		if of == "" {
			options, err := entry.Offline.Options(c.Context())
			if err != nil {
				return err
			}
			return a.writeOptions(optionsPage{Items: options})
		}
		s, err := a.serviceNamed(c.Context(), of)
		if err != nil {
			return err
		}
		if s.Provider != entry.ID {
			return &usageError{fmt.Errorf("the service %s has the provider %s, not %s", s.Name, s.Provider, entry.ID)}
		}
		return a.writeServiceOptions(c.Context(), s)
	}
	return c
}

func (a *app) newServiceOptions() *cobra.Command {
	return &cobra.Command{
		Use: "options SERVICE", Short: "List the ways in which a fulfillment service ships",
		Args: oneArgument("service's ID, name or handle", nil),
		Long: `Lists the options of the service's provider, and those that the service's system says that it has, such as a
warehouse. An order chooses one by its ID, in its shippingOption. FOR is "shipping", or "returns" of goods that come
back; CHOSEN is what the service's own options name, and so what is asked for when an order chooses nothing.

The system is asked from here: the settings and secrets of the provider are needed as for a worker.`,
		Example: `  packhorse service options north
  packhorse service options north --output json | jq -r '.items[].id'`,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.serviceNamed(c.Context(), args[0])
			if err != nil {
				return err
			}
			return a.writeServiceOptions(c.Context(), s)
		},
	}
}

func (a *app) serviceNamed(ctx context.Context, name string) (fulfillment.Service, error) {
	b, err := a.backend.book(ctx)
	if err != nil {
		return fulfillment.Service{}, err
	}
	return findService(ctx, b, name)
}

// writeServiceOptions shows the options of a service's provider with those of its system.
func (a *app) writeServiceOptions(ctx context.Context, s fulfillment.Service) error {
	p, err := a.backend.provider(ctx, s.Provider)
	if err != nil {
		return err
	}
	options, err := p.Options(ctx)
	if err != nil {
		return err
	}
	page := optionsPage{Items: options, ofService: true}
	if lister, ok := p.(provider.Lister); ok {
		own, chosen, err := lister.ListOptions(ctx, s.Options)
		switch page.Chosen = chosen; {
		case err != nil:
			page.Warnings = append(page.Warnings, "the system of "+s.Name+" doesn't tell its options: "+err.Error())
		case own == nil:
			page.Warnings = append(page.Warnings, "the system of "+s.Name+" doesn't say which options it has")
		}
		page.Items = slices.Concat(options, own)
	}
	return a.writeOptions(page)
}

func (a *app) writeOptions(page optionsPage) error {
	if a.json() {
		return writeJSON(a.out, page)
	}
	columns := []string{"OPTION", "NAME", "FOR"}
	if page.ofService {
		columns = append(columns, "CHOSEN")
	}
	t := a.newTable(columns...)
	for _, o := range page.Items {
		use, chosen := "shipping", ""
		if o.Return {
			use = "returns"
		}
		if o.ID == page.Chosen {
			chosen = "yes"
		}
		t.row([]string{o.ID, o.Name, use, chosen}[:len(columns)]...)
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, warning := range page.Warnings {
		fmt.Fprintln(a.errOut, "warning:", warning)
	}
	return nil
}

// askedFor is how long a service's system has to say which options it has, while the service is saved.
const askedFor = 5 * time.Second

// optionProblem warns of an option that a service's options name and that its system doesn't list. What can't be asked
// from here now, or doesn't tell, is not warned of: the workers may reach it, and each request tells.
func (a *app) optionProblem(ctx context.Context, s fulfillment.Service) []string {
	if entry, err := catalogue.New().Find(s.Provider); err != nil {
		return nil
	} else if _, lists := entry.Offline.(provider.Lister); !lists {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askedFor)
	defer cancel()
	p, err := a.backend.provider(ctx, s.Provider)
	if err != nil {
		return nil
	}
	lister, ok := p.(provider.Lister)
	if !ok {
		return nil
	}
	options, chosen, err := lister.ListOptions(ctx, s.Options)
	if err != nil || options == nil || chosen == "" ||
		slices.ContainsFunc(options, func(o provider.Option) bool { return o.ID == chosen && !o.Return }) {
		return nil
	}
	return []string{fmt.Sprintf("the system of %s doesn't list the option %q as one to ship by: see packhorse service "+
		"options %s", s.Name, chosen, s.ID)}
}
