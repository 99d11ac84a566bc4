package rehearsal

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"
)

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

var threeDays = Selection{From: day("2024-03-01"), To: day("2024-03-03")}

func TestReadSelectsByPurchase(t *testing.T) {
	t.Parallel()
	file := `{"id":"early","status":"created","purchased_at":"2024-02-29 23:59:59"}
{"id":"first","status":"created","purchased_at":"2024-03-01 00:00:00"}

{"id":"last","status":"created","purchased_at":"2024-03-03 23:59:59","approved_at":null}
{"id":"zoned","status":"created","purchased_at":"2024-03-04T00:30:00+01:00"}
{"id":"late","status":"created","purchased_at":"2024-03-04 00:00:00"}
{"id":"unsorted","status":"created","purchased_at":"2024-03-02 00:00:00"}
`
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write([]byte(file))
	_ = w.Close()
	limited := threeDays
	limited.Limit = 2
	for _, test := range []struct {
		name, file string
		selection  Selection
		want       string
	}{
		{"both_days_included", file, threeDays, "first last zoned unsorted"},
		{"compressed", zipped.String(), threeDays, "first last zoned unsorted"},
		{"limited", file, limited, "first last"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			records, err := Read(strings.NewReader(test.file), test.selection)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range records {
				ids = append(ids, r.ID)
			}
			if got := strings.Join(ids, " "); got != test.want {
				t.Errorf("read %q, want %q", got, test.want)
			}
		})
	}
}

func TestReadNamesTheLine(t *testing.T) {
	t.Parallel()
	const good = `{"id":"a","status":"created","purchased_at":"2024-03-01 10:00:00"}` + "\n"
	for _, test := range []struct{ name, line, want string }{
		{"Latin-1", "{\"id\": \"Caf\xe9\"}", "it is not valid UTF-8 text"},
		{"broken", `{"id":`, "line 3: unexpected end of JSON input"},
		{"no_id", `{"status":"created","purchased_at":"2024-03-01 10:00:00"}`, "line 3: id is missing"},
		{"no_purchase", `{"id":"b","status":"created","purchased_at":null}`, "line 3: purchased_at is missing"},
		{"bad_time", `{"id":"b","status":"created","purchased_at":"yesterday"}`, `line 3: "yesterday" is not a time`},
		{"time_no_text", `{"id":"b","status":"created","purchased_at":5}`, "line 3: a time must be text or null"},
		{
			"bad_status", `{"id":"b","status":"lost","purchased_at":"2024-03-01 10:00:00"}`,
			`line 3: status "lost" is none of`,
		},
		{"twice", strings.TrimSpace(good), "line 3: order a was in line 1 already"},
		{
			"no_seller", `{"id":"b","status":"created","purchased_at":"2024-03-01 10:00:00","items":[{"quantity":1}]}`,
			"line 3: items[0]: seller_id is missing",
		},
		{
			"no_units",
			`{"id":"b","status":"created","purchased_at":"2024-03-01 10:00:00","items":[{"seller_id":"s","quantity":0}]}`,
			"line 3: items[0]: quantity 0 is not positive",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// A line outside of the selected days counts as well: what can't be read has no day.
			_, err := Read(strings.NewReader(good+"\n"+test.line+"\n"), threeDays)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestReadTellsSeveralProblems(t *testing.T) {
	t.Parallel()
	_, err := Read(strings.NewReader("{}\n{}\n"), threeDays)
	if err == nil || !strings.Contains(err.Error(), "line 1:") || !strings.Contains(err.Error(), "line 2:") {
		t.Errorf("got %v, want both lines", err)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	c := Clock{Start: start, From: day("2024-03-01"), Day: 2 * time.Second}
	for _, test := range []struct {
		recorded time.Time
		want     time.Duration
	}{
		{day("2024-03-01"), 0},
		{day("2024-03-01").Add(12 * time.Hour), time.Second},
		{day("2024-03-04"), 6 * time.Second},
		{day("2024-02-29"), -2 * time.Second},
		{day("2034-03-01"), 3652 * 2 * time.Second}, // no overflow, no loss over years
	} {
		if got := c.Real(test.recorded).Sub(start); got != test.want {
			t.Errorf("%s is played after %s, want %s", test.recorded, got, test.want)
		}
	}
	// A day that lasts a day is real time.
	c.Day = 24 * time.Hour
	if got := c.Real(day("2024-03-03").Add(time.Hour)).Sub(start); got != 49*time.Hour {
		t.Errorf("real time: after %s, want 49h", got)
	}
}
