package refusal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// codes reads every Code of the domain from its source: a list kept by hand could forget one.
func codes(t *testing.T) []fulfillment.Code {
	t.Helper()
	var files []string
	for _, domain := range []string{"../fulfillment", "../returns"} {
		list, err := filepath.Glob(filepath.Join(domain, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, list...)
	}
	var found []fulfillment.Code
	read := func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		kind, _ := spec.Type.(*ast.Ident)
		if of, ok := spec.Type.(*ast.SelectorExpr); ok {
			kind = of.Sel
		}
		if kind != nil && kind.Name == "Code" {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, fulfillment.Code(text))
			}
		}
		return true
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, read)
	}
	return found
}

// Every refusal that the domain knows has a row, and no row is of a refusal that is gone.
func TestEveryCodeIsInTheTable(t *testing.T) {
	t.Parallel()
	all := codes(t)
	if len(all) < 30 {
		t.Fatalf("only %d codes were found: %v", len(all), all)
	}
	for _, code := range all {
		if _, ok := table[code]; !ok {
			t.Errorf("%s is missing", code)
		}
	}
	for code := range table {
		if !slices.Contains(all, code) {
			t.Errorf("the domain has no %s", code)
		}
	}
}

func TestShowing(t *testing.T) {
	t.Parallel()
	for code, row := range table {
		s := Of(code)
		if s.HTTP < 400 || s.HTTP > 599 || s.Exit == 0 || s.GraphQL == "" {
			t.Errorf("%s is not shown everywhere: %+v", code, s)
		}
		if s.Retry != (s.HTTP == 503) {
			t.Errorf("%s: retry %v goes with status %d", code, s.Retry, s.HTTP)
		}
		if s.Retry && (!s.EndsField || s.Message == "") {
			t.Errorf(
				"%s passes, so it says nothing about the input, and nothing of what stands in the way: %+v", code, s,
			)
		}
		if s.UserError[0] != string(code) || row.alias != "" && s.UserError[1] != row.alias {
			t.Errorf("%s is %v in payloads", code, s.UserError)
		}
	}
	if s := Of(returns.CodeLineMustExist); len(s.UserError) != 1 {
		t.Errorf("what the source answers without a code is %v in payloads", s.UserError)
	}
	if s := Of("UNHEARD_OF"); s.HTTP != 422 || s.GraphQL != BadRequest || s.EndsField || s.Retry {
		t.Errorf("a code that nobody knows is shown as %+v", s)
	}
}
