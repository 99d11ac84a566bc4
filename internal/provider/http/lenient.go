package http

import (
	"bytes"
	"encoding/json"
	"time"

	"packhorse/internal/fulfillment"
)

// What a warehouse sends is read leniently: a member of another kind than the contract's is as if it were not there, so
// that no answer is lost by it.

// text is a JSON text or number; "": it is neither.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(body []byte) error {
	*t = ""
	var s string
	if json.Unmarshal(body, &s) == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if json.Unmarshal(body, &n) == nil {
		*t = text(n)
	}
	return nil
}

// longestShort is how many bytes of somebody's words stand in an error.
const longestShort = 300

func (t text) short() string {
	if len(t) <= longestShort {
		return string(t)
	}
	return string(bytes.ToValidUTF8([]byte(t[:longestShort]), nil)) + "…"
}

// cut is the text, of so many characters at the most.
func (t text) cut(characters int) string {
	if all := []rune(t); len(all) > characters {
		return string(all[:characters-1]) + "…"
	}
	return string(t)
}

// id is the text as an ID; 0: it is none.
func (t text) id() fulfillment.ID {
	id, err := fulfillment.ParseID(string(t))
	if err != nil {
		return 0
	}
	return id
}

// time is the text as a time of RFC 3339; nil: it is none.
func (t text) time() *time.Time {
	at, err := time.Parse(time.RFC3339, string(t))
	if err != nil {
		return nil
	}
	return new(at.UTC().Truncate(time.Millisecond))
}

// flag is a boolean that may be missing.
type flag int

const (
	unsaid flag = iota
	isTrue
	isFalse
)

// UnmarshalJSON never fails.
func (f *flag) UnmarshalJSON(body []byte) error {
	switch string(body) {
	case "true":
		*f = isTrue
	case "false":
		*f = isFalse
	default:
		*f = unsaid
	}
	return nil
}

// number is a whole number; 0: it is none.
type number int64

// UnmarshalJSON never fails.
func (n *number) UnmarshalJSON(body []byte) error {
	var value int64
	if json.Unmarshal(body, &value) != nil {
		value = 0
	}
	*n = number(value)
	return nil
}

// list is a JSON list without the members that can't be read.
type list[T any] []T

// UnmarshalJSON never fails.
func (l *list[T]) UnmarshalJSON(body []byte) error {
	*l = nil
	var raw []json.RawMessage
	if json.Unmarshal(body, &raw) != nil {
		return nil
	}
	for _, one := range raw {
		var value T
		if json.Unmarshal(one, &value) == nil && string(one) != "null" {
			*l = append(*l, value)
		}
	}
	return nil
}
