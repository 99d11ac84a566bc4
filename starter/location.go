package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

func (a *app) newLocation() *cobra.Command {
	return group("location", "The places that orders are shipped from", `A location is a place that ships: the merchant's own, or one that a fulfillment service runs (packhorse service). An order
goes to the first location by priority that stocks all of it; else it is split; what nobody stocks goes to the default
location, if there is one.`, a.newLocationAdd(), a.newLocationEdit(), a.newLocationActivate(), a.newLocationDeactivate(),
		a.newLocationDelete(), a.newLocationList())
}

func (a *app) newLocationAdd() *cobra.Command {
	l := fulfillment.Location{}
	var inactive, online bool
	c := &cobra.Command{
		Use: "add NAME", Short: "Add a location of the merchant's own", Args: oneArgument("location's name", nil),
		Long: `Adds a location of the merchant's own. With --id, adding the same one again changes nothing,
whatever it has become since; packhorse location edit changes it.`,
		Example: `  packhorse location add "Main warehouse" --country PT --city Porto --stocks-all
  packhorse location add "Second warehouse" --priority 20 --sku LAN-1,LAN-2`,
	}
	c.Flags().Var(idValue(&l.ID), "id", "its ID (default: a new one)")
	locationFlags(c, &l, 10, &online, true)
	c.Flags().StringSliceVar(&l.SKUs, "sku", nil, "`SKU` that it stocks; by commas, or once for each")
	c.Flags().BoolVar(&inactive, "inactive", false, "it ships nothing for now")
	c.MarkFlagsMutuallyExclusive("stocks-all", "sku")
	c.RunE = func(c *cobra.Command, args []string) error {
		l.Name, l.Active, l.FulfillsOnlineOrders = args[0], !inactive, &online
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		added, err := operation.Locations{Store: b}.Add(asOperator(c.Context()), l)
		if err != nil {
			return asLocationFlags(err, "NAME")
		}
		if a.json() {
			return writeJSON(a.out, added)
		}
		return a.locationTable([]fulfillment.Location{added})
	}
	return c
}

// locationFlags are what a location can be told when it is added and later.
func locationFlags(c *cobra.Command, l *fulfillment.Location, priority int, online *bool, takes bool) {
	c.Flags().Var(countryValue(&l.CountryCode), "country", "its country (ISO 3166-1 alpha-2)")
	c.Flags().StringVar(&l.ProvinceCode, "province", "", "`CODE` of its province or state, such as ON")
	c.Flags().StringVar(&l.City, "city", "", "`CITY` that it is in")
	c.Flags().StringVar(&l.Address1, "address1", "", "first `LINE` of its street address")
	c.Flags().StringVar(&l.Address2, "address2", "", "second `LINE` of its street address")
	c.Flags().StringVar(&l.Zip, "zip", "", "its postal `CODE`")
	c.Flags().StringVar(&l.Phone, "phone", "", "its phone `NUMBER`")
	c.Flags().IntVar(&l.Priority, "priority", priority, "its place in the row: lower comes first")
	c.Flags().BoolVar(
		&l.Default, "default", false, "it gets what no location stocks; there is at most one such location",
	)
	c.Flags().BoolVar(&l.StocksAll, "stocks-all", false, "it stocks everything")
	c.Flags().BoolVar(
		online, "fulfills-online-orders", takes,
		"orders are routed to it; =false: it gets only what names it or is moved to it",
	)
}

// locationPlaces are the words of the command line for places in a location's input.
var locationPlaces = map[string]string{
	"address1": "--address1", "address2": "--address2", "city": "--city", "zip": "--zip",
	"provinceCode": "--province", "countryCode": "--country", "phone": "--phone", "priority": "--priority",
	"id": "--id", "skus": "--sku", "fulfillsOnlineOrders": "--fulfills-online-orders",
}

// asLocationFlags names the places of what is refused as the command line does; name is what it calls the name.
func asLocationFlags(err error, name string) error {
	refusals := fulfillment.AsRefusals(err)
	if refusals == nil {
		return err
	}
	named := make(fulfillment.Refusals, len(refusals))
	for i, refused := range refusals {
		one := *refused
		for _, step := range refused.Field {
			place := locationPlaces[step]
			if step == "name" {
				place = name
			}
			if place != "" {
				one.Field = []string{place}
			}
		}
		named[i] = &one
	}
	return named
}

func (a *app) newLocationList() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List locations, in the order in which routing asks them",
		Args: cobra.NoArgs,
	}
	page := pagingFlags(c, false)
	c.RunE = func(c *cobra.Command, _ []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		locations, err := b.Locations(c.Context())
		if err != nil {
			return err
		}
		found, err := part(page, locations, func(l fulfillment.Location) fulfillment.ID { return l.ID })
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		if err := a.locationTable(found.Items); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "locations", found.Next)
		return nil
	}
	return c
}

// shownSKUs is how many SKUs of a location a table shows.
const shownSKUs = 6

func (a *app) locationTable(locations []fulfillment.Location) error {
	t := a.newTable("LOCATION", "NAME", "PLACE", "PRIORITY", "RUN BY", "NOTES", "STOCKS")
	for _, l := range locations {
		runBy := "the merchant"
		if l.Service != nil {
			runBy = l.Service.Name
		}
		var notes []string
		if l.Default {
			notes = append(notes, "default")
		}
		if !l.Active {
			notes = append(notes, "inactive")
		}
		if !l.TakesOnlineOrders() {
			notes = append(notes, "no online orders")
		}
		stocks := "everything"
		if !l.StocksAll {
			stocks = strings.Join(l.SKUs[:min(len(l.SKUs), shownSKUs)], ", ")
			if more := len(l.SKUs) - shownSKUs; more > 0 {
				stocks += fmt.Sprintf(" and %d more", more)
			}
		}
		t.row(
			l.ID.String(), l.Name, strings.TrimSpace(l.City+" "+l.CountryCode), number(l.Priority), runBy,
			strings.Join(notes, ", "), cmp.Or(stocks, "nothing"),
		)
	}
	return t.flush()
}
