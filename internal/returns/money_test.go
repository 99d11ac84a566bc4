package returns_test

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

func TestCalculate(t *testing.T) {
	t.Parallel()
	w := newWorld()
	in := &returns.Calculate{
		OrderID: orderID,
		Lines: []returns.CalculateUnits{
			{FulfillmentLineID: hatsOut, Quantity: 1, RestockingFee: &returns.RestockingFee{Percentage: "15.5"}},
			{FulfillmentLineID: mugsOut, Quantity: 1},
		},
		ShippingFee: &returns.ShippingFee{Amount: "4.90", CurrencyCode: "EUR"},
	}
	c, err := in.Calculate(w.facts())
	if err != nil {
		t.Fatal(err)
	}
	hat, mug := c.Lines[0], c.Lines[1]
	if hat.Subtotal != "-30.00" || hat.RestockingFee != "4.65" || hat.Percentage != "15.5" || hat.Tax != "0.00" {
		t.Errorf("a hat comes to %+v", hat)
	}
	if mug.Subtotal != "-9.99" || mug.Tax != "-0.33" || mug.RestockingFee != "" {
		t.Errorf("a mug comes to %+v", mug)
	}
	if c.Subtotal != "-39.99" || c.Tax != "-0.33" || c.Fees != "9.55" || c.Total != "-30.77" {
		t.Errorf("in all it comes to %+v", c)
	}
	in.Lines[1].Quantity = 4
	_, err = in.Calculate(w.facts())
	refused, _ := fulfillment.AsError(err)
	if refused == nil || strings.Join(refused.Field, ".") != "input.returnLineItems.1.quantity" {
		t.Error(err)
	}
}

// A tax of 0.05 on two hats is 0.03 of the first that came back, and 0.02 of the second, whichever is looked at first.
func TestTaxIsSharedOutInTheOrderOfReturns(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for range 2 {
		w.must(t, nil, create(of(hatsOut, 1)))
	}
	facts := w.facts()
	facts.Order.LineItems[1].TaxLines = []fulfillment.TaxLine{{Title: "VAT", Rate: "0", Price: "0.05"}}
	if first, second := w.returns[0].Amounts(facts).Tax, w.returns[1].Amounts(facts).Tax; first != "-0.03" ||
		second != "-0.02" {
		t.Errorf("taxes are %s and %s", first, second)
	}
}

// A tax of 1.00 on three mugs is 0.33, 0.34 and 0.33 of it: all of it comes back with the last one.
func TestTaxIsSharedOutToTheLastCoin(t *testing.T) {
	t.Parallel()
	w := newWorld()
	var taxes []string
	for range 3 {
		w.must(t, nil, create(of(mugsOut, 1)))
	}
	for _, r := range w.returns {
		taxes = append(taxes, r.Amounts(w.facts()).Tax)
	}
	if got := strings.Join(taxes, " "); got != "-0.33 -0.34 -0.33" {
		t.Errorf("taxes are %s", got)
	}
}
