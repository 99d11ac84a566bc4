package easypost

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// customsUnion are the member states of the European Union: among them there is no customs declaration.
var customsUnion = []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
	"IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}

// outlying are the USA's territories and the military's post offices, which have codes of states: what is sent there
// from the states is declared as if it went abroad.
var outlying = []string{"AA", "AE", "AP", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI"}

// abroad tells whether a parcel has to pass customs.
func abroad(from, to fulfillment.Address) bool {
	a, b := strings.ToUpper(from.CountryCode), strings.ToUpper(to.CountryCode)
	if a != b {
		return !slices.Contains(customsUnion, a) || !slices.Contains(customsUnion, b)
	}
	state := func(a fulfillment.Address) string { return strings.ToUpper(strings.TrimSpace(a.ProvinceCode)) }
	return a == "US" && state(from) != state(to) &&
		(slices.Contains(outlying, state(from)) || slices.Contains(outlying, state(to)))
}

// declaration is what customs ask for of all lines. The answer is a rejection that says which line lacks what.
func declaration(lines []provider.RequestLine) *provider.Answer {
	var missing []fulfillment.RejectedLine
	for _, line := range lines {
		var what []string
		if line.HSCode == "" {
			what = append(what, "HS code")
		}
		if line.CountryOfOrigin == "" {
			what = append(what, "country of origin")
		}
		if !decimal.MatchString(line.UnitPrice) {
			what = append(what, "price")
		}
		if len(what) > 0 && line.Quantity > 0 {
			missing = append(missing, fulfillment.RejectedLine{
				LineID: line.LineID, Message: "Customs need its " + strings.Join(what, ", ") + ".",
			})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	no := reject(missingCustomsInfo, "The parcel passes customs, which need the HS code, the country of origin and "+
		"the price of each line. Give them to the order's lines, then ask again.")
	no.Lines = missing
	return &no
}

// customs declares what is in a parcel.
func (o Options) customs(parcel Parcel, lines []provider.RequestLine, currency, signer string) *customsInfo {
	c := o.Customs
	info := &customsInfo{
		ContentsType: c.ContentsType, ContentsExplanation: c.ContentsExplanation, Certify: true, Signer: signer,
		EELPFC: c.EELPFC, NonDelivery: c.NonDelivery, RestrictionType: c.RestrictionType,
	}
	for _, units := range parcel.Units {
		i := slices.IndexFunc(lines, func(l provider.RequestLine) bool { return l.LineID == units.ID })
		if i < 0 {
			continue
		}
		line := lines[i]
		grams := line.Grams
		if grams <= 0 {
			grams = o.DefaultGrams
		}
		info.Items = append(info.Items, customsItem{
			Description: clip(firstOf(line.Title, line.SKU, "Goods"), 100), Quantity: units.Quantity,
			Value: times(line.UnitPrice, units.Quantity), Currency: currency, Weight: ounces(grams * units.Quantity),
			HSCode: line.HSCode, Origin: line.CountryOfOrigin, Code: clip(line.SKU, 100),
		})
	}
	return info
}

// times is an amount so many times, exactly.
func times(amount string, n int) json.Number {
	value, ok := new(big.Rat).SetString(amount)
	if !ok {
		return "0"
	}
	places := 2
	if _, fraction, ok := strings.Cut(amount, "."); ok {
		places = max(places, len(fraction))
	}
	return json.Number(value.Mul(value, big.NewRat(int64(n), 1)).FloatString(places))
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}
