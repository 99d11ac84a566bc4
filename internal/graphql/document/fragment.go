package document

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// indexFragments finds the fragments by name and those which spread themselves.
func (v *validator) indexFragments() {
	v.fragments = make(map[string]*ast.FragmentDefinition, len(v.doc.Fragments))
	for _, f := range v.doc.Fragments {
		if v.fragments[f.Name] == nil {
			v.fragments[f.Name] = f
		}
	}
	v.cyclic = cyclicFragments(v.doc.Fragments, v.fragments)
}

// cyclicFragments returns the fragments which reach themselves by spreads: the members of
// strongly connected components, by Tarjan's algorithm, which looks at every spread once.
func cyclicFragments(all ast.FragmentDefinitionList, byName map[string]*ast.FragmentDefinition) map[string]bool {
	cyclic := map[string]bool{}
	index, low := map[string]int{}, map[string]int{}
	onStack := map[string]bool{}
	var stack []string
	var connect func(name string)
	connect = func(name string) {
		index[name] = len(index) + 1
		low[name] = index[name]
		stack = append(stack, name)
		onStack[name] = true
		for _, next := range spreadsOf(byName[name].SelectionSet, nil) {
			switch {
			case byName[next] == nil:
			case index[next] == 0:
				connect(next)
				low[name] = min(low[name], low[next])
			case onStack[next]:
				low[name] = min(low[name], index[next])
			}
			if next == name {
				cyclic[name] = true
			}
		}
		if low[name] != index[name] {
			return
		}
		for size := 0; ; size++ {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			onStack[top] = false
			if top != name || size > 0 {
				cyclic[top] = true
			}
			if top == name {
				return
			}
		}
	}
	for _, f := range all {
		if index[f.Name] == 0 {
			connect(f.Name)
		}
	}
	return cyclic
}

func spreadsOf(set ast.SelectionSet, found []string) []string {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			found = spreadsOf(s.SelectionSet, found)
		case *ast.InlineFragment:
			found = spreadsOf(s.SelectionSet, found)
		case *ast.FragmentSpread:
			found = append(found, s.Name)
		}
	}
	return found
}

// fragment visits one fragment definition.
func (v *validator) fragment(f *ast.FragmentDefinition) {
	path := []string{"fragment " + f.Name}
	v.enter(&definition{name: f.Name, position: f.Position, path: path})
	def := v.fragmentType(f.TypeCondition, f.Position, path)
	if def == nil {
		return
	}
	f.Definition = def
	v.directives(f.Directives, def, ast.LocationFragmentDefinition, path)
	v.selections(f.SelectionSet, def, path)
}

// fragmentType returns the type of a fragment's condition, or nil after telling that there is none which fits.
func (v *validator) fragmentType(name string, position *ast.Position, path []string) *ast.Definition {
	def := v.schema.Types[name]
	switch {
	case def == nil:
		v.fail("undefinedType", fmt.Sprintf("No such type %s, so it can't be a fragment condition", name), path,
			details{"typeName": name}, position)
		return nil
	case !def.IsCompositeType():
		v.fail("fragmentOnNonCompositeType",
			fmt.Sprintf("Invalid fragment on type %s (must be Union, Interface or Object)", name), path,
			details{"typeName": name}, position)
		return nil
	}
	return def
}

func (v *validator) inlineFragment(f *ast.InlineFragment, parent *ast.Definition, path []string) {
	f.ObjectDefinition = parent
	def := parent
	if f.TypeCondition == "" {
		path = join(path, "...")
	} else {
		path = join(path, "... on "+f.TypeCondition)
		if def = v.fragmentType(f.TypeCondition, f.Position, path); def == nil {
			return
		}
		v.spreadPossible("", def, parent, f.Position, path)
	}
	v.directives(f.Directives, def, ast.LocationInlineFragment, path)
	v.selections(f.SelectionSet, def, path)
}

func (v *validator) fragmentSpread(s *ast.FragmentSpread, parent *ast.Definition, path []string) {
	s.ObjectDefinition = parent
	path = join(path, "... "+s.Name)
	v.current.spreads = append(v.current.spreads, s.Name)
	s.Definition = v.fragments[s.Name]
	if s.Definition == nil {
		v.fail("useAndDefineFragment", fmt.Sprintf("Fragment %s was used, but not defined", s.Name), path,
			details{"fragmentName": s.Name}, s.Position)
		return
	}
	if def := v.schema.Types[s.Definition.TypeCondition]; def != nil && def.IsCompositeType() {
		v.spreadPossible(s.Name, def, parent, s.Position, path)
	}
	v.directives(s.Directives, parent, ast.LocationFragmentSpread, path)
}

// spreadPossible tells if no object can be both of the fragment's type and of the type it is spread in.
func (v *validator) spreadPossible(name string, child, parent *ast.Definition, position *ast.Position, path []string) {
	if child == parent {
		return
	}
	parents := map[*ast.Definition]bool{}
	for _, def := range v.schema.GetPossibleTypes(parent) {
		parents[def] = true
	}
	for _, def := range v.schema.GetPossibleTypes(child) {
		if parents[def] {
			return
		}
	}
	title, known := "", "unknown"
	if name != "" {
		title, known = " "+name, name
	}
	v.fail("cannotSpreadFragment",
		fmt.Sprintf("Fragment%s on %s can't be spread inside %s", title, child.Name, parent.Name), path,
		details{"typeName": child.Name, "fragmentName": known, "parentName": parent.Name}, position)
}

// fragmentsAsWhole tells what is wrong with the fragments as a whole: never used, endless, or not unique.
func (v *validator) fragmentsAsWhole() {
	used := map[string]bool{}
	for _, d := range v.definitions {
		for _, name := range d.spreads {
			used[name] = true
		}
	}
	byName := map[string][]*ast.Position{}
	for _, f := range v.doc.Fragments {
		byName[f.Name] = append(byName[f.Name], f.Position)
	}
	for _, f := range v.doc.Fragments {
		if v.fragments[f.Name] != f {
			continue // a second one of the name
		}
		path := []string{"fragment " + f.Name}
		extra := details{"fragmentName": f.Name}
		if !used[f.Name] {
			v.fail(
				"useAndDefineFragment", fmt.Sprintf("Fragment %s was defined, but not used", f.Name), path, extra,
				f.Position,
			)
		}
		if v.cyclic[f.Name] {
			v.fail(
				"infiniteLoop", fmt.Sprintf("Fragment %s contains an infinite loop", f.Name), path, extra, f.Position,
			)
		}
		if len(byName[f.Name]) > 1 {
			v.fail(
				"fragmentNotUnique", fmt.Sprintf("Fragment name %q must be unique", f.Name), nil, extra,
				byName[f.Name]...,
			)
		}
	}
}
