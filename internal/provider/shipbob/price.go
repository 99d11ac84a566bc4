package shipbob

import (
	"context"
	"math/big"
	"net/http"
	"strconv"
	"strings"

	"packhorse/internal/provider"
)

type estimateRequest struct {
	Address         estimateAddress   `json:"address"`
	Products        []estimateProduct `json:"products"`
	ShippingMethods []string          `json:"shipping_methods"`
}

type estimateAddress struct {
	Address1 string `json:"address1,omitempty"`
	Address2 string `json:"address2,omitempty"`
	Company  string `json:"company_name,omitempty"`
	City     string `json:"city,omitempty"`
	State    string `json:"state,omitempty"`
	Zip      string `json:"zip_code,omitempty"`
	Country  string `json:"country"`
}

type estimateProduct struct {
	ReferenceID string `json:"reference_id"`
	Quantity    int    `json:"quantity"`
}

type estimate struct {
	Method   text            `json:"shipping_method"`
	Price    text            `json:"estimated_price"`
	Currency text            `json:"estimated_currency_code"`
	Center   maybe[facility] `json:"fulfillment_center"`
}

// CanPrice is so of all settings.
func (p *Provider) CanPrice(_ context.Context, data map[string]any) bool {
	_, err := settingsOf(data)
	return err == nil
}

// Price asks ShipBob for an estimate with the service's shipping method. Where several centers could ship it, it is the
// cheapest one's, as ShipBob chooses itself.
func (p *Provider) Price(
	ctx context.Context, option, _ map[string]any, in provider.Context,
) (provider.Price, error) {
	a, err := p.open(option)
	if err != nil {
		return provider.Price{}, err
	}
	to := in.Destination
	if to == nil || to.CountryCode == "" || len(in.Lines) == 0 {
		return provider.Price{}, refuse("ShipBob prices orders that have lines and an address with a country")
	}
	ask := estimateRequest{
		Address: estimateAddress{
			Address1: to.Address1, Address2: to.Address2, Company: to.Company, City: to.City, State: to.ProvinceCode,
			Zip: to.Zip, Country: to.CountryCode,
		},
		ShippingMethods: []string{a.ShippingMethod},
	}
	for _, line := range in.Lines {
		if strings.TrimSpace(line.SKU) == "" {
			return provider.Price{}, refuse("ShipBob prices lines by their SKU, which some don't have")
		}
		ask.Products = append(ask.Products, estimateProduct{ReferenceID: line.SKU, Quantity: line.Quantity})
	}
	channel, err := p.fit(ctx, a, false)
	if err != nil {
		return provider.Price{}, err
	}
	var answer struct {
		Estimates list[estimate] `json:"estimates"`
	}
	if err := a.do(ctx, call{
		what: "estimate the order", method: http.MethodPost, path: "/order:estimate", channel: channel, body: ask,
	}, &answer); err != nil {
		return provider.Price{}, err
	}
	return cheapest(answer.Estimates, a.Settings)
}

func cheapest(estimates []estimate, s Settings) (provider.Price, error) {
	var best provider.Price
	var least *big.Rat
	for _, e := range estimates {
		if e.Method.key() != text(s.ShippingMethod).key() ||
			s.Location != 0 && string(e.Center.is.ID) != strconv.Itoa(s.Location) {
			continue
		}
		amount, ok := e.Price.decimal()
		value, isNumber := new(big.Rat).SetString(amount)
		if !ok || !isNumber || len(e.Currency) != 3 || least != nil && value.Cmp(least) >= 0 {
			continue
		}
		least, best = value, provider.Price{Amount: amount, CurrencyCode: strings.ToUpper(string(e.Currency))}
	}
	if least == nil {
		return provider.Price{}, refuse("ShipBob has no price with the shipping method %q: it may not know the "+
			"products, have none of them, or not ship there", s.ShippingMethod)
	}
	return best, nil
}
