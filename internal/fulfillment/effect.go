package fulfillment

import (
	"fmt"
	"strings"
	"time"
)

// EffectKind says what a provider is called for.
type EffectKind string

// The kinds of effects.
const (
	EffectRequest  EffectKind = "REQUEST"  // take the request on
	EffectCancel   EffectKind = "CANCEL"   // stop: the answer decides the cancellation request
	EffectWithdraw EffectKind = "WITHDRAW" // forget a request that was not answered yet
	EffectReturn   EffectKind = "RETURN"   // bring shipped units back
	EffectReroute  EffectKind = "REROUTE"  // not a provider's: find the next location and move there
	EffectFold     EffectKind = "FOLD"     // not a provider's: take what a partial hold left out back
)

// EffectStatus says how far an effect has come.
type EffectStatus string

// The effect statuses. An effect that is answered leaves the list.
const (
	EffectDue     EffectStatus = "DUE"     // to be called; the intent is committed before the call
	EffectWaiting EffectStatus = "WAITING" // the provider took it and will answer later
	EffectUnknown EffectStatus = "UNKNOWN" // no answer came: look up by key, adopt what is there, only then try again
	EffectParked  EffectStatus = "PARKED"  // a person must look: more than one effect found, or a permanent error
)

// Effect is something that must happen exactly once outside. Its Key goes to the provider as idempotency key.
type Effect struct {
	Key       string       `json:"key"` // see [EffectKey]
	Kind      EffectKind   `json:"kind"`
	Status    EffectStatus `json:"status"`
	Provider  string       `json:"provider,omitempty"`
	Reference string       `json:"reference,omitempty"` // the provider's own name for it
	// For is the key of the request that a CANCEL or WITHDRAW is about, or the fulfillment order that a FOLD takes
	// back.
	For     string       `json:"for,omitempty"`
	Then    AcceptPolicy `json:"then,omitempty"`    // what follows a WITHDRAW that the accept policy asked for
	Problem string       `json:"problem,omitempty"` // why it is UNKNOWN or PARKED
	Since   time.Time    `json:"since"`
	// Again is the sequence of the last RESTORED transition that made it UNKNOWN: the provider may have answered in the
	// time that the database has lost, and tells it to nobody twice. 0: there was none.
	Again int64 `json:"again,omitempty"`
}

// AnswerID is the command ID of the provider's answer. Once nobody knew whether the effect happened, the next answer is
// another; and another again each time that the database was set back.
func (e Effect) AnswerID() string {
	switch {
	case e.Status != EffectUnknown:
		return e.Key + "/answer"
	case e.Again == 0:
		return e.Key + "/found"
	}
	return fmt.Sprintf("%s/found@%d", e.Key, e.Again)
}

// IsAnswerTo tells whether a command ID is that of a provider's answer to the effect of this key.
func IsAnswerTo(key, commandID string) bool {
	return commandID == key+"/answer" || commandID == key+"/found" || strings.HasPrefix(commandID, key+"/found@")
}

// Outcome is what a provider's answer means.
type Outcome string

// The outcomes.
const (
	OutcomeAccepted Outcome = "ACCEPTED"
	OutcomeRejected Outcome = "REJECTED"
	OutcomePending  Outcome = "PENDING" // taken; the answer comes later as a command of the service
	OutcomeUnknown  Outcome = "UNKNOWN" // nobody can tell whether it happened
	OutcomeParked   Outcome = "PARKED"  // a person must look
)

// ProviderAnswer is a provider's answer to an effect: Packhorse's own command.
type ProviderAnswer struct {
	Meta
	Key                string            `json:"key"`
	Outcome            Outcome           `json:"outcome"`
	Reference          string            `json:"reference,omitempty"`
	Reason             RejectionReason   `json:"reason,omitempty"`
	Message            string            `json:"message,omitempty"`
	Lines              []RejectedLine    `json:"lineItems,omitempty"`
	EstimatedShippedAt *time.Time        `json:"estimatedShippedAt,omitempty"`
	Location           *AssignedLocation `json:"location,omitempty"` // REROUTE: where to; nil: nowhere, it stays
	// RequestKey is the key under which the provider has what a REQUEST asks for, when that is an earlier one: the
	// database was set back, and what was asked for before stands. Empty: the effect's own.
	RequestKey string `json:"requestKey,omitempty"`
	// Accepted are the units that a yes is about, where it is not about all of them; nil: it is. None: it is a no.
	// Lines then says why it is not about the others.
	Accepted []Quantity `json:"accepted,omitzero"`
	Attachments
}

// CallDetails is what a call to a provider needs beside the fulfillment order, which holds no personal data.
type CallDetails struct {
	ServiceOptions map[string]any // of the service that runs the location; nil: there is none, or it has none
	Destination    *Address       // the order's; nil: it has none
	Lost           []LostCall     // calls for the order that the store had lost, the newest first
	CurrencyCode   string         // of the order's prices; empty: it says none
	From           *Address       // the location's, with its name as the company; nil: it has none
	Lines          []CallLine     // of the order
	// ShippingOption is how the order is to be shipped; nil: as the service is configured.
	ShippingOption *ShippingOption
}

// CallLine is what carriers and customs ask of one unit of an order line. What is left out the order does not say.
type CallLine struct {
	ID                   ID      `json:"id"`                             // of the order line
	UnitPrice            string  `json:"unitPrice,omitempty"`            // see [LineItem]
	Weight               *Weight `json:"weight,omitempty"`               // likewise
	HarmonizedSystemCode string  `json:"harmonizedSystemCode,omitempty"` // likewise
	CountryCodeOfOrigin  string  `json:"countryCodeOfOrigin,omitempty"`  // likewise
}

// Line is what there is to say of an order line.
func (d CallDetails) Line(id ID) CallLine {
	for _, l := range d.Lines {
		if l.ID == id {
			return l
		}
	}
	return CallLine{ID: id}
}

// LostCall is a call to a provider of a fulfillment order that the store had lost: the provider may have it.
type LostCall struct {
	FulfillmentOrderID ID     `json:"fulfillmentOrderId"`
	Call               Asked  `json:"call"`
	ClaimedBy          string `json:"claimedBy,omitempty"` // key of the effect that it was taken for; empty: none
}
