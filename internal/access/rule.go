package access

import (
	"slices"

	"packhorse/internal/fulfillment"
)

// Rule is who may do or see something: any one of which scopes it takes at each kind of ownership. No scopes at all:
// every app that is of that kind to it. A kind that is missing: nobody.
type Rule map[Ownership][]Scope

// everywhere is a rule of scopes alone.
func everywhere(scopes ...Scope) Rule {
	return Rule{MerchantManaged: scopes, Assigned: scopes, ThirdParty: scopes}
}

// scopes are those that the rule names, in the order of [Scopes].
func (r Rule) scopes() []Scope {
	var named []Scope
	for _, s := range scopes {
		if slices.ContainsFunc(Ownerships, func(o Ownership) bool { return slices.Contains(r[o], s) }) {
			named = append(named, s)
		}
	}
	return named
}

// Relation is what an app is to something: of which kind, and to whose service, where there is one.
type Relation struct {
	Ownership
	ServiceID fulfillment.ID
}

// To is what the app is to what stands at a location of this service; zero is the merchant's own.
func (c Caller) To(serviceID fulfillment.ID) Relation {
	return Relation{ownership(c.Services, serviceID), serviceID}
}

// ToOwn is what the app is to something that belongs to an app: to this one, or to another.
func (c Caller) ToOwn(own bool) Relation {
	if own {
		return Relation{Ownership: Assigned}
	}
	return Relation{Ownership: ThirdParty}
}

// admits tells whether the rule lets the caller, and notes on which grounds.
func (c Caller) admits(rule Rule, to Relation) bool {
	if c.As != nil {
		return true
	}
	needed, somebody := rule[to.Ownership]
	if !somebody || len(needed) > 0 && !c.hasAny(needed) {
		return false
	}
	c.Grounds.note(needed, to)
	return true
}
