package carrier

import "strings"

// PostalCourier is the courier of all numbers of the Universal Postal Union's S10: letters of the kind of mail, nine
// digits, and the country whose post gave the number out.
const PostalCourier = "s10"

// members are the countries whose posts give out S10 numbers.
const members = `
AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU
CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FR GA GB GD GE GH GM GN GQ GR GT GW GY HK HN HR HT HU ID IE IL IN
IQ IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MK ML MM MN MR MT
MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM
SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TZ UA UG US UY UZ VA VC VE VN VU WS YE ZA ZM ZW`

// posts are the posts that Shopify has a name for, by country.
var posts = map[string]string{
	"AT": "Österreichische Post", "AU": "Australia Post", "BE": "BPost", "BF": "La Poste Burkina Faso",
	"BR": "Correios", "CA": "Canada Post", "CH": "Swiss Post", "CN": "China Post", "CY": "Cyprus Post",
	"DE": "Deutsche Post", "DK": "PostNord DK", "ES": "Correos", "FR": "La Poste Colissimo", "GB": "Royal Mail",
	"IE": "An Post", "IL": "Israel Post", "IN": "India Post", "IS": "Iceland Post", "IT": "Poste Italiane",
	"JP": "Japan Post (EN)", "LT": "Lietuvos Paštas", "LV": "Latvia Post", "NL": "PostNL", "NZ": "New Zealand Post",
	"PT": "CTT", "SE": "PostNord SE", "SG": "Singapore Post", "TR": "PTT", "US": "USPS",
}

// countries is a pattern of the members.
func countries() string { return strings.Join(strings.Fields(members), "|") }
