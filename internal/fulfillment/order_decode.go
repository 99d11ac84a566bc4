package fulfillment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"
)

// DecodeOrder reads an order from one JSON object, strictly: an unknown or repeated field, a value of the wrong type,
// broken UTF-8 and anything after the object are errors, so that no misspelt deadline is silently lost. The error is an
// [*Error] with code [CodeInvalid] that names every problem with its place, those that [Order.Complete] finds in the
// rest of it included. The order is not completed.
func DecodeOrder(data []byte) (Order, error) {
	var o Order
	problems, err := readStrict(data, &o)
	switch {
	case err != nil:
		return Order{}, err
	case len(problems.found) == 0:
		return o, nil
	}
	if o.ID == 0 {
		o.ID = 1 // It gets one later.
	}
	var rules orderProblems
	rules.order(&o, IDEpoch)
	problems.and(rules.found)
	return Order{}, problems.err()
}

// decodeStrict reads one JSON object into the struct that into points to.
func decodeStrict(data []byte, into any) error {
	problems, err := readStrict(data, into)
	if err != nil {
		return err
	}
	return problems.err()
}

// readStrict reads one JSON object into the struct that into points to, and tells what in it does not fit and was left
// out. The error is of an input that is no such object at all.
func readStrict(data []byte, into any) (*orderProblems, error) {
	if !utf8.Valid(data) {
		return nil, refusal(CodeInvalid, nil, "%s", notUTF8(data))
	}
	s := &strictReader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	s.dec.UseNumber()
	err := s.object(reflect.TypeOf(into).Elem())
	if err == nil {
		if _, more := s.dec.Token(); !errors.Is(more, io.EOF) {
			err = fmt.Errorf("there is something after the object that starts the input: exactly one is expected")
		}
	}
	if err != nil {
		line, column := position(data, s.dec.InputOffset())
		return nil, refusal(
			CodeInvalid, nil, "The input can't be read as JSON at line %d, column %d: %s.", line, column, err,
		)
	}
	if err := json.Unmarshal(s.mended(), into); err != nil {
		return nil, refusal(CodeInvalid, nil, "The input can't be read: %s.", err)
	}
	return &s.problems, nil
}

// notUTF8 says that an input is in another encoding, where the first fault is, and how to mend it.
func notUTF8(data []byte) string {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return "The input is UTF-16, not UTF-8 text. Convert it: iconv -f UTF-16 -t UTF-8."
	}
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size < 2 {
			break
		}
		at += size
	}
	line, column := position(data, int64(at))
	return fmt.Sprintf("The input is not valid UTF-8 text at line %d, column %d. "+
		"If it is Latin-1, convert it: iconv -f ISO-8859-1 -t UTF-8.", line, column)
}

// position is where a person finds the byte at offset: line and column, counted from 1.
func position(data []byte, offset int64) (line, column int) {
	before := data[:min(int(offset), len(data))]
	last := bytes.LastIndexByte(before, '\n')
	return bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[last+1:]) + 1
}
