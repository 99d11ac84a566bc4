package easypost

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

func TestAbroad(t *testing.T) {
	t.Parallel()
	at := func(place string) fulfillment.Address {
		country, state, _ := strings.Cut(place, "-")
		return fulfillment.Address{CountryCode: country, ProvinceCode: state}
	}
	for way, want := range map[string]bool{
		"US-CA US-NY": false, "US-CA CA-ON": true, "DE FR": false, "DE CH": true, "GB FR": true,
		"US-CA PR": true, "US-CA US-PR": true, "US-CA US-gu": true, "US-PR US-CA": true, "US-PR US-PR": false,
		"US-CA US-AE": true, "US-CA US-AP": true, "DE DE": false,
	} {
		from, to, _ := strings.Cut(way, " ")
		if got := abroad(at(from), at(to)); got != want {
			t.Errorf("%s: it passes customs: %t", way, got)
		}
	}
}

func TestDeclaration(t *testing.T) {
	t.Parallel()
	whole := provider.RequestLine{
		LineID: 1, Quantity: 3, Grams: 100, UnitPrice: "12.50", HSCode: "691110", CountryOfOrigin: "DE",
		SKU: "MUG", Title: "Mug",
	}
	if no := declaration([]provider.RequestLine{whole}); no != nil {
		t.Errorf("refused: %+v", no)
	}
	for missing, line := range map[string]provider.RequestLine{
		"HS code":           {LineID: 2, Quantity: 1, UnitPrice: "1", CountryOfOrigin: "DE"},
		"country of origin": {LineID: 2, Quantity: 1, UnitPrice: "1", HSCode: "691110"},
		"price":             {LineID: 2, Quantity: 1, HSCode: "691110", CountryOfOrigin: "DE"},
	} {
		no := declaration([]provider.RequestLine{whole, line})
		if no == nil || no.Reason != missingCustomsInfo || len(no.Lines) != 1 || no.Lines[0].LineID != 2 ||
			!strings.Contains(no.Lines[0].Message, missing) {
			t.Errorf("without its %s: %+v", missing, no)
		}
	}
	info := DefaultOptions().customs(
		Parcel{Units: []fulfillment.Quantity{{ID: 1, Quantity: 2}}}, []provider.RequestLine{whole}, "EUR", "Erika Muster")
	want := customsItem{
		Description: "Mug", Quantity: 2, Value: "25.00", Currency: "EUR", Weight: "7.1", HSCode: "691110",
		Origin: "DE", Code: "MUG",
	}
	if len(info.Items) != 1 || info.Items[0] != want || !info.Certify || info.Signer != "Erika Muster" ||
		info.ContentsType != "merchandise" || info.NonDelivery != "return" || info.RestrictionType != "none" {
		t.Errorf("declared %+v", info)
	}
}
