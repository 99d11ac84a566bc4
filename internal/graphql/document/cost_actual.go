package document

import (
	"encoding/json"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Actual returns the cost of an answer: of what the operation asks for, only what is there is counted. It can exceed
// the estimate only by lists which have no size argument. Data is the answer's data, as JSON ([]byte or
// json.RawMessage) or decoded from it (map[string]any). No data costs nothing; a mutation costs 10 also if it failed.
func Actual(
	schema *ast.Schema, op *ast.OperationDefinition, doc *ast.QueryDocument, variables map[string]any, data any,
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
	return a.value(data, []ast.SelectionSet{op.SelectionSet}, root, on)
}

func decoded(encoded []byte) any {
	var data any
	if err := json.Unmarshal(encoded, &data); err != nil {
		return nil // not an answer
	}
	return data
}

type counter struct{ *collector }

// value returns the cost of what is inside a value: an object, or a list of such.
func (a *counter) value(value any, sets []ast.SelectionSet, parent *ast.Definition, on level) int {
	objects := objectsIn(value, nil)
	if len(objects) == 0 || parent == nil {
		return 0
	}
	of := parent
	if parent.IsAbstractType() {
		of = nil
	}
	fields := a.collect(sets, of)
	total := 0
	for _, s := range fields {
		def := a.definition(s, parent)
		if def == nil {
			continue
		}
		result := a.schema.Types[def.Type.Name()]
		if result == nil || !result.IsCompositeType() {
			continue
		}
		var found []map[string]any
		for _, object := range objects {
			found = objectsIn(object[s.key], found)
		}
		total = add(total, a.field(s, def, result, found, parent, on, len(objects)))
	}
	return total
}

// field returns the cost of a field of one or more objects, in which the given objects were found.
func (a *counter) field(
	s *selected, def *ast.FieldDefinition, result *ast.Definition, found []map[string]any, parent *ast.Definition,
	on level, parents int,
) int {
	next, own := nested, len(found)
	switch {
	case strings.HasPrefix(def.Name, "__"):
		return 0
	case isConnection(result):
		own = times(connectionCost, len(found))
	case isConnection(parent) && (def.Name == "edges" || def.Name == "pageInfo"):
		own = 0
	case on == mutations:
		next, own = payload, times(mutationCost, parents)
	case on == payload:
		own = 0
	}
	return add(own, a.value(found, s.sets(), result, next))
}

// definition returns the definition of a field on a type, or on any of its possible types which has it.
func (a *counter) definition(s *selected, parent *ast.Definition) *ast.FieldDefinition {
	if s.field.Definition != nil {
		return s.field.Definition
	}
	return parent.Fields.ForName(s.field.Name)
}

// objectsIn appends the objects of a value, lists flattened.
func objectsIn(value any, to []map[string]any) []map[string]any {
	switch value := value.(type) {
	case map[string]any:
		to = append(to, value)
	case []map[string]any:
		to = append(to, value...)
	case []any:
		for _, item := range value {
			to = objectsIn(item, to)
		}
	}
	return to
}
