package fulfillment

import "strings"

// Move assigns another location; with lines, only those units: they go to a sibling there.
//
// Callers give NewLocationID. The workflow looks the location up and fills in Location before it decides.
type Move struct {
	Meta
	NewLocationID ID                `json:"newLocationId"`
	Lines         []Quantity        `json:"fulfillmentOrderLineItems,omitempty"`
	Location      *AssignedLocation `json:"location,omitempty"`      // as looked up; nil: there is no such location
	UnstockedSKUs []string          `json:"unstockedSkus,omitempty"` // of this fulfillment order's lines, as looked up
}

// Verb is Move.
func (*Move) Verb() Verb { return VerbMove }

func mayMove(fo *FulfillmentOrder, _ Actor) *Error {
	switch {
	case fo.Status == StatusClosed, fo.Status == StatusScheduled:
		return invalidState("Cannot change location.")
	case fo.Status == StatusInProgress && fo.ProgressReported:
		return refusal(
			CodeProgressOnMove, []string{"id"},
			"Cannot move a fulfillment order that has had progress reported. To move a fulfillment order that has "+
				"had progress reported, the fulfillment order must first be marked as open resolving the ongoing "+
				"progress state.",
		)
	case fo.Status == StatusOnHold && fo.hasShippedUnits():
		// What is left would move as a sibling, and holds stay where they are: it would get rid of them.
		return notSplittable()
	case fo.withMerchant():
		return nil
	default:
		return invalidState("Cannot move submitted fulfillment order that is at a 3PL fulfillment service.")
	}
}

func notSplittable() *Error {
	return refusal(CodeNotSplittable, genericTexts.field, "The fulfillment order is not in a splittable state.")
}

func (cmd *Move) apply(c *change) *Error {
	fo := c.fo
	if e := genericTexts.check(cmd.Lines); e != nil {
		return e
	}
	if cmd.Location == nil {
		return refusal(CodeLocationNotFound, []string{"id"}, "Location not found.")
	}
	if e := mayMove(fo, c.actor); e != nil {
		return e
	}
	if cmd.Location.LocationID == fo.AssignedLocation.LocationID {
		return refusal(
			CodeInvalid, []string{"newLocationId"}, "The fulfillment order is already assigned to this location.",
		)
	}
	if len(cmd.UnstockedSKUs) > 0 {
		return invalidState(
			"Cannot move the fulfillment order: the location does not stock %s.",
			clip(strings.Join(cmd.UnstockedSKUs, ", "), maxText),
		)
	}
	moved := fo.remaining()
	if len(cmd.Lines) > 0 {
		var e *Error
		if moved, e = genericTexts.take(fo, cmd.Lines); e != nil {
			return e
		}
	}
	if fo.Status == StatusOnHold && len(fo.rest(moved)) > 0 {
		return notSplittable()
	}
	c.move(*cmd.Location, moved, cmd.Lines, "Moved to "+cmd.Location.Name+".")
	return nil
}

// move assigns another location to the units. What was not touched yet moves under its own ID; a part of it, or what
// is left of a partly shipped one, moves as a sibling. Requested is what the command named.
func (c *change) move(to AssignedLocation, moved units, requested []Quantity, reason string) {
	fo := c.fo
	from := fo.AssignedLocation
	details := &Details{Lines: fo.quantities(moved), Requested: requested, From: &from, To: &to}
	if !fo.hasShippedUnits() && len(fo.rest(moved)) == 0 {
		fo.AssignedLocation = to
		if fo.Status != StatusOnHold {
			fo.Status = StatusOpen
		}
		fo.RequestStatus = RequestUnsubmitted
		fo.RequestKey, fo.RequestReference, fo.RequestAttachments, fo.EstimatedShippedAt = "", "", nil, nil
		for i := range fo.Lines {
			fo.Lines[i].Warnings = nil
		}
		fo.unprepare()
		fo.dropEffects(EffectReroute)
	} else {
		s := c.breakOff(SiblingMoved, to, moved, false, "Moved from fulfillment order")
		details.went(s, SiblingMoved)
		if fo.RemainingUnits() == 0 {
			c.close()
		}
	}
	c.transition(KindMoved, reason, details, TopicMoved)
}
