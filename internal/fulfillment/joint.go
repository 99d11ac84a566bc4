package fulfillment

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// MaxJoint is the largest number of fulfillment orders that one [Joint] may name.
const MaxJoint = 50

// Joint is a command on several fulfillment orders at once: all of it happens, or nothing. The implementations are
// [Merge], [SplitEach], [Ship], [Reroute], [SetDeadlines], [FoldBack] and [Alone].
type Joint interface {
	Verb() Verb
	Envelope() *Meta
	// Answering names the fulfillment orders that the answer is about, in the order of [JointDecision.Results], one for
	// each that exists.
	Answering() []ID
	// Named names every fulfillment order that the command mentions, each once.
	Named() []ID
	decide(j *joint) *Error
}

// JointDecision is what a joint command did to all of its fulfillment orders.
type JointDecision struct {
	States      []*FulfillmentOrder // new states of those that changed, by ID, then the new ones
	Transitions []Transition        // of States, in order within each
	New         []*FulfillmentOrder // the new ones among States
	Results     []Result            // one for each of [Joint.Answering]
	Repeated    bool                // the command ID came before: nothing changed
}

// DecideJointly applies a joint command. The states are all fulfillment orders of the orders that it concerns (those
// of [Joint.Named], with their siblings); they are never changed. The error is always an [*Error].
func DecideJointly(cmd Joint, states []*FulfillmentOrder, env Env) (*JointDecision, error) {
	meta := cmd.Envelope()
	if refused := meta.check(); refused != nil {
		return nil, refused
	}
	switch n := len(cmd.Named()); {
	case n == 0:
		return nil, nothingNamed(cmd)
	case n > MaxJoint:
		return nil, refusal(CodeInvalid, nil, "Name up to %d fulfillment orders.", MaxJoint)
	}
	j := &joint{cmd: cmd, env: env, fingerprint: JointFingerprint(cmd), answering: cmd.Answering()}
	for _, fo := range states {
		j.members = append(j.members, &member{fo: fo})
	}
	if j.env.IDs == nil {
		j.env.IDs = NewIDs(j.firstID())
	}
	if results, refused, ok := j.repeated(); ok {
		if refused != nil {
			return nil, cmp.Or(j.unseen(), refused)
		}
		return &JointDecision{Results: results, Repeated: true}, nil
	}
	if refused := j.unseen(); refused != nil {
		return nil, refused
	}
	first := j.env.IDs.next
	if refused := cmd.decide(j); refused != nil {
		return nil, refused
	}
	if j.env.IDs.next-first > IDBlock { // The next block is somebody else's.
		return nil, refusal(CodeInvalid, nil, "This is too much for one command. Send it in parts.")
	}
	return j.decision(), nil
}

// nothingNamed is the refusal of a command without fulfillment orders: a re-route has a code of its own for it.
func nothingNamed(cmd Joint) *Error {
	if cmd.Verb() == VerbReroute {
		return (&Reroute{}).check(nil)
	}
	return refusal(CodeInvalid, nil, "Name at least one fulfillment order.")
}

// JointCommandID is the command ID under which the n-th answer of a joint command is remembered.
func JointCommandID(commandID string, n int) string {
	if n == 0 || commandID == "" {
		return commandID
	}
	return commandID + "/" + strconv.Itoa(n)
}

// JointAnswers are the answers to a joint command, each under the command ID that its fulfillment order knows it by.
func JointAnswers(cmd Joint, results []Result) []Answered {
	answers := make([]Answered, len(results))
	for n, result := range results {
		answers[n] = Answered{CommandID: JointCommandID(cmd.Envelope().CommandID, n), Result: result}
	}
	return answers
}

// joint is a joint decision in the making.
type joint struct {
	cmd         Joint
	env         Env
	fingerprint string
	answering   []ID
	members     []*member
	results     []Result
}

// member is a fulfillment order that a joint command may change.
type member struct {
	fo          *FulfillmentOrder
	isNew       bool
	transitions []Transition
	answered    []int // positions in the answer
}

// firstID is that of the command; without one, nothing new is left without an ID of its own either.
func (j *joint) firstID() ID {
	if first := j.cmd.Envelope().FirstID; first != 0 {
		return first
	}
	name := ""
	for _, m := range j.members {
		name += fmt.Sprintf("%d#%d ", m.fo.ID, m.fo.Sequence+1)
	}
	return DerivedID("joint", name)
}

func (j *joint) member(id ID) *member {
	for _, m := range j.members {
		if m.fo.ID == id {
			return m
		}
	}
	return nil
}

// find is the present state of a fulfillment order; nil if there is none.
func (j *joint) find(id ID) *FulfillmentOrder {
	if m := j.member(id); m != nil {
		return m.fo
	}
	return nil
}

// unseen refuses a command on what is not its sender's business: who sent it is told nothing about that.
func (j *joint) unseen() *Error {
	for _, id := range j.cmd.Named() {
		if fo := j.find(id); fo != nil && !j.cmd.Envelope().Actor.sees(fo.AssignedLocation) {
			return notAssigned()
		}
	}
	return nil
}

// repeated looks whether the command was answered before.
func (j *joint) repeated() ([]Result, *Error, bool) {
	id := j.cmd.Envelope().CommandID
	_, alone := j.cmd.(*Alone)
	for _, m := range j.members { // It may have been about others of them; a command alone shares its ID with nobody's.
		for n := range j.answering {
			if alone && m.fo.ID != j.answering[n] {
				continue
			}
			if answered, ok := m.fo.answered(JointCommandID(id, n)); ok && answered.Fingerprint != j.fingerprint {
				return nil, IdempotencyConflict(), true
			}
		}
	}
	var results []Result
	for _, at := range j.answering {
		fo := j.find(at)
		if fo == nil { // Some commands pass over what does not exist.
			continue
		}
		answered, ok := fo.answered(JointCommandID(id, len(results)))
		if !ok {
			return nil, nil, false
		}
		results = append(results, answered.Result)
	}
	return results, nil, len(results) > 0
}

// answer applies a command whose result is the next part of the answer.
func (j *joint) answer(id ID, cmd Command) *Error {
	meta := cmd.Envelope()
	*meta = *j.cmd.Envelope()
	meta.CommandID = JointCommandID(meta.CommandID, len(j.results))
	result, refused := j.apply(id, cmd)
	if refused == nil {
		j.member(id).answered = append(j.member(id).answered, len(j.results))
		j.results = append(j.results, result)
	}
	return refused
}

// follow applies a command that belongs to what was answered.
func (j *joint) follow(id ID, cmd Command) *Error {
	meta := cmd.Envelope()
	*meta = *j.cmd.Envelope()
	meta.CommandID = ""
	_, refused := j.apply(id, cmd)
	if m := j.member(id); refused == nil && len(m.answered) > 0 {
		j.carry(m)
	}
	return refused
}

// carry moves the answer of a fulfillment order on to what followed from it: an answer tells of all that happened.
func (j *joint) carry(m *member) {
	last := &m.transitions[len(m.transitions)-1]
	for i := len(m.transitions) - 2; i >= 0; i-- {
		told := &m.transitions[i]
		if told.CommandID == "" && told.Result == nil {
			continue
		}
		n := m.answered[len(m.answered)-1]
		result := j.results[n]
		result.Sequence, result.Status, result.RequestStatus = m.fo.Sequence, m.fo.Status, m.fo.RequestStatus
		j.results[n] = result
		last.CommandID, last.Fingerprint, last.Result = told.CommandID, told.Fingerprint, &result
		told.CommandID, told.Fingerprint, told.Result = "", "", nil
		if last.CommandID != "" {
			m.fo.Recent[len(m.fo.Recent)-1].Result = result
		}
		return
	}
}

func (j *joint) apply(id ID, cmd Command) (Result, *Error) {
	m := j.member(id)
	if m == nil {
		return Result{}, NotFound()
	}
	c := newChange(m.fo, cmd, j.env)
	c.verb = j.cmd.Verb() // It is what somebody asked for.
	if refused := cmd.apply(c); refused != nil {
		return Result{}, m.fo.explain(refused, cmd.Envelope().Actor)
	}
	fingerprint := ""
	if cmd.Envelope().CommandID != "" {
		fingerprint = j.fingerprint
	}
	d := c.decision(cmd.Envelope().CommandID, fingerprint)
	if refused := d.State.noRoom(m.fo, cmd); refused != nil {
		return Result{}, m.fo.explain(refused, cmd.Envelope().Actor)
	}
	m.fo = d.State
	m.transitions = append(m.transitions, d.Transitions...)
	for i, s := range d.Siblings {
		j.members = append(j.members, &member{fo: s, isNew: true, transitions: d.SiblingTransitions[i : i+1 : i+1]})
	}
	return d.Result, nil
}

func (j *joint) decision() *JointDecision {
	d := &JointDecision{Results: j.results}
	var fresh []*FulfillmentOrder
	for _, m := range j.members {
		switch {
		case m.isNew:
			fresh = append(fresh, m.fo)
		case len(m.transitions) > 0:
			d.States = append(d.States, m.fo)
		default:
			continue
		}
		d.Transitions = append(d.Transitions, m.transitions...)
	}
	slices.SortFunc(d.States, func(a, b *FulfillmentOrder) int { return cmp.Compare(a.ID, b.ID) })
	d.States, d.New = append(d.States, fresh...), fresh
	j.showOthers(d.Transitions)
	return d
}

// showOthers notes on transitions by which units went from one fulfillment order to another how the other one stands
// when all is done.
func (j *joint) showOthers(transitions []Transition) {
	for i := range transitions {
		d := transitions[i].Details
		if d == nil || d.SiblingID == 0 && d.SourceID == 0 {
			continue
		}
		id := d.SiblingID
		if id == 0 {
			id = d.SourceID
		}
		if other := j.find(id); other != nil {
			d.Sibling = new(other.Summary())
		}
	}
}

// named lists IDs in the order in which they were first mentioned.
func named(ids []ID) []ID {
	var list []ID
	for _, id := range ids {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}
