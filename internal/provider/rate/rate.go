// Package rate tells what it costs to ship an order, by every option of every fulfillment service.
package rate

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Rate is an option of a service, with its price or why there is none.
type Rate struct {
	ServiceID  fulfillment.ID  `json:"serviceId"`
	Service    string          `json:"service"`
	LocationID fulfillment.ID  `json:"locationId"`
	Provider   string          `json:"provider"`
	OptionID   string          `json:"optionId,omitempty"` // that an order can choose; empty: none is named
	Option     string          `json:"option,omitempty"`
	Price      *provider.Price `json:"price,omitempty"`
	WhyNot     string          `json:"whyNot,omitempty"` // why it can't ship the order, or has no price
	Chosen     bool            `json:"chosen,omitempty"` // it is what the order's own choice comes to
}

// atOnce is how many services are asked at the same time.
const atOnce = 8

// Of asks every service at these locations what it costs to ship the units of the order that are not shipped. open
// gives a provider by its ID. What can be shipped comes first, the cheapest of a currency before the others; the one
// that the order's choice comes to is marked. Nothing is bought or reserved.
func Of(
	ctx context.Context, order *fulfillment.OrderRecord, locations []fulfillment.Location,
	open func(ctx context.Context, id string) (provider.Provider, error),
) []Rate {
	lines := left(order)
	of := make([][]Rate, len(locations))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, l := range locations {
		if l.Service == nil {
			continue // The merchant's own: nobody to ask.
		}
		group.Go(func() error {
			of[i] = at(ctx, order, l, lines, open)
			return nil
		})
	}
	_ = group.Wait() // What goes wrong is in the rates.
	rates := slices.Concat(of...)
	slices.SortStableFunc(rates, compare)
	if i := Choose(rates, order.ShippingOption); i >= 0 {
		rates[i].Chosen = true
	}
	return rates
}

// left is the units of the order that are still to be shipped.
func left(order *fulfillment.OrderRecord) []provider.RequestLine {
	units := make(map[fulfillment.ID]int, len(order.Lines))
	for _, l := range order.Lines {
		units[l.LineItemID] = l.Unfulfilled
	}
	var lines []provider.RequestLine
	for _, l := range order.LineItems {
		if units[l.ID] == 0 || !l.Ships() {
			continue
		}
		lines = append(lines, provider.RequestLine{
			LineItemID: l.ID, SKU: l.SKU, Title: l.Title, Quantity: units[l.ID], Grams: l.Weight.Grams(),
			UnitPrice: l.UnitPrice, HSCode: l.HarmonizedSystemCode, CountryOfOrigin: l.CountryCodeOfOrigin,
		})
	}
	return lines
}

// at asks the service of one location.
func at(
	ctx context.Context, order *fulfillment.OrderRecord, l fulfillment.Location, lines []provider.RequestLine,
	open func(ctx context.Context, id string) (provider.Provider, error),
) []Rate {
	rate := rateAt(l)
	not := func(why string) []Rate { rate.WhyNot = why; return []Rate{rate} }
	if why := unable(l, lines); why != "" {
		return not(why)
	}
	p, err := open(ctx, l.Service.Provider)
	if err != nil {
		return not(err.Error())
	}
	in := provider.Context{
		OrderID: order.ID, ServiceID: l.Service.ID, LocationID: l.ID, From: l.Address(),
		Destination: order.ShippingAddress, CurrencyCode: order.CurrencyCode, Lines: lines,
	}
	rates := Priced(ctx, p, l, in)
	if ruler, ok := p.(provider.Ruler); ok && order.ShippingOption != nil && order.ShippingOption.Rule != "" {
		one := ruled(ctx, ruler, l, *order.ShippingOption, in)
		same := func(r Rate) bool { return r.Price != nil && *r.Price == *one.Price }
		if one.Price != nil && !slices.ContainsFunc(rates, same) { // It may be none of the options.
			rates = append(rates, one)
		}
	}
	return rates
}

// unable says why the location can't ship the lines.
func unable(l fulfillment.Location, lines []provider.RequestLine) string {
	switch {
	case len(lines) == 0:
		return "nothing is left to ship"
	case !l.Active:
		return "its location is not active"
	case l.StocksAll:
		return ""
	}
	stocked := make(map[string]bool, len(l.SKUs))
	for _, sku := range l.SKUs {
		stocked[fulfillment.Tidy(sku)] = true
	}
	var missing []string
	for _, line := range lines {
		if sku := fulfillment.Tidy(line.SKU); sku != "" && !stocked[sku] && !slices.Contains(missing, sku) {
			missing = append(missing, sku)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "it does not stock " + strings.Join(missing, ", ")
}

// rateAt is a rate of the location's service, without anything else.
func rateAt(l fulfillment.Location) Rate {
	return Rate{ServiceID: l.Service.ID, Service: l.Service.Name, LocationID: l.ID, Provider: l.Service.Provider}
}
