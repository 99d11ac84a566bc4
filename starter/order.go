package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

func (a *app) newOrder() *cobra.Command {
	return group("order", "Hand orders over, look at them, change them", `An order is routed when it is handed over: each location that ships a part of it gets a fulfillment order
(packhorse fulfillment-order). Orders are named by ID, name ("#1001") or source identifier.`,
		a.newOrderCreate(), a.newOrderImport(), a.newOrderShow(), a.newOrderList(), a.newOrderCancel(),
		a.newOrderEdit(), a.newOrderUpdate(), a.newOrderClose(), a.newOrderOpen())
}

// orderPage is an order with all that became of it, as programs get it.
type orderPage struct {
	*fulfillment.OrderRecord
	FulfillmentOrders []*fulfillment.FulfillmentOrder `json:"fulfillmentOrders"`
	Returns           []returnPage                    `json:"returns,omitempty"` // in the order of their numbers
	shipments         []*postgres.OwnedFulfillment
}

func loadOrderPage(ctx context.Context, b book, order *fulfillment.OrderRecord) (orderPage, error) {
	fos, err := b.FulfillmentOrdersOf(ctx, order.ID)
	if err != nil {
		return orderPage{}, err
	}
	if fos == nil {
		fos = []*fulfillment.FulfillmentOrder{}
	}
	page := orderPage{OrderRecord: order, FulfillmentOrders: fos, shipments: postgres.FulfillmentsOf(fos)}
	of, err := b.OrderReturns(ctx, []fulfillment.ID{order.ID})
	if err != nil {
		return orderPage{}, err
	}
	for _, r := range of[order.ID] {
		page.Returns = append(page.Returns, newReturnPage(r, fulfillment.Actor{Role: fulfillment.RoleOperator}))
	}
	for i, fo := range fos {
		completeParts(fo, page.shipments)
		fos[i] = fo.AsCommitted()
	}
	return page, nil
}

func (a *app) newOrderShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show ORDER", Short: "Show an order, its fulfillment orders, its shipments and its returns",
		Args:              oneArgument("order", nil),
		ValidArgsFunction: completesOnce(a.openOrders()),
		Example: `  packhorse order show '#1001'
  packhorse order show web-2026-4711 --output json | jq .displayFulfillmentStatus`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		order, err := findOrder(c.Context(), b, args[0])
		if err != nil {
			return err
		}
		return a.showOrder(c.Context(), b, order)
	}
	return c
}

func (a *app) showOrder(ctx context.Context, b book, order *fulfillment.OrderRecord) error {
	page, err := loadOrderPage(ctx, b, order)
	if err != nil {
		return err
	}
	if a.json() {
		return writeJSON(a.out, page)
	}
	fmt.Fprintf(a.out, "Order %s (%s): %s\n", order.Name, order.ID, order.DisplayFulfillmentStatus)
	t := a.newTable()
	t.pair("source", order.SourceIdentifier)
	t.pair("placed", a.when(order.ProcessedAt))
	t.pair("ships to", destination(order.ShippingAddress))
	t.pair("ships by", shippingChoice(order.ShippingOption))
	t.pair("note", order.Note)
	t.pair("tags", strings.Join(order.Tags, ", "))
	t.pair("stage", string(order.FulfillmentStatus))
	t.pair("workflow", a.backend.workflowURL(temporalio.OrderID(order.ID)))
	if order.CancelledAt != nil {
		t.pair("cancelled", strings.TrimSpace(a.when(order.CancelledAt)+" "+order.CancelReason))
	}
	t.pair("closed", a.when(order.ClosedAt))
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	if err := a.lineTable(order); err != nil {
		return err
	}
	if len(page.FulfillmentOrders) == 0 {
		return nil
	}
	fmt.Fprintln(a.out)
	if err := a.fulfillmentOrderTable(page.FulfillmentOrders, page.FulfillmentOrders); err != nil {
		return err
	}
	if len(page.shipments) == 0 {
		return nil
	}
	fmt.Fprintln(a.out)
	if err := a.fulfillmentTable(page.shipments, nil); err != nil || len(page.Returns) == 0 {
		return err
	}
	fmt.Fprintln(a.out)
	t = a.newReturnTable("RETURN")
	for _, r := range page.Returns {
		a.returnRow(t, r.Return)
	}
	return t.flush()
}

// lineTable shows the lines of an order: what they weigh, and what customs ask for, if any line says it.
func (a *app) lineTable(order *fulfillment.OrderRecord) error {
	header := []string{"LINE", "SKU", "TITLE", "ORDERED", "NOW"}
	var more []func(l fulfillment.LineItem) string
	for _, column := range []struct {
		name string
		text func(l fulfillment.LineItem) string
	}{
		{"WEIGHT", func(l fulfillment.LineItem) string { return weightText(l.Weight) }},
		{"HS CODE", func(l fulfillment.LineItem) string { return l.HarmonizedSystemCode }},
		{"ORIGIN", func(l fulfillment.LineItem) string { return l.CountryCodeOfOrigin }},
	} {
		if slices.ContainsFunc(order.LineItems, func(l fulfillment.LineItem) bool { return column.text(l) != "" }) {
			header, more = append(header, column.name), append(more, column.text)
		}
	}
	t := a.newTable(header...)
	for i, l := range order.LineItems {
		now := l.Quantity
		if i < len(order.CurrentQuantities) {
			now = order.CurrentQuantities[i].Quantity
		}
		cells := []string{l.ID.String(), l.SKU, l.Title, number(l.Quantity), number(now)}
		for _, text := range more {
			cells = append(cells, text(l))
		}
		t.row(cells...)
	}
	return t.flush()
}

// weightText is what one unit weighs, as it was said.
func weightText(w *fulfillment.Weight) string {
	if w == nil {
		return ""
	}
	return strconv.FormatFloat(w.Value, 'f', -1, 64) + " " + string(w.Unit)
}

// shippingChoice is how an order is to be shipped, as it was ordered. What the customer chose with an option is named,
// not told.
func shippingChoice(o *fulfillment.ShippingOption) string {
	switch {
	case o == nil:
		return ""
	case o.ID != "" && len(o.Data) > 0:
		return "option " + o.ID + " with " + strings.Join(slices.Sorted(maps.Keys(o.Data)), ", ")
	case o.ID != "":
		return "option " + o.ID
	case o.WithinDays != nil:
		return fmt.Sprintf("rule %s within %s", o.Rule, count(o.Days(), "day"))
	}
	return "rule " + string(o.Rule)
}

// destination is the place, not the person: enough to recognise an order by.
func destination(address *fulfillment.Address) string {
	if address == nil {
		return ""
	}
	return strings.TrimSpace(strings.Join([]string{address.Zip, address.City, address.CountryCode}, " "))
}

func (a *app) newOrderList() *cobra.Command {
	var filter postgres.OrderFilter
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List orders, the latest first", Args: cobra.NoArgs,
		Long: `Lists orders as Packhorse took them in, the latest first. When the buyer placed them is another time
(PLACED).`,
		Example: `  packhorse order list --status PARTIALLY_FULFILLED
  packhorse order list --limit 200 --output json | jq -r '.items[].name'`,
	}
	statuses := fulfillment.OrderDisplayStatuses
	c.Flags().Var(anyOf(&filter.DisplayFulfillmentStatuses, statuses...), "status", "only these: "+joined(statuses))
	completeValues(c, "status", statuses...)
	page := pagingFlags(c, true)
	c.RunE = func(c *cobra.Command, _ []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		found, err := collect(page, func(p postgres.Page) (postgres.OrderPage, error) {
			return b.Orders(c.Context(), filter, p)
		})
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		t := a.newTable("ORDER", "ID", "STATUS", "UNITS", "LEFT", "FULFILLMENT ORDERS", "PLACED", "SOURCE")
		for _, o := range found.Items {
			status := string(o.DisplayFulfillmentStatus)
			if o.CancelledAt != nil {
				status += ", cancelled"
			} else if o.ClosedAt != nil && o.DisplayFulfillmentStatus != fulfillment.OrderFulfilled {
				status += ", closed"
			}
			t.row(cmp.Or(o.Name, o.ID.String()), o.ID.String(), status, number(o.Quantity), number(o.Remaining),
				fmt.Sprintf("%d, %d not closed", o.FulfillmentOrders, o.OpenFulfillmentOrders), a.when(o.ProcessedAt),
				o.SourceIdentifier)
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "orders", found.Next)
		return nil
	}
	return c
}
