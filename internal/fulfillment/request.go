package fulfillment

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// MerchantRequestKind says what a merchant asked of a service.
type MerchantRequestKind string

// The kinds of merchant requests.
const (
	RequestFulfillment  MerchantRequestKind = "FULFILLMENT_REQUEST"
	RequestCancellation MerchantRequestKind = "CANCELLATION_REQUEST"
)

// MerchantRequest is something that the merchant asked of the service.
type MerchantRequest struct {
	ID      ID                  `json:"id"`
	Kind    MerchantRequestKind `json:"kind"`
	Message string              `json:"message,omitempty"`
	// {"notify_customer": false} for a fulfillment request, {} for a cancellation
	Options map[string]any `json:"requestOptions"`
	SentAt  time.Time      `json:"sentAt"`
}

// SubmitFulfillmentRequest asks the service to fulfill; with lines, only those units: the rest goes to a sibling.
type SubmitFulfillmentRequest struct {
	Meta
	Message        string     `json:"message,omitempty"`
	NotifyCustomer bool       `json:"notifyCustomer,omitempty"`
	Lines          []Quantity `json:"fulfillmentOrderLineItems,omitempty"`
}

// AcceptFulfillmentRequest is the service's yes. With lines, only to those units: the rest goes to a sibling, whose
// request is rejected.
type AcceptFulfillmentRequest struct {
	Meta
	Message            string     `json:"message,omitempty"`
	EstimatedShippedAt *time.Time `json:"estimatedShippedAt,omitempty"`
	Lines              []Quantity `json:"fulfillmentOrderLineItems,omitzero"`

	// Why it does not take the rest, in all and line by line.
	Reason   RejectionReason `json:"reason,omitempty"`
	Rejected []RejectedLine  `json:"rejectedLineItems,omitempty"`
}

// RejectFulfillmentRequest is the service's no. Lines only document why: the whole request is refused.
type RejectFulfillmentRequest struct {
	Meta
	Reason  RejectionReason `json:"reason,omitempty"`
	Message string          `json:"message,omitempty"`
	Lines   []RejectedLine  `json:"lineItems,omitempty"`
}

// RejectedLine is what a service says about one line.
type RejectedLine struct {
	LineID  ID     `json:"fulfillmentOrderLineItemId"`
	Message string `json:"message,omitempty"`
}

// Verb is SubmitFulfillmentRequest.
func (*SubmitFulfillmentRequest) Verb() Verb { return VerbSubmitFulfillmentRequest }

// Verb is AcceptFulfillmentRequest.
func (*AcceptFulfillmentRequest) Verb() Verb { return VerbAcceptFulfillmentRequest }

// Verb is RejectFulfillmentRequest.
func (*RejectFulfillmentRequest) Verb() Verb { return VerbRejectFulfillmentRequest }

func mayRequestFulfillment(fo *FulfillmentOrder, _ Actor) *Error {
	if fo.AssignedLocation.AtService() && (fo.in(StatusOpen, RequestUnsubmitted, RequestRejected) ||
		fo.Status == StatusIncomplete || fo.Status == StatusCancelled) {
		return nil
	}
	return invalidState("Cannot request fulfillment for the fulfillment order.")
}

func mayAnswerRequest(fo *FulfillmentOrder, by Actor, verb string) *Error {
	e := invalidState("Cannot %s fulfillment request for the fulfillment order.", verb)
	if !by.runs(fo.AssignedLocation) {
		return denied(e)
	}
	if !fo.in(StatusOpen, RequestSubmitted) {
		return e
	}
	return nil
}

func (cmd *SubmitFulfillmentRequest) apply(c *change) *Error {
	if e := tooLong(cmd.Message, maxMessage, "message"); e != nil {
		return e
	}
	if e := genericTexts.check(cmd.Lines); e != nil {
		return e
	}
	if e := mayRequestFulfillment(c.fo, c.actor); e != nil {
		return e
	}
	asked := c.fo.remaining()
	if len(cmd.Lines) > 0 {
		var e *Error
		if asked, e = genericTexts.take(c.fo, cmd.Lines); e != nil {
			return e
		}
	}
	c.submit(cmd.Message, cmd.NotifyCustomer, asked, cmd.Lines)
	return nil
}

// submit asks the service for the units; the rest of the fulfillment order goes to a sibling. Requested is what the
// command named.
func (c *change) submit(message string, notifyCustomer bool, asked units, requested []Quantity) {
	fo := c.fo
	details := &Details{Lines: fo.quantities(asked), Requested: requested, Message: message}
	if rest := fo.rest(asked); len(rest) > 0 {
		s := c.breakOff(
			SiblingUnsubmitted, fo.AssignedLocation, rest, false, "Not part of the request for fulfillment order",
		)
		details.went(s, SiblingUnsubmitted)
	}
	fo.Status, fo.RequestStatus = StatusOpen, RequestSubmitted
	fo.clearWarnings()
	fo.dropEffects(EffectReroute)
	fo.RequestReference, fo.RequestKey, fo.RequestAttachments = "", "", nil
	fo.EstimatedShippedAt, fo.AcceptBy = nil, nil
	if within := time.Duration(fo.AssignedLocation.AcceptWithin); within > 0 {
		fo.AcceptBy = new(c.now.Add(within))
	}
	request := c.ask(RequestFulfillment, message, map[string]any{"notify_customer": notifyCustomer})
	details.MerchantRequest = request
	c.transition(KindRequested, "Asked "+fo.AssignedLocation.service()+" to fulfill.", details, TopicRequestSubmitted)
	if fo.AssignedLocation.Automated() {
		fo.RequestKey = c.effect(Effect{Kind: EffectRequest})
	}
}

// ask adds a merchant request.
func (c *change) ask(kind MerchantRequestKind, message string, options map[string]any) *MerchantRequest {
	request := MerchantRequest{ID: c.ids.Next(), Kind: kind, Message: message, Options: options, SentAt: c.now}
	c.fo.MerchantRequests = append(c.fo.MerchantRequests, request)
	c.result.RequestID = request.ID
	return &request
}

// lastAsked is the latest merchant request of this kind; nil: there was none.
func (fo *FulfillmentOrder) lastAsked(kind MerchantRequestKind) *MerchantRequest {
	for _, r := range slices.Backward(fo.MerchantRequests) {
		if r.Kind == kind {
			return &r
		}
	}
	return nil
}

// service is the service's name for people.
func (l AssignedLocation) service() string {
	if l.ServiceName != "" {
		return l.ServiceName
	}
	if l.Name != "" {
		return l.Name
	}
	return "the fulfillment service"
}

func (cmd *AcceptFulfillmentRequest) apply(c *change) *Error {
	if e := checkTime("estimatedShippedAt", cmd.EstimatedShippedAt); e != nil {
		return e
	}
	if e := tooLong(cmd.Message, maxMessage, "message"); e != nil {
		return e
	}
	if e := checkParts(cmd.Lines, VerbRejectFulfillmentRequest); e != nil {
		return e
	}
	if e := checkRejection(cmd.Reason, cmd.Rejected, "rejectedLineItems"); e != nil {
		return e
	}
	if e := mayAnswerRequest(c.fo, c.actor, "accept"); e != nil {
		return e
	}
	accepted, e := c.fo.takeParts(cmd.Lines)
	if e != nil {
		return e
	}
	if accepted == nil && (cmd.Reason != "" || len(cmd.Rejected) > 0) {
		return reasonsForNothing(cmd.Reason, "accepted")
	}
	if e := checkRest(c.fo, accepted, cmd.Rejected, "accepted"); e != nil {
		return e
	}
	if accepted != nil {
		c.leaveOut(accepted, noToRest{cmd.Reason, cmd.Message, cmd.Rejected})
	}
	c.accept(cmd.Message, cmd.EstimatedShippedAt, c.fo.AssignedLocation.service()+" accepted.")
	return nil
}

// reasonsForNothing refuses reasons for a rest where the service says yes to all; done is what becomes of that.
func reasonsForNothing(why RejectionReason, done string) *Error {
	field := "reason"
	if why == "" {
		field = "rejectedLineItems"
	}
	return refusal(
		CodeInvalid, []string{field},
		"is why units are not %s, and all are: name those that are %s (%s), or leave it out.",
		done, done, genericTexts.field[0],
	)
}

// checkRest refuses reasons about lines of which nothing is left when some units are taken: nil, if all are.
func checkRest(fo *FulfillmentOrder, taken units, rejected []RejectedLine, done string) *Error {
	rest := fo.rest(taken)
	for i, l := range rejected {
		field := []string{"rejectedLineItems", strconv.Itoa(i), "fulfillmentOrderLineItemId"}
		switch {
		case fo.line(l.LineID) == nil:
			return refusal(CodeLineItemNotFound, field, "Fulfillment order line item does not exist.")
		case rest[l.LineID] == 0:
			return refusal(CodeInvalid, field, "All units of line item %s are %s.", l.LineID, done)
		}
	}
	return nil
}

func (c *change) accept(message string, estimatedShippedAt *time.Time, reason string) {
	fo := c.fo
	fo.Status, fo.RequestStatus = StatusInProgress, RequestAccepted
	fo.AcceptBy, fo.EstimatedShippedAt = nil, estimatedShippedAt
	fo.dropEffects(EffectRequest) // A withdrawal under way stays: the provider's answer to it is still to come.
	details := &Details{Message: message, MerchantRequest: fo.lastAsked(RequestFulfillment)}
	if n := len(c.transitions); n > 0 && c.transitions[n-1].Kind == KindSplit { // The rest is left out.
		details.Lines = fo.quantities(fo.remaining())
	}
	c.transition(KindAccepted, reason, details, TopicRequestAccepted)
}

func (cmd *RejectFulfillmentRequest) apply(c *change) *Error {
	if e := cmd.check(); e != nil {
		return e
	}
	if e := mayAnswerRequest(c.fo, c.actor, "reject"); e != nil {
		return e
	}
	for _, l := range cmd.Lines {
		if c.fo.line(l.LineID) == nil {
			return refusal(CodeLineItemNotFound, []string{"lineItems"}, "Fulfillment order line item does not exist.")
		}
	}
	c.reject(cmd.Reason, cmd.Message, cmd.Lines)
	return nil
}

func (cmd *RejectFulfillmentRequest) check() *Error {
	if e := tooLong(cmd.Message, maxMessage, "message"); e != nil {
		return e
	}
	return checkRejection(cmd.Reason, cmd.Lines, "lineItems")
}

// checkRejection refuses reasons that no fulfillment order could keep; those about lines are in the field.
func checkRejection(why RejectionReason, lines []RejectedLine, field string) *Error {
	if why != "" && !slices.Contains(RejectionReasons, why) {
		return unknownWord([]string{"reason"}, "a rejection reason", why, RejectionReasons)
	}
	if len(lines) > MaxLines {
		return refusal(CodeInvalid, []string{field}, "There may be up to %d line items.", MaxLines)
	}
	seen := make(map[ID]bool, len(lines))
	for i, l := range lines {
		if e := tooLong(l.Message, maxText, field, strconv.Itoa(i), "message"); e != nil {
			return e
		}
		if seen[l.LineID] {
			return refusal(CodeDuplicateLines, []string{field}, "must contain unique line item ids")
		}
		seen[l.LineID] = true
	}
	return nil
}

// reject takes the service's no. What it says about single lines becomes a warning on them.
func (c *change) reject(why RejectionReason, message string, lines []RejectedLine) {
	fo := c.fo
	fo.Status, fo.RequestStatus, fo.AcceptBy = StatusOpen, RequestRejected, nil
	fo.dropEffects(EffectRequest)
	fo.warn(lines, message)
	reason := fo.AssignedLocation.service() + " rejected"
	if why != "" {
		reason += ": " + string(why)
	}
	details := &Details{
		Message: message, RejectionReason: why, Rejected: slices.Clone(lines),
		MerchantRequest: fo.lastAsked(RequestFulfillment),
	}
	c.transition(KindRejected, reason+".", details, TopicRequestRejected)
}

// warn notes on the lines what the service says about each.
func (fo *FulfillmentOrder) warn(lines []RejectedLine, message string) {
	for _, rejected := range lines {
		text := rejected.Message
		if text == "" {
			text = clip(message, maxText)
		}
		if line := fo.line(rejected.LineID); line != nil {
			line.Warnings = []Warning{{Title: "Rejected by " + fo.AssignedLocation.service(), Description: text}}
		}
	}
}

func (fo *FulfillmentOrder) clearWarnings() {
	for i := range fo.Lines {
		fo.Lines[i].Warnings = nil
	}
}

func joined[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = string(s)
	}
	return strings.Join(texts, ", ")
}
