package admin

import (
	"context"
	"strings"

	"packhorse/internal/fulfillment"
)

// MailingAddress is an order's shipping address. Its number is the order's.
type MailingAddress struct {
	orderID fulfillment.ID
	address *fulfillment.Address
}

// IsNode says that [Loaders.Node] finds it.
func (*MailingAddress) IsNode() {}

// ID is its global ID.
func (a *MailingAddress) ID() GID { return GID{TypeMailingAddress, a.orderID} }

// Address1 is the first line of the street.
func (a *MailingAddress) Address1() *string { return optional(a.address.Address1) }

// Address2 is the second line of the street.
func (a *MailingAddress) Address2() *string { return optional(a.address.Address2) }

// City is the city.
func (a *MailingAddress) City() *string { return optional(a.address.City) }

// Company is the company.
func (a *MailingAddress) Company() *string { return optional(a.address.Company) }

// CoordinatesValidated is false: there are no coordinates.
func (*MailingAddress) CoordinatesValidated() bool { return false }

// Latitude is null.
func (*MailingAddress) Latitude() *float64 { return nil }

// Longitude is null.
func (*MailingAddress) Longitude() *float64 { return nil }

// Country is the country's name.
func (a *MailingAddress) Country() *string { return optional(countryName(a.address.CountryCode)) }

// CountryCodeV2 is the country's code.
func (a *MailingAddress) CountryCodeV2(ctx context.Context) *string {
	return servedCountry(ctx, a.address.CountryCode)
}

// CountryCode is the country's code, as it is stored: it is text, and no value of an enum.
func (a *MailingAddress) CountryCode() *string { return optional(a.address.CountryCode) }

// TimeZone is null.
func (*MailingAddress) TimeZone() *string { return nil }

// FirstName is the given name.
func (a *MailingAddress) FirstName() *string { return optional(a.address.FirstName) }

// LastName is the family name.
func (a *MailingAddress) LastName() *string { return optional(a.address.LastName) }

// Name is both names.
func (a *MailingAddress) Name() *string { return optional(a.name()) }

func (a *MailingAddress) name() string {
	return strings.Join(filled(a.address.FirstName, a.address.LastName), " ")
}

// Phone is the phone number.
func (a *MailingAddress) Phone() *string { return optional(a.address.Phone) }

// Province is the province's code: names are not known here.
func (a *MailingAddress) Province() *string { return optional(a.address.ProvinceCode) }

// ProvinceCode is the province's code.
func (a *MailingAddress) ProvinceCode() *string { return optional(a.address.ProvinceCode) }

// Zip is the postal code.
func (a *MailingAddress) Zip() *string { return optional(a.address.Zip) }

// Formatted is the address in lines.
func (a *MailingAddress) Formatted(withName, withCompany *bool) []string {
	var head []string
	if value(withName) {
		head = append(head, a.name())
	}
	if value(withCompany) {
		head = append(head, a.address.Company)
	}
	city := strings.Join(filled(a.address.City, a.address.ProvinceCode, a.address.Zip), " ")
	return filled(append(head, a.address.Address1, a.address.Address2, city, countryName(a.address.CountryCode))...)
}

// FormattedArea is the address without its street.
func (a *MailingAddress) FormattedArea() *string {
	return optional(
		strings.Join(filled(a.address.City, a.address.ProvinceCode, countryName(a.address.CountryCode)), ", "),
	)
}
