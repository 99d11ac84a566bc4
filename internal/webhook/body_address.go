package webhook

import (
	"cmp"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"packhorse/internal/fulfillment"
)

// address is a postal address. Where it is on the map is not known here, and of a province only the code.
type address struct {
	FirstName    *string  `json:"first_name"`
	Address1     *string  `json:"address1"`
	Phone        *string  `json:"phone"`
	City         *string  `json:"city"`
	Zip          *string  `json:"zip"`
	Province     *string  `json:"province"`
	Country      *string  `json:"country"`
	LastName     *string  `json:"last_name"`
	Address2     *string  `json:"address2"`
	Company      *string  `json:"company"`
	Latitude     *float64 `json:"latitude"`
	Longitude    *float64 `json:"longitude"`
	Name         *string  `json:"name"`
	CountryCode  *string  `json:"country_code"`
	ProvinceCode *string  `json:"province_code"`
}

func addressOf(a *fulfillment.Address) *address {
	if a == nil {
		return nil
	}
	return &address{
		FirstName: optional(a.FirstName), LastName: optional(a.LastName), Company: optional(a.Company),
		Name:     optional(strings.TrimSpace(a.FirstName + " " + a.LastName)),
		Address1: optional(a.Address1), Address2: optional(a.Address2), City: optional(a.City), Zip: optional(a.Zip),
		Phone: optional(a.Phone), Country: optional(countryName(a.CountryCode)), CountryCode: optional(a.CountryCode),
		Province: optional(a.ProvinceCode), ProvinceCode: optional(a.ProvinceCode),
	}
}

// countryName is the English name of a country; its code when it has none.
func countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return cmp.Or(display.English.Regions().Name(region), code)
}

type originAddress struct {
	Address1     *string `json:"address1"`
	Address2     *string `json:"address2"`
	City         *string `json:"city"`
	Zip          *string `json:"zip"`
	ProvinceCode *string `json:"province_code"`
	CountryCode  *string `json:"country_code"`
}

func originOf(a *fulfillment.OriginAddress) *originAddress {
	if a == nil {
		return nil
	}
	return &originAddress{
		optional(a.Address1), optional(a.Address2), optional(a.City), optional(a.Zip), optional(a.ProvinceCode),
		optional(a.CountryCode),
	}
}
