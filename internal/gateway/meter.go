package gateway

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	// bytesPerValue is how many bytes of an answer a value has at least on average: an answer of so many bytes has a
	// bound on its values, too, which take time and memory before they are bytes.
	bytesPerValue = 128
	// scalarBytes is about what a value has that is no text.
	scalarBytes = 8
	// valuesPerPoint is how many values an answer has for each point that is not given back.
	valuesPerPoint = 1000
)

// meter measures an answer while it is made, and ends it when it becomes too large: fields are free, and aliases repeat
// them as often as one likes. An object is counted with all of its fields before they are looked at. It is safe for
// concurrent use.
type meter struct {
	operation             *graphql.OperationContext
	schema                *ast.Schema
	mostBytes, mostValues int64

	bytes, values atomic.Int64
	over          atomic.Bool
	begun         atomic.Int32 // root fields
	shapes        sync.Map     // of *ast.Selection, the first of a field's selections, to a shape
}

func newMeter(schema *ast.Schema, operation *graphql.OperationContext, most int) *meter {
	return &meter{
		operation: operation, schema: schema, mostBytes: int64(most), mostValues: int64(most / bytesPerValue),
	}
}

// shape is what one object has of a selection at the most.
type shape struct{ values, bytes int64 }

// tooLarge ends fields once the answer is too large. Nobody sees it: the answer as a whole is another one then. It is
// one for each field, since gqlgen writes the field's place into it.
func tooLarge() error { return newError(codeAnswerTooLarge, "The answer is too large.") }

// around counts what a field comes to after the middleware has had it.
func (m *meter) around(middleware graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		return m.resolve(ctx, func(ctx context.Context) (any, error) { return middleware(ctx, next) })
	}
}

// resolve is for gqlgen: it is around the resolver of each field.
func (m *meter) resolve(ctx context.Context, next graphql.Resolver) (any, error) {
	if m.over.Load() {
		return nil, tooLarge()
	}
	value, err := next(ctx)
	if err != nil {
		return value, err
	}
	if m.take(graphql.GetFieldContext(ctx).Field, value); m.over.Load() {
		return nil, tooLarge()
	}
	return value, nil
}

// resolveRoot is for gqlgen: it is around each root field. Mutations are carried out one after the other, and none is
// begun once the answer is too large.
func (m *meter) resolveRoot(middleware graphql.RootFieldMiddleware) graphql.RootFieldMiddleware {
	return func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		if m.over.Load() {
			return graphql.Null
		}
		m.begun.Add(1)
		return middleware(ctx, next)
	}
}

// take counts what a field came to.
func (m *meter) take(field graphql.CollectedField, value any) {
	if len(field.Selections) == 0 {
		m.count(0, textBytes(reflect.ValueOf(value)))
		return
	}
	n := objects(reflect.ValueOf(value))
	if n == 0 {
		return
	}
	s := m.shapeOf(field)
	m.count(n*(s.values+1), n*s.bytes)
}

func (m *meter) count(values, bytes int64) {
	if m.values.Add(values) > m.mostValues || m.bytes.Add(bytes) > m.mostBytes {
		m.over.Store(true)
	}
}

// shapeOf is what one object has that is a field's value: for an interface, of the type that has most.
func (m *meter) shapeOf(field graphql.CollectedField) shape {
	first := &field.Selections[0]
	if known, ok := m.shapes.Load(first); ok {
		return known.(shape)
	}
	var most shape
	def := m.schema.Types[field.Definition.Type.Name()]
	for _, t := range m.schema.GetPossibleTypes(def) {
		names := []string{t.Name}
		for _, i := range m.schema.GetImplements(t) {
			names = append(names, i.Name)
		}
		var s shape
		for _, f := range graphql.CollectFields(m.operation, field.Selections, names) {
			s.values++
			s.bytes += int64(len(f.Alias) + len(`"":,`))
		}
		most = shape{max(most.values, s.values), max(most.bytes, s.bytes)}
	}
	m.shapes.Store(first, most)
	return most
}

// objects is how many objects a field's value has.
func objects(v reflect.Value) int64 {
	switch v.Kind() {
	case reflect.Invalid:
		return 0
	case reflect.Slice:
		return int64(v.Len())
	case reflect.Pointer, reflect.Interface, reflect.Map:
		if v.IsNil() {
			return 0
		}
	}
	return 1
}

// textBytes is about how many bytes a scalar, or a list of them, has in an answer.
func textBytes(v reflect.Value) int64 {
	switch v.Kind() {
	case reflect.String:
		return int64(v.Len() + len(`""`))
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return textBytes(v.Elem())
		}
	case reflect.Slice:
		n := int64(0)
		for i := range v.Len() {
			n += textBytes(v.Index(i)) + 1
		}
		return n
	}
	return scalarBytes
}

// points is what the values that were made cost at the least, and their bytes: work is not given back that came to
// nothing in the end, and what a document's own price doesn't cover is due beside that.
func (m *meter) points() int {
	return int(max(m.values.Load()/valuesPerPoint, m.bytes.Load()/bytesPerSent))
}

// tooLarge is what is told in place of an answer that is too large.
func (m *meter) tooLarge() *gqlerror.Error {
	text := "The answer would have more than %d bytes, or %d values, and is left out: ask for smaller pages, or for " +
		"less of each object."
	if m.operation.Operation.Operation == ast.Mutation {
		text += fmt.Sprintf(" Of its mutations, the first %d were begun: look at what they did.", m.begun.Load())
	}
	return newError(codeAnswerTooLarge, text, m.mostBytes, m.mostValues)
}
