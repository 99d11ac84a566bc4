package easypost

import (
	"bytes"
	"encoding/json"
)

// What EasyPost sends is read loosely: a value of another kind than usual must not lose the answer around it, which may
// be a label that was paid for. So these types take whatever comes.

// text is a value as exact text, however it is written: "33.10" and 33.10 are the same. null, lists and objects are
// empty.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	var s string
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || string(raw) == "null":
	case raw[0] != '"':
		*t = text(raw)
	case json.Unmarshal(raw, &s) == nil:
		*t = text(s)
	}
	return nil
}

// flag is true for true and "true", and false for anything else.
type flag bool

// UnmarshalJSON never fails.
func (f *flag) UnmarshalJSON(raw []byte) error {
	*f = string(bytes.Trim(bytes.TrimSpace(raw), `"`)) == "true"
	return nil
}

// list is the items that can be read; what is no list has none.
type list[T any] []T

// UnmarshalJSON never fails.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	*l = nil
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return nil
	}
	for _, item := range items {
		var value T
		if json.Unmarshal(item, &value) == nil {
			*l = append(*l, value)
		}
	}
	return nil
}

// maybe is an object that may be missing: null is missing, and what can't be read is there without its fields.
type maybe[T any] struct{ Value *T }

// UnmarshalJSON never fails.
func (m *maybe[T]) UnmarshalJSON(raw []byte) error {
	m.Value = nil
	if raw = bytes.TrimSpace(raw); string(raw) == "null" || string(raw) == "false" {
		return nil
	}
	m.Value = new(T)
	if json.Unmarshal(raw, m.Value) != nil {
		m.Value = new(T)
	}
	return nil
}
