package fulfillment

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
)

// strictReader walks JSON beside the Go type that it is meant for and notes what doesn't fit.
type strictReader struct {
	data     []byte
	dec      *json.Decoder
	problems orderProblems
	mends    []mend
}

// mend is another text for a part of the input: what a value means, or null for one that can't be taken.
type mend struct {
	from, to int64
	text     string
}

// mend puts a text in the place of the value that began after the byte at offset and has just been read.
func (s *strictReader) mend(after int64, text string) {
	for bytes.IndexByte([]byte(" \t\r\n:,"), s.data[after]) >= 0 {
		after++
	}
	s.mends = append(s.mends, mend{after, s.dec.InputOffset(), text})
}

// mended is the input with what was put into it.
func (s *strictReader) mended() []byte {
	if len(s.mends) == 0 {
		return s.data
	}
	var b bytes.Buffer
	done := int64(0)
	for _, m := range s.mends {
		b.Write(s.data[done:m.from])
		b.WriteString(m.text)
		done = m.to
	}
	b.Write(s.data[done:])
	return b.Bytes()
}

func (s *strictReader) object(t reflect.Type) error {
	token, err := s.token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return errors.New("an object {…} is expected")
	}
	return s.fields(t, nil)
}

// token is the next token. That the input ends in the middle is an error as any other.
func (s *strictReader) token() (json.Token, error) {
	token, err := s.dec.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it ends too early")
	}
	return token, err
}

// fields reads the rest of an object for a struct.
func (s *strictReader) fields(t reflect.Type, path []string) error {
	known := make(map[string]reflect.Type, t.NumField())
	names := make([]string, 0, t.NumField())
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" && f.IsExported() {
			known[name] = f.Type
			names = append(names, name)
		}
	}
	return s.entries(path, func(name string, at []string) error {
		if t, ok := known[name]; ok {
			return s.value(t, at)
		}
		hint := "known here are " + strings.Join(names, ", ")
		if similar := closest(name, names); similar != "" {
			hint = "did you mean " + similar + "?"
		}
		s.problems.add(at, "there is no such field; %s", hint)
		return s.skip()
	})
}

// entries reads the rest of an object, entry by entry.
func (s *strictReader) entries(path []string, each func(name string, at []string) error) error {
	seen := map[string]bool{}
	for s.dec.More() {
		token, err := s.token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		at := below(path, keyStep(name))
		if seen[name] {
			s.problems.add(at, "is there twice")
		}
		seen[name] = true
		if err := each(name, at); err != nil {
			return err
		}
	}
	_, err := s.token()
	return err
}

func (s *strictReader) skip() error {
	var ignored json.RawMessage
	err := s.dec.Decode(&ignored)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// value reads one value for the type t. null stands for "left out", as everywhere in JSON APIs.
func (s *strictReader) value(t reflect.Type, at []string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	after := s.dec.InputOffset()
	token, err := s.token()
	if err != nil || token == nil {
		return err
	}
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return s.readText(t, at, token, after)
	}
	switch t.Kind() {
	case reflect.Struct:
		if token == json.Delim('{') {
			return s.fields(t, at)
		}
		return s.wrong(at, token, after, "an object {…}")
	case reflect.Map:
		if token == json.Delim('{') {
			return s.entries(at, func(_ string, at []string) error { return s.value(t.Elem(), at) })
		}
		return s.wrong(at, token, after, "an object {…}")
	case reflect.Slice:
		if token != json.Delim('[') {
			return s.wrong(at, token, after, "a list […]")
		}
		for i := 0; s.dec.More(); i++ {
			if err := s.value(t.Elem(), below(at, i)); err != nil {
				return err
			}
		}
		_, err := s.token()
		return err
	case reflect.String:
		if _, ok := token.(string); !ok {
			return s.wrong(at, token, after, `text "…"`)
		}
	case reflect.Bool:
		if _, ok := token.(bool); !ok {
			return s.wrong(at, token, after, "true or false")
		}
	case reflect.Float64:
		if _, ok := token.(json.Number); !ok {
			return s.wrong(at, token, after, "a number")
		}
	case reflect.Int, reflect.Int64:
		return s.whole(t, at, token, after)
	}
	return nil
}

// whole reads a whole number, however JSON writes it: 2, 2.0 and 2e0 are the same number. An ID may be text, too, see
// [ID.UnmarshalJSON].
func (s *strictReader) whole(t reflect.Type, at []string, token json.Token, after int64) error {
	var number string
	switch v := token.(type) {
	case json.Number:
		number = v.String()
	case string:
		if t != reflect.TypeFor[ID]() {
			return s.wrong(at, token, after, "a whole number")
		}
		number = Tidy(v)
		if strings.Trim(strings.TrimPrefix(number, "-"), "0123456789") != "" || number == "" {
			return s.wrong(at, token, after, "a whole number")
		}
	default:
		return s.wrong(at, token, after, "a whole number")
	}
	n, ok := wholeNumber(number)
	if !ok {
		s.mend(after, "null")
		s.problems.add(at, "must be a whole number of at most 63 bits (is %s)", shortened(number))
		return nil
	}
	if text := strconv.FormatInt(n, 10); text != number || token != json.Token(json.Number(number)) {
		s.mend(after, text)
	}
	return nil
}

// wholeNumber is the value of a JSON number that is whole and has at most 63 bits.
func wholeNumber(number string) (int64, bool) {
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		return n, true
	}
	// An exponent can make a number of any length out of few digits.
	if _, exponent, ok := strings.Cut(strings.ToLower(number), "e"); ok {
		if e, err := strconv.Atoi(exponent); err != nil || e < -64 || e > 64 {
			return 0, false
		}
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

// readText tries a value that the type reads from text, such as a time.
func (s *strictReader) readText(t reflect.Type, at []string, token json.Token, after int64) error {
	wanted := `a duration like "36h"`
	if t == reflect.TypeFor[time.Time]() {
		wanted = `a time like "2026-01-31T09:00:00Z"`
	}
	text, ok := token.(string)
	if !ok {
		return s.wrong(at, token, after, wanted)
	}
	if reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
		s.mend(after, "null")
		s.problems.add(at, "must be %s (is %s)", wanted, quoted(text))
	}
	return nil
}

// wrong notes a value of the wrong type and passes over the rest of it.
func (s *strictReader) wrong(at []string, token json.Token, after int64, wanted string) error {
	is := ""
	switch v := token.(type) {
	case string:
		is = "the text " + quoted(v)
	case json.Number:
		is = "the number " + shortened(v.String())
	case bool:
		is = strconv.FormatBool(v)
	case json.Delim:
		is = map[json.Delim]string{'{': "an object", '[': "a list"}[v]
	}
	s.problems.add(at, "must be %s (is %s)", wanted, is)
	if _, nested := token.(json.Delim); !nested {
		s.mend(after, "null")
		return nil
	}
	for depth := 1; depth > 0; {
		token, err := s.token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	s.mend(after, "null")
	return nil
}

// closest is the name that somebody most likely meant: the same but for case, hyphens and underscores, or at most two
// letters away. Empty if none is near.
func closest(name string, names []string) string {
	fold := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
	}
	wanted := fold(name)
	if len(wanted) > maxNameLength {
		return ""
	}
	best, distance := "", 3
	for _, candidate := range names {
		d := levenshtein.ComputeDistance(wanted, fold(candidate))
		if d < distance && 3*d <= len(candidate) {
			best, distance = candidate, d
		}
	}
	return best
}
