package fulfillment

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NameProblems is all that is wrong with the text of a name but its length, on the field name; nil: nothing is.
func NameProblems(name string) Refusals {
	var problems Refusals
	add := func(code Code, message string) {
		problems = append(problems, &Error{Code: code, Field: []string{"name"}, Message: message})
	}
	if strings.TrimSpace(name) == "" {
		add(CodeBlank, "Name can't be blank")
		return problems
	}
	if first, _ := utf8.DecodeRuneInString(name); unicode.IsSpace(first) {
		add(CodeInvalid, "Name cannot begin with a whitespace character")
	}
	if last, _ := utf8.DecodeLastRuneInString(name); unicode.IsSpace(last) {
		add(CodeInvalid, "Name cannot end with a whitespace character")
	}
	if problem := lineProblem(strings.TrimSpace(name)); problem != "" {
		add(CodeInvalid, "Name "+problem)
	}
	return problems
}

// isLong tells whether a name or a part of an address has more characters than it may.
func isLong(text string) bool { return utf8.RuneCountInString(text) > maxText }

// longText is what is said of such a text.
func longText(label string) string {
	return fmt.Sprintf("%s is too long (maximum is %d characters)", label, maxText)
}

// letters are those that Unicode does not decompose into a base letter and a mark.
var letters = strings.NewReplacer(
	"ß",
	"ss",
	"æ",
	"ae",
	"œ",
	"oe",
	"ø",
	"o",
	"đ",
	"d",
	"ð",
	"d",
	"þ",
	"th",
	"ł",
	"l",
	"ı",
	"i",
)

// Handle is a name as programs write it: in lower case with diacritics transliterated, underscores kept, and anything
// else as one hyphen, none at the ends. A name in another script has none: "".
func Handle(name string) string {
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
