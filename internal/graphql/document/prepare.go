package document

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Request is a GraphQL request as it comes over HTTP.
type Request struct {
	// Query is the text of the document.
	Query string
	// OperationName chooses one of several operations; empty if there is only one.
	OperationName string
	// Variables are decoded from JSON with json.Decoder.UseNumber: numbers as
	// json.Number, so that no digit of an ID or a decimal is lost.
	Variables map[string]any
}

// Prepared is a request with which nothing is wrong; it can be executed.
type Prepared struct {
	// Document is the parsed and validated document. Every field, fragment and value
	// refers to its definition in the schema. It may be shared with other requests
	// (see Cache) and must not be changed.
	Document *ast.QueryDocument
	// Operation is the operation of Document to be executed.
	Operation *ast.OperationDefinition
	// Variables are the values of the operation's variables, defaults filled in.
	// A variable which is not provided and has no default is not among them.
	// Int and Float are json.Number; ID, Decimal, Money and UnsignedInt64 are strings;
	// DateTime is a string as time.RFC3339Nano; lists are []any, also if one value was sent.
	Variables map[string]any
}

// Effort is how often it looked at parts of a document once more, to find out whether it is valid: that is what can
// grow faster than the document. It is 100,000 at the most; the documents of real apps stay below some thousand.
type Effort int

// Prepare parses the request's document, chooses the operation, validates the
// document against the schema and coerces the variables. The errors are those of
// the first of these steps which finds any; then Prepared is nil.
func Prepare(schema *ast.Schema, r Request) (*Prepared, Effort, gqlerror.List) {
	doc, errs := parse(r.Query)
	if errs != nil {
		return nil, 0, errs
	}
	op, err := chooseOperation(doc, r.OperationName)
	if err != nil {
		return nil, 0, gqlerror.List{err}
	}
	effort, errs := validate(schema, doc)
	if len(errs) > 0 {
		return nil, effort, errs
	}
	p, errs := prepareValid(schema, doc, op, r)
	return p, effort, errs
}

func prepareValid(
	schema *ast.Schema, doc *ast.QueryDocument, op *ast.OperationDefinition, r Request,
) (*Prepared, gqlerror.List) {
	variables, errs := coerceVariables(schema, op, r.Variables)
	if len(errs) > 0 {
		return nil, errs
	}
	return &Prepared{Document: doc, Operation: op, Variables: variables}, nil
}
