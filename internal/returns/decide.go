package returns

import (
	"cmp"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Env is what a decision may depend on beside state and command.
type Env struct {
	Now   time.Time        // UTC
	IDs   *fulfillment.IDs // where new things get their IDs from; nil: from the command's first ID, or derived
	Facts Facts
}

// Facts are what a decision needs to know of the world outside the return.
type Facts struct {
	// Order, Shipments and Returns are needed by a command that begins a return, as they are in the transaction that
	// writes it, under the order's lock. A nil Order: there is none with this ID.
	Order *fulfillment.Order
	// Shipments are the order's, cancelled ones too; the parts of a shared one each by itself.
	Shipments []fulfillment.Fulfillment
	// Returns are all returns of the order. Of each, ID, Name, Status and Lines are looked at.
	Returns []*Return
	// Earlier is how many returns the order has had, where Returns lacks those that are declined or cancelled.
	Earlier int

	// Locations are those of the command's that there are, for dispositions and for where goods were received.
	Locations []fulfillment.ID
}

// Decision is what a command did.
type Decision struct {
	State       *Return      // the new state; the old one is untouched
	Transitions []Transition // in order; the first of a new return has Sequence 1
	Result      Result
	Repeated    bool // this command ID came before: Result is the answer of then, nothing changed
}

// Unchanged tells whether all that happened is that the command is remembered.
func (d *Decision) Unchanged() bool {
	return len(d.Transitions) == 1 && d.Transitions[0].Kind == KindUnchanged
}

// Decide applies one command to a return; nil: to none yet. The state that is given is never changed; the decision
// carries the new one. The error is always an [*fulfillment.Error], and then nothing has happened.
//
// A command whose command ID was answered before is answered the same again, without doing anything.
func Decide(r *Return, cmd Command, env Env) (*Decision, error) {
	if isNil(cmd) {
		return nil, refusal(CodeInvalid, nil, "There is no such command.")
	}
	meta := *cmd.Envelope()
	if refused := meta.Check(); refused != nil {
		return nil, r.explain(refused, meta.Actor)
	}
	opening, opens := cmd.(Opening)
	if r == nil && !opens {
		return nil, NotFound(cmd.target()...)
	}
	fingerprint := ""
	if meta.CommandID != "" {
		fingerprint = Fingerprint(cmd)
	}
	if r != nil {
		if answered := r.answered(meta.CommandID); answered != nil {
			if answered.Fingerprint != fingerprint {
				return nil, r.explain(fulfillment.IdempotencyConflict(), meta.Actor)
			}
			return &Decision{State: r, Repeated: true, Result: answered.Result}, nil
		}
		if opens {
			return nil, r.explain(refusal(CodeInvalidState, nil, "Return %s is there already.", r.Name), meta.Actor)
		}
	}
	if refused := r.mayCommand(cmd); refused != nil {
		return nil, r.explain(refused, meta.Actor)
	}

	c := newChange(r, cmd, env)
	var refused *fulfillment.Error
	if opens {
		refused = c.begin(opening)
	} else {
		refused = cmd.apply(c)
	}
	if refused != nil {
		return nil, r.explain(refused, meta.Actor)
	}
	d := c.decision(meta.CommandID, fingerprint)
	if refused := d.State.noRoom(r, cmd); refused != nil {
		return nil, r.explain(refused, meta.Actor)
	}
	return d, nil
}

// change is a decision in the making. Commands work on its r, a clone.
type change struct {
	r     *Return
	verb  Verb
	actor fulfillment.Actor
	now   time.Time
	ids   *fulfillment.IDs
	facts Facts

	unchanged   string // why there is nothing to change
	before      *State // of the next transition
	transitions []Transition
	result      Result
}

func newChange(r *Return, cmd Command, env Env) *change {
	c := &change{
		verb: cmd.Verb(), actor: cmd.Envelope().Actor, now: env.Now, ids: env.IDs, facts: env.Facts, r: &Return{},
	}
	if r != nil {
		c.r, c.before = r.Clone(), new(r.Summary())
	}
	if c.ids == nil { // Nothing new is ever left without an ID of its own.
		c.ids = fulfillment.NewIDs(cmp.Or(
			cmd.Envelope().FirstID,
			fulfillment.DerivedID("return", c.r.ID.String()+"#"+fulfillment.ID(c.r.Sequence+1).String()+
				cmd.Envelope().CommandID),
		))
	}
	return c
}

// transition records that the return got from the previous transition's state to its present one.
func (c *change) transition(kind Kind, reason string, details *Details, topics ...string) {
	c.r.Sequence++
	after := c.r.Summary()
	c.transitions = append(c.transitions, Transition{
		ReturnID: c.r.ID, OrderID: c.r.OrderID, Sequence: c.r.Sequence, Kind: kind, Verb: c.verb, Actor: c.actor,
		At: c.now, Reason: reason, Before: c.before, After: after, Details: details, Topics: topics,
	})
	c.before = &after
}

// answer is the result as it stands.
func (c *change) answer() Result {
	result := c.result
	result.ReturnID, result.Name, result.Sequence, result.Status = c.r.ID, c.r.Name, c.r.Sequence, c.r.Status
	return result
}

func (c *change) decision(commandID, fingerprint string) *Decision {
	c.r.abridge()
	if len(c.transitions) == 0 && commandID != "" { // The ID is taken from now on, also in a later run.
		c.transition(KindUnchanged, cmp.Or(c.unchanged, "There was nothing to change."), nil)
	}
	result := c.answer()
	if n := len(c.transitions); n > 0 {
		c.r.UpdatedAt = c.now
		last := &c.transitions[n-1]
		last.Result = &result
		last.CommandID, last.Fingerprint = commandID, fingerprint
	}
	if commandID != "" {
		c.r.Recent = fewerAnswers(
			append(c.r.Recent, Answered{CommandID: commandID, Fingerprint: fingerprint, Result: result}),
		)
	}
	return &Decision{State: c.r, Transitions: c.transitions, Result: result}
}

// explain adds to a refusal where the return stands and what the actor may do instead.
func (r *Return) explain(refused *fulfillment.Error, by fulfillment.Actor) *fulfillment.Error {
	if r == nil {
		return refused
	}
	e := *refused
	e.Status, e.Sequence = fulfillment.Status(r.Status), r.Sequence
	for _, verb := range r.SupportedVerbs(by) {
		e.SupportedActions = append(e.SupportedActions, fulfillment.Action(verb))
	}
	return &e
}

// SupportedVerbs lists what the actor may do with the return now, in a fixed order: the verbs of which some command is
// taken, without those that would change nothing.
func (r *Return) SupportedVerbs(by fulfillment.Actor) []Verb {
	var verbs []Verb
	for _, make := range commands {
		cmd := make()
		cmd.Envelope().Actor = by
		if _, opens := cmd.(Opening); opens || r.mayCommand(cmd) != nil || cmd.may(r) != nil {
			continue
		}
		if already, ok := cmd.(interface{ already(*Return) string }); ok && already.already(r) != "" {
			continue
		}
		verbs = append(verbs, cmd.Verb())
	}
	return verbs
}

// byService are the commands of whoever works on what comes back.
var byService = []Verb{VerbReceive, VerbDispose, VerbCreateDelivery, VerbUpdateDelivery}

// mayCommand refuses what is not the actor's business: a fulfillment service receives and judges what comes to its own
// location; all else is between the merchant and the customer.
func (r *Return) mayCommand(cmd Command) *fulfillment.Error {
	by := cmd.Envelope().Actor
	if by.RoleOf() != fulfillment.RoleService {
		return nil
	}
	if r == nil || !slices.Contains(byService, cmd.Verb()) {
		return refusal(CodeAccessDenied, cmd.target(), "A fulfillment service may only receive returns, dispose of "+
			"them and name their parcels.")
	}
	for i := range r.Work {
		if r.Work[i].ServiceID != 0 && r.Work[i].ServiceID == by.ServiceID {
			return nil
		}
	}
	return refusal(CodeAccessDenied, cmd.target(), "The return does not come to your fulfillment service.")
}

func (r *Return) answered(commandID string) *Answered {
	if commandID == "" {
		return nil
	}
	return find(r.Recent, func(a *Answered) bool { return a.CommandID == commandID })
}
