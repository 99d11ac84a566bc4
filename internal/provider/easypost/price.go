package easypost

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// CanPrice tells whether an option is one that ships; labels of returns are not priced in advance.
func (p *Provider) CanPrice(_ context.Context, data map[string]any) bool {
	o, err := p.defaults.merge(data)
	return err == nil && o.ID != OptionReturn
}

// Price is the sum of the rates that Create would buy, chosen by the same rule. It asks for rates and buys nothing.
func (p *Provider) Price(
	ctx context.Context, option, _ map[string]any, in provider.Context,
) (provider.Price, error) {
	o, err := p.defaults.merge(option)
	if err != nil {
		return provider.Price{}, err
	}
	return p.price(ctx, o, in)
}

// PriceByRule is the same with the rule of an order in the place of the service's.
func (p *Provider) PriceByRule(
	ctx context.Context, option map[string]any, rule fulfillment.ShippingOption, in provider.Context,
) (provider.Price, error) {
	o, err := p.defaults.merge(option)
	if err != nil {
		return provider.Price{}, err
	}
	return p.price(ctx, o.chosen(&rule), in)
}

func (p *Provider) price(ctx context.Context, o Options, in provider.Context) (provider.Price, error) {
	if in.Destination == nil {
		return provider.Price{}, refuse("EasyPost needs the destination to give a price")
	}
	from, err := o.from(in.From)
	if err != nil {
		return provider.Price{}, err
	}
	c, err := p.client(o)
	if err != nil {
		return provider.Price{}, err
	}
	s := sending{
		options: o, from: from, to: *in.Destination, lines: in.Lines, currency: in.CurrencyCode,
		call: Call{Kind: fulfillment.EffectRequest},
	}
	parcels, no := pack(in.Lines, o)
	if no == nil && s.abroad() {
		no = declaration(in.Lines)
	}
	if no != nil {
		return provider.Price{}, refuse("%s", no.Message)
	}
	s.call.Parcels = parcels
	var chosen []rate
	for _, parcel := range parcels {
		body := s.body(s.call, parcel)
		body.Reference = "" // It is no call's.
		made, err := c.createShipment(ctx, body)
		if err != nil {
			v := judge(opCreate, err, s.abroad())
			if v.answer != nil {
				return provider.Price{}, refuse("%s", v.answer.Message)
			}
			return provider.Price{}, v.failure()
		}
		r, why, err := o.choose(made.Rates)
		if err != nil {
			return provider.Price{}, err
		}
		if why != "" {
			if words := carriersWords(made); words != "" {
				why += " (" + words + ")"
			}
			return provider.Price{}, refuse("the parcel can't be sent: %s", clip(why, longestWords))
		}
		chosen = append(chosen, r)
	}
	return provider.Price{
		Amount: sum(chosen), CurrencyCode: string(chosen[0].Currency), DeliveryDays: slowest(chosen),
	}, nil
}

// slowest is how many days the last of the parcels takes; 0: a carrier promises nothing.
func slowest(chosen []rate) int {
	last := 0
	for _, r := range chosen {
		if days(r) == 0 {
			return 0
		}
		last = max(last, days(r))
	}
	return last
}
