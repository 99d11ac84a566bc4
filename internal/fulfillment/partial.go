package fulfillment

import (
	"fmt"
	"math"
	"slices"
)

// A service may answer for some of the units that it was asked for. Then the fulfillment order is split where the
// answer splits it, and each part goes on as if the whole of it had got that answer: the part that the service works on
// stays, because its system knows it by the ID and the key of the request; the other part is a sibling, which is born
// REJECTED or CANCELLED.

// checkParts refuses units of a service's yes that no fulfillment order could have. Without any it says yes to all;
// instead is what says yes to none.
func checkParts(lines []Quantity, instead Verb) *Error {
	if lines != nil && len(lines) == 0 {
		return refusal(
			CodeInvalid, genericTexts.field,
			"An empty list would be a yes to nothing: send %s for that, or leave the list out to say yes to all.",
			instead,
		)
	}
	return genericTexts.check(lines)
}

// takeParts turns the units of a service's yes, which were checked, into a part of what remains; nil: it is all of it.
func (fo *FulfillmentOrder) takeParts(lines []Quantity) (units, *Error) {
	if lines == nil {
		return nil, nil
	}
	taken, e := genericTexts.take(fo, lines)
	if e != nil || len(fo.rest(taken)) == 0 {
		return nil, e
	}
	return taken, nil
}

// unitsOf is [FulfillmentOrder.takeParts] for what a system says, which can't be told that it is wrong: a line that is
// there twice counts twice, and the problem is for a person to look at.
func (fo *FulfillmentOrder) unitsOf(parts []Quantity) (taken units, problem string) {
	taken = units{}
	for _, p := range parts {
		line := fo.line(p.ID)
		switch {
		case line == nil:
			return nil, fmt.Sprintf("line %s is none of the fulfillment order", p.ID)
		case p.Quantity < 0:
			return nil, fmt.Sprintf("%d units of line %s", p.Quantity, p.ID)
		}
		taken[p.ID] += min(p.Quantity, math.MaxInt32)
		if taken[p.ID] > line.Remaining {
			return nil, fmt.Sprintf("%d units of line %s, of which %d are left", taken[p.ID], p.ID, line.Remaining)
		}
	}
	for id, n := range taken {
		if n == 0 {
			delete(taken, id)
		}
	}
	return taken, ""
}

// whole is the answer with what its parts come to: a yes to nothing is a no, and one that makes no sense is for a
// person to look at. What it was asked is the effect.
func (cmd *ProviderAnswer) whole(fo *FulfillmentOrder, e Effect) *ProviderAnswer {
	if cmd.Accepted == nil || cmd.Outcome != OutcomeAccepted || !slices.Contains(answeredInParts, e.Kind) {
		return cmd
	}
	answer := *cmd
	if !slices.ContainsFunc(cmd.Accepted, func(q Quantity) bool { return q.Quantity != 0 }) {
		answer.Outcome, answer.Accepted = OutcomeRejected, nil
		return &answer
	}
	if !fo.waitsFor(e) {
		if e.Kind == EffectWithdraw {
			return answer.parked("it has forgotten a part of the request, and nobody knows whether that is all of it")
		}
		return cmd // It is ignored.
	}
	taken, problem := fo.unitsOf(cmd.Accepted)
	switch {
	case problem != "":
		return answer.parked(problem)
	case len(fo.rest(taken)) == 0:
		answer.Accepted = nil
	case e.Kind == EffectWithdraw:
		return answer.parked("it has forgotten a part of the request only")
	}
	return &answer
}

// answeredInParts are the effects to which a yes may name units.
var answeredInParts = []EffectKind{EffectRequest, EffectCancel, EffectWithdraw}

// waitsFor tells whether something of the fulfillment order depends on the answer.
func (fo *FulfillmentOrder) waitsFor(e Effect) bool {
	switch e.Kind {
	case EffectRequest:
		return fo.in(StatusOpen, RequestSubmitted)
	case EffectCancel:
		return fo.in(StatusInProgress, RequestCancellationRequested)
	}
	return fo.in(StatusOpen, RequestSubmitted) && e.For == fo.RequestKey
}

// parked makes it an answer that a person must look at.
func (cmd *ProviderAnswer) parked(problem string) *ProviderAnswer {
	cmd.Outcome, cmd.Accepted = OutcomeParked, nil
	message := "It answers for units that can't be: " + problem + ". Ask the service, then answer for it."
	if cmd.Message != "" {
		message += " It says: " + cmd.Message
	}
	cmd.Message = message
	return cmd
}

// partAs gives units to a sibling that begins as the service's answer leaves it: begin makes it that, and says what
// belongs to it and which topic it raises. The lines of the sibling are those of the units, in their order.
func (c *change) partAs(
	role SiblingRole, gone units, reason, why string, begin func(s *FulfillmentOrder, born *Details) (topic string),
) {
	fo := c.fo
	details := &Details{Lines: fo.quantities(gone)}
	s := c.breakOff(role, fo.AssignedLocation, gone, false, reason)
	born := &c.siblingTransitions[len(c.siblingTransitions)-1]
	born.Topics = []string{begin(s, born.Details)}
	s.Abridge()
	born.After = s.Summary()
	details.went(s, role)
	c.transition(KindSplit, why, details, TopicSplit)
}

// noToRest is what a service says of the units that it does not take, or does not stop.
type noToRest struct {
	reason  RejectionReason
	message string
	lines   []RejectedLine // by the lines of the fulfillment order
}

// leaveOut gives what the service does not take to a sibling that is REJECTED, as the whole would be: the accept policy
// is for a service that says nothing, and what is done after a no is the merchant's to decide.
func (c *change) leaveOut(accepted units, no noToRest) {
	fo := c.fo
	gone, service := fo.rest(accepted), fo.AssignedLocation.service()
	from := fo.quantities(gone)
	reason := service + " did not accept it"
	if no.reason != "" {
		reason += " (" + string(no.reason) + ")"
	}
	c.partAs(
		SiblingRejected, gone, reason+" with fulfillment order", service+" takes a part of the request.",
		func(s *FulfillmentOrder, born *Details) string {
			s.RequestStatus = RequestRejected
			born.Message, born.RejectionReason = no.message, no.reason
			born.MerchantRequest = fo.lastAsked(RequestFulfillment)
			for i, q := range from {
				for _, l := range no.lines {
					if l.LineID == q.ID {
						born.Rejected = append(born.Rejected, RejectedLine{s.Lines[i].ID, l.Message})
					}
				}
			}
			s.warn(born.Rejected, no.message)
			return TopicRequestRejected
		},
	)
}

// stopSome gives the units that the service has stopped working on to a sibling that is CANCELLED, as the whole would
// be; with the rest it goes on, and says why.
func (c *change) stopSome(stopped units, no noToRest) {
	fo := c.fo
	service := fo.AssignedLocation.service()
	c.partAs(
		SiblingCancelled, stopped, service+" stopped a part of fulfillment order",
		service+" stops a part of the work.",
		func(s *FulfillmentOrder, born *Details) string {
			s.RequestStatus = RequestCancellationAccepted
			born.Message, born.MerchantRequest = no.message, fo.lastAsked(RequestCancellation)
			s.unprepare()
			if s.OrderCancelled = fo.OrderCancelled; s.OrderCancelled {
				for i := range s.Lines {
					s.Lines[i].cancelUnits(s.Lines[i].Remaining)
				}
				s.Status = StatusClosed
			} else {
				s.Status = StatusCancelled
			}
			return TopicCancellationAccepted
		},
	)
	c.rejectCancellation(no)
}

// NamesParts tells whether a command says something that commands could not say before a service could answer for some
// of the units, and [DropParts] makes it one that doesn't: both are for runs that began before.
func NamesParts(cmd Command) bool {
	switch cmd := cmd.(type) {
	case *AcceptFulfillmentRequest:
		return cmd.Lines != nil || cmd.Reason != "" || cmd.Rejected != nil
	case *AcceptCancellationRequest:
		return cmd.Lines != nil || cmd.Reason != "" || cmd.Rejected != nil
	}
	return false
}

// DropParts leaves of a yes that it is one, see [NamesParts].
func DropParts(cmd Command) {
	switch cmd := cmd.(type) {
	case *AcceptFulfillmentRequest:
		cmd.Lines, cmd.Reason, cmd.Rejected = nil, "", nil
	case *AcceptCancellationRequest:
		cmd.Lines, cmd.Reason, cmd.Rejected = nil, "", nil
	}
}
