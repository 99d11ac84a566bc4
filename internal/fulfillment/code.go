package fulfillment

import (
	"slices"
	"strings"
)

// countryCodes are the countries that an address may be in: those of ISO 3166-1 and a few that are used beside them,
// as in Shopify's CountryCode. ZZ is a country that nobody knows.
var countryCodes = strings.Fields(`
AC AD AE AF AG AI AL AM AN AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO
JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS
MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PS PT PY QA RE RO RS RU
RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
TW TZ UA UG UM US UY UZ VA VC VE VG VN VU WF WS XK YE YT ZA ZM ZW ZZ`)

// currencyCodes are the currencies that an order may have: those of ISO 4217 and a few that are used beside them, as in
// Shopify's CurrencyCode. XXX is a currency that nobody knows.
var currencyCodes = strings.Fields(`
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD CDF
CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK
HTG HUF IDR ILS INR IQD IRR ISK JEP JMD JOD JPY KES KGS KHR KID KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL
LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLL SOS SRD SSP STD STN SYP SZL THB TJS TMT TND TOP TRY TTD
TWD TZS UAH UGX USD USDC UYU UZS VED VEF VES VND VUV WST XAF XCD XOF XPF XXX YER ZAR ZMW`)

// The codes that stand for what the API can't name. Nothing is known about them.
const (
	UnknownCountry  = "ZZ"
	UnknownCurrency = "XXX"
)

// meant are the codes that people write for others.
var meant = map[string]string{
	"UK": "GB", "EL": "GR", "TP": "TL", "ZR": "CD", "XX": UnknownCountry,
	"RMB": "CNY", "NTD": "TWD", "STG": "GBP", "MRO": "MRU", "ZMK": "ZMW",
}

// Countries lists every country code that is taken, sorted.
func Countries() []string { return slices.Clone(countryCodes) }

// Currencies lists every currency code that is taken, sorted.
func Currencies() []string { return slices.Clone(currencyCodes) }

// IsCountry tells whether the API has a name for this country.
func IsCountry(code string) bool { return contains(countryCodes, code) }

// IsCurrency tells whether the API has a name for this currency.
func IsCurrency(code string) bool { return contains(currencyCodes, code) }

func contains(sorted []string, code string) bool {
	_, found := slices.BinarySearch(sorted, code)
	return found
}

// CountryProblem is what is wrong with a country's code, after the name of its field: "must be …". Empty: nothing.
func CountryProblem(code string) string {
	return codeProblem(code, countryCodes, "a country of ISO 3166-1 by its two letters, such as GB")
}

// CurrencyProblem is what is wrong with a currency's code, as [CountryProblem] says it.
func CurrencyProblem(code string) string {
	return codeProblem(code, currencyCodes, "a currency of ISO 4217 by its three letters, such as EUR")
}

// codeProblem names what is allowed in words and by the likeliest code: a list of hundreds would hide it.
func codeProblem(code string, allowed []string, wanted string) string {
	if contains(allowed, code) {
		return ""
	}
	problem := "must be " + wanted + " (is " + quoted(code)
	if other := meant[code]; other != "" {
		problem += "; did you mean " + other + "?"
	}
	return problem + ")"
}
