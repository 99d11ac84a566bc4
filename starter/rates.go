package main

import (
	"cmp"
	"strconv"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/rate"
)

// ratesPage is what shipping an order costs, as programs get it.
type ratesPage struct {
	OrderID fulfillment.ID              `json:"orderId"`
	Choice  *fulfillment.ShippingOption `json:"shippingOption,omitempty"` // the order's own
	Items   []rate.Rate                 `json:"items"`
}

func (a *app) newRates() *cobra.Command {
	c := &cobra.Command{
		Use: "rates ORDER", Short: "Show what it costs to ship an order",
		Args: oneArgument("order", nil), ValidArgsFunction: completesOnce(a.openOrders()),
		Long: `Asks every fulfillment service what it costs to ship the units of the order that are not shipped, by each of its
options and of those that its system has of its own, and says of the others why they can't ship it or have no price.
The cheapest comes first. An order can choose what has an ID in OPTION (the id of its shippingOption). What its
shippingOption comes to (an option, or the rule CHEAPEST or FASTEST) is marked. Nothing is bought or reserved.

The systems of the services are asked from here: the settings and secrets of their providers are needed as for a worker.`,
		Example: `  packhorse rates '#1001'
  packhorse rates '#1001' --output json | jq '.items[] | select(.price) | [.service, .optionId, .price.amount]'`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		order, err := findOrder(ctx, b, args[0])
		if err != nil {
			return err
		}
		locations, err := b.Locations(ctx)
		if err != nil {
			return err
		}
		rates := rate.Of(ctx, order, locations, a.backend.provider)
		if a.json() {
			return writeJSON(a.out, ratesPage{order.ID, order.ShippingOption, append([]rate.Rate{}, rates...)})
		}
		t := a.newTable("SERVICE", "OPTION", "PRICE", "DAYS", "CHOSEN", "WHY NOT")
		for _, r := range rates {
			price, days, chosen := "", "", ""
			if r.Price != nil {
				price = r.Price.Amount + " " + r.Price.CurrencyCode
				if r.Price.DeliveryDays > 0 {
					days = strconv.Itoa(r.Price.DeliveryDays)
				}
			}
			if r.Chosen {
				chosen = "yes"
			}
			t.row(r.Service, cmp.Or(r.OptionID, r.Option), price, days, chosen, r.WhyNot)
		}
		return t.flush()
	}
	return c
}
