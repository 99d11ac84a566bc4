package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

const (
	groupOrders = "orders"
	groupPlaces = "places"
	groupAccess = "access"
	groupSystem = "system"
)

func (a *app) newRoot() *cobra.Command {
	root := group("packhorse", "Carry orders from paid to delivered", `Packhorse carries every order from "paid" to "on the doorstep": one durable workflow for each fulfillment order.

Orders are named by their ID, their name ("#1001") or their source identifier; fulfillment orders by their ID, by their
name ("#1001-2": the second one that was made of #1001), or by their order, if there is only one to be meant;
fulfillments by their ID or name ("#1001-F1"), returns by theirs ("#1001-R1"); everything else by its ID.

With --output json the answer is one JSON document (a list is {"items": [...], "next": "cursor"}), and a failure is one
on the standard error output. IDs are text there, because they have more digits than many programs keep of a number.

Exit status: 0 done, 1 refused or failed, 2 wrong usage.`)
	root.Example = `  packhorse order create -f order.json
  packhorse order show '#1001'
  packhorse fulfillment-order list --status OPEN
  packhorse fulfillment-order hold 4711 --reason AWAITING_PAYMENT --expires-at 2h
  packhorse fulfillment-order list --output json | jq '.items[].status'`
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.PersistentFlags().VarP(
		oneOf(&a.settings.Output, formatTable, formatJSON), "output", "o",
		"`FORMAT` of the answer: table (for people) or json (one document, for programs)",
	)
	completeValues(root, "output", formatTable, formatJSON)
	root.PersistentFlags().Var(timeoutValue(&a.settings.Timeout), "timeout", "how long to wait for an answer")
	root.AddGroup(&cobra.Group{ID: groupOrders, Title: "Orders:"}, &cobra.Group{ID: groupPlaces, Title: "Places:"},
		&cobra.Group{ID: groupAccess, Title: "Access:"},
		&cobra.Group{ID: groupSystem, Title: "The system:"})
	add := func(id string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = id
		}
		root.AddCommand(commands...)
	}
	add(groupOrders, a.newOrder(), a.newFulfillmentOrder(), a.newFulfillment(), a.newReturn(), a.newRates(),
		a.newDocument())
	add(groupPlaces, a.newLocation(), a.newService(), a.newProvider(), a.newNews())
	add(groupAccess, a.newAppCommand(), a.newTokenCommand(), a.newWebhook(), a.newSecrets())
	add(
		groupSystem, a.newServe(), a.newMigrate(), a.newSchema(), a.newEvents(), a.newAudit(), a.newDemo(),
		a.newRehearse(), a.newVersion(),
	)
	root.AddCommand(newSettingsTopic())
	return root
}

// group makes a command that only holds others: to call it by itself, or with a word that it doesn't know, is wrong.
func group(use, short, long string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: long,
		DisableFlagsInUseLine: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{errors.New("a command is missing")}
			}
			message := fmt.Sprintf("there is no command %q", args[0])
			if cmd.SuggestionsMinimumDistance <= 0 {
				cmd.SuggestionsMinimumDistance = 2
			}
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				message += "; did you mean " + strings.Join(near, " or ") + "?"
			}
			return &usageError{errors.New(message)}
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(commands...)
	return c
}
