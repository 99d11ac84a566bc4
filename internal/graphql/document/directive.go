package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// locationTitles are graphql-ruby's names of the places where a directive can stand.
var locationTitles = map[ast.DirectiveLocation]string{
	ast.LocationQuery:              "queries",
	ast.LocationMutation:           "mutations",
	ast.LocationSubscription:       "subscriptions",
	ast.LocationField:              "fields",
	ast.LocationFragmentDefinition: "fragment definitions",
	ast.LocationFragmentSpread:     "fragment spreads",
	ast.LocationInlineFragment:     "inline fragments",
	ast.LocationVariableDefinition: "variable definitions",
}

func (v *validator) directives(
	list ast.DirectiveList, parent *ast.Definition, location ast.DirectiveLocation, path []string,
) {
	seen := map[string]*ast.Directive{}
	for _, d := range list {
		def := v.schema.Directives[d.Name]
		if def == nil {
			v.fail(
				"undefinedDirective", fmt.Sprintf("Directive @%s is not defined", d.Name), path,
				details{"directiveName": d.Name}, d.Position,
			)
			continue
		}
		d.Definition, d.ParentDefinition, d.Location = def, parent, location
		if !slices.Contains(def.Locations, location) {
			var allowed []string
			for _, l := range def.Locations {
				if title, ok := locationTitles[l]; ok {
					allowed = append(allowed, title)
				}
			}
			v.fail("directiveCannotBeApplied",
				fmt.Sprintf(
					"'@%s' can't be applied to %s (allowed: %s)", d.Name, locationTitles[location],
					strings.Join(allowed, ", "),
				),
				path, details{"targetName": locationTitles[location], "name": d.Name}, d.Position)
		}
		if first := seen[d.Name]; first == nil {
			seen[d.Name] = d
		} else if !def.IsRepeatable {
			v.fail("directiveNotUniqueForLocation",
				fmt.Sprintf("The directive %q can only be used once at this location.", d.Name),
				path, details{"directiveName": d.Name}, first.Position, d.Position)
		}
		v.requiredArguments("Directive", d.Name, def.Arguments, d.Arguments, d.Position, path)
		v.arguments(
			argumentParent{kind: "Directive", name: d.Name, definitions: def.Arguments, position: d.Position},
			d.Arguments, path,
		)
	}
}
