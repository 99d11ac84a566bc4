package carrier

import "regexp"

// A Format is one way in which a courier writes tracking numbers.
type Format struct {
	Courier string // such as "fedex"; one courier may have several formats
	Name    string // such as "Ground 96 (22)"

	// patterns are those of numbers in capitals without separators; the groups s and c are the serial number and the
	// check digit. sum is nil where the format has no check digit: then any number of the shape is one.
	patterns []*regexp.Regexp
	sum      checksum
	company  string // as Shopify spells the carrier; empty: it has no name for it, or the number says (S10)
}

// Checked tells whether the format has a check digit.
func (f *Format) Checked() bool { return f.sum != nil }

// fits tells whether the number, in capitals, is one of the format.
func (f *Format) fits(number string) bool {
	for _, pattern := range f.patterns {
		m := pattern.FindStringSubmatch(number)
		if m != nil && (f.sum == nil || f.sum(m[pattern.SubexpIndex("s")], m[pattern.SubexpIndex("c")])) {
			return true
		}
	}
	return false
}

func format(courier, name, company string, sum checksum, patterns ...string) *Format {
	f := &Format{Courier: courier, Name: name, sum: sum, company: company}
	for _, pattern := range patterns {
		f.patterns = append(f.patterns, regexp.MustCompile(`^(?:`+pattern+`)$`))
	}
	return f
}

// What USPS writes before the number in a barcode: 420 and the ZIP code that the parcel goes to, of 5 or 9 digits.
const (
	zip5 = `(?:420\d{5})?`
	zip  = `(?:420\d{5}(?:\d{4})?)?`
)

// anyCarrier is the courier of numbers that many couriers use: such a number says nothing of who carries the parcel.
const anyCarrier = "any"

// formats is all of them. Companies are spelled as in Shopify's list, which compares them letter by letter.
var formats = []*Format{
	format("amazon", "Logistics", "Amazon", nil, `TB[ACM]\d{12}`),
	format("amazon", "International", "Amazon", nil, `[AFC]\d{10}`),
	// GS1's number of a parcel as in its barcode, after the identifier 00. Its check digit is right as that of USPS
	// (20), too, so that it would tell nothing from one of USPS.
	format(anyCarrier, "SSCC (20)", "", nil, `00\d{18}`),
	format("canada_post", "(16)", "Canada Post", mod10(3, 1), `(?P<s>\d{15})(?P<c>\d)`),
	format("canpar", "(22)", "Canpar", nil, `[CDKLSUXZ]\d{21}`),
	format("dhl", "Express", "DHL Express", mod7, `(?P<s>\d{9,10})(?P<c>\d)`),
	format("dhl", "Express piece", "DHL Express", nil, `J[A-Z]{2,3}\d{9,10}`),
	format("dhl", "eCommerce", "DHL eCommerce", nil, `(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)\d[0-9A-Z]{9,38}`),
	format("dhl", "eCommerce (14)", "DHL eCommerce", nil, `\d{14}`),
	format("dpd", "(28)", "DPD", mod37_36, `(?P<s>\d{27})(?P<c>[0-9A-Z])`),
	format("dpd", "(14)", "DPD", mod37_36, `(?P<s>\d{14})(?P<c>[0-9A-Z])`),
	format("fedex", "Express (12)", "FedEx", weighted("31731731731", 11, 10), `(?P<s>\d{11})(?P<c>\d)`),
	format("fedex", "Express (34)", "FedEx", weighted("1731731731731", 11, 10), `[0-8]\d{19}(?P<s>\d{13})(?P<c>\d)`),
	format("fedex", "ASTRA (32)", "FedEx", weighted("31731731731", 11, 10), `3\d{15}(?P<s>\d{11})(?P<c>\d)\d{4}`),
	format("fedex", "Ground", "FedEx", mod10(1, 3), `(?P<s>\d{14})(?P<c>\d)`),
	format("fedex", "Ground SSCC-18", "FedEx", mod10(3, 1), `\d{2}(?P<s>\d{15})(?P<c>\d)`),
	format("fedex", "Ground 96 (22)", "FedEx", mod10(1, 3), `96\d{5}(?P<s>\d{14})(?P<c>\d)`),
	format("fedex", "Ground GSN", "FedEx", weighted("1731731731731", 11, 10), `96\d{18}(?P<s>\d{13})(?P<c>\d)`),
	format("gofo", "US", "", nil, `GFUS\d{14}`),
	format("landmark", "LTN", "", nil, `LTN\d{8}N1`),
	format("lasership", "LX", "Lasership", nil, `L[AIEHNX][1-3]\d{7}`),
	format("lasership", "1LS7 (15)", "Lasership", nil, `1LS7[12]\d{10}`),
	format("lasership", "1LS7 (18)", "Lasership", nil, `1LS7[12]\d{2}01[1-4]\d{6}-1`), // The suffix is the parcel.
	format("lasership", "1LSCX", "Lasership", nil, `1LSCX[0-9A-Z]{10}`),
	format("old_dominion", "PRO", "Old Dominion", luhn, `(?P<s>(?:77[78]|072|780)\d{7})(?P<c>\d)`),
	format("old_dominion", "Guaranteed", "Old Dominion", luhn, `(?P<s>80\d{8})(?P<c>\d)`),
	format("ontrac", "C", "OnTrac", with("4", mod10(1, 2)), `C(?P<s>\d{13})(?P<c>\d)`),
	format("ontrac", "D", "OnTrac", with("5", mod10(1, 2)), `D(?P<s>\d{13})(?P<c>\d)`),
	format("purolator", "(12)", "Purolator", luhn, `(?P<s>[0-5]\d{10})(?P<c>\d)`),
	format("purolator", "letters", "Purolator", nil, `[A-Z]{3}\d{9}`),
	format(PostalCourier, "S10", "", s10, `[A-Z]{2}(?P<s>\d{8})(?P<c>\d)(?:`+countries()+`)`),
	format("speedee", "(20)", "", nil, `SP\d{18}`),
	format("ups", "1Z", "UPS", mod10(1, 2), `1Z(?P<s>[0-9A-Z]{15})(?P<c>\d)`),
	format("ups", "Waybill", "UPS", mod10(1, 2), `[AHJKTV](?P<s>\d{9})(?P<c>\d)`),
	format("usps", "(20)", "USPS", mod10(3, 1), `(?P<s>\d{19})(?P<c>\d)`),
	format(
		"usps", "IMpb N", "USPS", mod10FromRight(3, 1),
		zip+`(?P<s>94\d{3}[0-9]\d{15})(?P<c>\d)`,  // 22 digits
		zip5+`(?P<s>94\d{3}[0-9]\d{19})(?P<c>\d)`, // 26
		`(?P<s>94\d{3}9\d{23})(?P<c>\d)`,          // 30
	),
	format("usps", "legacy", "USPS", with("91", mod10(3, 1)), zip+`(?P<s>(?:91)?\d{19})(?P<c>\d)`),
	format(
		"usps", "IMpb C", "USPS", mod10(3, 1),
		zip+`(?P<s>92\d{3}9\d{15}|93\d{3}[0-8]\d{15}|95\d{19})(?P<c>\d)`,  // 22 digits
		zip5+`(?P<s>92\d{3}9\d{19}|93\d{3}[0-8]\d{19}|95\d{23})(?P<c>\d)`, // 26
	),
	format("yodel", "JD", "Yodel", nil, `JJ?D\d{16}`),
	format("yunexpress", "YT", "YunExpress", nil, `YT\d{16}`),
}
