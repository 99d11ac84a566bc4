package document

import (
	"encoding/json"
	"math"

	"github.com/vektah/gqlparser/v2/ast"
)

// connection returns what a connection asks for: 2 points, and the price of one node times that of its page. The
// wrappers edges and pageInfo are free.
func (e *estimator) connection(
	s *selected, def *ast.FieldDefinition, result *ast.Definition, path []string, own Requested,
) Requested {
	size := e.pageSize(s.field, def, path)
	r := Requested{Cost: connectionCost, Depth: own.Depth, Nodes: 1, Input: own.Input}
	fields := e.collect(s.sets(), result)
	e.fieldsOf(fields, result, path)
	for _, inner := range fields {
		one := e.field(inner, result, nested, append(path[:len(path):len(path)], inner.key))
		r.Depth = max(r.Depth, own.Depth+one.Depth)
		nodes := 0
		switch inner.field.Name {
		case "nodes":
			one.Cost, nodes = times(pageFactor(size), one.Cost), one.Nodes
		case "edges":
			one.Cost, nodes = times(pageFactor(size), one.Cost), one.Nodes-1 // Without the edge itself.
		}
		r.Cost = add(r.Cost, one.Cost)
		r.Input = add(r.Input, times(max(size, 1), one.Input))
		r.Nodes = add(r.Nodes, times(size, nodes))
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
