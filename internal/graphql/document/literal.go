package document

import (
	"encoding/json"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// literalProblem is why a literal does not fit its type.
type literalProblem struct {
	// message replaces the usual message, for scalars which have their own.
	message string
	// explanation is why, if the type is a scalar.
	explanation string
}

// rewrite is a literal's new form, see validator.rewrites.
type rewrite struct {
	value *ast.Value
	kind  ast.ValueKind
	raw   string
}

func (r rewrite) apply() { r.value.Kind, r.value.Raw = r.kind, r.raw }

// literal returns why a literal does not fit a type, or nil. Variables in it fit; they have their own rule.
func (v *validator) literal(value *ast.Value, t *ast.Type) *literalProblem {
	bad := &literalProblem{}
	switch {
	case value.Kind == ast.Variable:
		return nil
	case value.Kind == ast.NullValue:
		if t.NonNull {
			return bad
		}
		return nil
	case t.Elem != nil:
		if value.Kind != ast.ListValue {
			return v.literal(value, t.Elem) // a single value stands for a list of it
		}
		for _, child := range value.Children {
			if problem := v.literal(child.Value, t.Elem); problem != nil {
				return problem
			}
		}
		return nil
	}
	def := v.schema.Types[t.Name()]
	switch {
	case def == nil:
		return bad
	case def.Kind == ast.Enum:
		if value.Kind != ast.EnumValue || def.EnumValues.ForName(value.Raw) == nil {
			return bad
		}
		return nil
	case def.Kind == ast.InputObject:
		return v.objectLiteral(value, def)
	case def.Kind == ast.Scalar:
		return v.scalarLiteral(value, def)
	}
	return bad
}

func (v *validator) objectLiteral(value *ast.Value, def *ast.Definition) *literalProblem {
	if value.Kind != ast.ObjectValue {
		return &literalProblem{}
	}
	for _, child := range value.Children {
		field := def.Fields.ForName(child.Name)
		if field == nil {
			return &literalProblem{}
		}
		if problem := v.literal(child.Value, field.Type); problem != nil {
			return problem
		}
	}
	return nil
}

func (v *validator) scalarLiteral(value *ast.Value, def *ast.Definition) *literalProblem {
	if value.Kind == ast.ListValue || value.Kind == ast.ObjectValue {
		if !isAnyScalar(def.Name) || !v.anyLiteral(value) {
			return &literalProblem{}
		}
		return nil
	}
	plain, ok := literalValue(value)
	if !ok {
		return &literalProblem{}
	}
	coerced, problem := coerceScalar(def.Name, plain)
	if problem != nil {
		p := &literalProblem{explanation: problem.explanation}
		if problem.own {
			p.message = problem.explanation
		}
		return p
	}
	v.rewriteLiteral(value, coerced)
	return nil
}

// anyLiteral looks at the parts of a literal for a scalar of any shape.
func (v *validator) anyLiteral(value *ast.Value) bool {
	switch value.Kind {
	case ast.Variable, ast.NullValue, ast.EnumValue:
		return true
	case ast.ListValue, ast.ObjectValue:
		return !slices.ContainsFunc(value.Children, func(c *ast.ChildValue) bool { return !v.anyLiteral(c.Value) })
	}
	plain, ok := literalValue(value)
	if !ok {
		return false
	}
	coerced, problem := coerceScalar(anyScalar, plain)
	if problem != nil {
		return false
	}
	v.rewriteLiteral(value, coerced)
	return true
}

// rewriteLiteral notes a literal's new form if it was coerced to another one: IDs and decimals
// become strings, and integers beyond 64 bits floats, because the executor can't read them else.
func (v *validator) rewriteLiteral(value *ast.Value, coerced any) {
	switch c := coerced.(type) {
	case string:
		if value.Kind == ast.IntValue || value.Kind == ast.FloatValue || c != value.Raw {
			v.rewrites = append(v.rewrites, rewrite{value: value, kind: ast.StringValue, raw: c})
		}
	case json.Number:
		if _, err := c.Int64(); err != nil && value.Kind == ast.IntValue {
			v.rewrites = append(v.rewrites, rewrite{value: value, kind: ast.FloatValue, raw: value.Raw})
		}
	}
}

// literalValue returns a literal as it would be if it came in a variable. It reports false for
// what can't come in a variable of a scalar type.
func literalValue(value *ast.Value) (any, bool) {
	switch value.Kind {
	case ast.IntValue, ast.FloatValue:
		return json.Number(value.Raw), true
	case ast.StringValue, ast.BlockValue:
		return value.Raw, true
	case ast.BooleanValue:
		return value.Raw == "true", true
	}
	return nil, false
}
