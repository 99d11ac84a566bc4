package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
)

func (a *app) newReturnList() *cobra.Command {
	var filter postgres.ReturnFilter
	var order string
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List returns, the latest first", Args: cobra.NoArgs,
		Long: `Lists returns of all orders, the latest first.`,
		Example: `  packhorse return list --status REQUESTED
  packhorse return list --order '#1001'
  packhorse return list --status OPEN --output json | jq -r '.items[].name'`,
	}
	c.Flags().Var(anyOf(&filter.Statuses, returns.Statuses...), "status", "only these: "+joined(returns.Statuses))
	completeValues(c, "status", returns.Statuses...)
	c.Flags().StringVar(&order, "order", "", "only those of this `ORDER` (ID, name or source identifier)")
	completesFlag(c, "order", a.shippedOrders())
	page := pagingFlags(c, true)
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		if order != "" {
			o, err := findOrder(ctx, b, order)
			if err != nil {
				return err
			}
			filter.OrderID = o.ID
		}
		found, err := collect(page, func(p postgres.Page) (postgres.ReturnPage, error) {
			return b.ReturnList(ctx, filter, p)
		})
		if err != nil {
			return err
		}
		if a.json() {
			pages := list[returnPage]{Items: []returnPage{}, Next: found.Next}
			for _, r := range found.Items {
				pages.Items = append(pages.Items, newReturnPage(r, fulfillment.Actor{Role: fulfillment.RoleOperator}))
			}
			return writeJSON(a.out, pages)
		}
		t := a.newReturnTable("NAME")
		for _, r := range found.Items {
			a.returnRow(t, r)
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "returns", found.Next)
		return nil
	}
	return c
}

// newReturnTable is a table with a line for each return; name is what its first column is called.
func (a *app) newReturnTable(name string) *table {
	return a.newTable(
		name, "ID", "STATUS", "UNITS", "RECEIVED", "INSPECTED", "EXPECTED BY", "WAITS FOR", "CHANGED",
	)
}

func (a *app) returnRow(t *table, r *returns.Return) {
	expected := ""
	if r.ExpectedBy != nil && r.Status == returns.StatusOpen {
		expected = a.deadline(r.ExpectedBy, r.OverdueAt)
	}
	t.row(
		r.Name, r.ID.String(), string(r.Status), number(r.Units()), number(r.ReceivedUnits()),
		number(r.ProcessedUnits()), expected, waitsForReturn(r), a.age(r.Updated()),
	)
}

// livingReturns completes names of the latest returns with which something can be done.
func (a *app) livingReturns() cobra.CompletionFunc {
	return a.completes(func(ctx context.Context, b book) ([]completion, error) {
		filter := postgres.ReturnFilter{Statuses: []returns.Status{
			returns.StatusRequested, returns.StatusOpen, returns.StatusClosed,
		}}
		page, err := b.ReturnList(ctx, filter, postgres.Page{Limit: mostCompletions, Reverse: true})
		names := make([]completion, len(page.Items))
		for i, r := range page.Items {
			names[i] = completion{r.Name, fmt.Sprintf("%s, %s", r.Status, count(r.Units(), "unit"))}
		}
		return names, err
	})
}

// shippedOrders completes names of the latest orders of which something is shipped.
func (a *app) shippedOrders() cobra.CompletionFunc {
	return a.completes(func(ctx context.Context, b book) ([]completion, error) {
		filter := postgres.OrderFilter{DisplayFulfillmentStatuses: []fulfillment.OrderDisplayStatus{
			fulfillment.OrderFulfilled, fulfillment.OrderPartiallyFulfilled,
		}}
		page, err := b.Orders(ctx, filter, postgres.Page{Limit: mostCompletions, Reverse: true})
		names := make([]completion, len(page.Items))
		for i, o := range page.Items {
			names[i] = completion{o.Name, string(o.DisplayFulfillmentStatus)}
		}
		return names, err
	})
}
