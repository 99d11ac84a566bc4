package provider

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// OptionProblems gathers what is wrong with the values of a service's options, each in words that begin with the
// option's path and say what is allowed.
type OptionProblems []string

// mostProblems is how many are said at once.
const mostProblems = 20

// Of is the permanent error that says all problems of options of the provider with this ID; nil when there are none.
func (p OptionProblems) Of(id string) error {
	if len(p) == 0 {
		return nil
	}
	said := slices.Sorted(slices.Values(p))
	if more := len(said) - mostProblems; more > 0 {
		said = append(said[:mostProblems], fmt.Sprintf("and %d more", more))
	}
	return &Error{Class: Permanent, Message: "options of the provider " + id + ": " + strings.Join(said, "; ")}
}

// Add adds a problem.
func (p *OptionProblems) Add(format string, args ...any) {
	*p = append(*p, fmt.Sprintf(format, args...))
}

// OneOf wants one of the allowed values.
func (p *OptionProblems) OneOf(option, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		p.Add("%s is %s: it must be one of %s", option, quoted(value), strings.Join(allowed, ", "))
	}
}

// Between wants a whole number in bounds. unit is what it counts.
func (p *OptionProblems) Between(option string, value, least, most int, unit string) {
	if value < least || value > most {
		p.Add("%s is %d: it must be between %d and %d %s", option, value, least, most, unit)
	}
}

// Lasts wants a duration in bounds.
func (p *OptionProblems) Lasts(option string, value fulfillment.Duration, least, most time.Duration) {
	if d := time.Duration(value); d < least || d > most {
		p.Add("%s is %s: it must be between %s and %s", option, d, PlainDuration(least), PlainDuration(most))
	}
}

// PlainDuration is a duration without the units that are zero at its end, such as 1m.
func PlainDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Text wants at most so many characters.
func (p *OptionProblems) Text(option, value string, longest int) {
	if n := utf8.RuneCountInString(value); n > longest {
		p.Add("%s has %d characters: it may have at most %d", option, n, longest)
	}
}

// Secret wants the name of a secret, which is not repeated: it may be the secret itself.
func (p *OptionProblems) Secret(option, name string) {
	if err := CheckSecretName(name); err != nil {
		p.Add("%s: %s", option, strings.TrimSuffix(err.Error(), "."))
	}
}
