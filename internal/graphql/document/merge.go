package document

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// scope is a selection set with the type it selects from.
type scope struct {
	set    ast.SelectionSet
	parent *ast.Definition
}

// mergeField is a field which answers under a key.
type mergeField struct {
	field  *ast.Field
	parent *ast.Definition
	def    *ast.FieldDefinition
}

// merger looks for fields which answer under one key of one object and are not the same. That
// fields of one key on different objects have different types, which GraphQL forbids,
// is not told: the recordings show that Shopify answers such documents. All fields of a key
// are compared at once, not pair by pair, so that thousands of equal fields cost no more than
// once through them.
type merger struct {
	v    *validator
	ids  map[*ast.Field]int
	seen map[string]bool // sets of fields whose selections were looked at
}

// printed is the arguments of a field, as text.
type printed struct {
	sorted string // by name: what fields must have in common
	told   string // as a message has them
}

// printed prints the arguments of each field once: they may fill a body, and fragments bring them up in many places.
func (v *validator) printed(f *ast.Field) printed {
	p, ok := v.prints[f]
	if !ok {
		args := slices.Clone(f.Arguments)
		slices.SortStableFunc(args, func(a, b *ast.Argument) int { return strings.Compare(a.Name, b.Name) })
		p = printed{digest(printArguments(args)), Clip(printArguments(f.Arguments))}
		v.prints[f] = p
	}
	return p
}

// digest stands for a text that may be very long, so that it is compared in no time.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return string(sum[:])
}

// mergeConflicts tells the conflicts within an operation and the fragments it spreads.
func (v *validator) mergeConflicts(root *ast.Definition, op *ast.OperationDefinition) {
	if len(v.cyclic) > 0 {
		return // there is no finite response; the cycle is told
	}
	m := &merger{v: v, ids: map[*ast.Field]int{}, seen: map[string]bool{}}
	m.sameField([]scope{{op.SelectionSet, root}})
}

// collect returns the fields of the scopes by the key they answer under, fragments flattened.
func (m *merger) collect(scopes []scope) (keys []string, groups map[string][]mergeField, ok bool) {
	groups = map[string][]mergeField{}
	spread := map[string]bool{}
	taken := map[*ast.Field]bool{}
	var add func(s scope) bool
	add = func(s scope) bool {
		if s.parent == nil {
			return true
		}
		for _, selection := range s.set {
			if m.v.work++; m.v.exhausted() {
				return false
			}
			switch selection := selection.(type) {
			case *ast.Field:
				def := fieldDefinition(s.parent, selection.Name)
				if def == nil || taken[selection] {
					continue
				}
				taken[selection] = true
				if groups[selection.Alias] == nil {
					keys = append(keys, selection.Alias)
				}
				groups[selection.Alias] = append(groups[selection.Alias], mergeField{selection, s.parent, def})
			case *ast.InlineFragment:
				inner := scope{selection.SelectionSet, s.parent}
				if selection.TypeCondition != "" {
					inner.parent = m.v.schema.Types[selection.TypeCondition]
				}
				if !add(inner) {
					return false
				}
			case *ast.FragmentSpread:
				f := m.v.fragments[selection.Name]
				if f == nil || spread[selection.Name] {
					continue
				}
				spread[selection.Name] = true
				if !add(scope{f.SelectionSet, m.v.schema.Types[f.TypeCondition]}) {
					return false
				}
			}
		}
		return true
	}
	for _, s := range scopes {
		if !add(s) {
			return nil, nil, false
		}
	}
	return keys, groups, true
}

// sameField tells fields of one key which can be of one object and differ in name or arguments.
func (m *merger) sameField(scopes []scope) bool {
	keys, groups, ok := m.collect(scopes)
	if !ok {
		return false
	}
	for _, key := range keys {
		for _, group := range commonParents(groups[key]) {
			m.compare(key, "field", group, func(f mergeField) (string, string) { return f.field.Name, f.field.Name })
			m.compare(key, "argument", group, func(f mergeField) (string, string) {
				p := m.v.printed(f.field)
				return p.sorted, p.told
			})
			if inner, new := m.inner(group); new && !m.sameField(inner) {
				return false
			}
		}
	}
	return true
}

// commonParents divides the fields of a key into groups which can be of one object: those of
// each object type, with those of interfaces and unions in every group.
func commonParents(fields []mergeField) [][]mergeField {
	var concrete []*ast.Definition
	for _, f := range fields {
		if f.parent.Kind == ast.Object && !slices.Contains(concrete, f.parent) {
			concrete = append(concrete, f.parent)
		}
	}
	if len(concrete) < 2 {
		return [][]mergeField{fields}
	}
	var groups [][]mergeField
	for _, parent := range concrete {
		var group []mergeField
		for _, f := range fields {
			if f.parent == parent || f.parent.Kind != ast.Object {
				group = append(group, f)
			}
		}
		groups = append(groups, group)
	}
	return groups
}

// inner returns the selection sets of a group's fields, and whether to look at them: not if there
// are none, or if just these were looked at.
func (m *merger) inner(group []mergeField) (scopes []scope, new bool) {
	var key []byte
	for _, f := range group {
		if len(f.field.SelectionSet) == 0 {
			continue
		}
		if m.ids[f.field] == 0 {
			m.ids[f.field] = len(m.ids) + 1
		}
		key = fmt.Appendf(key, " %d", m.ids[f.field])
		scopes = append(scopes, scope{f.field.SelectionSet, m.v.schema.Types[f.def.Type.Name()]})
	}
	if len(scopes) == 0 || m.seen[string(key)] {
		return nil, false
	}
	m.seen[string(key)] = true
	return scopes, true
}

// compare tells if the fields of a group differ. The function gives what must be the same, and how it is told.
func (m *merger) compare(key, kind string, group []mergeField, of func(mergeField) (same, told string)) {
	if len(group) < 2 {
		return
	}
	m.v.work += len(group)
	different := map[string]bool{}
	var told []string
	var positions []*ast.Position
	for _, f := range group {
		same, text := of(f)
		if !different[same] {
			different[same] = true
			if len(told) == maxLocations {
				break
			}
			told = append(told, text)
			positions = append(positions, f.field.Position)
		}
	}
	if len(told) < 2 {
		return
	}
	mark := fmt.Sprint(kind, positions[0].Start, positions[1].Start)
	if m.v.mergeReported[mark] {
		return
	}
	m.v.mergeReported[mark] = true
	article := "a"
	if kind == "argument" {
		article = "an"
	}
	conflicts := strings.Join(told, " or ")
	m.v.fail("fieldConflict", fmt.Sprintf("Field '%s' has %s %s conflict: %s?", key, article, kind, conflicts), nil,
		details{"fieldName": key, "conflicts": conflicts}, positions...)
}
