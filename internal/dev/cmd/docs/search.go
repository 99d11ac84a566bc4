package main

import (
	"fmt"
	"strings"

	"packhorse/internal/postgres"
)

// searchTable is what lists can be searched by.
func searchTable() string {
	var b strings.Builder
	b.WriteString("| list | field | takes | what it is |\n|---|---|---|---|\n")
	for _, spec := range postgres.SearchSpecs() {
		list := spec.Noun
		for _, f := range spec.Fields {
			takes := string(f.Kind)
			switch f.Kind {
			case postgres.SearchID:
				takes = "ID"
			case postgres.SearchChoice:
				takes = "`" + strings.ToLower(strings.Join(f.Choices, "` `")) + "`"
			}
			fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", list, f.Name, takes, f.Description)
			list = ""
		}
	}
	return b.String()
}
