package rate

import (
	"context"
	"maps"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Priced asks the provider of a location's service what it costs to ship from there, by each of its options. What goes
// wrong is in the rates, of which there is at least one.
func Priced(ctx context.Context, p provider.Provider, l fulfillment.Location, in provider.Context) []Rate {
	rate := rateAt(l)
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
	rates = append(rates, own(ctx, p, rate, rates, l.Service.Options, in)...)
	slices.SortStableFunc(rates, compare)
	return rates
}

// own is what the ways to ship of the system's own cost, beside the options that have a rate: all are priced by one
// call, and what the system lists beside that has no price. Why it has no prices at all the options say.
func own(
	ctx context.Context, p provider.Provider, of Rate, options []Rate, service map[string]any, in provider.Context,
) []Rate {
	rater, ok := p.(provider.Rater)
	if !ok {
		return nil
	}
	list, err := rater.Rates(ctx, service, in)
	if err != nil {
		return nil
	}
	var rates []Rate
	for _, one := range list {
		if one.ID == "" || slices.ContainsFunc(options, func(r Rate) bool { return r.OptionID == one.ID }) {
			continue
		}
		r := of
		r.OptionID, r.Option, r.Price = one.ID, one.Name, &one.Price
		rates = append(rates, r)
	}
	return append(rates, unpriced(ctx, p, of, slices.Concat(options, rates), service)...)
}

// unpriced are the ways to ship that the system lists and gave no price for.
func unpriced(
	ctx context.Context, p provider.Provider, of Rate, priced []Rate, service map[string]any,
) []Rate {
	lister, ok := p.(provider.Lister)
	if !ok {
		return nil
	}
	list, _, err := lister.ListOptions(ctx, service)
	if err != nil {
		return nil
	}
	var rates []Rate
	for _, o := range list {
		if o.Return || slices.ContainsFunc(priced, func(r Rate) bool { return r.OptionID == o.ID }) {
			continue
		}
		r := of
		r.OptionID, r.Option, r.WhyNot = o.ID, o.Name, "the service lists it, and gives no price for it"
		if rates = append(rates, r); len(rates) == mostUnpriced {
			break
		}
	}
	return rates
}

// mostUnpriced are how many of them are told.
const mostUnpriced = 50

// DataOf is an option as a service is configured for it: the service's options with the option's own over them.
func DataOf(service map[string]any, o provider.Option) map[string]any {
	data := make(map[string]any, len(service)+len(o.Data)+1)
	maps.Copy(data, service)
	data["id"] = o.ID
	maps.Copy(data, o.Data)
	return data
}
