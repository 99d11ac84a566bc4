package main

import (
	"fmt"
	"slices"
	"strings"

	"packhorse/internal/access"
)

// accessTables says who may call which operation of the Admin API: those that depend on who runs the location, and
// the others.
func accessTables() string {
	var located, others strings.Builder
	located.WriteString(
		"| operation | at the merchant's location | at a service of the app | at another service |\n" +
			"|---|---|---|---|\n",
	)
	others.WriteString("\n| operation | scope |\n|---|---|\n")
	for _, op := range access.Operations() {
		name := "`" + op.Name + "`"
		switch {
		case op.By != nil:
			fmt.Fprintf(&located, "| %s | %s |\n", name, strings.Join(ruleCells(op.By), " | "))
		case op.Free():
			fmt.Fprintf(&others, "| %s | none |\n", name)
		default:
			fmt.Fprintf(&others, "| %s | %s |\n", name, anyOf(op.Scopes))
		}
	}
	return located.String() + others.String()
}

func anyOf(scopes []access.Scope) string {
	texts := make([]string, len(scopes))
	for i, s := range scopes {
		texts[i] = "`" + string(s) + "`"
	}
	return strings.Join(texts, " or ")
}

// scopeList is every scope there is.
func scopeList() string {
	var b strings.Builder
	for pair := range slices.Chunk(access.Scopes(), 2) { // A read scope and the write scope that implies it.
		fmt.Fprintf(&b, "- %s\n", strings.ReplaceAll(anyOf(pair), " or ", ", "))
	}
	return b.String()
}
