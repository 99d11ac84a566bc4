package document

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

const (
	// maxNesting is how deep brackets of all kinds may be nested in a document.
	// GraphiQL's introspection query, the deepest in use, nests 13.
	maxNesting = 50
	// maxTokens is how many tokens a document may have, which bounds the work of
	// every later step. GraphiQL's introspection query has about 300.
	maxTokens = 20_000
	// maxName is how many bytes a name may have: answers and errors repeat names.
	maxName = 255
)

// parse reads the document, after looking at its size and nesting: nothing which
// recurses sees a text before its depth is known.
func parse(query string) (*ast.QueryDocument, gqlerror.List) {
	if strings.TrimSpace(query) == "" {
		return nil, gqlerror.List{newError(CodeBadRequest, "No query string was present", nil, nil)}
	}
	source := &ast.Source{Input: query}
	if err := measure(source); err != nil {
		return nil, gqlerror.List{err}
	}
	doc, err := parser.ParseQueryWithTokenLimit(source, maxTokens)
	if err != nil {
		return nil, gqlerror.List{syntaxError(err)}
	}
	return doc, nil
}

// measure refuses documents which are too long or too deep, or have names that are too long. A text which is not even
// made of tokens passes: the parser tells it better.
func measure(source *ast.Source) *gqlerror.Error {
	tokens, nesting := 0, 0
	for l := lexer.New(source); ; {
		token, err := l.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil
		}
		if tokens++; tokens > maxTokens {
			return newError(CodeBadRequest, "This query is too large to execute.", nil, nil)
		}
		switch token.Kind {
		case lexer.Name:
			if len(token.Value) > maxName {
				p := token.Pos
				return newError(CodeBadRequest,
					fmt.Sprintf(
						"syntax error, a name has more than %d characters at [%d, %d]", maxName, p.Line, p.Column,
					), nil, nil, &p)
			}
		case lexer.BraceL, lexer.BracketL, lexer.ParenL:
			if nesting++; nesting > maxNesting {
				p := token.Pos
				return newError(CodeBadRequest,
					fmt.Sprintf(
						"syntax error, nested more than %d levels deep at [%d, %d]", maxNesting, p.Line, p.Column,
					), nil, nil, &p)
			}
		case lexer.BraceR, lexer.BracketR, lexer.ParenR:
			nesting--
		}
	}
}

// syntaxError gives the parser's error the form of Shopify's: "syntax error, … at [line, column]",
// with a location and without a code.
func syntaxError(err error) *gqlerror.Error {
	var parsed *gqlerror.Error
	if !errors.As(err, &parsed) {
		return newError("", "syntax error, "+err.Error(), nil, nil)
	}
	message := parsed.Message
	if message != "" {
		message = strings.ToLower(message[:1]) + message[1:]
	}
	if strings.HasSuffix(message, "<EOF>") || strings.Contains(message, "found <EOF>") {
		message = "unexpected end of file"
	}
	e := newError("", "syntax error, "+message, nil, nil)
	if len(parsed.Locations) > 0 {
		e.Message += fmt.Sprintf(" at [%d, %d]", parsed.Locations[0].Line, parsed.Locations[0].Column)
		e.Locations = parsed.Locations
	}
	return e
}
