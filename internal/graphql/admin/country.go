package admin

import (
	"cmp"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countryName is the English name of a country; its code when it has none.
func countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return cmp.Or(display.English.Regions().Name(region), code)
}
