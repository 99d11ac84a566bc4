package document

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Codes of the errors about what a document asks for, in extensions.code. MAX_COST_EXCEEDED and MAX_INPUT_SIZE_EXCEEDED
// are Shopify's; it has no code for the depth and no limit of nodes. Wrong page sizes have [CodeBadRequest].
const (
	CodeMaxCostExceeded  = "MAX_COST_EXCEEDED"
	CodeMaxDepthExceeded = "MAX_DEPTH_EXCEEDED"
	CodeMaxNodesExceeded = "MAX_NODES_EXCEEDED"
	CodeMaxInputExceeded = "MAX_INPUT_SIZE_EXCEEDED"
)

// maxWork bounds the fields an estimate looks at; the documents of real apps stay below some thousand.
const maxWork = 100_000

// Requested is what a query asks for, if all its pages are full.
type Requested struct {
	// Cost is in points, as extensions.cost.requestedQueryCost.
	Cost int
	// Depth is the number of fields on the longest way from the operation to a leaf.
	Depth int
	// Nodes is the number of objects.
	Nodes int
}

// Estimate returns what the operation asks for, with the coerced variables. The document must be valid for the schema.
// Errors are wrong page sizes, with the path of the connection, lists among the arguments that are too long, and limits
// which are exceeded; the estimate is returned with them, because extensions.cost tells it also then.
func Estimate(
	schema *ast.Schema, op *ast.OperationDefinition, doc *ast.QueryDocument, variables map[string]any, limits Limits,
) (Requested, gqlerror.List) {
	e := &estimator{collector: newCollector(schema, doc, variables), limits: limits}
	root, level := schema.Query, nested
	if op.Operation == ast.Mutation {
		root, level = schema.Mutation, mutations
	}
	r := e.selections([]ast.SelectionSet{op.SelectionSet}, root, level, nil, 0)
	r.Cost = max(r.Cost, 1)
	if e.exhausted() {
		r.Cost, r.Nodes = huge, huge
	}
	if len(e.errs) > 0 {
		return r, e.errs
	}
	return r, limits.check(r)
}

// level is where in the answer a selection is, as far as the cost depends on it.
type level int

const (
	nested    level = iota // also the fields of a query
	mutations              // the fields of a mutation: 10 points each
	payload                // the fields of a mutation's payload: included in the 10
)

type estimator struct {
	*collector
	limits Limits
	errs   gqlerror.List
}

// huge stands for numbers beyond counting.
const huge = math.MaxInt32

// add and times stay at huge, so that nested pages do not overflow.
func add(a, b int) int { return min(a+b, huge) }

func times(a, b int) int {
	if a != 0 && b > huge/a {
		return huge
	}
	return a * b
}

// selections returns what the selections ask for of one object of the type.
func (e *estimator) selections(
	sets []ast.SelectionSet, parent *ast.Definition, at level, path []string, depth int,
) Requested {
	if parent == nil || e.exhausted() {
		return Requested{}
	}
	types := []*ast.Definition{parent}
	if parent.IsAbstractType() && e.narrowed(sets, parent) {
		types = e.schema.GetPossibleTypes(parent)
	}
	var most Requested
	for _, t := range types {
		of := t
		if t.IsAbstractType() {
			of = nil
		}
		var sum Requested
		for _, s := range e.collect(sets, of) {
			r := e.field(s, t, at, append(path[:len(path):len(path)], s.key), depth)
			sum = Requested{add(sum.Cost, r.Cost), max(sum.Depth, r.Depth), add(sum.Nodes, r.Nodes)}
		}
		most = Requested{max(most.Cost, sum.Cost), max(most.Depth, sum.Depth), max(most.Nodes, sum.Nodes)}
	}
	return most
}

// narrowed reports whether the selections have parts for some of the possible types only.
func (e *estimator) narrowed(sets []ast.SelectionSet, parent *ast.Definition) bool {
	return slices.ContainsFunc(sets, func(set ast.SelectionSet) bool {
		return slices.ContainsFunc(set, func(s ast.Selection) bool {
			switch s := s.(type) {
			case *ast.InlineFragment:
				return (s.TypeCondition != "" && s.TypeCondition != parent.Name) ||
					e.narrowed([]ast.SelectionSet{s.SelectionSet}, parent)
			case *ast.FragmentSpread:
				return true
			}
			return false
		})
	})
}

// field returns what a field asks for.
func (e *estimator) field(s *selected, parent *ast.Definition, on level, path []string, depth int) Requested {
	def := fieldDefinition(parent, s.field.Name)
	if def == nil {
		return Requested{Depth: depth + 1}
	}
	e.inputs(s.field, path)
	result := e.schema.Types[def.Type.Name()]
	r := Requested{Cost: e.price(parent, def.Name, result, on)}
	introspected := strings.HasPrefix(def.Name, "__")
	if introspected {
		e.introspection(s, path, result, 0)
	} else if !introspects(parent) {
		depth++
		r.Depth = depth
	}
	if result == nil || !result.IsCompositeType() {
		return r
	}
	if isConnection(result) {
		return e.connection(s, def, result, path, depth)
	}
	next := nested
	if on == mutations {
		next = payload
	}
	inner := e.selections(s.sets(), result, next, path, depth)
	r.Cost = add(r.Cost, inner.Cost)
	r.Depth = max(r.Depth, inner.Depth)
	if !introspects(result) {
		r.Nodes = times(e.listSize(s.field, def), add(1, inner.Nodes))
	}
	return r
}

// introspects reports whether a type is one that the schema is told by: its depth and objects are limited by
// introspection.
func introspects(def *ast.Definition) bool { return strings.HasPrefix(def.Name, "__") }

// listSize is how many objects a field which is not a connection may return, as far as its arguments tell.
func (e *estimator) listSize(f *ast.Field, def *ast.FieldDefinition) int {
	if def.Type.Elem == nil {
		return 1
	}
	if n, ok := e.pageArgument(f, def); ok {
		return n
	}
	if ids, ok := e.argument(f, def, "ids").([]any); ok {
		return len(ids)
	}
	return 1
}

// pageArgument is the size of the page that a field asks for; false if it names none.
func (c *collector) pageArgument(f *ast.Field, def *ast.FieldDefinition) (int, bool) {
	for _, name := range []string{"first", "last"} {
		if n, ok := integer(c.argument(f, def, name)); ok {
			return max(int(min(n, huge)), 0), true
		}
	}
	return 0, false
}

// inputs tells the first list among the arguments of a field that is too long.
func (e *estimator) inputs(f *ast.Field, path []string) {
	if e.limits.MaxInputSize <= 0 {
		return
	}
	for _, argument := range f.Arguments {
		if n := longest(e.value(argument.Value)); n > e.limits.MaxInputSize {
			e.errs = append(e.errs, at(costError(CodeMaxInputExceeded, fmt.Sprintf(
				"The input array size of %d is greater than the maximum allowed of %d.", n, e.limits.MaxInputSize,
			)), f, path))
			return
		}
	}
}

// longest is the length of the longest list in a value.
func longest(value any) int {
	n := 0
	switch value := value.(type) {
	case []any:
		n = len(value)
		for _, item := range value {
			n = max(n, longest(item))
		}
	case map[string]any:
		for _, item := range value {
			n = max(n, longest(item))
		}
	}
	return n
}

// introspection tells lists of introspection which are nested too deep.
func (e *estimator) introspection(s *selected, path []string, result *ast.Definition, lists int) {
	if result == nil || !result.IsCompositeType() || e.exhausted() {
		return
	}
	for _, inner := range e.collect(s.sets(), result) {
		def := result.Fields.ForName(inner.field.Name)
		if def == nil {
			continue
		}
		lists := lists
		if next := e.schema.Types[def.Type.Name()]; next != nil && next.IsCompositeType() && def.Type.Elem != nil {
			if lists++; lists > maxIntrospection {
				if len(e.errs) == 0 {
					e.errs = append(
						e.errs,
						at(costError(CodeMaxDepthExceeded, "Maximum introspection depth exceeded"), inner.field, path),
					)
				}
				return
			}
		}
		e.introspection(inner, append(path[:len(path):len(path)], inner.key), e.schema.Types[def.Type.Name()], lists)
	}
}

func (e *estimator) fail(f *ast.Field, path []string, format string, args ...any) {
	e.errs = append(e.errs, at(costError(CodeBadRequest, fmt.Sprintf(format, args...)), f, path))
}

func costError(code, message string) *gqlerror.Error {
	return newError(code, message, nil, nil)
}

// at adds the place in the document and the path in the response.
func at(e *gqlerror.Error, f *ast.Field, path []string) *gqlerror.Error {
	for _, key := range path {
		e.Path = append(e.Path, ast.PathName(key))
	}
	if f.Position != nil {
		e.Locations = []gqlerror.Location{{Line: f.Position.Line, Column: f.Position.Column}}
	}
	return e
}
