package document

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// validator is one visit of a document. gqlparser's own walker is not used: it enters
// every fragment at every spread, tells children before parents and knows no
// paths, whereas graphql-ruby's errors are in the order of the document, once for
// each definition, with paths. Like that walker, the visit writes into the nodes which
// definitions of the schema they refer to: the executor needs that.
type validator struct {
	schema *ast.Schema
	doc    *ast.QueryDocument
	errs   gqlerror.List

	fragments map[string]*ast.FragmentDefinition
	cyclic    map[string]bool // fragments which spread themselves

	definitions []*definition // visited, in the order of the document
	current     *definition

	// rewrites are literals whose written form the executor could not read, with the form
	// it can. They are applied when nothing is wrong, so that no message shows them.
	rewrites []rewrite

	mergeReported map[string]bool
	prints        map[*ast.Field]printed
	// work is what was looked at more than once: for conflicts, and for the variables of operations that share
	// fragments. It is bounded by maxWorkAgain.
	work int
}

// definition is an operation or a fragment as the rules on variables see it.
type definition struct {
	name      string
	operation *ast.OperationDefinition // nil for a fragment
	position  *ast.Position
	path      []string
	spreads   []string
	uses      []variableUse
}

// validate returns all errors of the document, and what it took. Without errors the document is ready for execution.
func validate(schema *ast.Schema, doc *ast.QueryDocument) (Effort, gqlerror.List) {
	v := &validator{schema: schema, doc: doc, mergeReported: map[string]bool{}, prints: map[*ast.Field]printed{}}
	v.indexFragments()

	type visit struct {
		start int
		run   func()
	}
	var visits []visit
	for _, op := range doc.Operations {
		visits = append(visits, visit{op.Position.Start, func() { v.operation(op) }})
	}
	for _, f := range doc.Fragments {
		visits = append(visits, visit{f.Position.Start, func() { v.fragment(f) }})
	}
	slices.SortStableFunc(visits, func(a, b visit) int { return a.start - b.start })
	for _, visit := range visits {
		visit.run()
	}

	v.variablesOfOperations()
	v.fragmentsAsWhole()
	v.operations()
	if len(v.errs) == 0 {
		for _, r := range v.rewrites {
			r.apply()
		}
	}
	return Effort(min(v.work, maxWorkAgain)), v.errs
}

// fail adds an error. The path is copied by newError.
func (v *validator) fail(code, message string, path []string, extra details, positions ...*ast.Position) {
	switch {
	case len(v.errs) < maxErrors:
		v.errs = append(v.errs, newError(code, message, path, extra, positions...))
	case len(v.errs) == maxErrors:
		v.errs = append(v.errs, tooManyErrors())
	}
}

// maxWorkAgain bounds what is looked at more than once. Fragments which spread others in several places make the
// response's tree exponentially larger than the document, and operations that share fragments look at each other's; the
// documents of real apps stay below some thousand.
const maxWorkAgain = 100_000

// exhausted tells, in the answer too, that a document is not looked at to its end.
func (v *validator) exhausted() bool {
	if v.work <= maxWorkAgain {
		return false
	}
	if !v.mergeReported[""] {
		v.mergeReported[""] = true
		v.fail("validationTimeout", "Timeout on validation of query", nil, nil)
	}
	return true
}

func (v *validator) enter(d *definition) {
	v.definitions = append(v.definitions, d)
	v.current = d
}

// join returns path with name appended, sharing nothing with later joins of the same path.
func join(path []string, name string) []string {
	return append(path[:len(path):len(path)], name)
}
