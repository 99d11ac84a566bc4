package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

const (
	// completionTimeout is how long somebody who presses the tab key waits for the database.
	completionTimeout = time.Second
	// mostCompletions is how many orders are offered: the latest ones.
	mostCompletions = 50
)

// completion is something that the shell may put in, with what is said about it.
type completion struct{ text, about string }

// completes makes a completion of what the store has. When the database is away or slow, there is none, and nothing is
// said.
func (a *app) completes(list func(ctx context.Context, b book) ([]completion, error)) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const nothingElse = cobra.ShellCompDirectiveNoFileComp
		ctx, cancel := context.WithTimeout(c.Context(), completionTimeout)
		defer cancel()
		b, err := a.backend.book(ctx)
		if err != nil {
			return nil, nothingElse
		}
		found, err := list(ctx, b)
		if err != nil {
			return nil, nothingElse
		}
		var offered []cobra.Completion
		for _, f := range found {
			// A shell takes what begins with # for a comment, and an order is found without it.
			if !strings.HasPrefix(begun, "#") {
				f.text = strings.TrimPrefix(f.text, "#")
			}
			if strings.HasPrefix(strings.ToLower(f.text), strings.ToLower(begun)) {
				offered = append(offered, cobra.CompletionWithDesc(f.text, f.about))
			}
		}
		return offered, nothingElse
	}
}

// completesOnce completes the first argument only.
func completesOnce(f cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return f(c, args, begun)
	}
}

// completesFlag completes a flag's value.
func completesFlag(c *cobra.Command, flag string, f cobra.CompletionFunc) {
	_ = c.RegisterFlagCompletionFunc(flag, f) // Only fails for a flag that isn't there.
}

func (a *app) locationNames() cobra.CompletionFunc {
	return a.completes(func(ctx context.Context, b book) ([]completion, error) {
		locations, err := b.Locations(ctx)
		names := make([]completion, len(locations))
		for i, l := range locations {
			names[i] = completion{l.Name, l.ID.String()}
		}
		return names, err
	})
}

// askers are who a command can come from: operator, merchant, and each of the services.
func (a *app) askers() cobra.CompletionFunc {
	fixed := []completion{{"operator", "runs Packhorse"}, {"merchant", "owns the orders"}}
	services := a.completes(func(ctx context.Context, b book) ([]completion, error) {
		services, err := b.Services(ctx)
		names := make([]completion, len(services))
		for i, s := range services {
			names[i] = completion{"service:" + s.Handle, s.Name}
		}
		return names, err
	})
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var offered []cobra.Completion
		for _, f := range fixed {
			if strings.HasPrefix(f.text, strings.ToLower(begun)) {
				offered = append(offered, cobra.CompletionWithDesc(f.text, f.about))
			}
		}
		known, directive := services(c, args, begun)
		return append(offered, known...), directive
	}
}

// openOrders are the latest orders of which something is still to be done.
func (a *app) openOrders() cobra.CompletionFunc {
	return a.completes(func(ctx context.Context, b book) ([]completion, error) {
		filter := postgres.OrderFilter{Cancelled: new(bool)}
		for _, s := range fulfillment.OrderDisplayStatuses {
			if s != fulfillment.OrderFulfilled && s != fulfillment.OrderRestocked {
				filter.DisplayFulfillmentStatuses = append(filter.DisplayFulfillmentStatuses, s)
			}
		}
		page, err := b.Orders(ctx, filter, postgres.Page{Limit: mostCompletions, Reverse: true})
		names := make([]completion, len(page.Items))
		for i, o := range page.Items {
			names[i] = completion{o.Name, string(o.DisplayFulfillmentStatus)}
		}
		return names, err
	})
}

// openFulfillmentOrders are the latest fulfillment orders that are not closed, by name.
func (a *app) openFulfillmentOrders() cobra.CompletionFunc {
	return a.completes(func(ctx context.Context, b book) ([]completion, error) {
		var filter postgres.FulfillmentOrderFilter
		for _, s := range fulfillment.Statuses {
			if s != fulfillment.StatusClosed {
				filter.Statuses = append(filter.Statuses, s)
			}
		}
		page, err := b.FulfillmentOrders(ctx, filter, postgres.Page{Limit: mostCompletions, Reverse: true})
		if err != nil {
			return nil, err
		}
		var names []completion
		seen := map[fulfillment.ID]bool{}
		for _, open := range page.Items {
			if seen[open.OrderID] {
				continue
			}
			seen[open.OrderID] = true
			fos, err := b.FulfillmentOrdersOf(ctx, open.OrderID)
			if err != nil {
				return nil, err
			}
			for i, fo := range inOrderOfMaking(fos) {
				if fo.Status != fulfillment.StatusClosed {
					names = append(names, completion{
						nameOfFulfillmentOrder(fo.OrderName, i+1),
						pair(fo.Status, fo.RequestStatus) + " at " + fo.AssignedLocation.Name,
					})
				}
			}
		}
		return names, nil
	})
}
