package schema_test

import (
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/schema"
)

// TestCodesAreTheAPIs: what every entrance takes for a country or a currency is what the API has a name for.
func TestCodesAreTheAPIs(t *testing.T) {
	t.Parallel()
	for name, taken := range map[string][]string{
		"CountryCode": fulfillment.Countries(), "CurrencyCode": fulfillment.Currencies(),
	} {
		var served []string
		for _, value := range schema.Load().Types[name].EnumValues {
			served = append(served, value.Name)
		}
		slices.Sort(served)
		if !slices.Equal(taken, served) {
			t.Errorf("%s: taken are\n%v\nserved\n%v", name, taken, served)
		}
	}
}
