package schema_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/schema"
)

// TestCodesAreTheAPIs: what every entrance takes for a country, a currency, or another word of a list is what the API
// has a name for: whatever is stored can be served.
func TestCodesAreTheAPIs(t *testing.T) {
	t.Parallel()
	for name, taken := range map[string][]string{
		"CountryCode": fulfillment.Countries(), "CurrencyCode": fulfillment.Currencies(),
		"DeliveryMethodType":              sorted(fulfillment.DeliveryMethodTypes),
		"FulfillmentEventStatus":          sorted(fulfillment.EventStatuses),
		"FulfillmentHoldReason":           sorted(slices.Collect(maps.Keys(fulfillment.HoldReasons))),
		"FulfillmentOrderRejectionReason": sorted(fulfillment.RejectionReasons),
		"FulfillmentOrderRequestStatus":   sorted(fulfillment.RequestStatuses),
		"FulfillmentOrderStatus":          sorted(fulfillment.Statuses),
		"OrderTransactionKind":            sorted(fulfillment.TransactionKinds),
		"OrderTransactionStatus":          sorted(fulfillment.TransactionStatuses),
	} {
		served := names(schema.Load().Types[name].EnumValues)
		if !slices.Equal(taken, served) {
			t.Errorf("%s: taken are\n%v\nserved\n%v", name, taken, served)
		}
	}
}

func sorted[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	slices.Sort(texts)
	return texts
}

func names(values ast.EnumValueList) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = value.Name
	}
	return sorted(texts)
}
