package postgres

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"packhorse/internal/fulfillment"
)

// reservedNames are the services that Shopify has built in.
var reservedNames = []string{"manual", "gift_card", "shopify", "amazon"}

const (
	nameTaken    = "Name has already been taken"
	nameReserved = "Name is reserved"
)

// nameProblems is all that is wrong with the text of a name but its length, on the field name.
func nameProblems(name string) fulfillment.Refusals {
	var problems fulfillment.Refusals
	add := func(code fulfillment.Code, message string) {
		problems = append(problems, &fulfillment.Error{Code: code, Field: []string{"name"}, Message: message})
	}
	if strings.TrimSpace(name) == "" {
		add(fulfillment.CodeBlank, "Name can't be blank")
		return problems
	}
	if first, _ := utf8.DecodeRuneInString(name); unicode.IsSpace(first) {
		add(fulfillment.CodeInvalid, "Name cannot begin with a whitespace character")
	}
	if last, _ := utf8.DecodeLastRuneInString(name); unicode.IsSpace(last) {
		add(fulfillment.CodeInvalid, "Name cannot end with a whitespace character")
	}
	return problems
}

// checkName is the first problem of a name.
func checkName(name string) error {
	if problems := nameProblems(name); problems != nil {
		return problems[0]
	}
	return nil
}

// serviceNameProblems is all that is wrong with a service's name, whatever other services there are.
func serviceNameProblems(name string) fulfillment.Refusals {
	problems := nameProblems(name)
	if utf8.RuneCountInString(name) > maxText {
		problems = append(problems, &fulfillment.Error{Code: fulfillment.CodeTooLong, Field: []string{"name"}, Message: tooLong("Name")})
	}
	if problems == nil && (slices.Contains(reservedNames, strings.ToLower(name)) || slices.Contains(reservedNames, handle(name))) {
		problems = fulfillment.Refusals{refused("name", nameReserved)}
	}
	return problems
}

// letters are those that Unicode does not decompose into a base letter and a mark.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ı", "i")

// handle is the name in lower case with diacritics transliterated, underscores kept, and anything else as one hyphen,
// none at the ends.
func handle(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(letters.Replace(strings.ToLower(name))) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			b.WriteRune(r)
		default:
			if !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
	}
	return strings.Trim(b.String(), "-")
}
