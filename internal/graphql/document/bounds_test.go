package document_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/graphql/document"
)

// doubled is fragments each of which has the next one twice.
func doubled(levels int, bottom string) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on Order { a: lines(first: 1) { nodes { order { ...F%d } } } b: lines(first: 1) "+
			"{ nodes { order { ...F%d } } } }", i, i+1, i+1)
	}
	return b.String() + fmt.Sprintf(" fragment F%d on Order { %s }", levels, bottom)
}

// TestEstimateLooksOnce counts what a document with doubling fragments asks for, although its answer would be far
// larger than anything that could be looked at field by field.
func TestEstimateLooksOnce(t *testing.T) {
	t.Parallel()
	r, errs := estimate(t, `{ order(id: "1") { ...F0 } }`+doubled(20, "customer { id }"), nil, document.Limits{})
	// Each level costs two pages of one node with its order: 2 × (2 + 1 + 1), and twice what is below.
	want := 1
	for range 20 {
		want = 2*want + 8
	}
	if errs != nil || r.Cost != want+1 || r.Depth != 63 {
		t.Errorf("Estimate = %+v, %v; want cost %d and depth 63", r, errs, want+1)
	}
}

// TestErrorsAreBounded has documents whose errors repeat each other, or what was sent: there are 101 at the most, and
// they have 200 kB together.
func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 900_000)
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "%d", fmt.Sprint(i)))
		}
		return b.String()
	}
	for _, test := range []struct {
		rule, query, says string
		variables         map[string]any
	}{
		{
			rule: "an error for each path", query: `{ order(id: "1") { ...F0 } }` + doubled(12, many(
				100, "c%d: lines(first: 1, last: 1) { nodes { id } } ",
			)),
			says: "providing both first and last",
		},
		{rule: "long names", query: `query N` + long + ` { ` + many(150, "a%d: order(id: $v%d) { id } ") + `}`,
			says: "a name has more than 255 characters at [1, 7]"},
		{rule: "a long literal", query: `{ orders(first: "` + long + `") { nodes { id } } }`, says: "has an invalid value"},
		{rule: "long literals that differ", query: `{ node(id: "` + long[:400_000] + `") { id } node(id: "` +
			long[:400_001] + `") { id } }`, says: "has an argument conflict"},
		{rule: "a name many times", query: `query (` + strings.Repeat("$a: ID ", 4000) + `) { order(id: $a) { id } }`,
			says: `There can only be one variable named \"a\"`},
		{rule: "a long value", query: `query ($n: Int) { orders(first: $n) { nodes { id } } }`,
			variables: map[string]any{"n": long}, says: "Could not coerce value"},
		{rule: "many values", query: `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`,
			variables: map[string]any{"ids": make([]any, 60_000)}, says: "Expected value to not be null"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			var errs gqlerror.List
			p, _, errs := document.Prepare(costSchema, document.Request{Query: test.query, Variables: test.variables})
			if errs == nil {
				_, errs = document.Estimate(costSchema, p.Operation, p.Document, p.Variables, document.DefaultLimits)
			}
			told, err := json.Marshal(errs)
			if err != nil {
				t.Fatal(err)
			}
			if len(errs) == 0 || len(errs) > 101 || len(told) > 200_000 {
				t.Errorf("%d errors of %d bytes, want up to 101 of 200,000", len(errs), len(told))
			}
			if !strings.Contains(string(told), test.says) {
				t.Errorf("they are %.500s, want %q", told, test.says)
			}
		})
	}
}

// TestArgumentsCountWhereTheyAreGiven multiplies what arguments have by the fields that are given them.
func TestArgumentsCountWhereTheyAreGiven(t *testing.T) {
	t.Parallel()
	long := map[string]any{"v": strings.Repeat("x", 1000)}
	for _, test := range []struct {
		rule, query string
		variables   map[string]any
		want        int
	}{
		{"short ones don't", `{ orders(first: 250) { nodes { lines(first: 250) { nodes { id } } } } }`, nil, 0},
		{"once", `query ($v: ID!) { node(id: $v) { id } }`, long, 1002},
		{"in each alias", `query ($v: ID!) { a: node(id: $v) { id } b: node(id: $v) { id } }`, long, 2004},
		{"a literal, too", `{ a: node(id: "` + strings.Repeat("x", 300) + `") { id } }`, nil, 302},
		{"all items of a list", `query ($v: ID!) { nodes(ids: [$v, "1", $v]) { id } }`, long, 2009},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			r, errs := estimate(t, test.query, test.variables, document.Limits{})
			if errs != nil || r.Input != test.want {
				t.Errorf("Estimate = %+v, %v; want Input %d", r, errs, test.want)
			}
		})
	}
	_, errs := estimate(t, `query ($v: ID!) { a: node(id: $v) { id } b: node(id: $v) { id } }`, long,
		document.Limits{MaxArguments: 2000})
	if len(errs) != 1 || errs[0].Extensions["code"] != document.CodeMaxInputExceeded {
		t.Errorf("beyond the limit: %v", errs)
	}
	_, errs = estimate(t, `{ order(id: "1") { a: id b: id c: id } }`, nil, document.Limits{MaxFields: 2})
	if len(errs) != 1 || errs[0].Extensions["code"] != document.CodeMaxFieldsExceeded {
		t.Errorf("more fields than allowed: %v", errs)
	}
}
