package access

import (
	"context"
	"slices"

	"packhorse/internal/fulfillment"
)

// Caller is who sends a request. The zero value has no scopes and may do nothing.
type Caller struct {
	App       App
	TokenID   fulfillment.ID
	Services  []fulfillment.ID // that the app owns
	RequestID string           // of this request; the gateway fills it in
	// As is who a trusted caller acts as wherever it is, see [Trusted]; nil for an app.
	As *fulfillment.Actor
	// Grounds gets every right that lets a part of the answer through; nil: nobody asks.
	Grounds *Grounds
}

// Trusted is a caller who may do everything, and acts as the one that is given wherever it is: a person at the command
// line, who has the database anyway.
func Trusted(actor fulfillment.Actor) Caller { return Caller{As: &actor} }

type callerKey struct{}

// WithCaller puts the caller into the context of its request.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom is the caller of the request; false outside of a request.
func CallerFrom(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}

// Has tells whether the app has the scope, or the write scope that implies it.
func (c Caller) Has(s Scope) bool { return c.As != nil || grants(c.App.Scopes, s) }

// Owns tells whether the app owns the fulfillment service.
func (c Caller) Owns(serviceID fulfillment.ID) bool {
	return serviceID != 0 && slices.Contains(c.Services, serviceID)
}

func ownership(owned []fulfillment.ID, serviceID fulfillment.ID) Ownership {
	switch {
	case serviceID == 0:
		return MerchantManaged
	case slices.Contains(owned, serviceID):
		return Assigned
	default:
		return ThirdParty
	}
}

// Actor is the caller for a command on a fulfillment order at the location. At a service of its own the app acts for
// that service; if it also has the merchant's rights over services (write_third_party_fulfillment_orders), it acts for
// both at once, as an app that combines the two does in Shopify's API. Everywhere else it acts for the merchant. The
// actor says what the app is; whether it may do something at all is for [Caller.MayCallAt] to say.
func (c Caller) Actor(l fulfillment.AssignedLocation) fulfillment.Actor {
	if c.As != nil {
		return *c.As
	}
	by := fulfillment.Actor{Role: fulfillment.RoleMerchant, App: c.App.Handle, Name: c.App.Name}
	if !c.Owns(l.ServiceID) {
		return by
	}
	by.ServiceID = l.ServiceID
	if !c.Has(WriteThirdParty) {
		by.Role = fulfillment.RoleService
	}
	return by
}

// MayRead tells whether the caller may see fulfillment orders at the location, and what belongs to them. One that it
// may not see is left out, as if it did not exist.
func (c Caller) MayRead(l fulfillment.AssignedLocation) bool {
	return c.MaySee("FulfillmentOrder", c.To(l.ServiceID))
}

// Knows tells whether what the operation is about, at the location, is there for the caller: what an app may not see
// does not exist for it, and is to be answered for like what nobody has.
func (c Caller) Knows(operation string, l fulfillment.AssignedLocation) bool {
	op := find(operation)
	return op == nil || op.Object == "" || c.MaySee(op.Object, c.To(l.ServiceID))
}

// ReadKinds is [Caller.MayRead] for lists of fulfillment orders.
func (c Caller) ReadKinds() Visibility { return c.Visible("fulfillmentOrder") }

// Visible is which fulfillment orders a query shows to the caller: none for assignedFulfillmentOrders but those at the
// app's own services, for instance. An operation that does not depend on the location shows none.
func (c Caller) Visible(operation string) Visibility {
	var by Rule
	if op := find(operation); op != nil {
		by = op.By
	}
	return Visibility{
		Merchant: c.hasAny(by[MerchantManaged]), Assigned: c.hasAny(by[Assigned]), ThirdParty: c.hasAny(by[ThirdParty]),
		Services: c.Services,
	}
}

// MayCall says whether the caller has any scope that the operation may need; nil: it has. To ask before anything is
// looked up: an app without the scope is told so whatever the IDs are. An operation that is not in the table is denied.
func (c Caller) MayCall(operation string) *Denied {
	op := find(operation)
	switch {
	case op != nil && op.Free():
		return nil
	case op != nil && c.hasAny(op.Scopes):
		c.Grounds.note(op.Scopes, Relation{})
		return nil
	}
	return deny(operation, op.required(), false)
}

// May is [Caller.MayCall] without a reason.
func (c Caller) May(operation string) bool { return c.MayCall(operation) == nil }

// MayCallAt says whether the caller may do this with a fulfillment order at the location, or with what belongs to it;
// nil: it may. For a mutation of several fulfillment orders, each is asked for. A mutation of a fulfillment service is
// asked for with the service's ID as the location's. For an operation that does not depend on the location, it is
// [Caller.MayCall].
func (c Caller) MayCallAt(operation string, l fulfillment.AssignedLocation) *Denied {
	op := find(operation)
	if op == nil || op.By == nil || c.As != nil {
		return c.MayCall(operation)
	}
	to := c.To(l.ServiceID)
	if c.admits(op.By, to) {
		return nil
	}
	scopes, somebody := op.By[to.Ownership]
	if !somebody {
		return deny(operation, op.By[Assigned], true)
	}
	return deny(operation, scopes, false)
}

// SupportedActions is what the caller may do with the fulfillment order now: what its state allows to such an actor,
// and the caller's scopes to the operation.
func (c Caller) SupportedActions(fo *fulfillment.FulfillmentOrder) []fulfillment.Action {
	if fo == nil {
		return nil
	}
	list := fo.SupportedActions(c.Actor(fo.AssignedLocation))
	return slices.DeleteFunc(list, func(a fulfillment.Action) bool { return !c.MayAct(a, fo.AssignedLocation) })
}

// MayAct tells whether the caller may take the action, going by scopes and ownership, in whatever state the fulfillment
// order is.
func (c Caller) MayAct(a fulfillment.Action, l fulfillment.AssignedLocation) bool {
	operation, known := operationOf[a]
	return known && c.MayCallAt(operation, l) == nil
}

func (c Caller) hasAny(list []Scope) bool { return slices.ContainsFunc(list, c.Has) }
