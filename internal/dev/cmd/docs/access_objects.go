package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/access"
	"packhorse/internal/graphql/schema"
)

// objectTables says who may see which objects of the Admin API and which of their fields: those with rules of their
// own, and those that are parts of others.
func objectTables() string {
	var ruled, parts strings.Builder
	ruled.WriteString("| object | fields | of the merchant | of the app | of another app or service |\n")
	ruled.WriteString("|---|---|---|---|---|\n")
	for _, o := range access.Objects() {
		if o.Part() || o.Type == schema.Load().Query.Name || o.Type == schema.Load().Mutation.Name {
			continue
		}
		special := slices.Sorted(maps.Keys(o.Fields))
		what := "all"
		if len(special)+len(o.Named) > 0 {
			what = "all others"
		}
		row := func(fields string, cells []string) {
			fmt.Fprintf(&ruled, "| `%s` | %s | %s |\n", o.Type, fields, strings.Join(cells, " | "))
		}
		row(what, ruleCells(o.Seen))
		if len(o.Named) > 0 {
			named := []string{}
			for _, cell := range ruleCells(o.Seen) {
				switch cell {
				case noScope:
				case "nobody":
					cell = "who sees what names it"
				default:
					cell += ", or who sees what names it"
				}
				named = append(named, cell)
			}
			row(codes(o.Named), named)
		}
		for _, field := range special {
			row(codes([]string{field}), ruleCells(o.Fields[field]))
		}
	}
	parts.WriteString("\n| part | of |\n|---|---|\n")
	for _, name := range partNames() {
		fmt.Fprintf(&parts, "| `%s` | %s |\n", name, codes(wholes(name)))
	}
	return ruled.String() + "\n" + namingList() + parts.String()
}

// noScope is a cell of a rule that takes no scope.
const noScope = "no scope needed"

// ruleCells is a rule as cells of a table.
func ruleCells(rule access.Rule) []string {
	var cells []string
	for _, o := range access.Ownerships {
		scopes, somebody := rule[o]
		switch {
		case !somebody:
			cells = append(cells, "nobody")
		case len(scopes) == 0:
			cells = append(cells, noScope)
		default:
			cells = append(cells, anyOf(scopes))
		}
	}
	return cells
}

// namingList says which fields name objects that an app may not see.
func namingList() string {
	var b strings.Builder
	for _, o := range access.Objects() {
		if len(o.NamedBy) > 0 {
			fmt.Fprintf(&b, "- `%s` is named by %s.\n", o.Type, codes(o.NamedBy))
		}
	}
	return b.String()
}

func codes(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = "`" + name + "`"
	}
	return strings.Join(texts, ", ")
}

// partNames are the objects that are parts of others, without those that are only a way to others.
func partNames() []string {
	var names []string
	for name, definition := range schema.Load().Types {
		row := access.ObjectOf(name)
		if definition.Kind == ast.Object && !strings.HasPrefix(name, "__") && row != nil && row.Part() &&
			row.Type != "" && !strings.HasSuffix(name, "Payload") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// wholes are the objects that have a field of the type. Pages and payloads stand for what has them.
func wholes(name string) []string {
	found := map[string]bool{}
	seen := map[string]bool{}
	has := func(definition *ast.Definition, name string) bool {
		return slices.ContainsFunc(
			definition.Fields, func(f *ast.FieldDefinition) bool { return f.Type.Name() == name },
		)
	}
	var climb func(name string)
	climb = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for typeName, definition := range schema.Load().Types {
			if definition.Kind != ast.Object || strings.HasPrefix(typeName, "__") || !has(definition, name) {
				continue
			}
			row := access.ObjectOf(typeName)
			switch {
			case strings.HasSuffix(typeName, "Payload"):
				found[schema.Load().Mutation.Name] = true
			case row != nil && row.Type != "":
				found[typeName] = true
			default:
				climb(typeName)
			}
		}
	}
	climb(name)
	return slices.Sorted(maps.Keys(found))
}
