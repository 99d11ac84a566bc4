package providertest

import (
	"testing"

	"packhorse/internal/provider"
)

func testPrice(t *testing.T, p provider.Provider) {
	pricer := capability[provider.Pricer](t, p)
	options, err := p.Options(t.Context())
	must(t, err)
	for _, o := range options {
		r := Request("a")
		price, err := pricer.Price(t.Context(), o.Data, nil, provider.Context{
			OrderID: r.OrderID, Destination: r.Destination, CurrencyCode: "EUR", Lines: r.Lines,
		})
		switch {
		case err != nil:
			requireClass(t, err)
			if pricer.CanPrice(t.Context(), o.Data) {
				t.Errorf("option %s can be priced, but: %v", o.ID, err)
			}
		case !decimal(price.Amount) || len(price.CurrencyCode) != 3:
			t.Errorf("option %s: %+v is not a price", o.ID, price)
		}
	}
}
