package endtoend

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/schema"
)

// truth is what there is at the end of each road, and which objects are on the way. An app with all scopes sees it, and
// what only owners see is put in.
func (s *sight) truth(t *testing.T, roads []road) map[string]any {
	t.Helper()
	s.Rescope(s.owner, access.Scopes()...)
	found := map[string]any{}
	for batch := range slices.Chunk(roads, batchSize) {
		answer := s.owner.Do(t, documentOf(batch, true), nil)
		for i, r := range batch {
			found[r.String()] = s.withURLs(answer.Data[fmt.Sprint("r", i)])
		}
		if len(answer.Errors) > 0 {
			t.Fatalf("whoever sees everything is told %v", answer.Errors)
		}
	}
	return found
}

func (s *sight) withURLs(at any) any {
	switch at := at.(type) {
	case map[string]any:
		id, _ := at["id"].(string)
		if _, asked := at["callbackUrl"]; asked && s.urls[id] != "" {
			at["callbackUrl"] = s.urls[id]
		}
		for _, value := range at {
			s.withURLs(value)
		}
	case []any:
		for _, item := range at {
			s.withURLs(item)
		}
	}
	return at
}

// relation is what the caller is to what has the ID.
func (s *sight) relation(by access.Caller, id string) access.Relation {
	service := fulfillment.ID(0)
	switch s.kinds[id] {
	case access.Assigned:
		service = numberOf(s.services[access.Assigned])
	case access.ThirdParty:
		service = numberOf(s.services[access.ThirdParty])
	}
	switch {
	case strings.Contains(id, "/App/") || strings.Contains(id, "/AppInstallation/"):
		return by.ToOwn(strings.HasSuffix(id, "/"+by.App.ID.String()))
	case strings.Contains(id, "/CalculatedOrder/"):
		return by.ToOwn(id != s.session || by.App.ID == s.owner.ID) // All others are of who looks.
	}
	return by.To(service)
}

func numberOf(gid string) fulfillment.ID {
	text, _, _ := strings.Cut(gid[strings.LastIndex(gid, "/")+1:], "?")
	id, err := fulfillment.ParseID(text)
	if err != nil {
		panic(err) // The API gave it.
	}
	return id
}

// sightOf is what an app sees at the end of a road.
type sightOf struct {
	value  any
	denied bool // a field on it ends with a denial
	all    bool // no root field of the document can have a value then
}

// expected is what the table lets the caller see at the end of a road.
func (s *sight) expected(by access.Caller, r road, truth map[string]any) sightOf {
	if r.entry.own {
		return sightOf{} // Another object for each app.
	}
	v := view{sight: s, by: by, road: r}
	root := schema.Load().Query.Fields.ForName(r.field)
	may := by.May(r.field)
	if r.may != nil {
		may = r.may(by)
	}
	if !may {
		if r.list {
			value, _ := v.empty(0, r.typeName)
			return sightOf{value: value}
		}
		return sightOf{}
	}
	value, ok := v.object(root, truth[r.String()], "QueryRoot", r.typeName, 0)
	return sightOf{value: value, denied: v.denied, all: !ok}
}

// view is how a caller goes along a road.
type view struct {
	*sight
	by     access.Caller
	road   road
	denied bool
}

// object is what is seen of an object that is the value of a field; false: the field can't be null, and has no value.
func (v *view) object(f *ast.FieldDefinition, at any, parentType, typeName string, step int) (any, bool) {
	if at == nil {
		return nil, true
	}
	typeName = concrete(typeName)
	fields := at.(map[string]any)
	id, _ := fields["id"].(string)
	to := v.relation(v.by, id)
	if v.by.MaySeeIn(parentType, f.Name, typeName, to) != nil {
		return v.without(f, parentType+"."+f.Name, step)
	}
	value, ok := v.fields(fields, typeName, to, step)
	if !ok {
		return nil, !f.Type.NonNull
	}
	return value, true
}

// fields is what is seen of an object: the field that the road goes on with.
func (v *view) fields(at map[string]any, typeName string, to access.Relation, step int) (any, bool) {
	f := v.road.steps[step]
	var value any
	ok := true
	switch {
	case v.by.MaySeeField(typeName, f.Name, to) != nil:
		value, ok = v.without(f, typeName+"."+f.Name, step+1)
	case step == len(v.road.steps)-1:
		value = at[f.Name]
	case f.Type.Elem != nil:
		value, ok = v.list(f, at[f.Name], typeName, step)
	default:
		value, ok = v.object(f, at[f.Name], typeName, f.Type.Name(), step+1)
	}
	if !ok {
		return nil, false
	}
	return map[string]any{f.Name: value}, true
}

// concrete is the only type of an interface's objects.
func concrete(typeName string) string {
	if of := schema.Load().Types[typeName]; of.Kind == ast.Interface {
		return schema.Load().GetPossibleTypes(of)[0].Name
	}
	return typeName
}

func (v *view) list(f *ast.FieldDefinition, at any, parentType string, step int) (any, bool) {
	items, _ := at.([]any)
	if at == nil {
		return nil, true
	}
	kept := []any{}
	for _, item := range items {
		fields, _ := item.(map[string]any)
		id, _ := fields["id"].(string)
		hidden := v.by.MaySeeIn(parentType, f.Name, concrete(f.Type.Name()), v.relation(v.by, id)) != nil
		if hidden || v.onlyEdge(f.Type.Name(), fields) {
			continue
		}
		value, ok := v.fields(fields, concrete(f.Type.Name()), v.relation(v.by, id), step+1)
		if !ok && f.Type.Elem.NonNull {
			return nil, !f.Type.NonNull
		}
		kept = append(kept, value)
	}
	return kept, true
}

// onlyEdge tells whether it is the edge of a list to something that the caller does not see, or says of it that its
// destination is kept: the list has no such item.
func (v *view) onlyEdge(typeName string, edge map[string]any) bool {
	node, ok := edge["node"].(map[string]any)
	if typeName == "FulfillmentOrderKeptDestination" {
		node, ok = edge["fulfillmentOrder"].(map[string]any)
	}
	if !ok {
		return false
	}
	id, _ := node["id"].(string)
	for _, typeName := range []string{"FulfillmentOrder", "Fulfillment", "Order", "Location"} {
		if strings.Contains(id, "/"+typeName+"/") {
			return !v.by.MaySee(typeName, v.relation(v.by, id))
		}
	}
	return false
}

// without is a field that the caller does not see: null, an empty page, or a denial.
func (v *view) without(f *ast.FieldDefinition, name string, step int) (any, bool) {
	if name == "FulfillmentOrder.locationsForMove" || name == "Order.returns" {
		return v.empty(step, f.Type.Name())
	}
	if f.Type.NonNull {
		v.denied = true
		return nil, false
	}
	return nil, true
}

// empty is a page without anything, as far as the road goes on in it.
func (v *view) empty(step int, typeName string) (any, bool) {
	f := v.road.steps[step]
	switch {
	case f.Type.Elem != nil:
		return map[string]any{f.Name: []any{}}, true
	case f.Type.Name() == "PageInfo":
		last := v.road.steps[step+1]
		var value any
		if last.Type.Name() == "Boolean" {
			value = false
		}
		return map[string]any{f.Name: map[string]any{last.Name: value}}, true
	}
	panic(typeName + " has an unknown field " + f.Name)
}
