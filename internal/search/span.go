package search

import (
	"strings"
	"time"
)

// IsNow tells whether a value of a time is the word for the moment at which the list is read.
func IsNow(text string) bool { return strings.EqualFold(text, "now") }

// ParseSpan reads an ISO 8601 year, month, date, or date and time, as the span that it names: [from, until). A fraction
// of a second names an instant, to the microsecond that PostgreSQL keeps. Without a zone it is UTC.
func ParseSpan(text string) (from, until time.Time, ok bool) {
	if year, err := time.Parse("2006", text); err == nil {
		return year, year.AddDate(1, 0, 0), true
	}
	if month, err := time.Parse("2006-01", text); err == nil {
		return month, month.AddDate(0, 1, 0), true
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, day.AddDate(0, 0, 1), true
	}
	text = strings.Replace(strings.ToUpper(text), " ", "T", 1)
	for _, layout := range []struct {
		text string
		unit time.Duration
	}{{"2006-01-02T15:04:05", time.Second}, {"2006-01-02T15:04", time.Minute}} {
		for _, zone := range []string{"", "Z07:00", "Z0700", "Z07"} {
			at, err := time.Parse(layout.text+zone, text)
			if err != nil {
				continue
			}
			if layout.unit == time.Second && strings.ContainsAny(text, ".,") {
				layout.unit = time.Microsecond
			}
			at = at.UTC().Truncate(time.Microsecond)
			return at, at.Add(layout.unit), true
		}
	}
	return time.Time{}, time.Time{}, false
}
