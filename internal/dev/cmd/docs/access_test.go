package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/access"
	"packhorse/internal/graphql/schema"
)

func TestAccessTables(t *testing.T) {
	t.Parallel()
	tables := accessTables()
	for _, want := range []string{
		"| `fulfillmentOrderClose` | `write_assigned_fulfillment_orders` | `write_assigned_fulfillment_orders` | " +
			"nobody |\n",
		"| `orderCreate` | `write_orders` |\n", "| `shop` | none |\n",
	} {
		if !strings.Contains(tables, want) {
			t.Errorf("the tables lack %q:\n%s", want, tables)
		}
	}
	for _, op := range access.Operations() {
		if strings.Count(tables, "| `"+op.Name+"` |") != 1 {
			t.Errorf("%s is not in the tables once", op.Name)
		}
	}
	schema := schema.Load()
	for root, mutation := range map[*ast.Definition]bool{schema.Query: false, schema.Mutation: true} {
		for _, field := range root.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			if !slices.ContainsFunc(
				access.Operations(),
				func(op access.Operation) bool { return op.Name == field.Name && op.Mutation == mutation },
			) {
				t.Errorf("nothing says who may call %s", field.Name)
			}
		}
	}
	for _, op := range access.Operations() {
		if schema.Query.Fields.ForName(op.Name) == nil && schema.Mutation.Fields.ForName(op.Name) == nil {
			t.Errorf("the schema has no %s", op.Name)
		}
	}
	if list := scopeList(); strings.Count(list, "\n") != 7 ||
		!strings.Contains(list, "- `read_orders`, `write_orders`\n") {
		t.Errorf("the scopes are:\n%s", list)
	}
}
