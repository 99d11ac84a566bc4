package document

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// argumentParent is what takes arguments: a field, a directive or, as graphql-ruby has it, an input object.
type argumentParent struct {
	kind        string // Field, Directive or InputObject
	name        string
	definitions ast.ArgumentDefinitionList
	position    *ast.Position
}

// requiredArguments tells which arguments must be given and are not.
func (v *validator) requiredArguments(
	kind, name string, defs ast.ArgumentDefinitionList, args ast.ArgumentList, position *ast.Position, path []string,
) {
	var missing []string
	for _, def := range defs {
		if def.Type.NonNull && def.DefaultValue == nil && args.ForName(def.Name) == nil {
			missing = append(missing, def.Name)
		}
	}
	if len(missing) == 0 {
		return
	}
	names := strings.Join(missing, ", ")
	v.fail("missingRequiredArguments", fmt.Sprintf("%s '%s' is missing required arguments: %s", kind, name, names),
		path,
		details{"className": kind, "name": name, "arguments": names}, position)
}

// arguments visits the arguments of a field or directive.
func (v *validator) arguments(parent argumentParent, args ast.ArgumentList, path []string) {
	counts := map[string][]*ast.Position{}
	for _, arg := range args {
		counts[arg.Name] = append(counts[arg.Name], arg.Position)
	}
	for _, arg := range args {
		if positions := counts[arg.Name]; len(positions) > 1 {
			v.fail("argumentNotUnique", fmt.Sprintf("There can be only one argument named %q", arg.Name), path,
				details{"name": arg.Name}, positions...)
			delete(counts, arg.Name)
		}
		v.argument(parent, arg.Name, arg.Value, arg.Position, path)
	}
}

// argument visits one argument, or one field of an input object.
func (v *validator) argument(
	parent argumentParent, name string, value *ast.Value, position *ast.Position, path []string,
) {
	path = join(path, name)
	def := parent.definitions.ForName(name)
	if def == nil {
		v.fail("argumentNotAccepted",
			fmt.Sprintf("%s '%s' doesn't accept argument '%s'", parent.kind, parent.name, name), path,
			details{"name": parent.name, "typeName": parent.kind, "argumentName": name}, position)
		return
	}
	before := len(v.errs)
	v.value(value, def.Type, path)
	v.variableUses(value, def, name, position, path)
	if value.Kind == ast.Variable || len(v.errs) > before {
		return // an error inside tells more than one of the whole would
	}
	if problem := v.literal(value, def.Type); problem != nil {
		message, typeName := problem.message, "CoercionError"
		if message == "" {
			message = fmt.Sprintf("Argument '%s' on %s '%s' has an invalid value (%s). Expected type '%s'.",
				name, parent.kind, parent.name, printValue(value), def.Type)
			typeName = parent.kind
		}
		extra := details{"typeName": typeName}
		if problem.message == "" {
			extra["argumentName"] = name
		}
		v.fail("argumentLiteralsIncompatible", message, path, extra, parent.position)
	}
}

// value visits what is inside a value: variables, and the fields of input objects.
func (v *validator) value(value *ast.Value, t *ast.Type, path []string) {
	def := v.schema.Types[t.Name()]
	value.ExpectedType, value.Definition = t, def
	switch value.Kind {
	case ast.Variable:
		v.useVariable(value, path)
	case ast.ListValue:
		elem := t
		if t.Elem != nil {
			elem = t.Elem
		}
		for _, child := range value.Children {
			v.value(child.Value, elem, path)
		}
	case ast.ObjectValue:
		if def == nil || def.Kind != ast.InputObject {
			// An object for a scalar such as JSON: nothing is known of its fields.
			for _, child := range value.Children {
				v.value(child.Value, ast.NamedType(t.Name(), nil), join(path, child.Name))
			}
			return
		}
		v.inputObject(value, def, path)
	}
}

func (v *validator) inputObject(value *ast.Value, def *ast.Definition, path []string) {
	for _, field := range def.Fields {
		if field.Type.NonNull && field.DefaultValue == nil && value.Children.ForName(field.Name) == nil {
			v.fail("missingRequiredInputObjectAttribute",
				fmt.Sprintf(
					"Argument '%s' on InputObject '%s' is required. Expected type %s", field.Name, def.Name, field.Type,
				),
				join(path, field.Name),
				details{
					"argumentName": field.Name, "argumentType": field.Type.String(), "inputObjectType": def.Name,
				}, value.Position)
		}
	}
	parent := argumentParent{
		kind: "InputObject", name: def.Name, definitions: inputFields(def), position: value.Position,
	}
	seen := map[string]*ast.Position{}
	for _, child := range value.Children {
		if first, ok := seen[child.Name]; ok {
			v.fail("inputFieldNotUnique", fmt.Sprintf("There can be only one input field named %q", child.Name), path,
				details{"name": child.Name}, first, child.Position)
		}
		seen[child.Name] = child.Position
		v.argument(parent, child.Name, child.Value, child.Position, path)
	}
}

// inputFields are the fields of an input type, seen as arguments.
func inputFields(def *ast.Definition) ast.ArgumentDefinitionList {
	list := make(ast.ArgumentDefinitionList, len(def.Fields))
	for i, f := range def.Fields {
		list[i] = &ast.ArgumentDefinition{
			Name: f.Name, Type: f.Type, DefaultValue: f.DefaultValue, Position: f.Position,
		}
	}
	return list
}
