package rehearsal

import (
	"bytes"
	"compress/gzip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

var namesLine = regexp.MustCompile(`^line ([0-9]+): .`)

// FuzzRead reads any file of recorded orders: each problem names its line, and what is read is whole, selected, there
// once and in the order of the file, the same when the file is compressed, and can be played.
func FuzzRead(f *testing.F) {
	const order = `{"id":"a","status":"created","purchased_at":"2024-03-01 10:00:00"}`
	for _, file := range []string{
		"", "\n\n", recorded, order, order + "\n" + order, "\r\n" + order + "\r\n", "\xef\xbb\xbf" + order, "null",
		"{}", "[]", "5", "{\n}", order + order,
		strings.Repeat("{}\n", 12), `{"id":`, `{"id":5}`, "\xff", "\x00", "\x1f\x8b", "\x1f\x8b\x08\x00broken",
		string(compressed(order)), string(compressed(recorded))[:100],
		`{"id":"\ud800","status":"created","purchased_at":"2024-03-01 10:00:00"}`,
		"{\"id\":\"\xff\xff\xff\xff\xff\",\"status\":\"created\",\"purchased_at\":\"2024-03-01 10:00:00\"}",
		`{"id":"a","status":"lost","purchased_at":"2024-03-01 10:00:00"}`,
		`{"id":"a","status":"created","purchased_at":null}`, `{"id":"a","status":"created","purchased_at":5}`,
		`{"id":"a","status":"created","purchased_at":"2024-02-30 10:00:00"}`,
		`{"ID":"a","Status":"created","PURCHASED_AT":"2024-03-04T00:30:00.5+01:00"}`,
		`{"id":"äöüäöüäöü","status":"shipped","purchased_at":"2024-03-01 10:00:00","carrier_at":"0000-01-01 00:00:00","items":[{"seller_id":"s","quantity":1}]}`,
		`{"id":"a","status":"canceled","purchased_at":"2024-03-01 10:00:00","items":[{"seller_id":"s","quantity":9223372036854775807},{"seller_id":"s","quantity":1}]}`,
		`{"id":"a","status":"created","purchased_at":"2024-03-01 10:00:00","items":[null]}`,
		`{"id":"a","status":"created","purchased_at":"2024-03-01 10:00:00","items":[{"seller_id":"s","quantity":1.5}]}`,
	} {
		f.Add([]byte(file), 0)
		f.Add([]byte(file), 1)
	}
	f.Fuzz(func(t *testing.T, file []byte, limit int) {
		selection := threeDays
		selection.Limit = limit
		records, err := Read(bytes.NewReader(file), selection)
		if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
			return // That it ends is all that can be said of it: mostly it is broken.
		}
		checkProblems(t, file, err)
		checkRecords(t, file, records, selection)
		again, errAgain := Read(bytes.NewReader(compressed(string(file))), selection)
		if len(again) != len(records) || (err == nil) != (errAgain == nil) || err != nil &&
			err.Error() != errAgain.Error() {
			t.Fatalf("%q has %d orders, %v; compressed %d, %v", file, len(records), err, len(again), errAgain)
		}
	})
}

// checkProblems looks for a line of the file in each problem.
func checkProblems(t *testing.T, file []byte, err error) {
	t.Helper()
	if err == nil {
		return
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) > maxProblems {
		t.Fatalf("%q: %#v", file, err)
	}
	last := 0
	for _, problem := range joined.Unwrap() {
		text := problem.Error()
		match := namesLine.FindStringSubmatch(text)
		if match == nil || !utf8.ValidString(text) {
			t.Fatalf("%q: %q names no line", file, text)
		}
		line, err := strconv.Atoi(match[1])
		if err != nil || line <= last || line > bytes.Count(file, []byte("\n"))+1 {
			t.Fatalf("%q: %q is not about a line of it after line %d", file, text, last)
		}
		last = line
	}
}

func checkRecords(t *testing.T, file []byte, records []Record, selection Selection) {
	t.Helper()
	if selection.Limit > 0 && len(records) > selection.Limit {
		t.Fatalf("%q: %d orders, of %d at most", file, len(records), selection.Limit)
	}
	seen := map[string]bool{}
	clock := Clock{Start: day("2030-01-01"), From: selection.From, Day: 1}
	for i := range records {
		r := &records[i]
		if r.ID == "" || seen[r.ID] || !slices.Contains(RecordStatuses, r.Status) || r.PurchasedAt == nil ||
			r.PurchasedAt.Before(selection.From) || !r.PurchasedAt.Before(selection.To.AddDate(0, 0, 1)) {
			t.Fatalf("%q: was read as %+v", file, *r)
		}
		seen[r.ID] = true
		for _, item := range r.Items {
			if item.SellerID == "" || item.Quantity < 1 {
				t.Fatalf("%q: order %s has the line %+v", file, r.ID, item)
			}
		}
		steps := r.life()
		if steps[0].step != StepCreate || !steps[0].at.Equal(r.PurchasedAt.Time) {
			t.Fatalf("%q: order %s starts with %+v", file, r.ID, steps[0])
		}
		lines := 0
		for _, e := range r.expect() {
			lines += e.lines
		}
		o := r.order("run", clock)
		if lines != len(r.Items) || len(o.LineItems) != len(r.Items) || o.ID <= 0 {
			t.Fatalf(
				"%q: order %s with %d lines becomes order %d with %d, %d of which are expected", file, r.ID,
				len(r.Items), o.ID, len(o.LineItems), lines,
			)
		}
	}
	fileTotals(records)
	dirtOf(records)
}

func compressed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}
