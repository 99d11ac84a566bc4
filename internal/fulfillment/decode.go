package fulfillment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// DecodeCommand reads the JSON of a command. An empty body is an empty command. With strict, a field that the command
// does not have is refused, so that a misspelt one is not lost in silence.
func DecodeCommand(verb Verb, body []byte, strict bool) (Command, *Error) {
	cmd := NewCommand(verb)
	if cmd == nil {
		return nil, refusal(CodeInvalid, nil, "There is no command %q.", verb)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return cmd, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if strict {
		decoder.DisallowUnknownFields()
	}
	err := decoder.Decode(cmd)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			return nil, refusal(CodeInvalid, nil, "The payload of %s must be one JSON object: something follows it.", verb)
		}
		return cmd, nil
	}
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return nil, refusal(CodeInvalid, strings.Split(wrongType.Field, "."), "%s: %s can't be a JSON %s: a %s is needed.", verb, wrongType.Field, wrongType.Value, wrongType.Type)
	}
	if refused, ok := AsError(err); ok {
		return nil, refused
	}
	return nil, refusal(CodeInvalid, nil, "The payload of %s can't be read: %s.", verb, strings.TrimPrefix(fmt.Sprint(err), "json: "))
}
