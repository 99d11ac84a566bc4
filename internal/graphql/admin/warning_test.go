package admin_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

// TestCodesOfBefore: a country or a currency that was stored before such codes were refused spoils no page. It is null,
// or the code of what nobody knows where null is not allowed, and the answer says so.
func TestCodesOfBefore(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	o := &fulfillment.Order{
		ID: s.minter.Mint(), Name: "#1001", CurrencyCode: "BTC",
		ShippingAddress: &fulfillment.Address{City: "London", CountryCode: "UK"},
		LineItems:       []fulfillment.LineItem{{ID: s.minter.Mint(), Title: "Saddle", Quantity: 1, UnitPrice: "12.50"}},
	}
	must(t)(nil, o.CompleteAsBefore(s.now))
	gone := merchant
	gone.LocationID, gone.CountryCode = 404, "EL"
	fos := s.take(o, gone)
	data, errs, extensions := s.askAll(everybody, `{ orders(first: 5) { nodes { currencyCode
		shippingAddress { countryCodeV2 country city } totalPriceSet { shopMoney { amount currencyCode } } } }
		fulfillmentOrder(id: "gid://shopify/FulfillmentOrder/%d") { destination { countryCode }
			assignedLocation { countryCode } } }`, fos[0].ID)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	expect(t, data, map[string]any{
		"orders.nodes.0.currencyCode":                         "XXX",
		"orders.nodes.0.shippingAddress.countryCodeV2":        nil,
		"orders.nodes.0.shippingAddress.city":                 "London",
		"orders.nodes.0.totalPriceSet.shopMoney.amount":       "12.5",
		"orders.nodes.0.totalPriceSet.shopMoney.currencyCode": "XXX",
		"fulfillmentOrder.destination.countryCode":            nil,
		"fulfillmentOrder.assignedLocation.countryCode":       "ZZ",
	})
	written, err := json.Marshal(extensions["warnings"])
	if err != nil {
		t.Fatal(err)
	}
	var warnings []struct {
		Message string
		Path    []any
	}
	if err := json.Unmarshal(written, &warnings); err != nil {
		t.Fatalf("%s: %v", written, err)
	}
	said := map[string]int{}
	for _, w := range warnings {
		if said[w.Message]++; len(w.Path) == 0 {
			t.Errorf("%q has no place", w.Message)
		}
	}
	want := map[string]int{
		`The stored currency "BTC" is none of CurrencyCode: it is shown as XXX.`: 2,
		`The stored country "UK" is none of CountryCode.`:                        2,
		`The stored country "EL" is none of CountryCode.`:                        1,
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	_, fine := s.order("#1002", merchant)
	if _, _, extensions := s.askAll(everybody, `{ fulfillmentOrder(id: "gid://shopify/FulfillmentOrder/%d") {
		destination { countryCode } assignedLocation { countryCode } } }`, fine[0].ID); len(extensions) > 0 {
		t.Errorf("an answer without a fault has the extensions %v", extensions)
	}
}
