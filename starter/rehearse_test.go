package main

import (
	"strings"
	"testing"
	"time"

	"packhorse/internal/rehearsal"
)

func TestRehearsalOptions(t *testing.T) {
	t.Parallel()
	good := rehearsal.Options{Day: time.Second, InFlight: 1}
	for _, test := range []struct {
		name, from, to string
		change         func(*rehearsal.Options)
		want           string // of the error; empty: none
	}{
		{"one_day", "2024-03-01", "2024-03-01", func(*rehearsal.Options) {}, ""},
		{"no_day", "March", "2024-03-01", func(*rehearsal.Options) {}, "--from"},
		{"no_such_day", "2024-03-01", "2024-03-32", func(*rehearsal.Options) {}, "--to"},
		{"backwards", "2024-03-02", "2024-03-01", func(*rehearsal.Options) {}, "before"},
		{"no_time", "2024-03-01", "2024-03-01", func(o *rehearsal.Options) { o.Day = 0 }, "--day"},
		{
			"longer_than_life", "2024-03-01", "2024-03-01", func(o *rehearsal.Options) { o.Day = 48 * time.Hour },
			"--day",
		},
		{
			"negative_limit", "2024-03-01", "2024-03-01", func(o *rehearsal.Options) { o.Selection.Limit = -1 },
			"--limit",
		},
		{"nothing_in_flight", "2024-03-01", "2024-03-01", func(o *rehearsal.Options) { o.InFlight = 0 }, "--in-flight"},
		{"odd_name", "2024-03-01", "2024-03-01", func(o *rehearsal.Options) { o.Run = "a/b" }, "--run"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := good
			test.change(&options)
			err := rehearsalOptions(&options, test.from, test.to)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want something about %s", err, test.want)
			case test.want == "" && options.Run == "":
				t.Error("the rehearsal has no name")
			}
		})
	}
}

// The API's own process takes what warehouses tell, whatever path the Admin API has.
func TestCallbacksGoToTheAPI(t *testing.T) {
	t.Parallel()
	for api, want := range map[string]string{
		"http://127.0.0.1:8081/admin/api/2026-07/graphql.json": "http://127.0.0.1:8081/providers/http",
		"https://packhorse.example.com/":                       "https://packhorse.example.com/providers/http",
		"":                                                     "http://127.0.0.1:8080/providers/http",
	} {
		if got := callbacksOf(api); got != want {
			t.Errorf("beside %q they go to %s, want %s", api, got, want)
		}
	}
}
