package admin

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/search"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	type parcel struct {
		id   fulfillment.ID
		name string
		live bool
		at   time.Time
	}
	day := func(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }
	parcels := []parcel{{1, "Saddle", true, day(1)}, {2, "Bell", true, day(2)}, {3, "", false, day(3)}}
	fields := map[string]func(parcel) any{
		"id": func(p parcel) any { return p.id }, "name": func(p parcel) any { return p.name },
		"live": func(p parcel) any { return p.live }, "sent_at": func(p parcel) any { return p.at },
	}
	for query, want := range map[string]string{
		"":                               "123",
		"id:2":                           "2",
		"id:gid://shopify/Fulfillment/2": "2",
		"id:>=2":                         "23",
		"id:<2 OR id:3":                  "13",
		"name:saddle":                    "1",
		"name:SAD*":                      "1",
		"name:saddle,bell":               "12",
		"name:*":                         "12",
		"-name:saddle live:true":         "2",
		"NOT (live:true OR id:3)":        "",
		"sent_at:>2026-03-01T12:00:00Z":  "23",
		"sent_at:<2026-03-02":            "1",
		"sent_at:2026-03-02":             "2",
		"sent_at:>2026-03-02":            "3",
		"sent_at:<=2026-03-02":           "12",
		"sent_at:2026-03":                "123",
		"sent_at:>2026":                  "",
		"sent_at:<=2026":                 "123",
		"sent_at:<now":                   "123",
		"sent_at:>=now":                  "",
		"*":                              "123",
	} {
		kept, err := filter(parcels, &query, fields)
		var got strings.Builder
		for _, p := range kept {
			got.WriteString(p.id.String())
		}
		if got.String() != want || err != nil {
			t.Errorf("%q keeps %q (%v), want %q", query, got.String(), err, want)
		}
	}
	for _, query := range []string{"color:red", "id:one", "sent_at:yesterday", "(id:1", "bell"} {
		_, err := filter(parcels, &query, fields)
		if _, ok := errors.AsType[*search.Error](err); !ok {
			t.Errorf("%q: %v, want it refused", query, err)
		}
	}
	for name, items := range map[string][]parcel{"matched_before": parcels, "nothing_to_search": nil} {
		query := "id:>0 OR color:red"
		_, err := filter(items, &query, fields)
		if _, ok := errors.AsType[*search.Error](err); !ok {
			t.Errorf("%s: %v, want the unknown field refused", name, err)
		}
	}
	if kept, err := filter(slices.Clone(parcels), nil, fields); len(kept) != 3 || err != nil {
		t.Errorf("without a query: %v, %v", kept, err)
	}
}

func TestFilterRefusesBrokenValues(t *testing.T) {
	t.Parallel()
	items := shipmentsToFilter()
	for query, want := range map[string]string{
		"id:x":                                     `Search query, character 4: "x" is not an ID.`,
		"id:*  -id:>=one":                          `Search query, character 13: "one" is not an ID.`,
		"created_at:nonsense":                      `Search query, character 12: "nonsense" is not a time: write it like 2026-02-28T13:45:00Z.`,
		"status:success OR created_at:nonsense":    `Search query, character 30: "nonsense" is not a time: write it like 2026-02-28T13:45:00Z.`,
		"status:none (id:1 NOT updated_at:<never)": `Search query, character 35: "never" is not a time: write it like 2026-02-28T13:45:00Z.`,
		"id:1,2,x":                                 `Search query, character 8: "x" is not an ID.`,
	} {
		for n := range len(items) + 1 { // Neither how many there are nor what they are makes it right.
			kept, err := filter(items[:n], &query, shipmentFields)
			if _, ok := errors.AsType[*search.Error](err); !ok || err.Error() != want || kept != nil {
				t.Errorf("%q in a list of %d: %v, %v, want %s", query, n, kept, err, want)
			}
		}
	}
}

// shipmentsToFilter are shipments that differ in all that they can be searched by.
func shipmentsToFilter() []*Fulfillment {
	var items []*Fulfillment
	for _, f := range []fulfillment.Fulfillment{
		{
			ID: 1, Status: fulfillment.FulfillmentSuccess, CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
			UpdatedAt: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		},
		{
			ID: 1 << 60, Status: fulfillment.FulfillmentCancelled,
			CreatedAt: time.Date(2026, 3, 2, 23, 59, 59, 999_999_999, time.UTC),
			UpdatedAt: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
		},
		{}, // Nothing that is known of it.
	} {
		items = append(items, &Fulfillment{&postgres.OwnedFulfillment{Fulfillment: &f}})
	}
	return items
}
