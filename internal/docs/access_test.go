package main

import (
	"strings"
	"testing"

	"packhorse/internal/access"
)

func TestAccessTables(t *testing.T) {
	t.Parallel()
	tables := accessTables()
	for _, want := range []string{
		"| `fulfillmentOrderClose` | `write_assigned_fulfillment_orders` | `write_assigned_fulfillment_orders` | nobody |\n",
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
	if list := scopeList(); strings.Count(list, "\n") != 6 || !strings.Contains(list, "- `read_orders`, `write_orders`\n") {
		t.Errorf("the scopes are:\n%s", list)
	}
}
