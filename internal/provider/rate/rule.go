package rate

import (
	"cmp"
	"context"
	"fmt"
	"math/big"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// ByRule asks the provider of a location's service what it costs to ship from there by the rule of an order, of all the
// ways that the service has. Why there is no price is in the rate; what is not said to be there within the days of the
// rule is none.
func ByRule(
	ctx context.Context, p provider.Provider, l fulfillment.Location, rule fulfillment.ShippingOption,
	in provider.Context,
) Rate {
	if ruler, ok := p.(provider.Ruler); ok {
		return ruled(ctx, ruler, l, rule, in)
	}
	rates := Priced(ctx, p, l, in)
	if i := Choose(rates, &rule); i >= 0 {
		return rates[i]
	}
	one := rates[0]
	if one.Price != nil {
		one.Price, one.WhyNot = nil, late(rule)
	}
	return one
}

// ruled is what the provider itself chooses by a rule.
func ruled(
	ctx context.Context, p provider.Ruler, l fulfillment.Location, rule fulfillment.ShippingOption,
	in provider.Context,
) Rate {
	one := rateAt(l)
	one.Option = string(rule.Rule)
	if days := rule.Days(); days > 0 {
		one.Option += " within " + inDays(days)
	}
	switch price, err := p.PriceByRule(ctx, l.Service.Options, rule, in); {
	case err != nil:
		one.WhyNot = err.Error()
	case rule.Days() > 0 && (price.DeliveryDays == 0 || price.DeliveryDays > rule.Days()):
		one.WhyNot = late(rule)
	default:
		one.Price = &price
	}
	return one
}

func late(rule fulfillment.ShippingOption) string {
	return "nothing is said to arrive within " + inDays(rule.Days())
}

func inDays(days int) string {
	if days == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", days)
}

// compare puts prices before what has none, by currency, the lowest first, and of the same ones the faster.
func compare(a, b Rate) int {
	switch {
	case a.Price == nil || b.Price == nil:
		return cmp.Compare(boolean(a.Price == nil), boolean(b.Price == nil))
	case a.Price.CurrencyCode != b.Price.CurrencyCode:
		return cmp.Compare(a.Price.CurrencyCode, b.Price.CurrencyCode)
	}
	if by := amount(a).Cmp(amount(b)); by != 0 {
		return by
	}
	switch {
	case faster(a.Price.DeliveryDays, b.Price.DeliveryDays):
		return -1
	case faster(b.Price.DeliveryDays, a.Price.DeliveryDays):
		return 1
	}
	return 0
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
