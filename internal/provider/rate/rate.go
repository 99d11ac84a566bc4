// Package rate tells what it costs to ship an order, by every option of every fulfillment service.
package rate

import (
	"cmp"
	"context"
	"maps"
	"math/big"
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
	OptionID   string          `json:"optionId,omitempty"` // empty: the service was not asked for its options
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
	rate := Rate{ServiceID: l.Service.ID, Service: l.Service.Name, LocationID: l.ID, Provider: l.Service.Provider}
	not := func(why string) []Rate { rate.WhyNot = why; return []Rate{rate} }
	if why := unable(l, lines); why != "" {
		return not(why)
	}
	p, err := open(ctx, l.Service.Provider)
	if err != nil {
		return not(err.Error())
	}
	return Priced(ctx, p, l, provider.Context{
		OrderID: order.ID, ServiceID: l.Service.ID, LocationID: l.ID, From: l.Address(),
		Destination: order.ShippingAddress, CurrencyCode: order.CurrencyCode, Lines: lines,
	})
}

// Priced asks the provider of a location's service what it costs to ship from there, by each of its options. What goes
// wrong is in the rates, of which there is at least one.
func Priced(ctx context.Context, p provider.Provider, l fulfillment.Location, in provider.Context) []Rate {
	rate := Rate{ServiceID: l.Service.ID, Service: l.Service.Name, LocationID: l.ID, Provider: l.Service.Provider}
	not := func(why string) []Rate { rate.WhyNot = why; return []Rate{rate} }
	pricer, ok := p.(provider.Pricer)
	if !ok {
		return not("the provider " + p.ID() + " gives no prices")
	}
	options, err := p.Options(ctx)
	if err != nil {
		return not(err.Error())
	}
	var rates []Rate
	for _, o := range options {
		if o.Return {
			continue
		}
		one := rate
		one.OptionID, one.Option = o.ID, o.Name
		data := DataOf(l.Service.Options, o)
		switch price, err := pricer.Price(ctx, data, nil, in); {
		case err != nil: // It also says why an option has no price.
			one.WhyNot = err.Error()
		case !pricer.CanPrice(ctx, data):
			one.WhyNot = "it has no price of its own"
		default:
			one.Price = &price
		}
		rates = append(rates, one)
	}
	if len(rates) == 0 {
		return not("it has no option to ship by")
	}
	slices.SortStableFunc(rates, compare)
	return rates
}

// DataOf is an option as a service is configured for it: the service's options with the option's own over them.
func DataOf(service map[string]any, o provider.Option) map[string]any {
	data := make(map[string]any, len(service)+len(o.Data)+1)
	maps.Copy(data, service)
	data["id"] = o.ID
	maps.Copy(data, o.Data)
	return data
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

// compare puts prices before what has none, by currency, the lowest first.
func compare(a, b Rate) int {
	switch {
	case a.Price == nil || b.Price == nil:
		return cmp.Compare(boolean(a.Price == nil), boolean(b.Price == nil))
	case a.Price.CurrencyCode != b.Price.CurrencyCode:
		return cmp.Compare(a.Price.CurrencyCode, b.Price.CurrencyCode)
	}
	return amount(a).Cmp(amount(b))
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// amount is a price as a number.
func amount(r Rate) *big.Rat {
	exact, ok := new(big.Rat).SetString(r.Price.Amount)
	if !ok {
		return new(big.Rat)
	}
	return exact
}

// Choose is the place of the rate that a choice comes to; -1: there is none, or none was made. Rates are as of [Of].
// What costs another currency than the first is not compared.
func Choose(rates []Rate, choice *fulfillment.ShippingOption) int {
	best := -1
	if choice == nil {
		return best
	}
	for i, r := range rates {
		if r.Price == nil || choice.ID != "" && r.OptionID != choice.ID ||
			choice.Days() > 0 && (r.Price.DeliveryDays == 0 || r.Price.DeliveryDays > choice.Days()) {
			continue
		}
		switch {
		case best < 0:
			best = i
		case r.Price.CurrencyCode == rates[best].Price.CurrencyCode && choice.Rule == fulfillment.RuleFastest &&
			faster(r.Price.DeliveryDays, rates[best].Price.DeliveryDays):
			best = i
		}
	}
	return best
}

// faster compares days, of which 0 are not known.
func faster(days, than int) bool { return days > 0 && (than == 0 || days < than) }
