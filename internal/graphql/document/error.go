package document

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Codes which callers of this package may want to recognise; they are in
// extensions.code. The codes of the validation rules are beside the rules.
const (
	// CodeBadRequest is the code of a request from which no operation can be chosen.
	CodeBadRequest = "BAD_REQUEST"
	// CodeInvalidVariable is the code of a variable whose value does not fit its type.
	CodeInvalidVariable = "INVALID_VARIABLE"
)

// What errors may come to, because a name or a value can fill a body, and be told by many of them. What is longer is
// clipped; the longest that is known of apps has 300 bytes.
const (
	// maxErrors bounds the errors of one answer, as validate_max_errors does in graphql-ruby.
	maxErrors = 100
	// maxMessage bounds a message, or another text of an error, in bytes.
	maxMessage = 1500
	// maxLocations bounds the places in the document that one error names.
	maxLocations = 20
	// maxTold bounds the value of a variable that an error tells, in bytes of JSON.
	maxTold = 10_000
)

// details are the entries of an error's extensions besides its code.
type details map[string]any

// newError makes an error of the given code. Rule repeats the code for code
// which counts errors by their kind; it is not part of the JSON form.
func newError(code, message string, path []string, extra details, positions ...*ast.Position) *gqlerror.Error {
	e := &gqlerror.Error{Message: Clip(message), Rule: code}
	if code != "" {
		e.Extensions = map[string]any{"code": code}
		for name, value := range extra {
			if text, ok := value.(string); ok {
				value = Clip(text)
			}
			e.Extensions[name] = value
		}
	}
	for _, name := range path {
		e.Path = append(e.Path, ast.PathName(name))
	}
	for _, p := range positions {
		if p != nil && len(e.Locations) < maxLocations {
			e.Locations = append(e.Locations, gqlerror.Location{Line: p.Line, Column: p.Column})
		}
	}
	return e
}

// Clip is a text as an error tells it: what is longer than any that people read ends with an ellipsis.
func Clip(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "…"
}

// tooManyErrors is the last error, where there are more than are told. It has graphql-ruby's words.
func tooManyErrors() *gqlerror.Error {
	return newError(
		"", "Too many errors processing query, max validation error limit reached. Execution aborted", nil, nil,
	)
}
