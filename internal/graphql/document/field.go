package document

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// typename is the definition of the field which every composite type has.
var typename = &ast.FieldDefinition{Name: "__typename", Type: ast.NonNullNamedType("String", nil)}

// fieldDefinition returns the definition of a field on a type, or nil.
func fieldDefinition(parent *ast.Definition, name string) *ast.FieldDefinition {
	if name == typename.Name {
		return typename
	}
	return parent.Fields.ForName(name)
}

func (v *validator) selections(set ast.SelectionSet, parent *ast.Definition, path []string) {
	for _, s := range set {
		if len(v.errs) > maxErrors {
			return
		}
		switch s := s.(type) {
		case *ast.Field:
			v.field(s, parent, path)
		case *ast.InlineFragment:
			v.inlineFragment(s, parent, path)
		case *ast.FragmentSpread:
			v.fragmentSpread(s, parent, path)
		}
	}
}

func (v *validator) field(f *ast.Field, parent *ast.Definition, path []string) {
	above := path
	path = join(path, f.Alias)
	def := fieldDefinition(parent, f.Name)
	if def == nil {
		if parent.Kind == ast.Union {
			v.fail("selectionMismatch",
				fmt.Sprintf("Selections can't be made directly on unions (see selections on %s)", parent.Name), above,
				details{"nodeName": parent.Name}, f.Position)
			return
		}
		v.fail("undefinedField", fmt.Sprintf("Field '%s' doesn't exist on type '%s'", f.Name, parent.Name), path,
			details{"typeName": parent.Name, "fieldName": f.Name}, f.Position)
		return
	}
	f.Definition, f.ObjectDefinition = def, parent
	result := v.schema.Types[def.Type.Name()]
	if result == nil || !v.selectionsFit(f, result, path) {
		return
	}
	v.requiredArguments("Field", f.Name, def.Arguments, f.Arguments, f.Position, path)
	v.arguments(
		argumentParent{kind: "Field", name: f.Alias, definitions: def.Arguments, position: f.Position}, f.Arguments,
		path,
	)
	v.directives(f.Directives, result, ast.LocationField, path)
	v.selections(f.SelectionSet, result, path)
}

// selectionsFit tells if a field of a leaf type has selections, or one of a composite type has none.
func (v *validator) selectionsFit(f *ast.Field, result *ast.Definition, path []string) bool {
	node := fmt.Sprintf("field '%s'", f.Name)
	var message string
	switch {
	case result.IsLeafType() && len(f.SelectionSet) > 0:
		names := make([]string, len(f.SelectionSet))
		for i, s := range f.SelectionSet {
			switch s := s.(type) {
			case *ast.Field:
				names[i] = fmt.Sprintf("%q", s.Name)
			case *ast.FragmentSpread:
				names[i] = fmt.Sprintf("%q", s.Name)
			case *ast.InlineFragment:
				names[i] = fmt.Sprintf("\"... on %s { ... }\"", s.TypeCondition)
			}
		}
		message = fmt.Sprintf("Selections can't be made on %ss (%s returns %s but has selections [%s])",
			strings.ToLower(string(result.Kind)), node, result.Name, strings.Join(names, ", "))
	case result.IsCompositeType() && len(f.SelectionSet) == 0:
		message = fmt.Sprintf("Field must have selections (%s returns %s but has no selections. Did you mean '%s { "+
			"... }'?)",
			node, result.Name, f.Name)
	default:
		return true
	}
	v.fail("selectionMismatch", message, path, details{"nodeName": node, "typeName": result.Name}, f.Position)
	return false
}
