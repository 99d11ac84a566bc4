package document

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// selected is all fields of one selection which answer under one key: their selections are merged
// in the answer, so that a field which several fragments name costs once.
type selected struct {
	key    string
	field  *ast.Field // the first
	fields []*ast.Field
}

// sets are the selection sets of the fields.
func (s *selected) sets() []ast.SelectionSet {
	sets := make([]ast.SelectionSet, 0, len(s.fields))
	for _, f := range s.fields {
		if len(f.SelectionSet) > 0 {
			sets = append(sets, f.SelectionSet)
		}
	}
	return sets
}

// collector flattens fragments.
type collector struct {
	schema    *ast.Schema
	fragments map[string]*ast.FragmentDefinition
	variables map[string]any
	work      int // fields and fragments looked at
}

func newCollector(schema *ast.Schema, doc *ast.QueryDocument, variables map[string]any) *collector {
	c := &collector{
		schema: schema, fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)), variables: variables,
	}
	for _, f := range doc.Fragments {
		c.fragments[f.Name] = f
	}
	return c
}

// exhausted reports that more was looked at than is reasonable: the document's fragments
// multiply. What was collected is not all then.
func (c *collector) exhausted() bool { return c.work > maxWork }

// collect returns what is selected of an object of the given type; of any type if it is nil.
func (c *collector) collect(sets []ast.SelectionSet, of *ast.Definition) []*selected {
	var all []*selected
	byKey := map[string]*selected{}
	spread := map[string]bool{}
	var add func(set ast.SelectionSet)
	add = func(set ast.SelectionSet) {
		for _, selection := range set {
			if c.work++; c.exhausted() {
				return
			}
			switch selection := selection.(type) {
			case *ast.Field:
				if c.skipped(selection.Directives) {
					continue
				}
				s := byKey[selection.Alias]
				if s == nil {
					s = &selected{key: selection.Alias, field: selection}
					byKey[selection.Alias] = s
					all = append(all, s)
				}
				s.fields = append(s.fields, selection)
			case *ast.InlineFragment:
				if !c.skipped(selection.Directives) && c.applies(selection.TypeCondition, of) {
					add(selection.SelectionSet)
				}
			case *ast.FragmentSpread:
				f := c.fragments[selection.Name]
				if f == nil || spread[selection.Name] || c.skipped(selection.Directives) ||
					!c.applies(f.TypeCondition, of) {
					continue
				}
				spread[selection.Name] = true
				add(f.SelectionSet)
			}
		}
	}
	for _, set := range sets {
		add(set)
	}
	return all
}

// applies reports whether a fragment with a type condition is for objects of the type.
func (c *collector) applies(condition string, of *ast.Definition) bool {
	if condition == "" || of == nil || condition == of.Name {
		return true
	}
	def := c.schema.Types[condition]
	return def != nil && slices.Contains(c.schema.GetPossibleTypes(def), of)
}

// skipped reports whether @skip or @include leaves a selection out.
func (c *collector) skipped(directives ast.DirectiveList) bool {
	for _, d := range directives {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		arg := d.Arguments.ForName("if")
		if arg == nil {
			continue
		}
		if value, ok := c.value(arg.Value).(bool); ok && value == (d.Name == "skip") {
			return true
		}
	}
	return false
}

// value returns an argument's value; nil also if it can't be read.
func (c *collector) value(v *ast.Value) any {
	value, err := v.Value(c.variables)
	if err != nil {
		return nil
	}
	return value
}

// argument returns the value of a field's argument or its default; nil if there is none.
func (c *collector) argument(f *ast.Field, def *ast.FieldDefinition, name string) any {
	arg := f.Arguments.ForName(name)
	if arg != nil && arg.Value.Kind == ast.Variable {
		if value, ok := c.variables[arg.Value.Raw]; ok {
			return value
		}
	} else if arg != nil {
		return c.value(arg.Value)
	}
	if d := def.Arguments.ForName(name); d != nil && d.DefaultValue != nil {
		return c.value(d.DefaultValue)
	}
	return nil
}
