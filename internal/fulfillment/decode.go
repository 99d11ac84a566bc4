package fulfillment

import (
	"bytes"
	"encoding/json"
	"strings"
)

// DecodeCommand reads the JSON of a command. An empty body is an empty command. With strict, everything that does not
// fit is refused at once, each problem with its place, and so is a field that the command does not have: a misspelt
// one is not lost in silence.
func DecodeCommand(verb Verb, body []byte, strict bool) (Command, *Error) {
	cmd := NewCommand(verb)
	if cmd == nil {
		return nil, refusal(CodeInvalid, nil, "There is no command %s.", quoted(string(verb)))
	}
	if refused := DecodeInto(string(verb), body, cmd, strict); refused != nil {
		return nil, refused
	}
	return cmd, nil
}

// DecodeInto reads the JSON of any other command, such as a [CancelOrder], into the one that into points to, as
// [DecodeCommand] does. The name is for the refusal.
func DecodeInto(name string, body []byte, into any, strict bool) *Error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	read := json.Unmarshal
	if strict {
		read = decodeStrict
	}
	if err := read(body, into); err != nil {
		return unreadable(Verb(name), err)
	}
	return nil
}

// unreadable is the refusal of a payload that is not that of the verb's command. What it quotes of the payload is made
// UTF-8 and cut: Temporal could not send the refusal else, and the workflow would try to for ever.
func unreadable(verb Verb, err error) *Error {
	if refused, ok := AsError(err); ok {
		return refused
	}
	problem := clip(strings.ToValidUTF8(err.Error(), "\uFFFD"), maxMessage)
	return refusal(CodeInvalid, nil, "The payload of %s can't be read: %s.", verb, problem)
}
