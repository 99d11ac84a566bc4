package document_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/graphql/document"
)

// FuzzPrepare defends that no request panics, and that what is prepared can be executed:
// every field has its definition and every argument can be read.
func FuzzPrepare(f *testing.F) {
	for _, seed := range [][2]string{
		{`{ order(id: "1") { id } }`, `{}`},
		{
			`query Q($id: ID!, $n: Int = 2) { order(id: $id) { ...F lines(first: $n) { nodes { id } } } } fragment F on Order { self { name } }`,
			`{"id": 5}`,
		},
		{
			`mutation M($i: OrderInput!) { create(input: $i) @idempotent(key: "k") { order { id } userErrors { field message } } }`,
			`{"i": {"name": "a", "ids": [1, "b"], "extra": {"c": [null]}}}`,
		},
		{`{ input(input: {name: "a", price: 1.5, at: "2026-01-01", extra: {a: [99999999999999999999]}}) }`, `null`},
		{
			`{ thing { ... on Order { x: id } ... on Shop { x: size @include(if: true) } } node(id: 1) { ...A } } fragment A on Node { ...A id }`,
			`{}`,
		},
		{`query ($m: [[Int!]!]) { scalars(matrix: $m, url: "x", dateTime: 5, json: {a: $m}) }`, `{"m": [[1], 2]}`},
		{"{ \"\"\"", `{"a": "\u0000"}`},
		{`{ __schema { types { fields { type { fields { type { name } } } } } } }`, `{}`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, query, variables string) {
		d := json.NewDecoder(strings.NewReader(variables))
		d.UseNumber()
		var values map[string]any
		_ = d.Decode(&values) // what can't be read is as good as nothing here
		p, _, errs := document.Prepare(schema, document.Request{Query: query, Variables: values})
		if (p == nil) == (len(errs) == 0) {
			t.Fatalf("Prepare = %v, %v; want just one of both", p, errs)
		}
		if p == nil {
			if _, err := json.Marshal(errs); err != nil {
				t.Fatal(err)
			}
			return
		}
		var walk func(ast.SelectionSet)
		walk = func(set ast.SelectionSet) {
			for _, s := range set {
				switch s := s.(type) {
				case *ast.Field:
					if s.Definition == nil || s.ObjectDefinition == nil {
						t.Fatalf("field %s has no definition", s.Name)
					}
					s.ArgumentMap(p.Variables)
					walk(s.SelectionSet)
				case *ast.InlineFragment:
					walk(s.SelectionSet)
				case *ast.FragmentSpread:
					if s.Definition == nil {
						t.Fatalf("fragment %s has no definition", s.Name)
					}
				}
			}
		}
		walk(p.Operation.SelectionSet)
		for _, fragment := range p.Document.Fragments {
			walk(fragment.SelectionSet)
		}
		r, _ := document.Estimate(schema, p.Operation, p.Document, p.Variables, document.DefaultLimits)
		if r.Cost < 0 || r.Nodes < 0 || r.Depth < 0 {
			t.Fatalf("estimate = %+v, want nothing negative", r)
		}
	})
}
