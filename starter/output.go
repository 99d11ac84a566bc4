package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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

// pair is both axes of a fulfillment order in a few letters.
func pair(s fulfillment.Status, r fulfillment.RequestStatus) string {
	if r == "" || r == fulfillment.RequestUnsubmitted {
		return string(s)
	}
	return string(s) + " / " + string(r)
}

// dateLayout has the offset with it: what is printed means the same to whoever it is sent to, and is taken by every
// flag that takes a time.
const (
	dateLayout   = "2006-01-02 15:04Z07:00"
	secondLayout = "2006-01-02 15:04:05Z07:00"
)

// date is a time in the reader's zone, to the minute.
func (a *app) date(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(a.zone).Format(dateLayout)
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
