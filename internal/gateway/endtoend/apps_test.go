package endtoend

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/gateway/gatewaytest"
)

// TestDocumentsOfApps: what apps ask for beside fulfillment is served from what there is, and else empty, in its
// official shape.
func TestDocumentsOfApps(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	made := s.merchant.Must(t, `mutation ($order: OrderCreateOrderInput!) {
		orderCreate(order: $order) { order { id } userErrors { field message } } }`, vars{"order": vars{
		"currency": "EUR",
		"lineItems": []vars{{
			"title": "Lantern", "quantity": 2, "requiresShipping": true,
			"priceSet": vars{"shopMoney": vars{"amount": "12.50", "currencyCode": "EUR"}},
			"taxLines": []vars{{"title": "VAT", "rate": "0.2"}},
		}},
		"shippingAddress": vars{"city": "Hamburg", "countryCode": "DE"},
		"transactions": []vars{{
			"kind": "SALE", "gateway": "bogus",
			"amountSet": vars{"shopMoney": vars{"amount": "20.00", "currencyCode": "EUR"}},
		}},
	}})
	id := gatewaytest.Get[string](t, made, "orderCreate.order.id")
	answer := s.merchant.Must(t, `query ($id: ID!) {
		orderByIdentifier(identifier: {id: $id}) {
			customer { defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }
			shippingAddress { countryCode countryCodeV2 timeZone }
			metafield(namespace: "a", key: "b") { id value }
			metafields(first: 5) { nodes { id key value } edges { cursor } pageInfo { hasNextPage } }
			transactions(first: 5) { kind status gateway test amount amountSet { shopMoney { amount currencyCode } } }
			transactionsCount { count precision }
			discountCode discountCodes totalPrice totalTax subtotalPrice totalReceived totalDiscounts
			netPaymentSet { shopMoney { amount } } totalOutstandingSet { shopMoney { amount } }
			shippingLines(first: 3) { nodes { title } }
			lineItems(first: 1) { nodes {
				originalUnitPrice originalTotal discountedUnitPrice discountedTotal totalDiscount
				taxLines { title rate ratePercentage price priceSet { shopMoney { amount } } }
			} }
		}
		other: orderByIdentifier(identifier: {customId: {key: "a", value: "b"}}) { id }
		ordersCount { count precision }
		none: ordersCount(query: "status:cancelled") { count precision }
		atLeast: ordersCount(limit: 0) { count precision }
		shop { myshopifyDomain url email contactEmail
			plan { displayName publicDisplayName partnerDevelopment shopifyPlus } }
	}`, vars{"id": id})
	var want map[string]any
	if err := json.Unmarshal([]byte(`{
		"orderByIdentifier": {
			"customer": null,
			"shippingAddress": {"countryCode": "DE", "countryCodeV2": "DE", "timeZone": null},
			"metafield": null,
			"metafields": {"nodes": [], "edges": [], "pageInfo": {"hasNextPage": false}},
			"transactions": [{"kind": "SALE", "status": "SUCCESS", "gateway": "bogus", "test": false, "amount": "20.00",
				"amountSet": {"shopMoney": {"amount": "20.0", "currencyCode": "EUR"}}}],
			"transactionsCount": {"count": 1, "precision": "EXACT"},
			"discountCode": null, "discountCodes": [], "totalPrice": "30.00", "totalTax": "5.00",
			"subtotalPrice": "25.00", "totalReceived": "20.00", "totalDiscounts": "0.0",
			"netPaymentSet": {"shopMoney": {"amount": "20.0"}},
			"totalOutstandingSet": {"shopMoney": {"amount": "10.0"}},
			"shippingLines": {"nodes": []},
			"lineItems": {"nodes": [{
				"originalUnitPrice": "12.50", "originalTotal": "25.00", "discountedUnitPrice": "12.50",
				"discountedTotal": "25.00", "totalDiscount": "0.00",
				"taxLines": [{"title": "VAT", "rate": 0.2, "ratePercentage": 20, "price": "5.00",
					"priceSet": {"shopMoney": {"amount": "5.0"}}}]
			}]}
		},
		"other": null,
		"ordersCount": {"count": 1, "precision": "EXACT"}, "none": {"count": 0, "precision": "EXACT"},
		"atLeast": {"count": 0, "precision": "AT_LEAST"},
		"shop": {"myshopifyDomain": "packhorse.example", "url": "https://packhorse.example", "email": "",
			"contactEmail": "", "plan": {"displayName": "Packhorse", "publicDisplayName": "Packhorse",
			"partnerDevelopment": false, "shopifyPlus": false}}
	}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, answer.Data); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	for document, why := range map[string]string{
		`{ orderByIdentifier(identifier: {}) { id } }`:   "identifier must have one of id and customId.",
		`{ ordersCount(limit: -1) { count } }`:           "limit must not be negative (is -1).",
		`{ ordersCount(query: "colour:red") { count } }`: "",
	} {
		refused := s.merchant.Do(t, document, nil)
		if len(refused.Errors) != 1 || refused.Errors[0].Extensions.Code != "BAD_REQUEST" ||
			why != "" && refused.Errors[0].Message != why {
			t.Errorf("%s: %s", document, refused.Body)
		}
	}
}

// TestCurrentAppInstallation: an app learns what it may do; a write scope is a read scope, too.
func TestCurrentAppInstallation(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	app := s.App("Locations", "write_locations")
	const document = `{ currentAppInstallation {
		id app { handle } accessScopes { handle } activeSubscriptions { id } metafields(first: 1) { nodes { id } }
	} }`
	answer := app.Must(t, document, nil)
	id := gatewaytest.Get[string](t, answer, "currentAppInstallation.id")
	want := map[string]any{"currentAppInstallation": map[string]any{
		"id": id, "app": map[string]any{"handle": "locations"},
		"accessScopes": []any{
			map[string]any{"handle": "read_locations"}, map[string]any{"handle": "write_locations"},
		},
		"activeSubscriptions": []any{}, "metafields": map[string]any{"nodes": []any{}},
	}}
	if diff := cmp.Diff(want, answer.Data); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again := app.Must(t, `query ($id: ID!) { node(id: $id) { id } ordersCount { count } }`, vars{"id": id})
	if got := gatewaytest.Get[string](t, again, "node.id"); got != id {
		t.Errorf("node finds %s", got)
	}
}
