package document

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// isConnection reports whether a type is a page of a list, by the Relay convention.
func isConnection(def *ast.Definition) bool {
	return strings.HasSuffix(def.Name, "Connection") &&
		(def.Fields.ForName("nodes") != nil || def.Fields.ForName("edges") != nil)
}

// connection returns what a connection asks for: 2 points, and its page size times one
// node. The wrappers edges and pageInfo are free.
func (e *estimator) connection(
	s *selected, def *ast.FieldDefinition, result *ast.Definition, path []string, depth int,
) Requested {
	size := e.pageSize(s.field, def, path)
	r := Requested{Cost: connectionCost, Depth: depth, Nodes: 1}
	for _, inner := range e.collect(s.sets(), result) {
		field := result.Fields.ForName(inner.field.Name)
		if field == nil {
			continue
		}
		innerPath := append(path[:len(path):len(path)], inner.key)
		t := e.schema.Types[field.Type.Name()]
		var one Requested // of one element
		count := 1
		switch {
		case inner.field.Name == "nodes":
			one, count = e.field(inner, result, nested, innerPath, depth), size
		case inner.field.Name == "edges":
			one, count = e.selections(inner.sets(), t, nested, innerPath, depth+1), size
		case inner.field.Name == "pageInfo":
			one = e.selections(inner.sets(), t, nested, innerPath, depth+1)
		default:
			one = e.field(inner, result, nested, innerPath, depth)
		}
		r.Cost = add(r.Cost, times(count, one.Cost))
		r.Nodes = add(r.Nodes, times(count, one.Nodes))
		r.Depth = max(r.Depth, one.Depth, depth+1)
	}
	return r
}

// pageSize returns first or last, of which just one must be given. The texts are Shopify's,
// except those on sizes out of range, which are not documented.
func (e *estimator) pageSize(f *ast.Field, def *ast.FieldDefinition, path []string) int {
	if def.Arguments.ForName("first") == nil && def.Arguments.ForName("last") == nil {
		return 1
	}
	name := "first"
	size, ok := integer(e.argument(f, def, name))
	last, both := integer(e.argument(f, def, "last"))
	switch {
	case ok && both:
		e.fail(f, path, "providing both first and last is not supported")
		return 1
	case both:
		name, size = "last", last
	case !ok:
		e.fail(f, path, "you must provide one of first or last")
		return 1
	}
	switch {
	case size < 0:
		e.fail(f, path, "%s cannot be negative", name)
		return 1
	case e.limits.MaxPageSize > 0 && size > int64(e.limits.MaxPageSize):
		e.fail(f, path, "%s cannot exceed %d", name, e.limits.MaxPageSize)
	}
	return int(min(size, huge))
}

// integer returns a whole number, in whichever form literals and variables have it.
func integer(value any) (int64, bool) {
	switch value := value.(type) {
	case int:
		return int64(value), true
	case int64:
		return value, true
	case float64:
		return int64(value), value == math.Trunc(value)
	case json.Number:
		n, err := value.Int64()
		return n, err == nil
	}
	return 0, false
}
