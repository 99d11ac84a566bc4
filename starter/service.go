package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/provider/catalogue"
)

func (a *app) newService() *cobra.Command {
	return group("service", "The fulfillment services that run locations", `A fulfillment service runs a location that is not the merchant's own. Its provider talks to the service's system; with the
provider "manual", people answer its requests (packhorse fulfillment-order accept-fulfillment-request --as service:ID).
All providers: packhorse provider list.`,
		a.newServiceAdd(), a.newServiceList(), a.newServiceShow(), a.newServiceOptions(),
		a.newServiceUpdate())
}

func (a *app) newServiceAdd() *cobra.Command {
	s := fulfillment.Service{RequiresShippingMethod: new(bool)}
	var options, at, of string
	providers := catalogue.New().IDs()
	c := &cobra.Command{
		Use: "add NAME", Short: "Add a fulfillment service", Args: oneArgument("service's name", nil),
		Long: `Adds a fulfillment service. It runs the location given by --location, or a new one of its own name that stocks everything.`,
		Example: `  packhorse service add "Harbour Hands"
  packhorse service add "Nordlicht 3PL" --provider simulated --options '{"shipAfter": "30s"}' --accept-within 4h --accept-policy REROUTE`,
	}
	c.Flags().Var(idValue(&s.ID), "id", "its ID (default: a new one)")
	c.Flags().StringVar(&s.Provider, "provider", fulfillment.ManualProvider,
		"`ID` of the provider that talks to it: "+strings.Join(providers, ", "))
	completeValues(c, "provider", providers...)
	c.Flags().StringVar(&options, "options", "", "the provider's options for it, as a `JSON` object")
	c.Flags().StringVar(&at, "location", "", "ID or name of the `LOCATION` that it runs (default: a new one)")
	completesFlag(c, "location", a.locationNames())
	c.Flags().StringVar(&of, "app", "", "ID or handle of the `APP` that it belongs to (default: none)")
	c.Flags().StringVar(
		&s.CallbackURL, "callback-url", "", "`URL` that it is told of requests at, signed with the secret of its app",
	)
	c.Flags().BoolVar(&s.TrackingSupport, "tracking-support", false, "it can be asked for tracking numbers")
	c.Flags().BoolVar(&s.InventoryManagement, "inventory-management", false, "it can be asked for its stock")
	c.Flags().BoolVar(
		s.RequiresShippingMethod, "requires-shipping-method", true, "it ships physical goods; =false: it does not",
	)
	c.Flags().Var(
		durationValue(&s.AcceptWithin), "accept-within", "how long it may take to answer a request (default: no limit)",
	)
	c.Flags().Var(
		oneOf(&s.AcceptPolicy, fulfillment.AcceptPolicies...), "accept-policy",
		"what happens then: "+joined(fulfillment.AcceptPolicies),
	)
	completeValues(c, "accept-policy", fulfillment.AcceptPolicies...)
	c.RunE = func(c *cobra.Command, args []string) error {
		s.Name = args[0]
		var err error
		if s.Options, err = readOptions(options); err != nil {
			return err
		}
		missing, err := checkProvider(c.Context(), s)
		if err != nil {
			return err
		}
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		if of != "" {
			app, err := findApp(c.Context(), b, of)
			if err != nil {
				return err
			}
			s.AppID = app.ID
		}
		if at != "" {
			l, err := location(c.Context(), b, at)
			if err != nil {
				return err
			}
			if l.ServiceID != 0 && l.ServiceID != s.ID {
				return fmt.Errorf("the location %s is run by a service already: %s", l.Name, l.Service.Name)
			}
			s.LocationID = l.ID
		}
		added, err := operation.Services{Store: b, Calls: herald{a.backend}}.Create(asOperator(c.Context()), s)
		if err != nil {
			return err
		}
		return a.writeSaved(added, append(missing, a.optionProblem(c.Context(), added)...))
	}
	return c
}

func (a *app) newServiceList() *cobra.Command {
	c := &cobra.Command{Use: "list", Aliases: []string{"ls"}, Short: "List fulfillment services, by name",
		Long: `Lists fulfillment services by name, and warns of providers that no worker serves.`, Args: cobra.NoArgs}
	page := pagingFlags(c, false)
	c.RunE = func(c *cobra.Command, _ []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		services, err := b.Services(c.Context())
		if err != nil {
			return err
		}
		found, err := part(page, services, func(s fulfillment.Service) fulfillment.ID { return s.ID })
		if err != nil {
			return err
		}
		problems := a.providerProblems(c.Context(), found.Items...)
		if a.json() {
			items := make([]listedService, len(found.Items))
			for i, s := range found.Items {
				items[i] = listedService{s, problems[s.Provider]}
			}
			return writeJSON(a.out, list[listedService]{Items: items, Next: found.Next})
		}
		if err := a.serviceTable(found.Items); err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(problems)) {
			fmt.Fprintln(a.errOut, "warning:", problems[id])
		}
		a.tellMore(len(found.Items), "services", found.Next)
		return nil
	}
	return c
}

func (a *app) serviceTable(services []fulfillment.Service) error {
	t := a.newTable("SERVICE", "NAME", "HANDLE", "PROVIDER", "LOCATION", "ANSWERS WITHIN", "ELSE")
	for _, s := range services {
		within, otherwise := "", ""
		if s.AcceptWithin > 0 {
			text, _ := s.AcceptWithin.MarshalText() // It never fails.
			within, otherwise = string(text), string(s.AcceptPolicy)
		}
		t.row(s.ID.String(), s.Name, s.Handle, s.Provider, s.LocationID.String(), within, otherwise)
	}
	return t.flush()
}
