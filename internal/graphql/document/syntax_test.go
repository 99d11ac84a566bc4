package document_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/graphql/document"
)

func TestSyntaxAndOperation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, query, operation string
		want                   string // empty: nothing is wrong
	}{
		{"empty", " \n", "", "BAD_REQUEST||No query string was present"},
		{"cut off", `{ order(id: "1") {`, "", "<nil>||syntax error, unexpected end of file at [1, 19]"},
		{"unexpected", `{ order(id: "1") } }`, "", "<nil>||syntax error, unexpected } at [1, 20]"},
		{"type definition", `type A { b: C }`, "", `<nil>||syntax error, unexpected Name "type" at [1, 1]`},
		{"only a fragment", `fragment F on Order { id }`, "", "BAD_REQUEST||No operation was present in the document"},
		{
			"several without name", `query A { animal { name } } query B { animal { name } }`, "",
			"BAD_REQUEST||An operation name is required",
		},
		{"several with name", `query A { animal { name } } query B { animal { name } }`, "B", ""},
		{"unknown name", `query A { animal { name } }`, "C", `BAD_REQUEST||No operation named "C"`},
		{
			"name twice", `query A { animal { name } } query A { animal { name } }`, "A",
			`uniquelyNamedOperations||Operation name "A" must be unique`,
		},
		{
			"one without a name", `query A { animal { name } } { animal { name } }`, "A",
			"uniquelyNamedOperations||Operation name is required when multiple operations are present",
		},
		{
			"deep selections", "{ order(id: \"1\") " + strings.Repeat("{ self ", 60), "",
			"BAD_REQUEST||syntax error, nested more than 50 levels deep at [1, 361]",
		},
		{
			"deep lists", "{ scalars(matrix: " + strings.Repeat("[", 100_000), "",
			"BAD_REQUEST||syntax error, nested more than 50 levels deep at [1, 67]",
		},
		{"long", "{ " + strings.Repeat("a ", 30_000) + "}", "", "BAD_REQUEST||This query is too large to execute."},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			p, _, errs := document.Prepare(schema, document.Request{Query: test.query, OperationName: test.operation})
			if test.want == "" {
				if p == nil || p.Operation.Name != test.operation {
					t.Fatalf("Prepare = %v, %v; want operation %s", p, errs, test.operation)
				}
				return
			}
			if diff := cmp.Diff([]string{test.want}, told(errs)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBombs defends that documents which are small and stand for very much are told, soon.
func TestBombs(t *testing.T) {
	t.Parallel()
	var doubling, subsets, chain, aliases strings.Builder
	doubling.WriteString(`{ order(id: "1") { ...F0 } }`)
	chain.WriteString(`{ order(id: "1") { ...F0 } }`)
	subsets.WriteString(`{ order(id: "1") { ...F0 } }`)
	for i := range 200 {
		fmt.Fprintf(&doubling, "fragment F%d on Order { a: self { ...F%d } b: self { ...F%d } } ", i, i+1, i+1)
		fmt.Fprintf(
			&subsets, "fragment F%d on Order { a: self { ...F%d ...F%d } b: self { ...F%d ...F%d } } ", i, i+1, i+2,
			i+1, i+3,
		)
	}
	for i := range 1500 {
		fmt.Fprintf(&chain, "fragment F%d on Order { self { ...F%d } } ", i, i+1)
	}
	doubling.WriteString("fragment F200 on Order { id }")
	chain.WriteString("fragment F1500 on Order { id }")
	subsets.WriteString("fragment F200 on Order { id } fragment F201 on Order { id } fragment F202 on Order { id }")
	aliases.WriteString("{ ")
	aliases.WriteString(strings.Repeat(`x: order(id: 1) { a: id } `, 1400))
	aliases.WriteString(" }")
	for name, test := range map[string]struct{ query, want string }{
		"doubling":      {doubling.String(), ""},
		"subsets":       {subsets.String(), "<nil>"},
		"chain":         {chain.String(), ""},
		"equal aliases": {aliases.String(), ""},
		"many errors": {
			"{ " + strings.Repeat("x ", 5000) + "}",
			"Too many errors processing query, max validation error limit reached. Execution aborted",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, errs := prepare(t, test.query, nil)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			switch test.want {
			case "":
				if len(errs) > 0 {
					t.Errorf("errors = %v, want none", errs[0])
				}
			case "<nil>":
				// How far the look goes is a bound, not a rule: only its end is defended.
			default:
				if last := errs[len(errs)-1].Message; last != test.want {
					t.Errorf("last error = %q, want %q", last, test.want)
				}
			}
		})
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	if _, err := document.NewCache(schema, 0); err == nil {
		t.Error("NewCache(0) = nil error, want one")
	}
	cache, err := document.NewCache(schema, 10)
	if err != nil {
		t.Fatal(err)
	}
	request := document.Request{
		Query:     `query A($id: ID!) { order(id: $id) { id } } query B { animal { name } }`,
		Variables: map[string]any{"id": "1"}, OperationName: "A",
	}
	first, _, errs := cache.Prepare(request)
	if errs != nil {
		t.Fatal(errs)
	}
	request.Variables = map[string]any{"id": "2"}
	second, _, errs := cache.Prepare(request)
	if errs != nil {
		t.Fatal(errs)
	}
	if first.Document != second.Document {
		t.Error("the document was parsed twice")
	}
	if first.Variables["id"] != "1" || second.Variables["id"] != "2" {
		t.Errorf("variables = %v, %v; want those of each request", first.Variables, second.Variables)
	}
	request.Variables = nil
	if _, _, errs := cache.Prepare(request); len(errs) != 1 || errs[0].Rule != document.CodeInvalidVariable {
		t.Errorf("without variables: %v, want %s", errs, document.CodeInvalidVariable)
	}
	request.OperationName = "C"
	if _, _, errs := cache.Prepare(request); len(errs) != 1 {
		t.Errorf("unknown operation: %v, want an error", errs)
	}
	invalid := document.Request{Query: `{ nope }`}
	for range 2 {
		if _, _, errs := cache.Prepare(invalid); len(errs) != 1 {
			t.Errorf("invalid document: %v, want an error each time", errs)
		}
	}
}
