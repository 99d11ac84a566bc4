package document

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// variableUse is a place where a variable stands.
type variableUse struct {
	name     string
	position *ast.Position
	path     []string
	// argument is what the variable is given to, directly or in lists; nil inside
	// values of which the schema does not know the parts.
	argument *ast.ArgumentDefinition
	// lists is how many list literals are between the argument and the variable.
	lists int
}

// variableDefinitions tells what is wrong with the variables an operation declares.
func (v *validator) variableDefinitions(op *ast.OperationDefinition, path []string) {
	byName := map[string][]*ast.Position{}
	for _, d := range op.VariableDefinitions {
		byName[d.Variable] = append(byName[d.Variable], d.Position)
	}
	for _, d := range op.VariableDefinitions {
		if positions := byName[d.Variable]; len(positions) > 1 {
			v.fail("variableNotUnique", fmt.Sprintf("There can only be one variable named %q", d.Variable), path,
				details{"variableName": d.Variable}, positions...)
			delete(byName, d.Variable)
		}
		name := d.Type.Name()
		d.Definition = v.schema.Types[name]
		problem := ""
		switch {
		case d.Definition == nil:
			problem = "isn't a defined input type"
		case !d.Definition.IsInputType():
			problem = "isn't a valid input type"
		}
		if problem != "" {
			v.fail("variableRequiresValidType", fmt.Sprintf("%s %s (on $%s)", name, problem, d.Variable), path,
				details{"typeName": name, "variableName": d.Variable}, d.Position)
			continue
		}
		v.defaultValue(d, path)
		v.directives(d.Directives, d.Definition, ast.LocationVariableDefinition, path)
	}
}

func (v *validator) defaultValue(d *ast.VariableDefinition, path []string) {
	if d.DefaultValue == nil {
		return
	}
	before := len(v.errs)
	v.value(d.DefaultValue, d.Type, path)
	if len(v.errs) > before {
		return
	}
	problem := v.literal(d.DefaultValue, d.Type)
	if problem == nil {
		return
	}
	message := problem.explanation
	if message == "" {
		message = fmt.Sprintf("Default value for $%s doesn't match type %s", d.Variable, d.Type)
	}
	v.fail(
		"defaultValueInvalidType", message, path, details{"variableName": d.Variable, "typeName": d.Type.String()},
		d.Position,
	)
}

// useVariable notes that a variable stands in the current definition.
func (v *validator) useVariable(value *ast.Value, path []string) {
	v.current.uses = append(v.current.uses, variableUse{name: value.Raw, position: value.Position, path: path})
}

// variableUses notes what the variables of an argument's value are given to.
func (v *validator) variableUses(
	value *ast.Value, def *ast.ArgumentDefinition, name string, position *ast.Position, path []string,
) {
	var find func(value *ast.Value, lists int)
	find = func(value *ast.Value, lists int) {
		switch value.Kind {
		case ast.Variable:
			v.current.uses = append(
				v.current.uses,
				variableUse{name: value.Raw, position: position, path: path, argument: def, lists: lists},
			)
		case ast.ListValue:
			for _, child := range value.Children {
				find(child.Value, lists+1)
			}
		}
	}
	find(value, 0)
}

// variablesOfOperations tells, for each operation, which variables are declared and not
// used, used and not declared, or given to an argument of another type. What the
// operation uses includes what the fragments it spreads use.
func (v *validator) variablesOfOperations() {
	fragments := map[string][]*definition{}
	for _, d := range v.definitions {
		if d.operation == nil {
			fragments[d.name] = append(fragments[d.name], d)
		}
	}
	for _, d := range v.definitions {
		if d.operation == nil {
			continue
		}
		used := map[string]bool{}
		undeclared := map[string]bool{}
		seen := map[string]bool{}
		declarations := map[string]*ast.VariableDefinition{}
		for _, declared := range slices.Backward(d.operation.VariableDefinitions) {
			declarations[declared.Variable] = declared // The first of a name.
		}
		for todo := []*definition{d}; len(todo) > 0; {
			from := todo[0]
			todo = todo[1:]
			if v.work += len(from.uses) + len(from.spreads); v.exhausted() {
				return
			}
			for _, use := range from.uses {
				used[use.name] = true
				declared := declarations[use.name]
				switch {
				case declared != nil:
					v.variableFits(declared, use)
				case !undeclared[use.name]:
					undeclared[use.name] = true
					v.fail("variableNotDefined",
						fmt.Sprintf("Variable $%s is used by %s but not declared", use.name, from.name), use.path,
						details{"variableName": use.name}, use.position)
				}
			}
			for _, name := range from.spreads {
				if !seen[name] {
					seen[name] = true
					todo = append(todo, fragments[name]...)
				}
			}
		}
		for _, declared := range d.operation.VariableDefinitions {
			declared.Used = used[declared.Variable]
			if !declared.Used {
				v.fail("variableNotUsed",
					fmt.Sprintf("Variable $%s is declared by %s but not used", declared.Variable, d.name), d.path,
					details{"variableName": declared.Variable}, d.position)
			}
		}
	}
}

// variableFits tells if a variable's type is not that of the argument it is given to.
func (v *validator) variableFits(declared *ast.VariableDefinition, use variableUse) {
	if use.argument == nil || declared.Definition == nil || !declared.Definition.IsInputType() {
		return
	}
	given := *declared.Type
	if declared.DefaultValue != nil && declared.DefaultValue.Kind != ast.NullValue {
		given.NonNull = true // null only comes if it is sent
	}
	wrapped := &given
	for range use.lists {
		wrapped = ast.NonNullListType(wrapped, nil)
	}
	wanted := *use.argument.Type
	if use.argument.DefaultValue != nil {
		wanted.NonNull = false
	}
	mismatch := ""
	switch {
	case wrapped.Name() != wanted.Name():
		mismatch = "Type mismatch"
	case listDepth(wrapped) != listDepth(&wanted):
		mismatch = "List dimension mismatch"
	case !nonNullFits(&wanted, wrapped):
		mismatch = "Nullability mismatch"
	default:
		return
	}
	v.fail("variableMismatch",
		fmt.Sprintf(
			"%s on variable $%s and argument %s (%s / %s)", mismatch, declared.Variable, use.argument.Name, wrapped,
			use.argument.Type,
		),
		use.path,
		details{
			"variableName": declared.Variable, "typeName": wrapped.String(), "argumentName": use.argument.Name,
			"errorMessage": mismatch,
		},
		use.position)
}

func listDepth(t *ast.Type) int {
	depth := 0
	for ; t.Elem != nil; t = t.Elem {
		depth++
	}
	return depth
}

func nonNullFits(wanted, given *ast.Type) bool {
	for {
		if wanted.NonNull && !given.NonNull {
			return false
		}
		if wanted.Elem == nil || given.Elem == nil {
			return true
		}
		wanted, given = wanted.Elem, given.Elem
	}
}
