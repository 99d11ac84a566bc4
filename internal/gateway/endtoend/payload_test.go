package endtoend

import (
	"crypto/rand"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/graphql/schema"
)

// payloadScopes are the sets with which mutations are called: each scope that writes, alone and with what else lets an
// app see something.
func payloadScopes() [][]access.Scope {
	var sets [][]access.Scope
	for i := 1; i < len(access.Scopes()); i += 2 {
		write := access.Scopes()[i]
		sets = append(
			sets, []access.Scope{write}, []access.Scope{write, access.ReadOrders},
			[]access.Scope{write, access.ReadLocations, access.ReadFulfillments},
		)
	}
	for _, read := range []access.Scope{access.ReadMerchantManaged, access.ReadAssigned, access.ReadThirdParty} {
		sets = append(sets, []access.Scope{access.WriteFulfillments, read}, []access.Scope{access.WriteOrders, read})
	}
	return sets
}

// TestPayloadsShowWhatQueriesShow carries every mutation out that tells of something which not everybody may see, at
// each kind of location, with every set of scopes that lets an app do that; and compares all fields of its payload with
// what the table of package access lets that app see of it: as in a query, no more, no less, and no other errors.
//
// Each is carried out by the same app with all scopes, too, on something else that is the same: that is what there is.
// Values differ between the two, so what is compared is where there are any.
func TestPayloadsShowWhatQueriesShow(t *testing.T) {
	t.Parallel()
	s := newSight(t)
	for _, name := range untried() {
		t.Errorf("nothing is tried of %s", name)
	}
	var cases []*payload
	for i := range access.Operations() {
		op := &access.Operations()[i]
		for _, kind := range access.Ownerships {
			p := &payload{
				sight: s, op: op, kind: kind, by: s.stranger, roads: payloadRoads(op),
				places: map[string]access.Ownership{},
			}
			if kind == access.Assigned {
				p.by = s.owner
			}
			if samples[op.Name] != nil && p.stands() && p.may() {
				cases = append(cases, p)
			}
		}
	}
	t.Run("all", func(t *testing.T) { eachPayload(t, cases, (*payload).learn) })
	for _, p := range cases {
		maps.Copy(s.kinds, p.places)
	}
	compared := 0
	for i, scopes := range payloadScopes() {
		var some []*payload
		for _, app := range []*gatewaytest.App{s.owner, s.stranger} {
			s.Rescope(app, scopes...)
		}
		for n, p := range cases {
			if p.truth != nil && p.may() && (*wholeWalk || (n+i)%everyPayload == 0) {
				some = append(some, p)
			}
		}
		compared += len(some)
		t.Run(fmt.Sprint(scopes), func(t *testing.T) { eachPayload(t, some, (*payload).compare) })
	}
	t.Logf("%d payloads of %d mutations at locations", compared, len(cases))
}

// everyPayload of those that a set of scopes lets do something is tried without -wholewalk: each set tries others.
const everyPayload = 2

func eachPayload(t *testing.T, cases []*payload, look func(*payload, *testing.T)) {
	for _, p := range cases {
		t.Run(p.op.Name+"_"+string(p.kind), func(t *testing.T) {
			t.Parallel()
			look(p, t)
		})
	}
}

// payload is what a mutation answers to an app at a location of a kind.
type payload struct {
	*sight
	op    *access.Operation
	kind  access.Ownership
	by    *gatewaytest.App
	roads []road
	// truth is what there is, under the names of the roads; nil: it can't be done there. Places are the kinds of what
	// is in it, by ID.
	truth  map[string]any
	places map[string]access.Ownership
}

// stands tells whether something of that kind can be what the mutation is about.
func (p *payload) stands() bool {
	switch {
	case p.op.By != nil:
		return true
	case p.op.Name == "orderCreate" || strings.HasPrefix(p.op.Name, "location"):
		return p.kind == access.MerchantManaged
	case p.op.Name == "fulfillmentServiceCreate" || strings.Contains(p.op.Name, "ebhookSubscription"): // Its own.
		return p.kind == access.Assigned
	}
	return true
}

// caller is the app with the scopes that it has now.
func (p *payload) caller() access.Caller {
	by := access.Caller{App: p.by.App}
	if p.by == p.owner {
		by.Services = append(by.Services, numberOf(p.services[access.Assigned]))
	}
	return by
}

func (p *payload) may() bool {
	at := fulfillment.AssignedLocation{}
	if p.kind != access.MerchantManaged {
		at.ServiceID = numberOf(p.services[p.kind])
	}
	by := p.caller()
	return by.MayCallAt(p.op.Name, at) == nil && by.Knows(p.op.Name, at)
}

// carryOut carries the mutation out on something new; nil: there is nothing like that at such a location.
func (p *payload) carryOut(t *testing.T, withIDs bool) *gatewaytest.Answer {
	t.Helper()
	c := &scene{sight: p.sight, t: t, engine: p.Stack.Stack.For(t), kind: p.kind, by: p.by}
	arguments := samples[p.op.Name](c)
	if arguments == "" {
		return nil
	}
	asks := strings.TrimSuffix(documentOf(p.roads, withIDs), "}")
	for _, f := range payloadOf(p.op).Fields {
		if strings.HasSuffix(f.Name, "serErrors") {
			asks += f.Name + " { message } "
		}
	}
	document := fmt.Sprintf("mutation { m: %s(%s) %s } }", p.op.Name, arguments, asks)
	return p.by.Do(t, document, nil, gatewaytest.Key(rand.Text()))
}

// learn finds out what there is in the payload.
func (p *payload) learn(t *testing.T) {
	answer := p.carryOut(t, true)
	if answer == nil {
		return
	}
	if refused := answer.Refusals(); len(refused) > 0 {
		t.Fatalf("%v", refused)
	}
	p.truth = answer.Data["m"].(map[string]any)
	p.place(t, p.truth)
	there := map[string]bool{}
	for i, r := range p.roads {
		there[r.field] = there[r.field] || p.truth[fmt.Sprint("r", i)] != nil
	}
	for field, is := range there {
		if !is {
			t.Errorf("%s of a %s has no %s", p.op.Name, p.kind, field)
		}
	}
}

// place notes of which kind is what is seen for the first time.
func (p *payload) place(t *testing.T, at any) {
	switch at := at.(type) {
	case map[string]any:
		if id, _ := at["id"].(string); id != "" {
			p.placeOne(t, id)
		}
		for _, value := range at {
			p.place(t, value)
		}
	case []any:
		for _, item := range at {
			p.place(t, item)
		}
	}
}

func (p *payload) placeOne(t *testing.T, id string) {
	kind := p.kind
	if strings.Contains(id, "/FulfillmentOrder/") {
		place := p.Stack.Stack.For(t).Load(numberOf(id)).AssignedLocation
		kind = access.MerchantManaged
		for _, of := range []access.Ownership{access.Assigned, access.ThirdParty} {
			if place.ServiceID == numberOf(p.services[of]) {
				kind = of
			}
		}
	}
	p.places[id] = kind
}

// compare looks at what the app sees of the payload with the scopes that it has.
func (p *payload) compare(t *testing.T) {
	answer := p.carryOut(t, false)
	if told := answer.UserErrors(); len(told) > 0 {
		t.Fatalf("with %v it is refused: %v", p.by.Scopes, told)
	}
	whole, _ := answer.Data["m"].(map[string]any)
	by := p.caller()
	of := payloadOf(p.op)
	wants, nothing := make([]sightOf, len(p.roads)), false
	for i, r := range p.roads {
		v, ok := view{sight: p.sight, by: by, road: r}, false
		f, at := of.Fields.ForName(r.field), p.truth[fmt.Sprint("r", i)]
		var value any
		if f.Type.Elem != nil {
			value, ok = v.list(f, at, of.Name, -1)
		} else {
			value, ok = v.object(f, at, of.Name, r.typeName, 0)
		}
		wants[i] = sightOf{value: value, denied: v.denied}
		nothing = nothing || !ok
	}
	for i, r := range p.roads {
		want, name := wants[i], fmt.Sprint("r", i)
		if nothing {
			want.value = nil
		}
		var codes []string
		for _, e := range answer.Errors {
			if len(e.Path) > 1 && e.Path[1] == name {
				codes = append(codes, e.Extensions.Code)
			}
		}
		other := slices.ContainsFunc(codes, func(code string) bool { return code != access.Code })
		items := 20
		if r.through("FulfillmentOrder.locationsForMove") { // There are more and more of them.
			items = 1
		}
		same := r.own && !nothing || reflect.DeepEqual(shapeOf(whole[name], items), shapeOf(want.value, items))
		// Who works on a line is told to whoever sees the fulfillment order.
		mayDiffer := len(answer.Errors) >= 100 || r.through("LineItem.fulfillmentService")
		if !same || other || want.denied != (len(codes) > 0) && !mayDiffer {
			t.Errorf("%s with %v sees of %s\n%v %v, want\n%v (denied %t)",
				p.by.Handle, p.by.Scopes, r, whole[name], codes, want.value, want.denied)
		}
	}
	for _, e := range answer.Errors {
		if len(e.Path) < 2 {
			t.Errorf("%s with %v is told %v", p.by.Handle, p.by.Scopes, e)
		}
	}
}

// shapeOf is where there are values, in the first items of lists.
func shapeOf(value any, items int) any {
	switch value := value.(type) {
	case nil:
		return nil
	case map[string]any:
		shape := map[string]any{}
		for name, of := range value {
			shape[name] = shapeOf(of, items)
		}
		return shape
	case []any:
		shape := []any{}
		for _, of := range value[:min(len(value), items)] {
			shape = append(shape, shapeOf(of, items))
		}
		return shape
	}
	return "there"
}

func payloadOf(op *access.Operation) *ast.Definition {
	return schema.Load().Types[schema.Load().Mutation.Fields.ForName(op.Name).Type.Name()]
}

// payloadRoads are the ways from a mutation's payload: to each field of what it gives, and to one of each object that
// such a field leads to. None: nothing in it has a rule of its own.
func payloadRoads(op *access.Operation) []road {
	if !op.Mutation {
		return nil
	}
	var all []road
	ruled := false
	for _, f := range payloadOf(op).Fields {
		of := schema.Load().Types[f.Type.Name()]
		if of.Kind == ast.Object && !strings.HasSuffix(of.Name, "Error") {
			e := entry{call: f.Name, typeName: of.Name, field: f.Name}
			all = append(all, waysFrom(road{entry: e}, of, false)...)
		}
	}
	for _, r := range all {
		ruled = ruled || slices.ContainsFunc(append(r.types, r.typeName), isRuled)
	}
	if !ruled {
		return nil
	}
	return all
}

// isRuled tells whether objects of the type have a rule of their own.
func isRuled(typeName string) bool {
	row := access.ObjectOf(typeName)
	return row != nil && !row.Part()
}

// waysFrom are the ways from an object: to each of its fields, or to one; past the first object with a rule of its own,
// to one of each.
func waysFrom(r road, at *ast.Definition, one bool) []road {
	fields := slices.Clone(at.Fields)
	if i := slices.IndexFunc(fields, func(f *ast.FieldDefinition) bool { return f.Name == "id" }); i > 0 {
		fields[0], fields[i] = fields[i], fields[0]
	}
	var all []road
	for _, f := range fields {
		of := schema.Load().Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || needsArguments(f) || f.Name == "edges" || of == schema.Load().Query ||
			slices.Contains(changing, at.Name+"."+f.Name) {
			continue
		}
		next, name := r, at.Name+"."+f.Name
		next.steps = append(slices.Clone(r.steps), f)
		next.types = append(slices.Clone(r.types), at.Name)
		next.own = r.own || slices.Contains(asker, name) || ofThePage(name)
		switch {
		case of.Kind == ast.Scalar || of.Kind == ast.Enum:
			all = append(all, next)
		case len(next.steps) <= longestWay:
			all = append(all, waysFrom(next, of, one || isRuled(at.Name))...)
		}
		if one && len(all) > 0 {
			return all[:1]
		}
	}
	return all
}

// untried are the mutations that show something with a rule of its own, and of which there is no sample. A variant is
// never added: there is no catalogue.
func untried() []string {
	var names []string
	for i := range access.Operations() {
		op := &access.Operations()[i]
		if payloadRoads(op) != nil && samples[op.Name] == nil && op.Name != "orderEditAddVariant" {
			names = append(names, op.Name)
		}
	}
	return names
}
