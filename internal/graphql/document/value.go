package document

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// problem is one reason why a variable's value does not fit. It is an element of extensions.problems.
type problem struct {
	Path        []any  `json:"path"` // names of fields and indexes of lists
	Explanation string `json:"explanation"`
	Message     string `json:"message,omitempty"`
}

// coercion coerces the value of one variable.
type coercion struct {
	schema   *ast.Schema
	problems []problem
}

// coerceVariables returns the values of the operation's variables. Variables which it
// does not declare are ignored. A variable for which null is sent is null, whatever its default.
func coerceVariables(
	schema *ast.Schema, op *ast.OperationDefinition, provided map[string]any,
) (map[string]any, gqlerror.List) {
	values := make(map[string]any, len(op.VariableDefinitions))
	var errs gqlerror.List
	for _, d := range op.VariableDefinitions {
		value, ok := provided[d.Variable]
		if !ok && d.DefaultValue != nil {
			// Validation has seen that the default fits.
			literal, err := d.DefaultValue.Value(nil)
			if err != nil {
				return nil, gqlerror.List{invalidVariable(d, nil, []problem{{Path: []any{}, Explanation: err.Error()}})}
			}
			value, ok = withNumbers(literal), true
		}
		if !ok && !d.Type.NonNull {
			continue
		}
		c := &coercion{schema: schema}
		coerced := c.coerce(withNumbers(value), d.Type, nil)
		if len(c.problems) > 0 {
			if errs = append(errs, invalidVariable(d, value, c.problems)); len(errs) == maxErrors {
				break
			}
			continue
		}
		values[d.Variable] = coerced
	}
	return values, errs
}

func invalidVariable(d *ast.VariableDefinition, value any, problems []problem) *gqlerror.Error {
	message := fmt.Sprintf("Variable $%s of type %s was provided invalid value", d.Variable, d.Type)
	var fields []string
	for _, p := range problems {
		if len(p.Path) == 0 {
			continue
		}
		names := make([]string, len(p.Path))
		for i, name := range p.Path {
			names[i] = fmt.Sprint(name)
		}
		fields = append(fields, fmt.Sprintf("%s (%s)", strings.Join(names, "."), p.Explanation))
	}
	if len(fields) > 0 {
		message += " for " + strings.Join(fields, ", ")
	}
	return newError(CodeInvalidVariable, message, nil, details{"value": told(value), "problems": problems}, d.Position)
}

// told is a variable's value as an error has it: whole, or the beginning of its JSON.
func told(value any) any {
	text := serialize(value)
	if len(text) <= maxTold {
		return value
	}
	return Clip(text)
}

func (c *coercion) fail(path []any, explanation string) any {
	if c.full() {
		return nil
	}
	told := make([]any, len(path))
	for i, step := range path {
		if name, ok := step.(string); ok {
			step = Clip(name)
		}
		told[i] = step
	}
	c.problems = append(c.problems, problem{Path: told, Explanation: Clip(explanation)})
	return nil
}

// full tells that no more problems are noted: what is left need not be looked at.
func (c *coercion) full() bool { return len(c.problems) >= maxErrors }

// coerce returns the value for execution and notes the problems.
func (c *coercion) coerce(value any, t *ast.Type, path []any) any {
	if c.full() {
		return nil
	}
	if value == nil {
		if t.NonNull {
			return c.fail(path, "Expected value to not be null")
		}
		return nil
	}
	if t.Elem != nil {
		items, ok := value.([]any)
		if !ok {
			items = []any{value}
		}
		list := make([]any, len(items))
		for i, item := range items {
			list[i] = c.coerce(item, t.Elem, append(path[:len(path):len(path)], i))
		}
		return list
	}
	def := c.schema.Types[t.Name()]
	switch def.Kind {
	case ast.Enum:
		name, _ := value.(string)
		if name == "" || def.EnumValues.ForName(name) == nil {
			names := make([]string, len(def.EnumValues))
			for i, v := range def.EnumValues {
				names[i] = v.Name
			}
			return c.fail(
				path, fmt.Sprintf("Expected %s to be one of: %s", serialize(value), strings.Join(names, ", ")),
			)
		}
		return name
	case ast.InputObject:
		return c.object(value, def, path)
	}
	coerced, bad := coerceScalar(def.Name, value)
	if bad != nil {
		c.fail(path, bad.explanation)
		if bad.own {
			last := &c.problems[len(c.problems)-1]
			last.Message = last.Explanation
		}
		return nil
	}
	return coerced
}

// object coerces an input object. The problems of fields which were sent come first, in
// the schema's order, then fields which the type does not have, then required fields
// which were not sent. Fields which were not sent stay out: the executor fills in their defaults.
func (c *coercion) object(value any, def *ast.Definition, path []any) any {
	fields, ok := value.(map[string]any)
	if !ok {
		return c.fail(path, fmt.Sprintf("Expected %s to be a key-value object.", serialize(value)))
	}
	coerced := make(map[string]any, len(fields))
	var missing []*ast.FieldDefinition
	for _, field := range def.Fields {
		sent, ok := fields[field.Name]
		switch {
		case ok:
			coerced[field.Name] = c.coerce(sent, field.Type, append(path[:len(path):len(path)], field.Name))
		case field.Type.NonNull && field.DefaultValue == nil:
			missing = append(missing, field)
		}
	}
	var unknown []string
	for name := range fields {
		if def.Fields.ForName(name) == nil {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		c.fail(append(path[:len(path):len(path)], name), "Field is not defined on "+def.Name)
	}
	for _, field := range missing {
		c.fail(append(path[:len(path):len(path)], field.Name), "Expected value to not be null")
	}
	return coerced
}

// withNumbers returns a value with all numbers as json.Number, for callers which
// decoded their variables without UseNumber and for default values.
func withNumbers(value any) any {
	switch value := value.(type) {
	case int, int32, int64, uint64, float64:
		encoded, err := json.Marshal(value)
		if err != nil {
			return value // infinities; no scalar takes them
		}
		return json.Number(encoded)
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = withNumbers(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, item := range value {
			object[name] = withNumbers(item)
		}
		return object
	}
	return value
}
