package main

import (
	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

// noURL takes a callback URL away.
const noURL = "none"

func (a *app) newServiceUpdate() *cobra.Command {
	var name, url, options string
	var tracking, inventory, shipping bool
	c := &cobra.Command{
		Use: "update SERVICE", Short: "Change a fulfillment service",
		Long: `Changes what is given and leaves the rest. A service that was called no more, because it had said that it is gone, is
called again when it gets a callback URL, also the same one. Options are given whole: those that are left out are gone.
Whatever its provider does for it from then on goes by them, also for requests that were begun before.`,
		Args: oneArgument("service's ID, name or handle", nil),
		Example: `  packhorse service update north --callback-url https://north.example.com/callbacks
  packhorse service update north --callback-url none --tracking-support=false
  packhorse service update north --options '{"url":"https://north.example.com","secretName":"NORTH"}'`,
	}
	c.Flags().StringVar(&name, "name", "", "`NAME` that it has from now on, and its location, if that had the old one")
	c.Flags().StringVar(&url, "callback-url", "", "`URL` that it is told of requests at, or "+noURL)
	c.Flags().StringVar(&options, "options", "", "the provider's options for it, all of them, as a `JSON` object")
	c.Flags().BoolVar(&tracking, "tracking-support", false, "whether it is asked for tracking numbers")
	c.Flags().BoolVar(&inventory, "inventory-management", false, "whether it is asked for its stock")
	c.Flags().BoolVar(&shipping, "requires-shipping-method", false, "whether it ships physical goods")
	c.MarkFlagsOneRequired(
		"name", "callback-url", "options", "tracking-support", "inventory-management", "requires-shipping-method",
	)
	c.RunE = func(c *cobra.Command, args []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		s, err := findService(c.Context(), b, args[0])
		if err != nil {
			return err
		}
		var missing []string // secrets, and what else to look at
		update := fulfillment.ServiceUpdate{ID: s.ID, RequiresShippingMethod: s.RequiresShippingMethod}
		said(c.Flags(), map[string]func(){
			"name": func() { update.Name = &name },
			"callback-url": func() {
				if url == noURL {
					url = ""
				}
				update.CallbackURL = &url
			},
			"tracking-support":         func() { update.TrackingSupport = &tracking },
			"inventory-management":     func() { update.InventoryManagement = &inventory },
			"requires-shipping-method": func() { update.RequiresShippingMethod = &shipping },
		})
		if c.Flags().Changed("options") {
			if s.Options, err = readOptions(options); err != nil {
				return err
			}
			if missing, err = checkProvider(c.Context(), s); err != nil {
				return err
			}
			update.Options = &s.Options
		}
		services := operation.Services{Store: b, Calls: herald{a.backend}}
		if err := services.Update(asOperator(c.Context()), update); err != nil {
			return err
		}
		if s, err = findService(c.Context(), b, s.ID.String()); err != nil {
			return err
		}
		if c.Flags().Changed("options") {
			missing = append(missing, a.optionProblem(c.Context(), s)...)
		}
		return a.writeSaved(s, missing)
	}
	return c
}
