package document

import (
	"math"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// The prices of what does not cost 1 point. They are those of Shopify's API: no page of Shopify's lists them, so they
// were found from the costs that its recorded answers tell. A price of a field goes before that of its type.
const (
	connectionCost = 2 // and its page, see pageFactor
	mutationCost   = 10
	countCost      = 10 // a count over the whole shop
)

// mutationPrices are those of the mutations that don't cost mutationCost.
var mutationPrices = map[string]int{
	"fulfillmentTrackingInfoUpdate":   50,
	"fulfillmentTrackingInfoUpdateV2": 50,
}

// fieldPrices are those of single fields, by type and field; also scalars may have one.
var fieldPrices = map[string]int{
	"Customer.defaultAddress":       0,
	"Location.hasUnfulfilledOrders": 1,
}

// freeTypes are the objects that cost nothing by themselves. No answer tells the price of a delivery method, of what it
// consists of, and of duties: they are taken to be free because tools ask for them in pages of 30 that would be beyond
// the limit otherwise.
var freeTypes = map[string]bool{
	"DeliveryMethod": true, "DeliveryBrandedPromise": true, "DeliveryMethodAdditionalInformation": true,
	"FulfillmentOrderInternationalDuties": true,

	"ApiVersion": true, "CurrencyFormats": true, "CustomerEmailMarketingConsentState": true,
	"CustomerSmsMarketingConsentState": true, "InventoryItemMeasurement": true, "LocationAddress": true,
	"MoneyBag": true, "MoneyV2": true, "ShopAddress": true, "WebhookSubscriptionEndpoint": true, "Weight": true,
}

// isConnection reports whether a type is a page of a list, by the Relay convention.
func isConnection(def *ast.Definition) bool {
	return strings.HasSuffix(def.Name, "Connection") &&
		(def.Fields.ForName("nodes") != nil || def.Fields.ForName("edges") != nil)
}

// pageFactor is what the price of one node is multiplied with for a page of the given size: a page is read at once, so
// its price grows with the logarithm of its size.
func pageFactor(size int) int {
	if size <= 0 {
		return 0
	}
	return int(math.Floor(2 * math.Log(float64(max(size, 2)))))
}

// price is what a field costs by itself, without what is selected of its value, which is of the given type; nil: of a
// type that the schema lacks.
func (c *collector) price(parent *ast.Definition, field string, result *ast.Definition, on level) int {
	if own, ok := fieldPrices[parent.Name+"."+field]; ok {
		return own
	}
	switch {
	case result == nil || !result.IsCompositeType():
		return 0
	case on == mutations:
		if own, ok := mutationPrices[field]; ok {
			return own
		}
		return mutationCost
	case isConnection(result):
		return connectionCost
	case on == payload, freeTypes[result.Name]:
		return 0
	case result.Name == "Count" && parent == c.schema.Query:
		return countCost
	case isConnection(parent) && (field == "edges" || field == "pageInfo"):
		return 0
	}
	return 1
}
