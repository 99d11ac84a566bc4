package main

import (
	"strings"
	"testing"
)

// TestOptionsInWords: what is wrong with the options of a service is said with its path and what is allowed, by add and
// by update, and nothing is done.
func TestOptionsInWords(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"shipAfter": 5}`:           `options of the provider simulated: shipAfter is a number: it must be a duration such as 30s`,
		`{"latency": {"min": true}}`: `latency.min is true: it must be a duration`,
		`{"shipp": 1}`:               `there is no option "shipp": there are id, latency`,
	} {
		for _, args := range [][]string{
			{"service", "add", "X", "--provider", "simulated", "--options", options},
			{"service", "update", "nordlicht", "--options", options},
		} {
			f := lantern()
			status, _, stderr := call(t, f, "", args...)
			if status != statusFailed || !strings.Contains(stderr, want) || strings.Contains(stderr, "json") || len(f.sent) > 0 {
				t.Errorf("%v: status %d, %s, sent %v; want %s", args, status, stderr, f.sent, want)
			}
		}
	}
	for options, want := range map[string]string{
		`[1]`: "--options is no JSON object: it must be one such as", `null`: "--options is no JSON object",
		`"{}"`: "--options is no JSON object", `{"a": 1`: "--options is no JSON: unexpected end of JSON input (at byte 7 of 7)",
	} {
		f := lantern()
		status, _, stderr := call(t, f, "", "service", "add", "X", "--options", options)
		if status != statusUsage || !strings.Contains(stderr, want) || strings.Contains(stderr, "unmarshal") || len(f.sent) > 0 {
			t.Errorf("%s: status %d, %s, sent %v; want %s", options, status, stderr, f.sent, want)
		}
	}
}
