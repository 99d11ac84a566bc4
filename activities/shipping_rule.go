package activities

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/rate"
	"packhorse/internal/routing"
)

// QuotePatience is how long a location's service has to say what it costs to ship an order: an order waits for none.
const QuotePatience = 8 * time.Second

// longestWhyNot bounds why there is no quote: it stands in the reason of the location, which travels with the state.
const longestWhyNot = 200

// QuotesToAsk is which locations are asked for the sake of an order's shipping rule.
type QuotesToAsk struct {
	Locations []LocationToAsk `json:"locations,omitempty"` // none: there is nothing to choose
	Lines     []int           `json:"lines,omitempty"`     // positions of the order's lines that the rule is about
}

// LocationToAsk is a location whose service has a provider that is called.
type LocationToAsk struct {
	ID       fulfillment.ID `json:"id"`
	Name     string         `json:"name"`
	Provider string         `json:"provider"`
}

// QuotesToAsk finds out which locations an order's shipping rule may choose among.
func (a *Activities) QuotesToAsk(ctx context.Context, order *fulfillment.Order) (QuotesToAsk, error) {
	locations, err := a.Store.StockedLocations(ctx, skusOf(order))
	if err != nil {
		return QuotesToAsk{}, err
	}
	ask, lines := routing.ToAsk(order, locations)
	to := QuotesToAsk{Lines: lines}
	for _, l := range ask {
		to.Locations = append(to.Locations, LocationToAsk{ID: l.ID, Name: l.Name, Provider: l.Service.Provider})
	}
	return to, nil
}

// QuoteQuestion asks what it costs to ship lines of an order, which is in no store yet, from a location.
type QuoteQuestion struct {
	OrderID      fulfillment.ID              `json:"orderId"`
	Location     LocationToAsk               `json:"location"`
	Option       *fulfillment.ShippingOption `json:"option"`
	Destination  *fulfillment.Address        `json:"destination,omitempty"`
	CurrencyCode string                      `json:"currencyCode,omitempty"`
	Lines        []provider.RequestLine      `json:"lines"`
}

// Question is what a location is asked about an order.
func (q QuotesToAsk) Question(order *fulfillment.Order, of LocationToAsk) QuoteQuestion {
	question := QuoteQuestion{
		OrderID: order.ID, Location: of, Option: order.ShippingOption, Destination: order.ShippingAddress,
		CurrencyCode: order.CurrencyCode,
	}
	for _, i := range q.Lines {
		l := order.LineItems[i]
		question.Lines = append(question.Lines, provider.RequestLine{
			LineItemID: cmp.Or(l.ID, fulfillment.ID(i+1)), SKU: l.SKU, Title: l.Title, Quantity: l.Quantity,
			Grams: l.Weight.Grams(), UnitPrice: l.UnitPrice, HSCode: l.HarmonizedSystemCode,
			CountryOfOrigin: known(l.CountryCodeOfOrigin),
		})
	}
	return question
}

// Unanswered is the quote of a location that said nothing.
func (q QuoteQuestion) Unanswered() routing.Quote {
	return q.not(fmt.Sprintf("it gave no price within %s", QuotePatience))
}

func (q QuoteQuestion) not(why string) routing.Quote {
	if runes := []rune(why); len(runes) > longestWhyNot {
		why = string(runes[:longestWhyNot-1]) + "…"
	}
	return routing.Quote{LocationID: q.Location.ID, Location: q.Location.Name, WhyNot: why}
}

// QuoteShipping asks the provider of a location's service what it costs to ship there, by what the order's rule chooses
// of all its ways. Nothing is bought or reserved. What goes wrong is in the quote: an order waits for none.
func (p *Providers) QuoteShipping(ctx context.Context, q QuoteQuestion) (routing.Quote, error) {
	ctx, cancel := context.WithTimeout(ctx, QuotePatience-time.Second) // So that it is still told.
	defer cancel()
	l, err := p.Store.Location(ctx, q.Location.ID)
	if err != nil {
		return routing.Quote{}, err
	}
	if l.Service == nil || l.Service.Provider != p.Provider.ID() {
		return q.not("another provider is called there by now"), nil
	}
	if q.Option == nil {
		return q.not("the order has no rule"), nil
	}
	said := rate.ByRule(ctx, p.Provider, l, *q.Option, provider.Context{
		OrderID: q.OrderID, ServiceID: l.Service.ID, LocationID: l.ID, From: l.Address(), Destination: q.Destination,
		CurrencyCode: q.CurrencyCode, Lines: q.Lines,
	})
	switch {
	case said.Price != nil:
		return routing.Quote{
			LocationID: q.Location.ID, Location: q.Location.Name, Amount: said.Price.Amount,
			CurrencyCode: said.Price.CurrencyCode, DeliveryDays: said.Price.DeliveryDays,
		}, nil
	case ctx.Err() != nil:
		return q.Unanswered(), nil
	}
	return q.not(said.WhyNot), nil
}
