package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// serialize writes a value into a message as JSON, as graphql-ruby does.
func serialize(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return fmt.Sprintf("%q", fmt.Sprint(value))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// printValue writes a literal into a message, as graphql-ruby prints it: "[1, 2]", "{a: \"b\"}".
func printValue(value *ast.Value) string {
	switch value.Kind {
	case ast.Variable:
		return "$" + value.Raw
	case ast.StringValue, ast.BlockValue:
		return serialize(value.Raw)
	case ast.NullValue:
		return "null"
	case ast.ListValue, ast.ObjectValue:
		parts := make([]string, len(value.Children))
		for i, child := range value.Children {
			parts[i] = printValue(child.Value)
			if value.Kind == ast.ObjectValue {
				parts[i] = child.Name + ": " + parts[i]
			}
		}
		if value.Kind == ast.ObjectValue {
			return "{" + strings.Join(parts, ", ") + "}"
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return value.Raw
}

// printArguments writes the arguments of a field into a message on a conflict: {first:"1", query:"\"a\""}.
func printArguments(args ast.ArgumentList) string {
	parts := make([]string, len(args))
	for i, arg := range args {
		parts[i] = arg.Name + ":" + serialize(printValue(arg.Value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
