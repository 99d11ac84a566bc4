package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTimesOnTheClock: a time that the clocks of the reader's zone don't show, or show twice, is nobody's guess.
func TestTimesOnTheClock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ zone, text, want string }{
		{"Europe/Berlin", "2026-03-29 01:59", "2026-03-29T00:59:00Z"},
		{"Europe/Berlin", "2026-03-29 02:30", "the clocks in Europe/Berlin skip this time: write it with its offset"},
		{"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25 01:59", "2026-10-24T23:59:00Z"},
		{"Europe/Berlin", "2026-10-25 02:30", "the clocks in Europe/Berlin show this time twice: " +
			"write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"},
		{"Europe/Berlin", "2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z"},
		{"Europe/Berlin", "2026-10-25 02:30+02:00", "2026-10-25T00:30:00Z"}, // As this program prints them.
		{"Europe/Berlin", "2026-10-25 02:30:07Z", "2026-10-25T02:30:07Z"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"}, // Its clocks skip the first hour of the day.
		{"Africa/Cairo", "2026-04-24 00:30", "the clocks in Africa/Cairo skip this time"},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "the clocks in Australia/Lord_Howe show this time twice"},
		{"UTC", "2026-03-29 02:30", "2026-03-29T02:30:00Z"},
		{"UTC", "2026-02-30", "write it as "},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := (&app{zone: zone}).parseTime(test.text)
		got := at.Format(time.RFC3339)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("%s in %s is %s, want %s", test.text, test.zone, got, test.want)
		}
	}
}

// TestTimesCarryTheirZone: what is printed is the same moment for whoever reads it, here and elsewhere.
func TestTimesCarryTheirZone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"UTC": "2026-03-04 12:00Z", "Europe/Lisbon": "2026-03-04 12:00Z", "Asia/Kolkata": "2026-03-04 17:30+05:30",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		got := (&app{zone: zone}).date(at)
		elsewhere := &app{zone: time.FixedZone("elsewhere", -5*3600)}
		if back, err := elsewhere.parseTime(got); got != want || !back.Equal(at) {
			t.Errorf("in %s it is %s, want %s; read again %s, %v", name, got, want, back, err)
		}
	}
}

// TestPagesShowTimesWithTheirZone: no page and no table shows a time that others read as another moment.
func TestPagesShowTimesWithTheirZone(t *testing.T) {
	t.Parallel()
	clock := regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?(\+05:30)?`)
	f := lantern()
	for _, args := range []string{
		"order list", "order show #1001", "order close #1001", "fulfillment-order list", "fulfillment-order show 4711",
		"fulfillment-order history 4711", "fulfillment-order set-deadline 4711 --fulfill-by 36h", "fulfillment show 4714",
		"app list", "token list",
	} {
		var out, errOut bytes.Buffer
		a := newApp(nil, &out, &errOut)
		a.now, a.backend = func() time.Time { return noon }, f.asBackend()
		a.zone = time.FixedZone("Asia/Kolkata", 5*3600+1800)
		if status := a.run(t.Context(), strings.Fields(args)); status != statusDone {
			t.Errorf("%s: %s", args, &errOut)
		}
		times := clock.FindAllStringSubmatch(out.String(), -1)
		if len(times) == 0 {
			t.Errorf("%s shows no time:\n%s", args, &out)
		}
		for _, at := range times {
			if at[2] == "" {
				t.Errorf("%s shows %s, without its zone", args, at[0])
			}
		}
	}
}

// TestAge: what is too far for a duration is said in years.
func TestAge(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	a := &app{now: func() time.Time { return now }}
	for at, want := range map[string]string{
		"9000-01-01T00:00:00Z": "in 6973 years", "1970-01-01T00:00:00Z": "56 years ago", "2026-03-04T12:00:00Z": "0 s ago",
		"2026-03-05T12:00:00Z": "in 24 h", "2027-03-04T12:00:00Z": "in 365 days", "2028-03-05T12:00:00Z": "in 2 years",
		"9999-12-31T23:59:59Z": "in 7973 years", "0001-01-02T00:00:00Z": "2025 years ago",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.age(when); got != want {
			t.Errorf("%s is %s, want %s", at, got, want)
		}
	}
}
