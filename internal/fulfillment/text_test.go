package fulfillment_test

import (
	"reflect"
	"testing"

	"packhorse/internal/fulfillment"
)

func TestTidy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ABC-1": "ABC-1", "ABC-1 ": "ABC-1", "\tABC-1\r\n": "ABC-1", "ABC  1": "ABC 1", "ABC\t1": "ABC 1",
		"\u00a0ABC\u00a0\u20071\u3000": "ABC 1", "\ufeffABC-1\u200b": "ABC-1", " ": "", "": "", "abc": "abc",
		"e\u0301 ": "e\u0301", "A\x07 ": "A\x07", "👨\u200d👩": "👨\u200d👩",
	} {
		if got := fulfillment.Tidy(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// TestOrderIsTidy: what an order is recognised, routed, searched and shown by has no blanks that nobody sees; what
// people wrote in their own words stays as it is.
func TestOrderIsTidy(t *testing.T) {
	t.Parallel()
	untidy := func() fulfillment.Order {
		return fulfillment.Order{
			ID: 7, Name: " #10  01 ", SourceIdentifier: "web-1\t", Email: " a@example.com", Phone: "1 ", Note: " x\n y ",
			Tags: []string{" vip ", " ", "big  one"}, CurrencyCode: " eur ",
			Transactions:    []fulfillment.Transaction{{Gateway: "manual ", Amount: "1"}},
			ShippingAddress: &fulfillment.Address{City: "Porto\u00a0", Zip: " 4000", CountryCode: "pt "},
			LineItems: []fulfillment.LineItem{{Title: " Mug ", VariantTitle: "L ", Vendor: " us", SKU: "ABC-1 ", Quantity: 1,
				TaxLines: []fulfillment.TaxLine{{Title: "VAT ", Rate: "0.2"}}}},
			Metadata: map[string]string{" k ": " v "},
		}
	}
	o, want := untidy(), untidy()
	if err := o.Complete(orderTime); err != nil {
		t.Fatal(err)
	}
	want.Name, want.SourceIdentifier, want.Email, want.Phone = "#10 01", "web-1", "a@example.com", "1"
	want.Tags, want.CurrencyCode, want.Transactions[0].Gateway = []string{"vip", "big one"}, "EUR", "manual"
	*want.ShippingAddress = fulfillment.Address{City: "Porto", Zip: "4000", CountryCode: "PT"}
	l := &want.LineItems[0]
	l.Title, l.VariantTitle, l.Vendor, l.SKU, l.TaxLines[0].Title = "Mug", "L", "us", "ABC-1", "VAT"
	if err := want.Complete(orderTime); err != nil || !reflect.DeepEqual(o, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, o, want)
	}
	if a, b := fulfillment.OrderIDOf("web-1"), fulfillment.OrderIDOf(" web-1\t"); a != b {
		t.Errorf("the order web-1 is %d, and %d with blanks", a, b)
	}
	before := untidy()
	before.CurrencyCode, before.ShippingAddress.CountryCode = "ZZQ", "UK"
	if err := before.CompleteAsBefore(orderTime); err != nil || before.LineItems[0].SKU != "ABC-1 " ||
		before.Tags[0] != " vip " {
		t.Errorf("as before: %v, %+v", err, before)
	}
}
