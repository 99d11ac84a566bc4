package http

import (
	"cmp"
	"context"
	"encoding/json"
	nethttp "net/http"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// CanPrice tells whether the settings can be used: any warehouse may be asked.
func (p *Provider) CanPrice(_ context.Context, data map[string]any) bool {
	_, err := p.config.Defaults.merge(data)
	return err == nil
}

// Price asks the warehouse, and takes the rate of the option that is set, else the cheapest one of those in the
// currency that was asked for.
func (p *Provider) Price(ctx context.Context, option, _ map[string]any, in provider.Context) (provider.Price, error) {
	s, err := p.config.Defaults.merge(option)
	if err != nil {
		return provider.Price{}, err
	}
	rates, err := p.rates(ctx, s, in)
	if err != nil {
		return provider.Price{}, err
	}
	return priceOf(rates, s.Option, in.CurrencyCode)
}

// PriceByRule is the price of the rate that the rule chooses of all that the warehouse has, whichever option is set. If
// it chooses none, the request is shipped with the option that is set, or as the warehouse chooses.
func (p *Provider) PriceByRule(
	ctx context.Context, option map[string]any, rule fulfillment.ShippingOption, in provider.Context,
) (provider.Price, error) {
	s, err := p.config.Defaults.merge(option)
	if err != nil {
		return provider.Price{}, err
	}
	rates, err := p.allRates(ctx, s, in)
	if err != nil {
		return provider.Price{}, err
	}
	if chosen := byRule(rates, rule); chosen != nil {
		return chosen.Price, nil
	}
	return priceOf(rates, s.Option, in.CurrencyCode)
}

// Rates asks the warehouse what all of its options cost.
func (p *Provider) Rates(
	ctx context.Context, option map[string]any, in provider.Context,
) ([]provider.Rated, error) {
	s, err := p.config.Defaults.merge(option)
	if err != nil {
		return nil, err
	}
	return p.allRates(ctx, s, in)
}

// ruled is the settings with the warehouse's option that the rule of the order chooses, if it has one. Where the
// warehouse gives no prices, or none that the rule can choose, they stay as they are.
func (p *Provider) ruled(ctx context.Context, s Settings, r provider.Request) (Settings, error) {
	if r.Option == nil || r.Option.Rule == "" {
		return s, nil
	}
	rates, err := p.allRates(ctx, s, provider.Context{
		Lines: r.Lines, Destination: r.Destination, CurrencyCode: r.CurrencyCode,
	})
	if err != nil && provider.Classify(err) != provider.Permanent {
		return s, err // Nothing was sent.
	}
	if chosen := byRule(rates, *r.Option); chosen != nil {
		s.Option = chosen.ID
	}
	return s, nil
}

func (p *Provider) allRates(ctx context.Context, s Settings, in provider.Context) ([]provider.Rated, error) {
	s.Option = ""
	return p.rates(ctx, s, in)
}

// rates asks for what can be chosen, the cheapest first. It has no effect.
func (p *Provider) rates(ctx context.Context, s Settings, in provider.Context) ([]provider.Rated, error) {
	reply, err := p.call(ctx, s, call{method: nethttp.MethodPost, path: "/rates", body: rateBody{
		Option: s.Option, Lines: linesOf(in.Lines), Destination: addressOf(in.Destination),
		CurrencyCode: in.CurrencyCode,
	}})
	if err == nil && reply.status == nethttp.StatusNotFound {
		return nil, reply.failure()
	}
	if err != nil {
		return nil, withoutEffect(err)
	}
	rates, err := reply.rates(in.CurrencyCode)
	return rates, withoutEffect(err)
}

// priceOf is the price of the option; empty: the cheapest.
func priceOf(rates []provider.Rated, option, currency string) (provider.Price, error) {
	for _, r := range rates {
		if option == "" || r.ID == option {
			return r.Price, nil
		}
	}
	return provider.Price{}, refuse("the warehouse has no price for this (currency %q, option %q)", currency, option)
}

// rates reads rates. What can't be read of them, or is in another currency, is left out.
func (r reply) rates(currency string) ([]provider.Rated, error) {
	var b struct {
		Rates *list[struct {
			Option       text            `json:"option"`
			Name         text            `json:"name"`
			Amount       text            `json:"amount"`
			CurrencyCode text            `json:"currencyCode"`
			TaxInclusive flag            `json:"taxInclusive"`
			MinDays      json.RawMessage `json:"minDays"`
			MaxDays      json.RawMessage `json:"maxDays"`
		}] `json:"rates"`
	}
	if err := json.Unmarshal(r.body, &b); err != nil || b.Rates == nil {
		return nil, refuse("%s", r.unreadable("a list of rates"))
	}
	var rates []provider.Rated
	for _, rate := range *b.Rates {
		price := provider.Price{
			Amount: string(rate.Amount), CurrencyCode: string(rate.CurrencyCode),
			TaxInclusive: rate.TaxInclusive == isTrue, DeliveryDays: deliveryDays(rate.MinDays, rate.MaxDays),
		}
		if decimal.MatchString(price.Amount) && len(price.CurrencyCode) == 3 &&
			(currency == "" || price.CurrencyCode == currency) {
			rates = append(rates, provider.Rated{
				ID: string(rate.Option), Name: cmp.Or(rate.Name.short(), rate.Option.short()), Price: price,
			})
		}
	}
	slices.SortStableFunc(rates, func(a, b provider.Rated) int {
		return compareAmounts(a.Price.Amount, b.Price.Amount)
	})
	return rates, nil
}

// byRule is the rate that a rule chooses: of the same price the faster one, of the same time the cheaper one. nil:
// nothing is said to be there in time. Rates have the cheapest first.
func byRule(rates []provider.Rated, rule fulfillment.ShippingOption) *provider.Rated {
	fastest := rule.Rule == fulfillment.RuleFastest
	var best *provider.Rated
	for i := range rates {
		r := &rates[i]
		days := r.Price.DeliveryDays
		id, err := chosenOption(map[string]any{"id": r.ID})
		if err != nil || id == "" || days == 0 && (fastest || rule.Days() > 0) ||
			rule.Days() > 0 && days > rule.Days() {
			continue
		}
		switch {
		case best == nil:
			best = r
		case r.Price.CurrencyCode != best.Price.CurrencyCode: // Nobody knows which is less.
		case !fastest && compareAmounts(r.Price.Amount, best.Price.Amount) > 0:
		case days > 0 && (best.Price.DeliveryDays == 0 || days < best.Price.DeliveryDays):
			best = r
		}
	}
	return best
}

// deliveryDays is the longest that it takes, else all that was said of it; 0: nothing was. What arrives on the same day
// is there within one.
func deliveryDays(least, most json.RawMessage) int {
	for _, raw := range []json.RawMessage{most, least} {
		var days *int32
		if json.Unmarshal(raw, &days) == nil && days != nil && *days >= 0 {
			return max(1, int(*days))
		}
	}
	return 0
}
