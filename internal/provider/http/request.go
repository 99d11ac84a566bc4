package http

import (
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// requestBody is FulfillmentRequest of the contract.
type requestBody struct {
	Key                string       `json:"key"`
	ServiceID          string       `json:"serviceId"`
	FulfillmentOrderID string       `json:"fulfillmentOrderId"`
	OrderID            string       `json:"orderId,omitempty"`
	OrderName          string       `json:"orderName,omitempty"`
	Option             string       `json:"option,omitempty"`
	OptionData         any          `json:"optionData,omitempty"`
	Lines              []lineBody   `json:"lines"`
	CurrencyCode       string       `json:"currencyCode,omitempty"`
	From               *addressBody `json:"from,omitempty"`
	Destination        *addressBody `json:"destination,omitempty"`
	DeliveryMethod     string       `json:"deliveryMethod,omitempty"`
	FulfillBy          *time.Time   `json:"fulfillBy,omitempty"`
	NotifyCustomer     bool         `json:"notifyCustomer"`
	Message            string       `json:"message,omitempty"`
}

type lineBody struct {
	LineID            string `json:"lineId"`
	SKU               string `json:"sku,omitempty"`
	Title             string `json:"title,omitempty"`
	Quantity          int    `json:"quantity"`
	UnitPrice         string `json:"unitPrice,omitempty"`
	WeightGrams       int    `json:"weightGrams,omitempty"`
	HSCode            string `json:"hsCode,omitempty"`
	OriginCountryCode string `json:"originCountryCode,omitempty"`
}

type addressBody struct {
	Name         string `json:"name,omitempty"`
	Company      string `json:"company,omitempty"`
	Address1     string `json:"address1,omitempty"`
	Address2     string `json:"address2,omitempty"`
	City         string `json:"city,omitempty"`
	ProvinceCode string `json:"provinceCode,omitempty"`
	Zip          string `json:"zip,omitempty"`
	CountryCode  string `json:"countryCode,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Email        string `json:"email,omitempty"`
}

// cancellationBody is Cancellation of the contract.
type cancellationBody struct {
	Key        string `json:"key"`
	RequestKey string `json:"requestKey"`
	Reference  string `json:"reference,omitempty"`
	Withdraw   bool   `json:"withdraw"`
}

// returnBody is ReturnRequest of the contract.
type returnBody struct {
	Key                string       `json:"key"`
	ServiceID          string       `json:"serviceId"`
	FulfillmentOrderID string       `json:"fulfillmentOrderId,omitempty"`
	FulfillmentID      string       `json:"fulfillmentId,omitempty"`
	OrderName          string       `json:"orderName,omitempty"`
	Option             string       `json:"option,omitempty"`
	Lines              []lineBody   `json:"lines"`
	PickUpFrom         *addressBody `json:"pickUpFrom,omitempty"`
}

// rateBody is RateRequest of the contract.
type rateBody struct {
	Option       string       `json:"option,omitempty"`
	Lines        []lineBody   `json:"lines"`
	Destination  *addressBody `json:"destination,omitempty"`
	CurrencyCode string       `json:"currencyCode,omitempty"`
}

func requestOf(r provider.Request, s Settings) requestBody {
	body := requestBody{
		Key: provider.PathKey(r.Key), ServiceID: r.ServiceID.String(),
		FulfillmentOrderID: r.FulfillmentOrderID.String(), OrderID: known(r.OrderID), OrderName: r.OrderName,
		Option: s.Option, Lines: linesOf(r.Lines), CurrencyCode: r.CurrencyCode, From: addressOf(r.From),
		Destination:    addressOf(r.Destination),
		DeliveryMethod: string(r.DeliveryMethod), FulfillBy: r.FulfillBy, NotifyCustomer: r.NotifyCustomer,
		Message: r.Message,
	}
	if len(r.OptionData) > 0 {
		body.OptionData = r.OptionData
	}
	return body
}

func returnOf(r provider.ReturnRequest, s Settings) returnBody {
	return returnBody{
		Key: provider.PathKey(r.Key), ServiceID: r.ServiceID.String(), FulfillmentOrderID: known(r.FulfillmentOrderID),
		FulfillmentID: known(r.FulfillmentID), OrderName: r.OrderName, Option: s.Option, Lines: linesOf(r.Lines),
		PickUpFrom: addressOf(r.PickUpFrom),
	}
}

// known is the ID; empty: there is none.
func known(id fulfillment.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

func linesOf(lines []provider.RequestLine) []lineBody {
	bodies := make([]lineBody, len(lines))
	for i, l := range lines {
		bodies[i] = lineBody{
			LineID: l.LineID.String(), SKU: l.SKU, Title: l.Title, Quantity: l.Quantity, UnitPrice: l.UnitPrice,
			WeightGrams: l.Grams, HSCode: l.HSCode, OriginCountryCode: l.CountryOfOrigin,
		}
	}
	return bodies
}

func addressOf(a *fulfillment.Address) *addressBody {
	if a == nil {
		return nil
	}
	return &addressBody{
		Name: strings.TrimSpace(a.FirstName + " " + a.LastName), Company: a.Company, Address1: a.Address1,
		Address2: a.Address2, City: a.City, ProvinceCode: a.ProvinceCode, Zip: a.Zip, CountryCode: a.CountryCode,
		Phone: a.Phone, Email: a.Email,
	}
}
