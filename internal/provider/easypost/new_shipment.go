package easypost

import (
	"encoding/json"

	"packhorse/internal/fulfillment"
)

// newShipment is the body of a new Shipment.
type newShipment struct {
	Reference       string            `json:"reference,omitempty"`
	To              address           `json:"to_address"`
	From            address           `json:"from_address"`
	Parcel          newParcel         `json:"parcel"`
	Customs         *customsInfo      `json:"customs_info,omitempty"`
	Options         map[string]string `json:"options,omitempty"`
	IsReturn        bool              `json:"is_return,omitempty"`
	CarrierAccounts []string          `json:"carrier_accounts,omitempty"`
}

type address struct {
	Name    string `json:"name,omitempty"`
	Company string `json:"company,omitempty"`
	Street1 string `json:"street1,omitempty"`
	Street2 string `json:"street2,omitempty"`
	City    string `json:"city,omitempty"`
	State   string `json:"state,omitempty"`
	Zip     string `json:"zip,omitempty"`
	Country string `json:"country,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
}

// newParcel has inches and ounces.
type newParcel struct {
	Length            float64     `json:"length,omitempty"`
	Width             float64     `json:"width,omitempty"`
	Height            float64     `json:"height,omitempty"`
	PredefinedPackage string      `json:"predefined_package,omitempty"`
	Weight            json.Number `json:"weight"`
}

type customsInfo struct {
	ContentsType        string        `json:"contents_type"`
	ContentsExplanation string        `json:"contents_explanation,omitempty"`
	Certify             bool          `json:"customs_certify"`
	Signer              string        `json:"customs_signer"`
	EELPFC              string        `json:"eel_pfc,omitempty"`
	NonDelivery         string        `json:"non_delivery_option"`
	RestrictionType     string        `json:"restriction_type"`
	Items               []customsItem `json:"customs_items"`
}

// customsItem is all units of a line: value and weight are those of all of them together.
type customsItem struct {
	Description string      `json:"description"`
	Quantity    int         `json:"quantity"`
	Value       json.Number `json:"value"`
	Currency    string      `json:"currency,omitempty"`
	Weight      json.Number `json:"weight"`
	HSCode      string      `json:"hs_tariff_number"`
	Origin      string      `json:"origin_country"`
	Code        string      `json:"code,omitempty"`
}

func addressOf(a fulfillment.Address) address {
	name := a.FirstName
	if a.FirstName != "" && a.LastName != "" {
		name += " "
	}
	return address{
		Name: name + a.LastName, Company: a.Company, Street1: a.Address1, Street2: a.Address2, City: a.City,
		State: a.ProvinceCode, Zip: a.Zip, Country: a.CountryCode, Phone: a.Phone, Email: a.Email,
	}
}
