package returns

import (
	"fmt"
	"maps"
	"slices"

	"packhorse/internal/fulfillment"
)

// Approve lets what was asked for come back (returnApproveRequest). What is declined of it, is so for good: it can be
// asked for anew.
type Approve struct {
	fulfillment.Meta
	Declined []DeclinedUnits `json:"declinedReturnLineItems,omitempty"` // default: nothing
	Expected
	Notify bool `json:"notifyCustomer,omitempty"`
}

// DeclinedUnits is a part of a request that is not approved.
type DeclinedUnits struct {
	ReturnLineID fulfillment.ID `json:"returnLineItemId"`
	Quantity     int            `json:"quantity,omitempty"` // default: all of the line
	Reason       DeclineReason  `json:"declineReason"`
	Note         string         `json:"declineNote,omitempty"`
}

// Decline refuses what was asked for, all of it (returnDeclineRequest).
type Decline struct {
	fulfillment.Meta
	Reason DeclineReason `json:"declineReason"`
	Note   string        `json:"declineNote,omitempty"`
	Notify bool          `json:"notifyCustomer,omitempty"`
}

// Verb is Approve.
func (*Approve) Verb() Verb { return VerbApprove }

// Verb is Decline.
func (*Decline) Verb() Verb { return VerbDecline }

func (*Approve) target() []string { return []string{requestInput, "id"} }
func (*Decline) target() []string { return []string{requestInput, "id"} }

func (cmd *Approve) may(r *Return) *fulfillment.Error {
	if r.Status == StatusRequested {
		return nil
	}
	return refusal(
		CodeInvalidState, cmd.target(),
		"Return is not approvable. Only returns with status REQUESTED can be approved.",
	)
}

func (cmd *Decline) may(r *Return) *fulfillment.Error {
	switch r.Status {
	case StatusRequested:
		return nil
	case StatusDeclined:
		return refusal(CodeInvalidState, cmd.target(), "The return is already declined.")
	}
	return refusal(
		CodeInvalidState, cmd.target(),
		"Return is not declinable. Only non-refunded returns with status REQUESTED can be declined.",
	)
}

func (cmd *Approve) apply(c *change) *fulfillment.Error {
	r := c.r
	if refused := cmd.may(r); refused != nil {
		return refused
	}
	if refused := c.expect(cmd.Expected, requestInput); refused != nil {
		return refused
	}
	if refused := c.declineUnits(cmd.Declined); refused != nil {
		return refused
	}
	r.ApprovedAt = new(c.now)
	c.open()
	reason := "The request was approved."
	if n := len(r.DeclinedLines); n > 0 {
		reason = fmt.Sprintf("A part of the request was approved: %s of %s.", units(r.Units()), units(c.before.Units))
	}
	c.transition(KindApproved, reason, &Details{
		Lines: r.quantities(), Made: r.made(), DeclinedLines: r.DeclinedLines, ExpectedBy: r.ExpectedBy,
		Notify: cmd.Notify,
	}, TopicApprove)
	return nil
}

// declineUnits takes what is not approved out of the return.
func (c *change) declineUnits(declined []DeclinedUnits) *fulfillment.Error {
	r, field := c.r, at(requestInput, "declinedReturnLineItems")
	if refused := tooMany(len(declined), field); refused != nil {
		return refused
	}
	var wrong problems
	for i, d := range declined {
		here := at(field, i)
		l := r.line(d.ReturnLineID)
		if l == nil {
			wrong.add(refusal(CodeNotFound, at(here, "returnLineItemId"), lineNotFound))
			continue
		}
		n := d.Quantity
		if n == 0 {
			n = l.Quantity
		}
		if n <= 0 || n > l.Quantity {
			wrong.add(refusal(CodeInvalid, at(here, "quantity"), invalidQuantity))
			continue
		}
		if refused := checkDecline(d.Reason, d.Note, here); refused != nil {
			wrong.add(refused)
			continue
		}
		l.Quantity -= n
		r.DeclinedLines = append(r.DeclinedLines, DeclinedLine{
			ReturnLineID: l.ID, FulfillmentLineID: l.FulfillmentLineID, Quantity: n, Reason: d.Reason, Note: d.Note,
		})
	}
	if refused := wrong.refused(); refused != nil {
		return refused
	}
	r.Lines = slices.DeleteFunc(r.Lines, func(l Line) bool { return l.Quantity == 0 })
	if len(r.Lines) == 0 {
		return refusal(CodeInvalid, field, "Nothing is left to approve. Decline the request instead.")
	}
	return nil
}

func checkDecline(reason DeclineReason, note string, field []string) *fulfillment.Error {
	if _, known := DeclineReasons[reason]; !known {
		return unknownWord(
			at(field, "declineReason"), "a decline reason", reason, slices.Sorted(maps.Keys(DeclineReasons)),
		)
	}
	return tooLong(note, maxDeclineNote, at(field, "declineNote"))
}

func (cmd *Decline) apply(c *change) *fulfillment.Error {
	if refused := cmd.may(c.r); refused != nil {
		return refused
	}
	if refused := checkDecline(cmd.Reason, cmd.Note, at(requestInput)); refused != nil {
		return refused
	}
	c.r.Status, c.r.Decline = StatusDeclined, &Declined{Reason: cmd.Reason, Note: cmd.Note}
	c.transition(
		KindDeclined, "The request was declined: "+DeclineReasons[cmd.Reason]+".",
		&Details{Lines: c.r.quantities(), Decline: c.r.Decline, Notify: cmd.Notify}, TopicDecline,
	)
	return nil
}

// units is a number of units in words.
func units(n int) string {
	if n == 1 {
		return "1 unit"
	}
	return fmt.Sprintf("%d units", n)
}
