package admin

import (
	"context"
	"reflect"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// standing is an object of a type that [access.Objects] has a rule for: what the caller is to it decides who sees it.
type standing interface {
	relation(by access.Caller) access.Relation
}

func (o *FulfillmentOrder) relation(by access.Caller) access.Relation {
	return by.To(o.State.AssignedLocation.ServiceID)
}

func (f *Fulfillment) relation(by access.Caller) access.Relation {
	return by.To(f.State.Owner.AssignedLocation.ServiceID)
}

func (l *Location) relation(by access.Caller) access.Relation {
	if l.State.Service != nil {
		return (&FulfillmentService{l.State.Service}).relation(by)
	}
	return by.To(l.State.ServiceID)
}

// relation knows a service, too, that the app has had since its request began: the one that it has just made.
func (s *FulfillmentService) relation(by access.Caller) access.Relation {
	if s.State.AppID != 0 && s.State.AppID == by.App.ID {
		return access.Relation{Ownership: access.Assigned, ServiceID: s.State.ID}
	}
	return by.To(s.State.ID)
}

func (*Order) relation(by access.Caller) access.Relation { return by.To(0) }

func (*Return) relation(by access.Caller) access.Relation { return by.To(0) }

func (*ReverseFulfillmentOrder) relation(by access.Caller) access.Relation { return by.To(0) }

func (*ReverseDelivery) relation(by access.Caller) access.Relation { return by.To(0) }

func (*ReturnableFulfillment) relation(by access.Caller) access.Relation { return by.To(0) }

func (*Job) relation(by access.Caller) access.Relation { return by.To(0) }

func (*Shop) relation(by access.Caller) access.Relation { return by.To(0) }

func (a *App) relation(by access.Caller) access.Relation { return by.ToOwn(a.app.ID == by.App.ID) }

func (i *AppInstallation) relation(by access.Caller) access.Relation {
	return by.ToOwn(i.app.ID == by.App.ID)
}

func (c *CalculatedOrder) relation(by access.Caller) access.Relation {
	return by.ToOwn(c.session.BelongsTo(by.App.Handle))
}

// Guard is run around every field of every answer: it shows what [access.Objects] lets the caller see, and leaves out
// the rest, whatever resolvers give. An object that is left out is null, or not in its list; where neither can be, the
// field ends with an [access.Denied], as a field does that the caller may not see and that can't be null.
func Guard(ctx context.Context, next graphql.Resolver) (any, error) {
	field := graphql.GetFieldContext(ctx)
	if strings.HasPrefix(field.Object, "__") || strings.HasPrefix(field.Field.Name, "__") {
		return next(ctx) // The schema is no secret.
	}
	by := caller(ctx)
	row := access.ObjectOf(field.Object)
	var to access.Relation
	if row != nil && !row.Part() {
		if of, ok := parent(field).(standing); ok {
			to = of.relation(by)
		} else {
			to = by.To(0) // A root.
		}
	}
	if denied := by.MaySeeField(field.Object, field.Field.Name, to); denied != nil {
		return leftOut(field, denied)
	}
	if row.IsPersonal(field.Field.Name) {
		by.Grounds.NotePersonal()
	}
	value, err := next(ctx)
	if err != nil || value == nil {
		return value, err
	}
	return shown(by, field, value)
}

// parent is the object whose field it is; nil for a root field.
func parent(field *graphql.FieldContext) any {
	of := field.Parent
	switch {
	case of == nil:
		return nil
	case of.Index == nil:
		return of.Result
	}
	list := reflect.ValueOf(of.Parent.Result)
	if list.Kind() != reflect.Slice || *of.Index >= list.Len() {
		return nil
	}
	return list.Index(*of.Index).Interface()
}

// shown is the part of a field's value that the caller may see.
func shown(by access.Caller, field *graphql.FieldContext, value any) (any, error) {
	maySee := func(of standing) *access.Denied {
		return by.MaySeeIn(field.Object, field.Field.Name, typeOf(of), of.relation(by))
	}
	if of, ok := value.(standing); ok {
		if reflect.ValueOf(of).IsNil() {
			return value, nil
		}
		if denied := maySee(of); denied != nil {
			return leftOut(field, denied)
		}
		return value, nil
	}
	if nodes, ok := value.([]Node); ok { // Each in the place of its ID.
		list := make([]Node, len(nodes))
		for i, node := range nodes {
			if of, ok := node.(standing); !ok || maySee(of) == nil {
				list[i] = node
			}
		}
		return list, nil
	}
	list := reflect.ValueOf(value)
	if list.Kind() != reflect.Slice || !list.Type().Elem().Implements(reflect.TypeFor[standing]()) {
		return value, nil
	}
	kept := reflect.MakeSlice(list.Type(), 0, list.Len())
	for _, item := range list.Seq2() {
		if item.IsNil() || maySee(item.Interface().(standing)) == nil {
			kept = reflect.Append(kept, item)
		}
	}
	return kept.Interface(), nil
}

// typeOf is the name of an object's type in the schema, which is that of its Go type.
func typeOf(of standing) string { return reflect.TypeOf(of).Elem().Name() }

// leftOut is what a field is in whose place there is nothing to see.
func leftOut(field *graphql.FieldContext, denied *access.Denied) (any, error) {
	if page := emptyPages[field.Object+"."+field.Field.Name]; page != nil {
		return page(), nil
	}
	if field.Field.Definition.Type.NonNull {
		return nil, denied
	}
	return nil, nil
}

// emptyPages are the values of fields that can't be null and that not everybody may see who may see the object.
var emptyPages = map[string]func() any{
	"FulfillmentOrder.locationsForMove": func() any {
		return &FulfillmentOrderLocationForMoveConnection{
			Edges: []*FulfillmentOrderLocationForMoveEdge{}, Nodes: []*FulfillmentOrderLocationForMove{},
			PageInfo: &PageInfo{},
		}
	},
	"Order.returns": func() any {
		return &ReturnConnection{Edges: []*ReturnEdge{}, Nodes: []*Return{}, PageInfo: &PageInfo{}}
	},
}

// readable is the fulfillment orders that the caller may see.
func readable(ctx context.Context, states []*fulfillment.FulfillmentOrder) []*fulfillment.FulfillmentOrder {
	var list []*fulfillment.FulfillmentOrder
	for _, fo := range allVisible(ctx, states) {
		list = append(list, fo.State)
	}
	return list
}
