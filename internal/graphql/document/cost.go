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
// are Shopify's; it has no code for the depth and no limits of nodes and fields. Wrong page sizes have
// [CodeBadRequest].
const (
	CodeMaxCostExceeded  = "MAX_COST_EXCEEDED"
	CodeMaxDepthExceeded = "MAX_DEPTH_EXCEEDED"
	CodeMaxNodesExceeded = "MAX_NODES_EXCEEDED"
	CodeMaxInputExceeded = "MAX_INPUT_SIZE_EXCEEDED"
	// CodeMaxFieldsExceeded is of objects of which too many fields are asked for.
	CodeMaxFieldsExceeded = "MAX_FIELDS_EXCEEDED"
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
	// Input is how many bytes long arguments have, each as often as a field is given it.
	Input int
}

// and is what is asked for of one object by both.
func (r Requested) and(o Requested) Requested {
	return Requested{add(r.Cost, o.Cost), max(r.Depth, o.Depth), add(r.Nodes, o.Nodes), add(r.Input, o.Input)}
}

// or is what is asked for by the one that asks for more.
func (r Requested) or(o Requested) Requested {
	return Requested{max(r.Cost, o.Cost), max(r.Depth, o.Depth), max(r.Nodes, o.Nodes), max(r.Input, o.Input)}
}

// Estimate returns what the operation asks for, with the coerced variables. The document must be valid for the schema.
// Errors are wrong page sizes, with the path of the connection, lists among the arguments that are too long, objects of
// which too many fields are asked for, and limits which are exceeded; the estimate is returned with them, because
// extensions.cost tells it also then. What is below a field is looked at once, however many fragments lead there.
func Estimate(
	schema *ast.Schema, op *ast.OperationDefinition, doc *ast.QueryDocument, variables map[string]any, limits Limits,
) (Requested, gqlerror.List) {
	e := &estimator{
		collector: newCollector(schema, doc, variables), limits: limits,
		known: map[string]Requested{}, ids: map[*ast.Field]int{}, sizes: map[string]inputSize{},
	}
	root, level := schema.Query, nested
	if op.Operation == ast.Mutation {
		root, level = schema.Mutation, mutations
	}
	r := e.selections([]ast.SelectionSet{op.SelectionSet}, root, level, nil)
	r.Cost = max(r.Cost, 1)
	if e.exhausted() {
		r.Cost, r.Nodes = huge, huge
	}
	if len(e.errs) > maxErrors {
		e.errs = append(e.errs[:maxErrors], tooManyErrors())
	}
	if len(e.errs) > 0 {
		return r, e.errs
	}
	return r, append(limits.check(r), e.crowded...)
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
	// crowded is the first object of which too many fields are asked for.
	crowded gqlerror.List
	// known is what was found below fields, by the fields whose selections are merged, see below. Only what has no
	// error is known: an error is told for each path that leads to it.
	known map[string]Requested
	ids   map[*ast.Field]int
	sizes map[string]inputSize // of variables
}

// full tells that there are more errors than are told: the rest needs no look.
func (e *estimator) full() bool { return len(e.errs) > maxErrors }

// below is what is asked for by the selections of a field, or of several that answer under one key. Depth counts from
// there.
func (e *estimator) below(s *selected, of *ast.Definition, at level, path []string) Requested {
	key := e.keyOf(s, of.Name, int(at))
	if r, ok := e.known[key]; ok {
		return r
	}
	before := len(e.errs)
	r := e.selections(s.sets(), of, at, path)
	if len(e.errs) == before && !e.exhausted() {
		e.known[key] = r
	}
	return r
}

// keyOf names the fields, and how they are looked at.
func (e *estimator) keyOf(s *selected, how string, n int) string {
	key := fmt.Appendf(nil, "%s %d", how, n)
	for _, f := range s.fields {
		if e.ids[f] == 0 {
			e.ids[f] = len(e.ids) + 1
		}
		key = fmt.Appendf(key, " %d", e.ids[f])
	}
	return string(key)
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
	sets []ast.SelectionSet, parent *ast.Definition, at level, path []string,
) Requested {
	if parent == nil || e.exhausted() || e.full() {
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
		fields := e.collect(sets, of)
		e.fieldsOf(fields, t, path)
		var sum Requested
		for _, s := range fields {
			sum = sum.and(e.field(s, t, at, append(path[:len(path):len(path)], s.key)))
		}
		most = most.or(sum)
	}
	return most
}

// fieldsOf notes an object of which more fields are asked for than of any.
func (e *estimator) fieldsOf(fields []*selected, of *ast.Definition, path []string) {
	if most := e.limits.MaxFields; most > 0 && len(fields) > most && e.crowded == nil {
		e.crowded = append(e.crowded, at(costError(CodeMaxFieldsExceeded, fmt.Sprintf(
			"%d fields are asked for of one %s, which exceeds the limit of %d; each alias counts.",
			len(fields), of.Name, most,
		)), fields[most].field, path))
	}
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
func (e *estimator) field(s *selected, parent *ast.Definition, on level, path []string) Requested {
	def := fieldDefinition(parent, s.field.Name)
	if def == nil {
		return Requested{Depth: 1}
	}
	result := e.schema.Types[def.Type.Name()]
	r := Requested{Cost: e.price(parent, def.Name, result, on), Input: e.inputs(s.field, path)}
	if strings.HasPrefix(def.Name, "__") {
		e.introspection(s, path, result, 0)
	} else if !introspects(parent) {
		r.Depth = 1
	}
	if result == nil || !result.IsCompositeType() {
		return r
	}
	if isConnection(result) {
		return e.connection(s, def, result, path, r)
	}
	next := nested
	if on == mutations {
		next = payload
	}
	inner := e.below(s, result, next, path)
	size := e.listSize(s.field, parent, def)
	r.Cost = add(r.Cost, inner.Cost)
	r.Depth += inner.Depth
	r.Input = add(r.Input, times(size, inner.Input))
	if !introspects(result) {
		r.Nodes = times(size, add(1, inner.Nodes))
	}
	return r
}

// introspects reports whether a type is one that the schema is told by: its depth and objects are limited by
// introspection.
func introspects(def *ast.Definition) bool { return strings.HasPrefix(def.Name, "__") }

// plainListSize is how many objects a list is taken to have that has no size: the shipments of an order, for instance.
const plainListSize = 10

// listSize is how many objects a field which is not a connection may return, as far as its arguments tell. What a
// connection has is one here: its page counts.
func (e *estimator) listSize(f *ast.Field, parent *ast.Definition, def *ast.FieldDefinition) int {
	if def.Type.Elem == nil || isConnection(parent) {
		return 1
	}
	if n, ok := e.pageArgument(f, def); ok {
		return n
	}
	if ids, ok := e.argument(f, def, "ids").([]any); ok {
		return len(ids)
	}
	return plainListSize
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

// introspection tells lists of introspection which are nested too deep.
func (e *estimator) introspection(s *selected, path []string, result *ast.Definition, lists int) {
	if result == nil || !result.IsCompositeType() || e.exhausted() || e.full() {
		return
	}
	key := e.keyOf(s, "introspection", lists)
	if _, ok := e.known[key]; ok {
		return
	}
	e.known[key] = Requested{} // Only the first of its errors is told.
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
