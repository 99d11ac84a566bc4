package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
)

func (a *app) newMerge() *cobra.Command {
	return a.sendsJointly("merge FULFILLMENT-ORDER FULFILLMENT-ORDER ...", "Put several into one", `4711 4716`, 2,
		`The first one stays, with its ID, and takes over the units of the others, which close. All must be open, of one order and at one
location. All of it happens, or nothing.`,
		func(ids []fulfillment.ID) fulfillment.Joint {
			cmd := &fulfillment.Merge{Inputs: make([]fulfillment.MergeInput, 1)}
			for _, id := range ids {
				cmd.Inputs[0].Intents = append(cmd.Inputs[0].Intents, fulfillment.MergeIntent{FulfillmentOrderID: id})
			}
			return cmd
		})
}

func (a *app) newReroute() *cobra.Command {
	var included, excluded []fulfillment.ID
	c := a.sendsJointly("reroute FULFILLMENT-ORDER ...", "Send them to another location that routing chooses",
		`4711 4716 --exclude 17`, 1,
		`The fulfillment orders, all of one order and at one location, move to the first other location, in the order in which routing
asks them, that can take them all. All of them move, or none.`,
		func(ids []fulfillment.ID) fulfillment.Joint {
			return &fulfillment.Reroute{
				FulfillmentOrderIDs: ids, IncludedLocationIDs: included, ExcludedLocationIDs: excluded,
			}
		})
	c.Flags().Var(idsValue(&included), "include", "only to these locations; by commas, or once for each")
	c.Flags().Var(idsValue(&excluded), "exclude", "not to these locations; by commas, or once for each")
	return c
}

// sendsJointly makes a subcommand that sends a command on several fulfillment orders, at least so many.
func (a *app) sendsJointly(
	use, short, example string, least int, long string, joint func([]fulfillment.ID) fulfillment.Joint,
) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: long, ValidArgsFunction: a.openFulfillmentOrders(),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < least {
				return fmt.Errorf("it needs at least %s", count(least, "fulfillment order"))
			}
			for _, arg := range args {
				if err := isFulfillmentOrderName(arg); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Example = "  packhorse fulfillment-order " + c.Name() + " " + example
	who := a.askerFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		ids := make([]fulfillment.ID, len(args))
		for i, arg := range args {
			if ids[i], err = findFulfillmentOrder(ctx, b, arg, who.commandID != ""); err != nil {
				return err
			}
		}
		return a.sendJointly(ctx, ids, joint(ids), who)
	}
	return c
}

// jointAnswer is what a command on several fulfillment orders is answered to programs.
type jointAnswer struct {
	Command           fulfillment.Verb       `json:"command"`
	CommandID         string                 `json:"commandId"`
	Results           []fulfillment.Result   `json:"results"`
	FulfillmentOrders []fulfillmentOrderPage `json:"fulfillmentOrders"` // those that were named
}

func (a *app) sendJointly(ctx context.Context, ids []fulfillment.ID, cmd fulfillment.Joint, who *asker) error {
	b, err := a.backend.book(ctx)
	if err != nil {
		return err
	}
	asked, o, err := a.asks(ctx, b, cmd.Envelope(), who)
	if err != nil {
		return err
	}
	results, err := o.SendJointly(asked, cmd)
	if err != nil {
		return &sendError{cmd.Envelope().CommandID, err}
	}
	answer := jointAnswer{Command: cmd.Verb(), CommandID: cmd.Envelope().CommandID, Results: results}
	var shown []*fulfillment.FulfillmentOrder
	for _, id := range ids {
		fo, err := loadFulfillmentOrder(ctx, b, id)
		if err != nil {
			return fmt.Errorf("the command is done, but not shown: %w", err)
		}
		answer.FulfillmentOrders = append(answer.FulfillmentOrders, newFulfillmentOrderPage(fo, cmd.Envelope().Actor))
		shown = append(shown, fo)
	}
	if a.json() {
		return writeJSON(a.out, answer)
	}
	fmt.Fprintf(a.out, "%s: done\n", kebab(string(cmd.Verb())))
	siblings, err := b.FulfillmentOrdersOf(ctx, shown[0].OrderID)
	if err != nil {
		return fmt.Errorf("the command is done, but not shown: %w", err)
	}
	return a.fulfillmentOrderTable(shown, siblings)
}
