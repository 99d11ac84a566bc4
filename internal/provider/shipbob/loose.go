package shipbob

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// The types of this file read what ShipBob sends, whatever it is: a value of another kind than was promised is as if
// it were missing. An answer that comes after the effect must never be lost because of one odd value in it.

// text is a string, or a number or truth value as it was written.
type text string

func (t *text) UnmarshalJSON(body []byte) error {
	*t = ""
	var s string
	switch {
	case len(body) == 0:
	case body[0] == '"':
		if json.Unmarshal(body, &s) == nil {
			*t = text(strings.TrimSpace(s))
		}
	case body[0] != '{' && body[0] != '[' && !bytes.Equal(body, []byte("null")):
		*t = text(body)
	}
	return nil
}

// key is the text for comparing: "On Hold", "on_hold" and "OnHold" are the same.
func (t text) key() string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + ('a' - 'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		}
		return -1
	}, string(t))
}

// digits tells whether the text is a number such as an ID, fit for a path or a list with commas.
func (t text) digits() bool {
	if t == "" || len(t) > 19 {
		return false
	}
	for _, c := range []byte(t) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// whole is an integer, written as a number or as text; what is none is 0.
func (t text) whole() int {
	if n, err := strconv.Atoi(string(t)); err == nil {
		return n
	}
	if r, ok := rational(t); ok && r.IsInt() && r.Num().IsInt64() {
		return int(r.Num().Int64())
	}
	return 0
}

// decimal is an amount of money as exact text, such as "4.90" of 4.90, with at most four digits after the point.
func (t text) decimal() (string, bool) {
	r, ok := rational(t)
	if !ok || r.Sign() < 0 {
		return "", false
	}
	if plain := string(t); !strings.ContainsAny(plain, "eE+/_xX") && len(plain) < 20 {
		_, after, _ := strings.Cut(plain, ".")
		if len(after) <= 4 && plain[0] != '.' && !strings.HasSuffix(plain, ".") {
			return plain, true
		}
	}
	amount := strings.TrimRight(r.FloatString(4), "0")
	return strings.TrimSuffix(amount, "."), true
}

// longestNumber keeps a number with a huge exponent from being written out.
const longestNumber = 40

func rational(t text) (*big.Rat, bool) {
	if len(t) > longestNumber {
		return nil, false
	}
	if _, exponent, has := strings.Cut(strings.ToLower(string(t)), "e"); has {
		if n, err := strconv.Atoi(exponent); err != nil || n < -longestNumber || n > longestNumber {
			return nil, false
		}
	}
	return new(big.Rat).SetString(string(t))
}

// moment is a time. One without a zone is in UTC; what is no time is the zero time.
type moment struct{ time.Time }

var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999",
	time.DateOnly,
}

func (m *moment) UnmarshalJSON(body []byte) error {
	m.Time = time.Time{}
	var t text
	_ = t.UnmarshalJSON(body)
	for _, layout := range layouts {
		// A year that no calendar of ours has is a default value, such as 0001.
		if at, err := time.Parse(layout, string(t)); err == nil && at.Year() >= 1970 && at.Year() <= 9999 {
			m.Time = at.UTC()
			return nil
		}
	}
	return nil
}

// pointer is the time; nil: there is none.
func (m moment) pointer() *time.Time {
	if m.IsZero() {
		return nil
	}
	return new(m.Time)
}

// first is the first of the times that is one.
func first(moments ...moment) moment {
	for _, m := range moments {
		if !m.IsZero() {
			return m
		}
	}
	return moment{}
}

// list is an array without its elements that can't be read.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(body []byte) error {
	*l = nil
	var elements []json.RawMessage
	if json.Unmarshal(body, &elements) != nil {
		return nil
	}
	for _, element := range elements {
		var value T
		if !bytes.Equal(element, []byte("null")) && json.Unmarshal(element, &value) == nil {
			*l = append(*l, value)
		}
	}
	return nil
}

// maybe is an object that may be missing or something else; then it is the zero value.
type maybe[T any] struct{ is T }

func (m *maybe[T]) UnmarshalJSON(body []byte) error {
	var value T
	if json.Unmarshal(body, &value) != nil {
		value = *new(T)
	}
	m.is = value
	return nil
}
