package main

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/access"
	"packhorse/internal/graphql/schema"
)

// Every type of the schema has its row, every name in the table is in the schema, and the page shows all of it.
func TestObjectTables(t *testing.T) {
	t.Parallel()
	tables := objectTables()
	types := schema.Load().Types
	for name, definition := range types {
		if definition.Kind != ast.Object || strings.HasPrefix(name, "__") {
			continue
		}
		row := access.ObjectOf(name)
		if row == nil {
			t.Errorf("nothing says who may see a %s", name)
		}
		if row != nil && row.Type == name && !strings.Contains(tables, "| `"+name+"` |") &&
			definition != schema.Load().Query && definition != schema.Load().Mutation &&
			!strings.HasSuffix(name, "Payload") {
			t.Errorf("%s is not on the page", name)
		}
	}
	exists := func(typeName, field string) {
		if definition := types[typeName]; definition == nil || definition.Fields.ForName(field) == nil {
			t.Errorf("the schema has no %s.%s", typeName, field)
		}
	}
	for _, o := range access.Objects() {
		for field := range o.Fields {
			exists(o.Type, field)
		}
		for _, field := range o.Named {
			exists(o.Type, field)
		}
		for _, name := range o.NamedBy {
			typeName, field, _ := strings.Cut(name, ".")
			exists(typeName, field)
		}
		for _, field := range o.Personal {
			if field != "*" {
				exists(o.Type, field)
			}
		}
	}
	if want := "| `FulfillmentService` | `callbackUrl` | nobody | no scope needed | nobody |\n"; !strings.Contains(tables, want) {
		t.Errorf("the tables lack %q:\n%s", want, tables)
	}
}
