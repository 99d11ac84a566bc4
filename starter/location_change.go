package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

func (a *app) newLocationEdit() *cobra.Command {
	var edit fulfillment.LocationEdit
	var l fulfillment.Location
	var online bool
	c := &cobra.Command{
		Use: "edit LOCATION", Short: "Change a location, or what it stocks", Args: oneArgument("location", nil),
		Long: `Changes what is given and leaves the rest. Orders that are routed from then on go by it; fulfillment orders stay where
they are (packhorse fulfillment-order move, reroute). With --default, the location that was the default is it no more.`,
		Example: `  packhorse location edit "Main warehouse" --add-sku LAN-3,LAN-4 --remove-sku LAN-1
  packhorse location edit "Second warehouse" --default --priority 5
  packhorse location edit "Second warehouse" --stocks-all=false --add-sku LAN-2`,
	}
	c.Flags().StringVar(&l.Name, "name", "", "`NAME` that it gets, unlike that of any other active location")
	locationFlags(c, &l, 0, &online, false)
	c.Flags().StringSliceVar(&edit.AddSKUs, "add-sku", nil, "`SKU` that it stocks from now on; by commas, or once for each")
	c.Flags().StringSliceVar(&edit.RemoveSKUs, "remove-sku", nil, "`SKU` that it stocks no more")
	c.RunE = func(c *cobra.Command, args []string) error {
		said(c.Flags(), map[string]func(){
			"name": func() { edit.Name = &l.Name }, "country": func() { edit.CountryCode = &l.CountryCode },
			"province": func() { edit.ProvinceCode = &l.ProvinceCode }, "city": func() { edit.City = &l.City },
			"address1": func() { edit.Address1 = &l.Address1 }, "address2": func() { edit.Address2 = &l.Address2 },
			"zip": func() { edit.Zip = &l.Zip }, "phone": func() { edit.Phone = &l.Phone },
			"priority": func() { edit.Priority = &l.Priority }, "default": func() { edit.Default = &l.Default },
			"stocks-all":             func() { edit.StocksAll = &l.StocksAll },
			"fulfills-online-orders": func() { edit.FulfillsOnlineOrders = &online },
		})
		return a.changeLocation(c.Context(), args[0], func(
			ctx context.Context, o operation.Locations, id fulfillment.ID,
		) (fulfillment.Location, error) {
			edit.ID = id
			return o.Edit(ctx, edit)
		})
	}
	return c
}

// said calls the function of every flag that was given.
func said(flags *pflag.FlagSet, set map[string]func()) {
	flags.Visit(func(f *pflag.Flag) {
		if found, ok := set[f.Name]; ok {
			found()
		}
	})
}

func (a *app) newLocationActivate() *cobra.Command {
	c := &cobra.Command{
		Use: "activate LOCATION", Short: "Take a location into use again", Args: oneArgument("location", nil),
		Long: `Orders are routed to the location again. One that is in use stays as it is. Refused while another active location has
its name.`,
		Example: `  packhorse location activate "Second warehouse"`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.changeLocation(c.Context(), args[0], func(
			ctx context.Context, o operation.Locations, id fulfillment.ID,
		) (fulfillment.Location, error) {
			return o.Activate(ctx, id)
		})
	}
	return c
}

func (a *app) newLocationDeactivate() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use: "deactivate LOCATION", Short: "Take a location out of use", Args: oneArgument("location", nil),
		Long: `Nothing is routed or moved to the location any more. While fulfillment orders wait there, it is refused and names them:
move them first, or give a --destination, where all of them go if each of them can move. The last location that takes
online orders stays, and so does that of a fulfillment service.`,
		Example: `  packhorse location deactivate "Second warehouse"
  packhorse location deactivate "Second warehouse" --destination "Main warehouse"`,
	}
	c.Flags().StringVar(&to, "destination", "", "`LOCATION` (ID or name) that takes over what waits there")
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.changeLocation(c.Context(), args[0], func(
			ctx context.Context, o operation.Locations, id fulfillment.ID,
		) (fulfillment.Location, error) {
			deactivation := fulfillment.LocationDeactivation{ID: id}
			if to != "" {
				b, err := a.backend.book(ctx)
				if err != nil {
					return fulfillment.Location{}, err
				}
				destination, err := location(ctx, b, to)
				if err != nil {
					return fulfillment.Location{}, err
				}
				s, err := a.backend.sender(ctx)
				if err != nil {
					return fulfillment.Location{}, err
				}
				deactivation.DestinationID, o.Commands = destination.ID, s
			}
			return o.Deactivate(ctx, deactivation)
		})
	}
	return c
}

func (a *app) newLocationDelete() *cobra.Command {
	c := &cobra.Command{
		Use: "delete LOCATION", Short: "Delete a location that is not in use", Args: oneArgument("location", nil),
		Long:    `Deletes a location that was deactivated. Fulfillment orders that were shipped from it keep its name and address.`,
		Example: `  packhorse location delete "Second warehouse"`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		l, err := location(ctx, b, args[0])
		if err != nil {
			return err
		}
		if err := (operation.Locations{Store: b}).Delete(asOperator(ctx), l.ID); err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, struct {
				DeletedLocationID fulfillment.ID `json:"deletedLocationId"`
			}{l.ID})
		}
		fmt.Fprintf(a.out, "Location %s (%s) is deleted.\n", l.Name, l.ID)
		return nil
	}
	return c
}

// changeLocation has a location changed that is named by its ID or its name, and shows it.
func (a *app) changeLocation(
	ctx context.Context, name string,
	change func(context.Context, operation.Locations, fulfillment.ID) (fulfillment.Location, error),
) error {
	b, err := a.backend.book(ctx)
	if err != nil {
		return err
	}
	l, err := location(ctx, b, name)
	if err != nil {
		return err
	}
	if l, err = change(asOperator(ctx), operation.Locations{Store: b}, l.ID); err != nil {
		return asLocationFlags(err, "--name")
	}
	if a.json() {
		return writeJSON(a.out, l)
	}
	return a.locationTable([]fulfillment.Location{l})
}

// asOperator is a context in which an operator asks, who may do everything.
func asOperator(ctx context.Context) context.Context {
	return access.WithCaller(ctx, access.Trusted(fulfillment.Actor{Role: fulfillment.RoleOperator}))
}
