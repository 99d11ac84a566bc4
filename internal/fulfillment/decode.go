package fulfillment

import (
	"bytes"
	"encoding/json"
)

// DecodeCommand reads the JSON of a command. An empty body is an empty command. With strict, everything that does not
// fit is refused at once, each problem with its place, and so is a field that the command does not have: a misspelt
// one is not lost in silence.
func DecodeCommand(verb Verb, body []byte, strict bool) (Command, *Error) {
	cmd := NewCommand(verb)
	if cmd == nil {
		return nil, refusal(CodeInvalid, nil, "There is no command %q.", verb)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return cmd, nil
	}
	var err error
	if strict {
		err = decodeStrict(body, cmd)
	} else {
		err = json.Unmarshal(body, cmd)
	}
	if err == nil {
		return cmd, nil
	}
	if refused, ok := AsError(err); ok {
		return nil, refused
	}
	return nil, refusal(CodeInvalid, nil, "The payload of %s can't be read: %s.", verb, err)
}
