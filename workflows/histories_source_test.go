package workflows_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// getVersion is a call of it in the code of this package.
type getVersion struct {
	id              string
	lowest, highest int
}

// patches is the change IDs of this package's calls of GetVersion.
func patches(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, call := range callsOfGetVersion(t) {
		if !slices.Contains(ids, call.id) {
			ids = append(ids, call.id)
		}
	}
	return ids
}

// callsOfGetVersion reads the calls off the source. A change ID must be a constant and the versions plain numbers, or
// nobody can tell which there are.
func callsOfGetVersion(t *testing.T) []getVersion {
	t.Helper()
	known := constants(t, ".")
	var calls []getVersion
	for _, file := range sources(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "GetVersion" {
				return true
			}
			found := getVersion{lowest: version(t, call.Args[2]), highest: version(t, call.Args[3])}
			switch id := call.Args[1].(type) {
			case *ast.Ident:
				found.id = known[id.Name]
			case *ast.BasicLit:
				found.id, _ = strconv.Unquote(id.Value)
			}
			if found.id == "" {
				t.Fatal("GetVersion is called with an ID that is no constant")
			}
			calls = append(calls, found)
			return true
		})
	}
	if len(calls) == 0 {
		t.Log("no call of GetVersion was found")
	}
	return calls
}

func version(t *testing.T, e ast.Expr) int {
	t.Helper()
	switch e := e.(type) {
	case *ast.SelectorExpr:
		if e.Sel.Name == "DefaultVersion" {
			return -1
		}
	case *ast.BasicLit:
		if n, err := strconv.Atoi(e.Value); err == nil {
			return n
		}
	}
	t.Fatal("GetVersion is called with a version that is no number")
	return 0
}

// constants is the text constants of a package, by name.
func constants(t *testing.T, folder string) map[string]string {
	t.Helper()
	values := map[string]string{}
	for _, file := range sources(t, folder) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, value := range spec.Values {
				if literal, ok := value.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					values[spec.Names[i].Name], _ = strconv.Unquote(literal.Value)
				}
			}
			return true
		})
	}
	return values
}

// sources is the files of a package, without its tests.
func sources(t *testing.T, folder string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}
