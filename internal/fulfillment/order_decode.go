package fulfillment

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// DecodeOrder reads an order from one JSON object, strictly: an unknown or repeated field, a value of the wrong type,
// broken UTF-8 and anything after the object are errors, so that no misspelt deadline is silently lost. The error is an
// [*Error] with code [CodeInvalid] that names every problem with its place. The order is not completed, see
// [Order.Complete].
func DecodeOrder(data []byte) (Order, error) {
	var o Order
	if err := decodeStrict(data, &o); err != nil {
		return Order{}, err
	}
	return o, nil
}

// decodeStrict reads one JSON object into the struct that into points to.
func decodeStrict(data []byte, into any) error {
	if !utf8.Valid(data) {
		return refusal(CodeInvalid, nil, "The input is not valid UTF-8 text.")
	}
	s := &strictReader{dec: json.NewDecoder(bytes.NewReader(data))}
	s.dec.UseNumber()
	err := s.object(reflect.TypeOf(into).Elem())
	if err == nil {
		if _, more := s.dec.Token(); !errors.Is(more, io.EOF) {
			err = fmt.Errorf("there is something after the object that starts the input: exactly one is expected")
		}
	}
	if err != nil {
		line, column := position(data, s.dec.InputOffset())
		return refusal(
			CodeInvalid, nil, "The input can't be read as JSON at line %d, column %d: %s.", line, column, err,
		)
	}
	if err := s.problems.err(); err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return refusal(CodeInvalid, nil, "The input can't be read: %s.", err)
	}
	return nil
}

// position is where a person finds the byte at offset: line and column, counted from 1.
func position(data []byte, offset int64) (line, column int) {
	before := data[:min(int(offset), len(data))]
	last := bytes.LastIndexByte(before, '\n')
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[last+1:]) + 1
}

// strictReader walks JSON beside the Go type that it is meant for and notes what doesn't fit.
type strictReader struct {
	dec      *json.Decoder
	problems orderProblems
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
	token, err := s.token()
	if err != nil || token == nil {
		return err
	}
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return s.readText(t, at, token)
	}
	switch t.Kind() {
	case reflect.Struct:
		if token == json.Delim('{') {
			return s.fields(t, at)
		}
		return s.wrong(at, token, "an object {…}")
	case reflect.Map:
		if token == json.Delim('{') {
			return s.entries(at, func(_ string, at []string) error { return s.value(t.Elem(), at) })
		}
		return s.wrong(at, token, "an object {…}")
	case reflect.Slice:
		if token != json.Delim('[') {
			return s.wrong(at, token, "a list […]")
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
			return s.wrong(at, token, `text "…"`)
		}
	case reflect.Bool:
		if _, ok := token.(bool); !ok {
			return s.wrong(at, token, "true or false")
		}
	case reflect.Float64:
		if _, ok := token.(json.Number); !ok {
			return s.wrong(at, token, "a number")
		}
	case reflect.Int, reflect.Int64:
		if text, ok := token.(string); ok && t == reflect.TypeFor[ID]() {
			token = json.Number(text) // See ID.UnmarshalJSON.
			if _, err := strconv.ParseInt(text, 10, 64); err != nil {
				return s.wrong(at, text, "a whole number")
			}
		}
		number, ok := token.(json.Number)
		if !ok {
			return s.wrong(at, token, "a whole number")
		}
		if _, err := strconv.ParseInt(number.String(), 10, 64); err != nil {
			s.problems.add(at, "must be a whole number of at most 63 bits (is %s)", shortened(number.String()))
		}
	}
	return nil
}

// readText tries a value that the type reads from text, such as a time.
func (s *strictReader) readText(t reflect.Type, at []string, token json.Token) error {
	wanted := `a duration like "36h"`
	if t == reflect.TypeFor[time.Time]() {
		wanted = `a time like "2026-01-31T09:00:00Z"`
	}
	text, ok := token.(string)
	if !ok {
		return s.wrong(at, token, wanted)
	}
	if reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
		s.problems.add(at, "must be %s (is %s)", wanted, quoted(text))
	}
	return nil
}

// wrong notes a value of the wrong type and passes over the rest of it.
func (s *strictReader) wrong(at []string, token json.Token, wanted string) error {
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
		d := editDistance(wanted, fold(candidate))
		if d < distance && 3*d <= len(candidate) {
			best, distance = candidate, d
		}
	}
	return best
}

// editDistance is the Levenshtein distance in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
