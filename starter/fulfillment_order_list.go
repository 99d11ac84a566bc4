package main

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

func (a *app) newFulfillmentOrderList() *cobra.Command {
	var filter postgres.FulfillmentOrderFilter
	var order, at string
	var all bool
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List fulfillment orders", Args: cobra.NoArgs,
		Long: "Lists fulfillment orders, the latest first; those that are closed only with --all or when their " +
			"status is asked for.",
		Example: `  packhorse fulfillment-order list --status OPEN,ON_HOLD --location "Main warehouse"
  packhorse fulfillment-order list --request-status SUBMITTED
  packhorse fulfillment-order list --order '#1001' --all`,
	}
	c.Flags().Var(
		anyOf(&filter.Statuses, fulfillment.Statuses...), "status", "only these: "+joined(fulfillment.Statuses),
	)
	completeValues(c, "status", fulfillment.Statuses...)
	c.Flags().Var(
		anyOf(&filter.RequestStatuses, fulfillment.RequestStatuses...), "request-status",
		"only these: "+joined(fulfillment.RequestStatuses),
	)
	completeValues(c, "request-status", fulfillment.RequestStatuses...)
	c.Flags().StringVar(&at, "location", "", "only those at this `LOCATION` (ID or name)")
	c.Flags().StringVar(&order, "order", "", "only those of this `ORDER` (ID, name or source identifier)")
	c.Flags().BoolVar(&all, "all", false, "closed ones, too")
	completesFlag(c, "location", a.locationNames())
	completesFlag(c, "order", a.openOrders())
	page := pagingFlags(c, true)
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		if !all && len(filter.Statuses) == 0 {
			filter.Statuses = slices.DeleteFunc(
				slices.Clone(fulfillment.Statuses),
				func(s fulfillment.Status) bool { return s == fulfillment.StatusClosed },
			)
		}
		if at != "" {
			l, err := location(ctx, b, at)
			if err != nil {
				return err
			}
			filter.LocationID = l.ID
		}
		if order != "" {
			o, err := findOrder(ctx, b, order)
			if err != nil {
				return err
			}
			filter.OrderID = o.ID
		}
		found, err := collect(page, func(p postgres.Page) (postgres.FulfillmentOrderPage, error) {
			return b.FulfillmentOrders(ctx, filter, p)
		})
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		t := a.newTable(
			"NAME", "ID", "LOCATION", "STATUS", "REQUEST", "UNITS", "LEFT", "HOLDS", "SHIP BY", "CHANGED",
		)
		for _, fo := range found.Items {
			t.row(cmp.Or(fo.Name, fo.ID.String()), fo.ID.String(), fo.LocationName, string(fo.Status),
				string(fo.RequestStatus),
				number(fo.Total), number(fo.Remaining),
				number(fo.Holds), a.deadline(fo.FulfillBy, fo.DeadlineMissedAt), a.age(fo.UpdatedAt))
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "fulfillment orders", found.Next)
		return nil
	}
	return c
}
