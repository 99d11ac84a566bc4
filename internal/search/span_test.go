package search

import (
	"testing"
	"time"
)

// TestParseSpan: a time stands for all that it does not say: a second for its fractions, a year for its days.
func TestParseSpan(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for text, want := range map[string][2]string{
		"2026":                      {"2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		"2026-02":                   {"2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		"2024-02-29":                {"2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
		"2026-03-04T23:00":          {"2026-03-04T23:00:00Z", "2026-03-04T23:01:00Z"},
		"2026-03-04 23:00:02":       {"2026-03-04T23:00:02Z", "2026-03-04T23:00:03Z"},
		"2026-03-05t01:00:02+02":    {"2026-03-04T23:00:02Z", "2026-03-04T23:00:03Z"},
		"2026-03-04T23:00:02.1Z":    {"2026-03-04T23:00:02.1Z", "2026-03-04T23:00:02.100001Z"},
		"2026-03-05T01:00:02+02:00": {"2026-03-04T23:00:02Z", "2026-03-04T23:00:03Z"},
	} {
		from, until, ok := ParseSpan(text)
		if !ok || !from.Equal(at(want[0])) || !until.Equal(at(want[1])) {
			t.Errorf("%s is from %s until %s (%t), want %s", text, from, until, ok, want)
		}
	}
	for _, text := range []string{"", "now", "yesterday", "26", "2026-13", "2026-02-30", "2026-1-1", "23:00"} {
		if from, until, ok := ParseSpan(text); ok {
			t.Errorf("%q is from %s until %s", text, from, until)
		}
	}
}
