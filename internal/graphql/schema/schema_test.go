package schema_test

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/graphql/schema"
)

func TestSDL(t *testing.T) {
	t.Parallel()
	printed, err := gqlparser.LoadSchema(&ast.Source{Input: schema.SDL()})
	if err != nil {
		t.Fatal(err)
	}
	for name := range schema.Load().Types {
		if printed.Types[name] == nil {
			t.Errorf("%s is not in the printed schema", name)
		}
	}
}

// TestDescriptions: every type says what it is.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	for name, definition := range schema.Load().Types {
		if definition.Description == "" && !definition.BuiltIn {
			t.Errorf("%s has no description", name)
		}
	}
}
