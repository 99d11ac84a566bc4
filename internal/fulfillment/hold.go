package fulfillment

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Hold keeps a fulfillment order from being worked on; or says why the service that works on it does not ship, see
// [FulfillmentOrder.Reports].
type Hold struct {
	ID          ID         `json:"id"`
	Reason      HoldReason `json:"reason"`
	ReasonNotes string     `json:"reasonNotes,omitempty"`
	Handle      string     `json:"handle"`               // unique per app and fulfillment order; "" counts
	HeldBy      Actor      `json:"heldBy"`               // the app that owns it
	ExternalID  string     `json:"externalId,omitempty"` // the app's own tracking ID
	HeldAt      time.Time  `json:"heldAt"`
	ExpiresAt   *time.Time `json:"expiresAt,omitempty"` // released by itself at this time
}

// PlaceHold puts a fulfillment order on hold (verb "Hold"); with lines, only those units: the rest goes to a sibling.
type PlaceHold struct {
	Meta
	Reason         HoldReason `json:"reason"`
	ReasonNotes    string     `json:"reasonNotes,omitempty"`
	NotifyMerchant bool       `json:"notifyMerchant,omitempty"`
	ExternalID     string     `json:"externalId,omitempty"`
	Handle         string     `json:"handle,omitempty"`
	Lines          []Quantity `json:"fulfillmentOrderLineItems,omitempty"`
	ExpiresAt      *time.Time `json:"expiresAt,omitempty"`
}

// ReleaseHold releases holds: those named; or, without names, all of the app's own (OwnOnly) or all of every app.
// Handles leaves out those with other handles: who has placed a hold knows its handle before anybody knows its ID.
type ReleaseHold struct {
	Meta
	HoldIDs    []ID     `json:"holdIds,omitzero"`
	Handles    []string `json:"handles,omitzero"`
	OwnOnly    bool     `json:"ownOnly,omitempty"`
	ExternalID string   `json:"externalId,omitempty"`
}

// Verb is Hold.
func (*PlaceHold) Verb() Verb { return VerbHold }

// Verb is ReleaseHold.
func (*ReleaseHold) Verb() Verb { return VerbReleaseHold }

var holdTexts = quantityTexts{
	field:    []string{"fulfillmentHold", "fulfillmentOrderLineItems"},
	zero:     &Error{Code: CodeGreaterThanZero, Message: "You must select at least one item to place on partial hold."},
	tooMany:  &Error{Code: CodeInvalidLineItem, Message: "Invalid fulfillment order line item quantity requested."},
	fullPath: true,
}

// WithService tells whether the service has accepted the units and works on them.
func (fo *FulfillmentOrder) WithService() bool {
	return fo.in(StatusInProgress, RequestAccepted, RequestCancellationRequested, RequestCancellationRejected)
}

// Reports tells whether a hold of the actor's would be news of the service's own system about work that it has
// accepted. Such a hold is recorded and forbids nothing: the statuses stay as they are, and it ends with the work.
// Nobody else can hold what is being worked on.
func (fo *FulfillmentOrder) Reports(by Actor) bool {
	at := fo.AssignedLocation
	return fo.WithService() && at.Automated() && by.role() == RoleService && by.ServiceID == at.ServiceID &&
		by.App == at.Provider
}

// mayHold also counts the app's holds: an app with ten of them can't add another.
func mayHold(fo *FulfillmentOrder, by Actor) *Error {
	if !fo.withMerchant() && !fo.Reports(by) {
		return heldElsewhere()
	}
	own := 0
	for _, h := range fo.Holds {
		if h.HeldBy.App == by.App {
			own++
		}
	}
	if own >= maxHoldsPerApp {
		return refusal(
			CodeHoldLimit, []string{"id"},
			"The maximum number of fulfillment holds for this fulfillment order has been reached for this app. An "+
				"app can only have up to %d holds on a single fulfillment order at any one time.",
			maxHoldsPerApp,
		)
	}
	return nil
}

func heldElsewhere() *Error {
	return invalidState("Cannot place a hold on a fulfillment order in this state.")
}

func mayReleaseHold(fo *FulfillmentOrder, _ Actor) *Error {
	if len(fo.Holds) == 0 {
		return invalidState("The fulfillment order is not on hold.")
	}
	return nil
}

// check refuses what no state could allow. It comes first, as in the source: a repeated line is reported even when
// the limit of holds is reached.
func (cmd *PlaceHold) check(now time.Time) *Error {
	if e := holdTexts.check(cmd.Lines); e != nil {
		return e
	}
	if _, ok := HoldReasons[cmd.Reason]; !ok {
		reasons := slices.Sorted(maps.Keys(HoldReasons))
		return unknownWord([]string{"fulfillmentHold", "reason"}, "a hold reason", cmd.Reason, reasons)
	}
	if e := tooLong(cmd.Handle, maxHoldHandleLength, "fulfillmentHold", "handle"); e != nil {
		return e
	}
	if e := tooLong(cmd.ReasonNotes, maxMessage, "fulfillmentHold", "reasonNotes"); e != nil {
		return e
	}
	if e := tooLong(cmd.ExternalID, maxText, "fulfillmentHold", "externalId"); e != nil {
		return e
	}
	if cmd.ExpiresAt != nil && !cmd.ExpiresAt.After(now) {
		return refusal(CodeInvalid, []string{"fulfillmentHold", "expiresAt"}, "Expires at must be in the future.")
	}
	return nil
}

func (cmd *PlaceHold) apply(c *change) *Error {
	if e := checkTime("expiresAt", cmd.ExpiresAt); e != nil {
		return e
	}
	fo := c.fo
	if e := cmd.check(c.now); e != nil {
		return e
	}
	if e := mayHold(fo, c.actor); e != nil {
		return e
	}
	if c.noReports && fo.Reports(c.actor) {
		return heldElsewhere()
	}
	for _, h := range fo.Holds {
		if h.HeldBy.App == c.actor.App && h.Handle == cmd.Handle {
			return refusal(
				CodeDuplicateHandle, []string{"fulfillmentHold", "handle"},
				"The handle provided for the fulfillment hold is already in use by this app for another hold on "+
					"this fulfillment order.",
			)
		}
	}
	held := fo.remaining()
	if len(cmd.Lines) > 0 {
		if fo.Status == StatusOnHold || fo.WithService() {
			return refusal(CodeNotSplittable, holdTexts.field, "The fulfillment order is not in a splittable state.")
		}
		var e *Error
		if held, e = holdTexts.take(fo, cmd.Lines); e != nil {
			return e
		}
	}
	c.hold(Hold{
		HeldBy: c.actor, Reason: cmd.Reason, ReasonNotes: cmd.ReasonNotes,
		Handle: cmd.Handle, ExternalID: cmd.ExternalID, ExpiresAt: cmd.ExpiresAt,
	}, held, cmd.Lines)
	return nil
}

// hold puts a hold on the units; the rest goes to a sibling that stays open. Requested is what the command named. A
// service that works on them only says so.
func (c *change) hold(h Hold, held units, requested []Quantity) {
	fo := c.fo
	details := &Details{Lines: fo.quantities(held), Requested: requested}
	if rest := fo.rest(held); len(rest) > 0 {
		s := c.breakOff(SiblingRemaining, fo.AssignedLocation, rest, false, "Not part of the hold on fulfillment order")
		details.went(s, SiblingRemaining)
		if !c.apart {
			fo.HeldApart = s.ID
		}
	}
	topics := []string{TopicHoldAdded}
	reported := fo.WithService()
	if len(fo.Holds) == 0 && !reported {
		topics = append(topics, TopicPlacedOnHold)
	}
	h.ID, h.HeldAt = c.ids.Next(), c.now
	details.Hold = &h
	fo.Holds = append(fo.Holds, h)
	details.Holds = slices.Clone(fo.Holds)
	if !reported {
		fo.Status, fo.RequestStatus, fo.ProgressReported = StatusOnHold, RequestUnsubmitted, false
	}
	c.result.HoldID = h.ID
	reason := HoldReasons[h.Reason] + "."
	if reported {
		reason = fo.AssignedLocation.service() + " does not ship: " + strings.ToLower(reason)
	}
	c.transition(KindHeld, reason, details, topics...)
}

func (cmd *ReleaseHold) apply(c *change) *Error {
	fo := c.fo
	if len(cmd.HoldIDs) > MaxLines {
		return refusal(CodeInvalid, []string{"holdIds"}, "There may be up to %d hold IDs.", MaxLines)
	}
	if len(cmd.Handles) > MaxLines {
		return refusal(CodeInvalid, []string{"handles"}, "There may be up to %d handles.", MaxLines)
	}
	if e := mayReleaseHold(fo, c.actor); e != nil {
		return e
	}
	var unknown []string
	for _, id := range cmd.HoldIDs {
		if !slices.ContainsFunc(fo.Holds, func(h Hold) bool { return h.ID == id }) {
			unknown = append(unknown, id.String())
		}
	}
	if len(unknown) > 0 {
		return refusal(
			CodeHoldNotFound, []string{"holdIds"}, "There is no hold %s on this fulfillment order.",
			strings.Join(unknown, ", "),
		)
	}
	release := func(h Hold) bool {
		return (len(cmd.HoldIDs) == 0 || slices.Contains(cmd.HoldIDs, h.ID)) &&
			(len(cmd.Handles) == 0 || slices.Contains(cmd.Handles, h.Handle)) &&
			(!cmd.OwnOnly || h.HeldBy.App == c.actor.App)
	}
	if len(cmd.Handles) > 0 && !slices.ContainsFunc(fo.Holds, release) {
		return refusal(CodeHoldNotFound, []string{"handles"}, "There is no hold with such a handle to release.")
	}
	c.release(release, "Released.")
	return nil
}

// release ends the holds that are chosen, one transition each. When the last one ends, work may start, if the service
// is not at it.
func (c *change) release(chosen func(Hold) bool, reason string) {
	fo := c.fo
	for i := 0; i < len(fo.Holds); {
		h := fo.Holds[i]
		if !chosen(h) {
			i++
			continue
		}
		fo.Holds = slices.Delete(fo.Holds, i, i+1)
		topics := []string{TopicHoldEnded}
		apart := ID(0)
		if len(fo.Holds) == 0 {
			fo.Holds = nil
		}
		if len(fo.Holds) == 0 && fo.Status == StatusOnHold {
			fo.Status, fo.RequestStatus = StatusOpen, RequestUnsubmitted
			apart, fo.HeldApart = fo.HeldApart, 0
			topics = append(topics, TopicHoldReleased)
		}
		c.transition(KindHoldReleased, reason, &Details{Hold: &h, Holds: slices.Clone(fo.Holds)}, topics...)
		if apart != 0 {
			c.effect(Effect{Kind: EffectFold, For: apart.String()})
		}
	}
}

// endReports releases what the service has told of work that it is not at any more: a transition each, before the one
// that ends the work.
func (c *change) endReports() {
	fo := c.fo
	if len(fo.Holds) == 0 || fo.Status == StatusOnHold || fo.WithService() {
		return
	}
	holds := fo.Holds
	fo.Holds = nil
	for i, h := range holds {
		after := c.before
		after.Holds = len(holds) - i - 1
		c.record(
			after, KindHoldReleased, "The work has ended.", &Details{Hold: &h, Holds: slices.Clone(holds[i+1:])},
			TopicHoldEnded,
		)
	}
}
