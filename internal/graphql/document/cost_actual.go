package document

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"
)

// Actual returns the cost of an answer, which is at most that of the operation, requested, and at least 1: a page that
// is not full costs less, an object that is null nothing but its own price. Data is the answer's data, as JSON ([]byte
// or json.RawMessage) or decoded from it (map[string]any); no data counts as if all fields were null.
//
// Shopify does not publish this rule either. This one gives the number of nine of ten recorded answers, and the others
// within a point or two.
func Actual(
	schema *ast.Schema, op *ast.OperationDefinition, doc *ast.QueryDocument, variables map[string]any, data any,
	requested int,
) int {
	switch encoded := data.(type) {
	case json.RawMessage:
		data = decoded(encoded)
	case []byte:
		data = decoded(encoded)
	}
	root, on := schema.Query, nested
	if op.Operation == ast.Mutation {
		root, on = schema.Mutation, mutations
	}
	a := &counter{newCollector(schema, doc, variables)}
	answer, _ := data.(map[string]any)
	sets := []ast.SelectionSet{op.SelectionSet}
	if answer == nil {
		answer = map[string]any{}
		for _, s := range a.collect(sets, root) {
			answer[s.key] = nil
		}
	}
	return min(max(a.object(answer, sets, root, on), 1), max(requested, 1))
}

func decoded(encoded []byte) any {
	var data any
	if err := json.Unmarshal(encoded, &data); err != nil {
		return nil // not an answer
	}
	return data
}

type counter struct{ *collector }

// object returns the cost of what is selected of an object that is there.
func (a *counter) object(object map[string]any, sets []ast.SelectionSet, parent *ast.Definition, on level) int {
	total := 0
	for _, s := range a.selected(sets, parent) {
		if value, answered := object[s.key]; answered {
			total = add(total, a.field(value, s, parent, on))
		}
	}
	return total
}

// selected is what is selected of an object of the type: of any of its types, if it is abstract.
func (a *counter) selected(sets []ast.SelectionSet, parent *ast.Definition) []*selected {
	if parent.IsAbstractType() {
		return a.collect(sets, nil)
	}
	return a.collect(sets, parent)
}

// field returns the cost of a field with the value.
func (a *counter) field(value any, s *selected, parent *ast.Definition, on level) int {
	if s.field.ObjectDefinition != nil {
		parent = s.field.ObjectDefinition // A fragment's, where the value is of an abstract type.
	}
	def := fieldDefinition(parent, s.field.Name)
	if def == nil {
		return 0
	}
	result := a.schema.Types[def.Type.Name()]
	own := a.price(parent, def.Name, result, on)
	if value == nil || result == nil || !result.IsCompositeType() {
		return own
	}
	next := nested
	if on == mutations {
		next = payload
	}
	switch value := value.(type) {
	case map[string]any:
		if isConnection(result) {
			return add(own, a.page(value, s, def, result))
		}
		return add(own, a.object(value, s.sets(), result, next))
	case []any:
		return add(own, share(a.objects(objectsIn(value, nil), s.sets(), result, next), 1, len(value)))
	}
	return own
}

// page returns the cost of what a connection holds: that of the full page, in proportion to the nodes that are there.
// An empty page costs as if nodes had one object each; edges cost nothing then.
func (a *counter) page(value map[string]any, s *selected, def *ast.FieldDefinition, result *ast.Definition) int {
	size, _ := a.pageArgument(s.field, def)
	total := 0
	for _, inner := range a.collect(s.sets(), result) {
		items := objectsIn(value[inner.key], nil)
		switch inner.field.Name {
		case "nodes":
			if len(items) == 0 {
				total = add(total, pageFactor(size))
			}
			total = add(total, a.nodes(items, inner, result, size))
		case "edges":
			edge := a.schema.Types[fieldDefinition(result, "edges").Type.Name()]
			for _, node := range a.collect(inner.sets(), edge) {
				var found []map[string]any
				for _, item := range items {
					found = objectsIn(item[node.key], found)
				}
				total = add(total, a.nodes(found, node, edge, size))
			}
		default:
			total = add(total, a.field(value[inner.key], inner, result, nested))
		}
	}
	return total
}

// nodes returns the cost of the nodes of a page with the given size.
func (a *counter) nodes(nodes []map[string]any, s *selected, parent *ast.Definition, size int) int {
	def := fieldDefinition(parent, s.field.Name)
	result := a.schema.Types[def.Type.Name()]
	own := times(len(nodes), a.price(parent, def.Name, result, nested))
	if result == nil || !result.IsCompositeType() {
		return 0
	}
	factor := pageFactor(size)
	return add(share(own, factor, size), share(a.objects(nodes, s.sets(), result, nested), factor, size))
}

// share is amount × part / whole, rounded up.
func share(amount, part, whole int) int {
	if whole <= 0 {
		return 0
	}
	return (times(amount, part) + whole - 1) / whole
}

// objects returns the cost of what is selected of all objects together.
func (a *counter) objects(objects []map[string]any, sets []ast.SelectionSet, parent *ast.Definition, on level) int {
	total := 0
	for _, object := range objects {
		total = add(total, a.object(object, sets, parent, on))
	}
	return total
}

// objectsIn appends the objects of a value, lists flattened, without nulls.
func objectsIn(value any, to []map[string]any) []map[string]any {
	switch value := value.(type) {
	case map[string]any:
		to = append(to, value)
	case []any:
		for _, item := range value {
			to = objectsIn(item, to)
		}
	}
	return to
}
