package fulfillment

import "slices"

// SubmitCancellationRequest asks the service to stop.
type SubmitCancellationRequest struct {
	Meta
	Message string `json:"message,omitempty"`
}

// AcceptCancellationRequest is the service's yes to stopping: the units can be worked on by the merchant again. With
// lines, only those units: they go to a sibling, and with the rest the service goes on.
type AcceptCancellationRequest struct {
	Meta
	Message string     `json:"message,omitempty"`
	Lines   []Quantity `json:"fulfillmentOrderLineItems,omitzero"`
	// Replace is to close it, and to put the units into a new one if no open sibling can take them; default: they stay.
	Replace bool `json:"replace,omitempty"`

	// Why it goes on with the rest, in all and line by line.
	Reason   RejectionReason `json:"reason,omitempty"`
	Rejected []RejectedLine  `json:"rejectedLineItems,omitempty"`
}

// RejectCancellationRequest is the service's no to stopping: it goes on.
type RejectCancellationRequest struct {
	Meta
	Message string `json:"message,omitempty"`
}

// Verb is SubmitCancellationRequest.
func (*SubmitCancellationRequest) Verb() Verb { return VerbSubmitCancellationRequest }

// Verb is AcceptCancellationRequest.
func (*AcceptCancellationRequest) Verb() Verb { return VerbAcceptCancellationRequest }

// Verb is RejectCancellationRequest.
func (*RejectCancellationRequest) Verb() Verb { return VerbRejectCancellationRequest }

func mayRequestCancellation(fo *FulfillmentOrder, _ Actor) *Error {
	if fo.in(StatusInProgress, RequestAccepted) {
		return nil
	}
	return invalidState("Cannot request cancellation for the fulfillment order.")
}

func mayAnswerCancellation(fo *FulfillmentOrder, by Actor, verb string) *Error {
	e := invalidState("Cannot %s cancellation request for the fulfillment order.", verb)
	if !by.runs(fo.AssignedLocation) {
		return denied(e)
	}
	if !fo.in(StatusInProgress, RequestCancellationRequested) {
		return e
	}
	return nil
}

func (cmd *SubmitCancellationRequest) apply(c *change) *Error {
	if e := tooLong(cmd.Message, maxMessage, "message"); e != nil {
		return e
	}
	if e := mayRequestCancellation(c.fo, c.actor); e != nil {
		return e
	}
	c.requestCancellation(cmd.Message, "Asked "+c.fo.AssignedLocation.service()+" to stop.")
	return nil
}

func (c *change) requestCancellation(message, reason string) {
	c.fo.RequestStatus = RequestCancellationRequested
	request := c.ask(RequestCancellation, message, map[string]any{})
	c.transition(
		KindCancellationRequested, reason, &Details{Message: message, MerchantRequest: request},
		TopicCancellationSubmitted,
	)
	if c.fo.AssignedLocation.Automated() {
		c.effect(Effect{Kind: EffectCancel, For: c.fo.RequestKey})
	}
}

func (cmd *AcceptCancellationRequest) apply(c *change) *Error {
	if e := tooLong(cmd.Message, maxMessage, "message"); e != nil {
		return e
	}
	if e := checkParts(cmd.Lines, VerbRejectCancellationRequest); e != nil {
		return e
	}
	if e := checkRejection(cmd.Reason, cmd.Rejected, "rejectedLineItems"); e != nil {
		return e
	}
	if e := mayAnswerCancellation(c.fo, c.actor, "accept"); e != nil {
		return e
	}
	stopped, e := c.fo.takeParts(cmd.Lines)
	if e != nil {
		return e
	}
	switch {
	case cmd.Lines == nil && (cmd.Reason != "" || len(cmd.Rejected) > 0):
		return reasonsForNothing(cmd.Reason, "stopped")
	case stopped != nil:
		if e := checkRest(c.fo, stopped, cmd.Rejected, "stopped"); e != nil {
			return e
		}
		c.stopSome(stopped, noToRest{cmd.Reason, cmd.Message, cmd.Rejected})
	default:
		c.acceptCancellation(cmd.Message)
	}
	return nil
}

// acceptCancellation gives the units back to the merchant; if the order itself is cancelled, there is nobody to give
// them to.
func (c *change) acceptCancellation(message string) {
	fo := c.fo
	fo.RequestStatus = RequestCancellationAccepted
	fo.dropEffects(EffectCancel)
	details := &Details{
		Lines: fo.quantities(fo.remaining()), Message: message, MerchantRequest: fo.lastAsked(RequestCancellation),
	}
	if fo.OrderCancelled {
		c.closeCancelled()
	} else {
		fo.unprepare()
		fo.Status = StatusCancelled
	}
	c.transition(
		KindCancellationAccepted, fo.AssignedLocation.service()+" stopped.", details, TopicCancellationAccepted,
	)
}

func (cmd *RejectCancellationRequest) apply(c *change) *Error {
	if e := tooLong(cmd.Message, maxMessage, "message"); e != nil {
		return e
	}
	if e := mayAnswerCancellation(c.fo, c.actor, "reject"); e != nil {
		return e
	}
	c.rejectCancellation(noToRest{message: cmd.Message})
	return nil
}

// rejectCancellation takes the service's no to stopping.
func (c *change) rejectCancellation(no noToRest) {
	c.fo.RequestStatus = RequestCancellationRejected
	c.fo.dropEffects(EffectCancel)
	details := &Details{
		Message: no.message, RejectionReason: no.reason, Rejected: slices.Clone(no.lines),
		MerchantRequest: c.fo.lastAsked(RequestCancellation),
	}
	reason := c.fo.AssignedLocation.service() + " goes on"
	if no.reason != "" {
		reason += ": " + string(no.reason)
	}
	c.transition(KindCancellationRejected, reason+".", details, TopicCancellationRejected)
}
