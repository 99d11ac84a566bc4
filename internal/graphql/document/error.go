package document

import (
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

// maxErrors bounds the errors of one answer, as validate_max_errors does in graphql-ruby.
const maxErrors = 100

// details are the entries of an error's extensions besides its code.
type details map[string]any

// newError makes an error of the given code. Rule repeats the code for code
// which counts errors by their kind; it is not part of the JSON form.
func newError(code, message string, path []string, extra details, positions ...*ast.Position) *gqlerror.Error {
	e := &gqlerror.Error{Message: message, Rule: code}
	if code != "" {
		e.Extensions = map[string]any{"code": code}
		for name, value := range extra {
			e.Extensions[name] = value
		}
	}
	for _, name := range path {
		e.Path = append(e.Path, ast.PathName(name))
	}
	for _, p := range positions {
		if p != nil {
			e.Locations = append(e.Locations, gqlerror.Location{Line: p.Line, Column: p.Column})
		}
	}
	return e
}
