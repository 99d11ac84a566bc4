package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"packhorse/internal/fulfillment"
)

// list is how every list is answered to programs; next is the cursor for --after, empty on the last page.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// writeJSON writes one document.
func writeJSON(w io.Writer, document any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(document)
	if err == nil {
		_, err = b.WriteTo(w)
	}
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// table is a table for people: a header and rows, or pairs of a name and its value.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, header ...string) *table {
	t := &table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	if len(header) > 0 {
		t.row(header...)
	}
	return t
}

// row adds a row; what isn't there is shown as a dash. The last cell may stay empty.
func (t *table) row(cells ...string) {
	for i, cell := range cells {
		if cell == "" && i < len(cells)-1 {
			cell = "-"
		}
		cells[i] = oneLine(cell)
	}
	fmt.Fprintln(t.w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
}

// pair adds a line of the head of a page, unless there is nothing to say.
func (t *table) pair(name, text string) {
	if text != "" {
		fmt.Fprintf(t.w, "  %s\t%s\n", name, oneLine(text))
	}
}

func (t *table) flush() error {
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// oneLine keeps text from breaking the table, or the terminal: control characters become spaces.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, text)
}

// tellMore says that a list is empty, or how to go on.
func (a *app) tellMore(n int, what, next string) {
	switch {
	case n == 0:
		fmt.Fprintf(a.errOut, "no %s\n", what)
	case next != "":
		fmt.Fprintf(a.errOut, "more: --after %s\n", next)
	}
}

// pair is both axes of a fulfillment order in a few letters.
func pair(s fulfillment.Status, r fulfillment.RequestStatus) string {
	if r == "" || r == fulfillment.RequestUnsubmitted {
		return string(s)
	}
	return string(s) + " / " + string(r)
}

// date is a time in the reader's zone, to the minute.
func (a *app) date(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(a.zone).Format("2006-01-02 15:04")
}

// when is a time in the reader's zone and how far it is from now.
func (a *app) when(at *time.Time) string {
	if at == nil || at.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s (%s)", a.date(*at), a.age(*at))
}

// age is how far a time is from now, roughly.
func (a *app) age(at time.Time) string {
	now := a.now()
	if at.After(now) {
		return "in " + apart(now, at)
	}
	return apart(at, now) + " ago"
}

// apart is the time between two, roughly. A [time.Duration] has room for 292 years only.
func apart(from, to time.Time) string {
	const year = 365.2425 * 24 * 60 * 60
	if years := int(float64(to.Unix()-from.Unix()) / year); years >= 2 {
		return fmt.Sprintf("%d years", years)
	}
	return rough(to.Sub(from))
}

func rough(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// count counts in words: "1 unit", "2 units".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func number(n int) string { return fmt.Sprintf("%d", n) }

// idText is an ID, or nothing where there is none.
func idText(id fulfillment.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}
