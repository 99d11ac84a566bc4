package postgres

import (
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.UTC)
	for _, want := range []Place{
		{SortID, time.Time{}, 1}, {SortID, time.Time{}, 1 << 62}, {SortUpdatedAt, at, 7},
		{SortCreatedAt, time.Unix(0, 0).UTC(), 1},
		{SortProcessedAt, time.UnixMicro(latestMicro).UTC(), 9},
	} {
		got, err := ParsePlace("after", want.String(), want.Sort)
		if err != nil || got != want {
			t.Errorf("%+v became %+v, %v", want, got, err)
		}
	}
	byID := Place{Sort: SortID, ID: 7}.String()
	for text, message := range map[string]string{
		"":                           `"" is not a cursor of this list.`,
		"!":                          `"!" is not a cursor of this list.`,
		Cursor(7).String():           `"` + Cursor(7).String() + `" is not a cursor of this list.`,
		byID + "AA":                  `"` + byID + `AA" is not a cursor of this list.`,
		strings.Repeat("ü", 1000):    `"` + strings.Repeat("ü", 60) + `…" is not a cursor of this list.`,
		Place{Sort: SortID}.String(): `"` + Place{Sort: SortID}.String() + `" is not a cursor of this list.`,
		Place{SortCreatedAt, at, 7}.String(): `The cursor "` + Place{SortCreatedAt, at, 7}.String() +
			`" belongs to a list sorted by CREATED_AT, and this one is sorted by ID.`,
	} {
		_, err := ParsePlace("before", text, SortID)
		if refused, ok := fulfillment.AsError(err); !ok || refused.Message != message || refused.Field[0] != "before" {
			t.Errorf("%.80q: got %v, want %s", text, err, message)
		}
	}
}

func FuzzParsePlace(f *testing.F) {
	f.Add(Place{Sort: SortID, ID: 7}.String())
	f.Add(Place{SortUpdatedAt, testStart, 7}.String())
	f.Fuzz(func(t *testing.T, text string) {
		for _, sort := range []Sort{SortID, SortUpdatedAt, SortCreatedAt, SortProcessedAt} {
			p, err := ParsePlace("after", text, sort)
			if err != nil {
				continue
			}
			if again, err := ParsePlace("after", p.String(), sort); err != nil || again != p {
				t.Errorf("%+v became %+v, %v", p, again, err)
			}
		}
	})
}

func TestWindowRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		window         Window
		field, message string
	}{
		"both_ends":      {Window{First: 1, Last: 1}, "last", "Only one of first and last may be given."},
		"negative":       {Window{First: -1}, "first", "first must be from 1 to 250 (is -1)."},
		"too_many":       {Window{First: 251}, "first", "first must be from 1 to 250 (is 251)."},
		"too_many_last":  {Window{Last: 251}, "last", "last must be from 1 to 250 (is 251)."},
		"negative_last":  {Window{Last: -5}, "last", "last must be from 1 to 250 (is -5)."},
		"sort":           {Window{Sort: "TITLE"}, "sortKey", "This list can't be sorted by TITLE."},
		"sort_of_others": {Window{Sort: SortProcessedAt}, "sortKey", "This list can't be sorted by PROCESSED_AT."},
		"cursor":         {Window{After: "x"}, "after", `"x" is not a cursor of this list.`},
	} {
		_, err := test.window.check(SortID, SortUpdatedAt)
		if refused, ok := fulfillment.AsError(err); !ok || refused.Message != test.message ||
			refused.Field[0] != test.field {
			t.Errorf("%s: got %v, want %s", name, err, test.message)
		}
	}
	if s, err := (Window{}).check(SortID); err != nil || s.limit != DefaultLimit || s.sort != SortID {
		t.Errorf("the zero window is %+v, %v", s, err)
	}
}
