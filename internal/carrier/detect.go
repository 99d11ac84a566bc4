package carrier

import (
	"maps"
	"slices"
	"strings"
)

// Match is a format that a number fits.
type Match struct {
	*Format
	Company string // as Shopify spells the carrier; empty: it has no name for it
}

// longest is how long a number may be that fits any format.
const longest = 41

// Detect lists what the number may be, in the order of the formats. Capitals and separators (white space, hyphens and
// dots) make no difference. Nothing is said of a number with other characters.
func Detect(number string) []Match {
	given := strings.ToUpper(strings.Join(strings.Fields(number), ""))
	plain, ok := Normalise(number)
	if !ok || len(plain) > longest {
		return nil
	}
	var matches []Match
	for _, f := range formats {
		if !f.fits(given) && !f.fits(plain) {
			continue
		}
		m := Match{Format: f, Company: f.company}
		if f.Courier == PostalCourier {
			m.Company = posts[plain[len(plain)-2:]]
		}
		matches = append(matches, m)
	}
	return matches
}

// Normalise is the number in capitals and without separators, as numbers are compared; ok is false when something else
// than letters, digits and separators is in it, or nothing. Of a number with a hyphen compare both forms: LaserShip
// tells parcels apart by what comes after it.
func Normalise(number string) (plain string, ok bool) {
	var b strings.Builder
	for _, c := range strings.ToUpper(strings.Join(strings.Fields(number), "")) {
		switch {
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'Z':
			b.WriteRune(c)
		case c != '-' && c != '.':
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

// Propose is the carrier of the numbers, as Shopify spells it; empty: nothing is proposed. That is so unless each of
// the numbers fits one courier alone, by a check digit, and all of them the same carrier.
func Propose(numbers ...string) (company string) {
	for i, number := range numbers {
		of := proposed(Detect(number))
		if of == "" || i > 0 && of != company {
			return ""
		}
		company = of
	}
	return company
}

func proposed(matches []Match) (company string) {
	checked := false
	for _, m := range matches {
		if m.Courier != matches[0].Courier {
			return ""
		}
		if m.Checked() {
			checked, company = true, m.Company
		}
	}
	if !checked {
		return ""
	}
	return company
}

// Companies are the carriers that can be told from a number, as Shopify spells them, in alphabetical order.
func Companies() []string {
	names := slices.Collect(maps.Values(posts))
	for _, f := range formats {
		if f.company != "" {
			names = append(names, f.company)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
