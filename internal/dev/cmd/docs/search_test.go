package main

import (
	"strings"
	"testing"

	"packhorse/internal/postgres"
)

func TestSearchTable(t *testing.T) {
	t.Parallel()
	table := searchTable()
	for _, want := range []string{
		"| Fulfillment orders | `id` | ID | the fulfillment order's own ID |\n", "| Locations | `id` | ID |",
		"|  | `active` | `true` `false` |", "|  | `order_name` | text |", "|  | `fulfill_by` | time |",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	fields := 0
	for _, spec := range postgres.SearchSpecs() {
		fields += len(spec.Fields)
	}
	if rows := strings.Count(table, "\n") - 2; rows != fields {
		t.Errorf("%d rows for %d fields", rows, fields)
	}
}
