package fulfillment

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Verb is ProviderAnswer.
func (*ProviderAnswer) Verb() Verb { return VerbProviderAnswer }

var outcomes = []Outcome{OutcomeAccepted, OutcomeRejected, OutcomePending, OutcomeUnknown, OutcomeParked}

// issuedKey tells whether an effect of this fulfillment order had, or could have had, the key.
func (fo *FulfillmentOrder) issuedKey(key string) bool {
	id, sequence, ok := ParseEffectKey(key)
	return ok && id == fo.ID && sequence <= fo.Sequence
}

// effect adds an effect that belongs to the transition that was just made, and returns its key.
func (c *change) effect(e Effect) string {
	e.Key, e.Status, e.Since = EffectKey(c.fo.ID, c.fo.Sequence), EffectDue, c.now
	if e.Kind != EffectReroute && e.Kind != EffectFold {
		e.Provider = c.fo.AssignedLocation.Provider
	}
	c.fo.Effects = append(c.fo.Effects, e)
	if e.Provider != "" {
		c.fo.asks(e)
	}
	return e.Key
}

// withdraw has the service's system forget the request. What it was to be asked before is not asked any more.
func (c *change) withdraw(then AcceptPolicy) {
	fo := c.fo
	fo.dropEffects(EffectRequest, EffectCancel)
	if fo.AssignedLocation.Automated() && fo.RequestKey != "" {
		c.effect(Effect{Kind: EffectWithdraw, For: fo.RequestKey, Then: then})
	}
}

func (fo *FulfillmentOrder) dropEffects(kinds ...EffectKind) {
	fo.dropEffect(func(e Effect) bool { return slices.Contains(kinds, e.Kind) })
}

func (fo *FulfillmentOrder) dropEffect(dropped func(Effect) bool) {
	if fo.Effects = slices.DeleteFunc(fo.Effects, dropped); len(fo.Effects) == 0 {
		fo.Effects = nil // As it is after a snapshot was read.
	}
}

// DueEffects lists the effects that are to be called now: those that were never called, and those of which nobody
// knows whether they happened.
func (fo *FulfillmentOrder) DueEffects() []Effect {
	var due []Effect
	for _, e := range fo.Effects {
		if e.Status == EffectDue || e.Status == EffectUnknown {
			due = append(due, e)
		}
	}
	return due
}

func (cmd *ProviderAnswer) apply(c *change) *Error {
	fo := c.fo
	if c.actor == (Actor{}) {
		c.actor = Actor{Role: RoleSystem, App: fo.AssignedLocation.Provider, Name: fo.AssignedLocation.ServiceName}
	}
	if !slices.Contains(outcomes, cmd.Outcome) {
		return unknownWord([]string{"outcome"}, "an outcome", cmd.Outcome, outcomes)
	}
	i := slices.IndexFunc(fo.Effects, func(e Effect) bool { return e.Key == cmd.Key })
	if i < 0 {
		if !fo.issuedKey(cmd.Key) {
			return refusal(
				CodeInvalid, []string{"key"}, "%q is not the key of an effect of this fulfillment order.",
				clip(cmd.Key, maxText),
			)
		}
		c.late(cmd, "it was not waited for any more")
		c.attach(cmd)
		return nil
	}
	cmd = cmd.whole(fo, fo.Effects[i])
	c.adopt(fo.Effects[i], cmd)
	if cmd.Outcome != OutcomeAccepted && cmd.Outcome != OutcomeRejected {
		c.keepEffect(i, cmd)
	} else {
		c.answered(fo.Effects[i], cmd)
	}
	c.attach(cmd)
	return nil
}

// adopt makes the request that the provider has already the present one: what is asked of it from now on is about that.
func (c *change) adopt(e Effect, cmd *ProviderAnswer) {
	if cmd.RequestKey == "" || e.Kind != EffectRequest || c.fo.RequestKey != e.Key {
		return
	}
	c.fo.RequestKey = cmd.RequestKey
	adopted := e
	adopted.Key = cmd.RequestKey
	c.fo.asks(adopted)
}

// answered does what follows from a yes or no.
func (c *change) answered(e Effect, cmd *ProviderAnswer) {
	fo := c.fo
	fo.dropEffect(func(e Effect) bool { return e.Key == cmd.Key })
	switch e.Kind {
	case EffectRequest:
		c.requestAnswered(cmd)
	case EffectCancel:
		c.cancelAnswered(cmd)
	case EffectWithdraw:
		c.withdrawAnswered(e, cmd)
	case EffectReroute:
		c.rerouted(cmd)
	case EffectFold:
		c.transition(KindStaysApart, "What was not held went its own way: it stays apart.", cmd.details())
	default:
		c.late(cmd, "nothing follows from it")
	}
}

// attach keeps what came with an answer: in the transition that the answer made, and, when the request was taken, in
// the state as well. That is so for a late answer too: what the service's system has made may have been paid for.
func (c *change) attach(cmd *ProviderAnswer) {
	attached := cmd.bounded()
	if attached == nil || len(c.transitions) == 0 {
		return
	}
	// Before it may be what the service does not do, and the end of what kept it from it.
	first := &c.transitions[slices.IndexFunc(c.transitions, func(t Transition) bool {
		return t.Kind != KindSplit && t.Kind != KindHoldReleased
	})]
	var details Details
	if first.Details != nil {
		details = *first.Details
	}
	details.Attachments = attached
	first.Details = &details
	if cmd.Outcome != OutcomeRejected && cmd.ofRequest(c.fo) {
		c.fo.RequestAttachments = attached
	}
}

// attachesNews tells whether an answer brings something to the request that was not there before.
func (c *change) attachesNews(cmd *ProviderAnswer) bool {
	attached := cmd.bounded()
	return attached != nil && cmd.ofRequest(c.fo) && !reflect.DeepEqual(attached, c.fo.RequestAttachments)
}

// ofRequest tells whether the answer is to the present request.
func (cmd *ProviderAnswer) ofRequest(fo *FulfillmentOrder) bool {
	return cmd.Key == fo.RequestKey || cmd.RequestKey != "" && cmd.RequestKey == fo.RequestKey
}

// late notes an answer that came when it was not waited for any more.
func (c *change) late(cmd *ProviderAnswer, why string) {
	c.transition(KindProviderLate, fmt.Sprintf("Answer %s ignored: %s.", cmd.Outcome, why), cmd.details())
}

func (cmd *ProviderAnswer) details() *Details {
	return &Details{EffectKey: cmd.Key, Message: clip(cmd.Message, maxMessage)}
}

// keepEffect notes how far an effect has come that is not answered for good. The same news twice is no news.
func (c *change) keepEffect(i int, cmd *ProviderAnswer) {
	e := &c.fo.Effects[i]
	was := *e
	var kind Kind
	var reason string
	switch cmd.Outcome {
	case OutcomePending:
		e.Status, e.Problem, kind, reason = EffectWaiting, "", KindProviderPending, "Taken; the answer comes later."
	case OutcomeUnknown:
		e.Status, kind, reason = EffectUnknown, KindProviderUnknown, "Nobody knows whether it happened."
	default:
		e.Status, kind, reason = EffectParked, KindProviderParked, "A person must look."
	}
	if cmd.Outcome != OutcomePending {
		e.Problem = clip(cmd.Message, maxMessage)
	}
	if cmd.Reference != "" {
		e.Reference = clip(cmd.Reference, maxText)
	}
	if *e == was && !c.attachesNews(cmd) {
		return
	}
	if e.Status != was.Status {
		e.Since = c.now
	}
	if e.Kind == EffectRequest && e.Reference != "" {
		c.fo.RequestReference = e.Reference
	}
	c.transition(kind, reason, cmd.details())
}

func (c *change) requestAnswered(cmd *ProviderAnswer) {
	fo := c.fo
	switch {
	case !fo.in(StatusOpen, RequestSubmitted):
		c.late(cmd, "the request was answered already")
	case cmd.Outcome == OutcomeAccepted:
		if cmd.Reference != "" {
			fo.RequestReference = clip(cmd.Reference, maxText)
		}
		if cmd.Accepted != nil {
			accepted, _ := fo.unitsOf(cmd.Accepted)
			why, lines := cmd.rejection()
			c.leaveOut(accepted, noToRest{why, clip(cmd.Message, maxMessage), lines})
		}
		c.accept(clip(cmd.Message, maxMessage), cmd.shipsAt(), fo.AssignedLocation.service()+" accepted.")
	default:
		why, lines := cmd.rejection()
		c.reject(why, clip(cmd.Message, maxMessage), lines)
	}
}

// rejection is what a service said, cut to what a fulfillment order can hold: an answer can't be sent back as invalid.
func (cmd *ProviderAnswer) rejection() (RejectionReason, []RejectedLine) {
	why := cmd.Reason
	if why != "" && !slices.Contains(RejectionReasons, why) {
		why = RejectOther
	}
	lines := make([]RejectedLine, 0, min(len(cmd.Lines), MaxLines))
	for _, l := range cmd.Lines[:min(len(cmd.Lines), MaxLines)] {
		lines = append(lines, RejectedLine{LineID: l.LineID, Message: clip(l.Message, maxText)})
	}
	return why, lines
}

// shipsAt is when the service is going to ship; nil for a time that can't be kept, because an answer can't be sent
// back.
func (cmd *ProviderAnswer) shipsAt() *time.Time {
	if checkTime("estimatedShippedAt", cmd.EstimatedShippedAt) != nil {
		return nil
	}
	return cmd.EstimatedShippedAt
}

func (c *change) cancelAnswered(cmd *ProviderAnswer) {
	switch {
	case !c.fo.in(StatusInProgress, RequestCancellationRequested):
		c.late(cmd, "the cancellation request was answered already")
	case cmd.Outcome == OutcomeAccepted && cmd.Accepted != nil:
		stopped, _ := c.fo.unitsOf(cmd.Accepted)
		why, lines := cmd.rejection()
		c.stopSome(stopped, noToRest{why, clip(cmd.Message, maxMessage), lines})
	case cmd.Outcome == OutcomeAccepted:
		c.acceptCancellation(clip(cmd.Message, maxMessage))
	default:
		c.rejectCancellation(noToRest{message: clip(cmd.Message, maxMessage)})
	}
}

// withdrawAnswered: the service has forgotten the request, or says that it is too late for that.
func (c *change) withdrawAnswered(e Effect, cmd *ProviderAnswer) {
	fo := c.fo
	service := fo.AssignedLocation.service()
	waiting := fo.in(StatusOpen, RequestSubmitted) && e.For == fo.RequestKey
	switch {
	case cmd.Outcome == OutcomeAccepted && waiting:
		c.takeBack(e.Then)
	case cmd.Outcome == OutcomeAccepted && fo.Status == StatusClosed:
		c.transition(KindTakenBack, service+" has forgotten the request.", cmd.details())
	case cmd.Outcome == OutcomeRejected && waiting:
		c.accept(
			clip(cmd.Message, maxMessage), cmd.shipsAt(),
			service+" keeps the request that was to be taken back: accepted.",
		)
	case cmd.Outcome == OutcomeRejected && fo.Status == StatusClosed:
		e.Status, e.Since = EffectParked, c.now
		e.Problem = service + " did not take the withdrawal: it may ship what was cancelled here."
		if cmd.Message != "" {
			e.Problem += " It says: " + clip(cmd.Message, maxMessage)
		}
		fo.Effects = append(fo.Effects, e)
		c.transition(KindProviderParked, e.Problem, cmd.details())
	default:
		c.late(cmd, "the request was answered meanwhile")
	}
}

// rerouted moves on to the next location, and asks its service if it has one.
func (c *change) rerouted(cmd *ProviderAnswer) {
	fo := c.fo
	switch {
	case !fo.in(StatusOpen, RequestUnsubmitted):
		c.late(cmd, "the fulfillment order went on meanwhile")
	case cmd.Outcome == OutcomeRejected || cmd.Location == nil ||
		cmd.Location.LocationID == fo.AssignedLocation.LocationID:
		c.transition(KindNotRerouted, "No other location can take it: it stays.", cmd.details())
	default:
		c.move(*cmd.Location, fo.remaining(), nil, "Moved on to "+cmd.Location.Name+": not accepted in time before.")
		if fo.Status == StatusOpen && fo.AssignedLocation.AtService() {
			message, notify := fo.lastRequest()
			c.submit(message, notify, fo.remaining(), nil)
		}
	}
}

// lastRequest is what the merchant wrote to the service before.
func (fo *FulfillmentOrder) lastRequest() (message string, notifyCustomer bool) {
	r := fo.lastAsked(RequestFulfillment)
	if r == nil {
		return "", false
	}
	notifyCustomer, _ = r.Options["notify_customer"].(bool)
	return r.Message, notifyCustomer
}
