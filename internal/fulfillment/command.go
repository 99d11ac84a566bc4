package fulfillment

import (
	"slices"
	"strconv"
	"time"
)

// RepeatableFor is how long what was sent may be sent again, at the least, and gets the first answer: an idempotency
// key of the API is remembered for this long. A command ID is remembered for good once the command was carried out.
const RepeatableFor = 24 * time.Hour

// Verb names a command: it is the name of the Temporal update and of the signal.
type Verb string

// The verbs that callers use.
const (
	VerbSubmitFulfillmentRequest  Verb = "SubmitFulfillmentRequest"
	VerbAcceptFulfillmentRequest  Verb = "AcceptFulfillmentRequest"
	VerbRejectFulfillmentRequest  Verb = "RejectFulfillmentRequest"
	VerbSubmitCancellationRequest Verb = "SubmitCancellationRequest"
	VerbAcceptCancellationRequest Verb = "AcceptCancellationRequest"
	VerbRejectCancellationRequest Verb = "RejectCancellationRequest"
	VerbHold                      Verb = "Hold"
	VerbReleaseHold               Verb = "ReleaseHold"
	VerbCancel                    Verb = "Cancel"
	VerbClose                     Verb = "Close"
	VerbOpen                      Verb = "Open"
	VerbReschedule                Verb = "Reschedule"
	VerbReportProgress            Verb = "ReportProgress"
	VerbSetDeadline               Verb = "SetDeadline"
	VerbMove                      Verb = "Move"
	VerbSplit                     Verb = "Split"
	VerbCreateFulfillment         Verb = "CreateFulfillment"
	VerbCancelFulfillment         Verb = "CancelFulfillment"
	VerbUpdateTracking            Verb = "UpdateTracking"
	VerbRecordEvent               Verb = "RecordEvent"

	VerbLineItemsPreparedForPickup        Verb = "LineItemsPreparedForPickup"
	VerbLineItemsPreparedForLocalDelivery Verb = "LineItemsPreparedForLocalDelivery"
)

// The verbs of Packhorse's own follow-ups: CancelUnits and Update come from the order, the others from the workflow
// itself.
const (
	VerbCancelUnits    Verb = "CancelUnits"
	VerbUpdateOrder    Verb = "Update"
	VerbTick           Verb = "Tick"
	VerbProviderAnswer Verb = "ProviderAnswer"
)

// Meta is what every command carries beside its own fields. All of it may be left out.
type Meta struct {
	CommandID string `json:"commandId,omitempty"` // idempotency key; default: the Temporal update's ID
	Actor     Actor  `json:"actor,omitzero"`      // default: an operator
	// FirstID is the first of the sender's block of new IDs, see [Minter]; default: minted by the workflow.
	FirstID ID `json:"firstId,omitempty"`
	// ForRequest is the idempotency key of the request that the command is about: it is refused once the fulfillment
	// order has another, as an answer that comes late must not be taken for one to the next request. Empty: whatever
	// request there is.
	ForRequest string `json:"forRequest,omitempty"`
}

// Envelope is the command's own Meta, to read and to fill in.
func (m *Meta) Envelope() *Meta { return m }

// check refuses an envelope that a transition could not hold, and an actor of whom nobody knows what it may do.
func (m *Meta) check() *Error {
	if !slices.Contains(roles, m.Actor.role()) {
		return unknownWord([]string{"actor", "role"}, "a role", m.Actor.Role, roles)
	}
	if m.FirstID < 0 || m.FirstID > maxFirstID {
		return refusal(CodeInvalid, []string{"firstId"}, "First ID must be from 1 to %d, or left out.", maxFirstID)
	}
	if e := tooLong(m.CommandID, maxText, "commandId"); e != nil {
		return e
	}
	if e := tooLong(m.ForRequest, maxText, "forRequest"); e != nil {
		return e
	}
	if e := tooLong(m.Actor.App, maxText, "actor", "app"); e != nil {
		return e
	}
	return tooLong(m.Actor.Name, maxText, "actor", "name")
}

// fits refuses a command about a request that is not the present one.
func (m *Meta) fits(fo *FulfillmentOrder) *Error {
	if m.ForRequest == "" || m.ForRequest == fo.RequestKey {
		return nil
	}
	return refusal(
		CodeInvalidState, []string{"forRequest"}, "It is about request %s, which is not the present one.",
		quoted(m.ForRequest),
	)
}

// Command is something that somebody asks of one fulfillment order. The implementations are this package's structs,
// named like their verbs; their JSON is the payload of the Temporal update and signal.
type Command interface {
	Verb() Verb
	Envelope() *Meta
	apply(c *change) *Error
}

// commands makes an empty command for every verb, in the order in which people look for them.
var commands = []func() Command{
	func() Command { return &SubmitFulfillmentRequest{} },
	func() Command { return &AcceptFulfillmentRequest{} },
	func() Command { return &RejectFulfillmentRequest{} },
	func() Command { return &SubmitCancellationRequest{} },
	func() Command { return &AcceptCancellationRequest{} },
	func() Command { return &RejectCancellationRequest{} },
	func() Command { return &PlaceHold{} },
	func() Command { return &ReleaseHold{} },
	func() Command { return &Cancel{} },
	func() Command { return &Close{} },
	func() Command { return &Open{} },
	func() Command { return &Reschedule{} },
	func() Command { return &ReportProgress{} },
	func() Command { return &SetDeadline{} },
	func() Command { return &Move{} },
	func() Command { return &Split{} },
	func() Command { return &LineItemsPreparedForPickup{} },
	func() Command { return &LineItemsPreparedForLocalDelivery{} },
	func() Command { return &CreateFulfillment{} },
	func() Command { return &CancelFulfillment{} },
	func() Command { return &UpdateTracking{} },
	func() Command { return &RecordEvent{} },
	func() Command { return &CancelUnits{} },
}

// SignalID is the command ID of a signal that came without one, the n-th with this verb to a workflow run: the same
// when a task that took it was lost. Signals of one verb keep their order; those of different verbs are taken verb by
// verb, so one that arrives later may be taken before.
func SignalID(runID string, verb Verb, n int) string {
	return SignalIDPrefix(runID) + string(verb) + "/" + strconv.Itoa(n)
}

// SignalIDOfAny is what [SignalID] was before, by the place among all signals to the run.
func SignalIDOfAny(runID string, n int) string { return SignalIDPrefix(runID) + strconv.Itoa(n) }

// SignalIDPrefix is what the IDs of all signals to a run begin with, see [SignalID].
func SignalIDPrefix(runID string) string { return "signal/" + runID + "/" }

// Verbs lists the verbs of all commands that can be sent, in a fixed order.
func Verbs() []Verb {
	verbs := make([]Verb, len(commands))
	for i, make := range commands {
		verbs[i] = make().Verb()
	}
	return verbs
}

// NewCommand is an empty command of this verb, to be filled from JSON; nil if there is no such verb.
func NewCommand(verb Verb) Command {
	for _, make := range commands {
		if c := make(); c.Verb() == verb {
			return c
		}
	}
	return nil
}

// Result is the short answer to a command; the store has the rest.
type Result struct {
	FulfillmentOrderID ID            `json:"fulfillmentOrderId"`
	Sequence           int64         `json:"sequence"` // of the last transition that the answer contains
	Status             Status        `json:"status"`
	RequestStatus      RequestStatus `json:"requestStatus"`
	SiblingID          ID            `json:"siblingId,omitempty"`   // the new fulfillment order, whatever its role
	SiblingRole        SiblingRole   `json:"siblingRole,omitempty"` // what the sibling is to this one
	HoldID             ID            `json:"holdId,omitempty"`
	RequestID          ID            `json:"merchantRequestId,omitempty"`
	FulfillmentID      ID            `json:"fulfillmentId,omitempty"`
	EventID            ID            `json:"eventId,omitempty"`
}

// SiblingRole says what a new fulfillment order is to the one that it came from.
type SiblingRole string

// The sibling roles, named after the payload fields of Shopify's mutations.
const (
	SiblingUnsubmitted SiblingRole = "UNSUBMITTED" // the rest of a partial request
	SiblingRemaining   SiblingRole = "REMAINING"   // the rest of a partial hold; the split-out part of a split
	SiblingReplacement SiblingRole = "REPLACEMENT" // what takes the place of a cancelled one
	SiblingMoved       SiblingRole = "MOVED"       // the part that moved to another location
	SiblingMerged      SiblingRole = "MERGED"      // the one that took units over
	SiblingRejected    SiblingRole = "REJECTED"    // what the service did not accept of a request
	SiblingCancelled   SiblingRole = "CANCELLED"   // what the service stopped of a request
	SiblingReopened    SiblingRole = "REOPENED"    // units of a cancelled fulfillment of a closed fulfillment order
)

// Answered remembers a command and what it was answered, so that a repeated one is answered the same.
type Answered struct {
	CommandID   string `json:"commandId"`
	Fingerprint string `json:"fingerprint"`
	Result      Result `json:"result"`
}

// RecentAnswers is how many answers travel with the state. Older ones are found in the store by their command ID.
const RecentAnswers = 50
