package fulfillment

import (
	"cmp"
	"fmt"
	"reflect"
	"time"
)

// Decide applies one command to the fulfillment order. The state that it is called on is never changed; the decision
// carries the new one. The error is always an [*Error], and then nothing has happened.
//
// A command whose command ID was answered before is answered the same again, without doing anything.
func (fo *FulfillmentOrder) Decide(cmd Command, env Env) (*Decision, error) {
	if fo == nil {
		return nil, NotFound("id")
	}
	if isNil(cmd) {
		return nil, refusal(CodeInvalid, nil, "There is no such command.")
	}
	meta := *cmd.Envelope()
	if refused := meta.check(); refused != nil {
		return nil, fo.explain(refused, meta.Actor)
	}
	fingerprint := ""
	if meta.CommandID != "" {
		fingerprint = Fingerprint(cmd)
	}
	if answered, ok := fo.answered(meta.CommandID); ok {
		if answered.Fingerprint != fingerprint {
			return nil, fo.explain(fo.Conflict(meta.Actor), meta.Actor)
		}
		return &Decision{State: fo, Repeated: true, Result: answered.Result}, nil
	}
	if !meta.Actor.sees(fo.AssignedLocation) {
		return nil, notAssigned()
	}

	if refused := meta.fits(fo); refused != nil {
		return nil, fo.explain(refused, meta.Actor)
	}

	c := newChange(fo, cmd, env)
	if refused := cmd.apply(c); refused != nil {
		return nil, fo.explain(refused, meta.Actor)
	}
	d := c.decision(meta.CommandID, fingerprint)
	if refused := d.State.noRoom(fo, cmd); refused != nil && !env.NoLimit {
		return nil, fo.explain(refused, meta.Actor)
	}
	return d, nil
}

// change is a decision in the making. Commands work on its fo, a clone.
type change struct {
	fo    *FulfillmentOrder
	verb  Verb
	actor Actor
	now   time.Time
	ids   *IDs
	apart bool // see Env.StaysApart
	waits bool // see Env.AwaitsDelivery

	anyOrder  bool   // see Env.AnyOrder
	trusts    bool   // see Env.TrustsClocks
	forgetful bool   // see Env.Forgetful
	noReports bool   // see Env.NoReports
	unchanged string // why there is nothing to change

	before             State // of the next transition
	transitions        []Transition
	siblings           []*FulfillmentOrder
	siblingTransitions []Transition
	result             Result
}

func newChange(fo *FulfillmentOrder, cmd Command, env Env) *change {
	meta := cmd.Envelope()
	ids := env.IDs
	if ids == nil { // Nothing new is ever left without an ID of its own.
		first := meta.FirstID
		if first == 0 {
			first = DerivedID("fulfillment-order", fmt.Sprintf("%d#%d", fo.ID, fo.Sequence+1))
		}
		ids = NewIDs(first)
	}
	return &change{
		fo: fo.Clone(), verb: cmd.Verb(), actor: meta.Actor, now: env.Now, ids: ids, apart: env.StaysApart,
		waits: env.AwaitsDelivery, anyOrder: env.AnyOrder, trusts: env.TrustsClocks, forgetful: env.Forgetful,
		noReports: env.NoReports, before: fo.Summary(),
	}
}

// transition records that the fulfillment order got from the previous transition's state to its present one.
func (c *change) transition(kind Kind, reason string, details *Details, topics ...string) {
	c.endReports()
	c.record(c.fo.Summary(), kind, reason, details, topics...)
}

// record is one step to a state.
func (c *change) record(after State, kind Kind, reason string, details *Details, topics ...string) {
	c.fo.Sequence++
	t := Transition{
		FulfillmentOrderID: c.fo.ID, Sequence: c.fo.Sequence, Kind: kind, Verb: c.verb, Actor: c.actor, At: c.now,
		Reason: reason, Before: c.before, After: after, Details: details.at(c.fo.AssignedLocation),
		Topics: topics,
	}
	c.transitions = append(c.transitions, t)
	c.before = t.After
}

// answer is the result as it stands.
func (c *change) answer() Result {
	r := c.result
	r.FulfillmentOrderID, r.Sequence = c.fo.ID, c.fo.Sequence
	r.Status, r.RequestStatus = c.fo.Status, c.fo.RequestStatus
	return r
}

func (c *change) decision(commandID, fingerprint string) *Decision {
	c.fo.freeDestination()
	if len(c.transitions) == 0 && commandID != "" && !c.forgetful { // The ID is taken from now on, also in a later run.
		c.transition(KindUnchanged, cmp.Or(c.unchanged, "There was nothing to change."), nil)
	}
	result := c.answer()
	if n := len(c.transitions); n > 0 {
		c.fo.UpdatedAt = c.now
		last := &c.transitions[n-1]
		last.Result = &result
		if commandID != "" { // On the last one only: the store keeps a command ID once per fulfillment order.
			last.CommandID, last.Fingerprint = commandID, fingerprint
		}
	}
	if commandID != "" {
		c.fo.Recent = fewerAnswers(
			append(c.fo.Recent, Answered{CommandID: commandID, Fingerprint: fingerprint, Result: result}),
		)
	}
	if len(c.transitions) > 0 {
		c.fo.Abridge()
	}
	for i := range c.siblingTransitions { // Units came from a fulfillment order that is as it is now.
		c.siblingTransitions[i].Details.Sibling = new(c.fo.Summary())
	}
	return &Decision{State: c.fo, Transitions: c.transitions, Siblings: c.siblings, Result: result,
		SiblingTransitions: c.siblingTransitions}
}

// Conflict is the refusal of a command whose ID came before with another body. Whose business the fulfillment order is
// not, is not even told that the ID came.
func (fo *FulfillmentOrder) Conflict(by Actor) *Error {
	if !by.sees(fo.AssignedLocation) {
		return notAssigned()
	}
	return IdempotencyConflict()
}

// explain adds to a refusal where the fulfillment order stands and what the actor may do instead; nothing for whom it
// is no business of.
func (fo *FulfillmentOrder) explain(refused *Error, by Actor) *Error {
	e := *refused
	if !by.sees(fo.AssignedLocation) {
		return &e
	}
	e.Status, e.RequestStatus, e.Sequence = fo.Status, fo.RequestStatus, fo.Sequence
	e.SupportedActions = fo.SupportedActions(by)
	return &e
}

func (fo *FulfillmentOrder) answered(commandID string) (Answered, bool) {
	if commandID != "" {
		for _, a := range fo.Recent {
			if a.CommandID == commandID {
				return a, true
			}
		}
	}
	return Answered{}, false
}

func isNil(cmd Command) bool {
	if cmd == nil {
		return true
	}
	v := reflect.ValueOf(cmd)
	return v.Kind() == reflect.Pointer && v.IsNil()
}
