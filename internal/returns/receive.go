package returns

import (
	"slices"

	"packhorse/internal/fulfillment"
)

// Receive says what came in a parcel, as it is scanned at the door and before anybody has looked at it closely: that is
// counted apart from what is processed. What was not as announced are differences, which change no quantity of the
// return. A closed return is opened again by it: goods are there that somebody has to see to.
type Receive struct {
	fulfillment.Meta
	Lines       []ReceivedUnits   `json:"returnLineItems,omitempty"` // units that came, whatever their condition
	Differences []DifferenceInput `json:"differences,omitempty"`
	DeliveryID  fulfillment.ID    `json:"reverseDeliveryId,omitempty"`
	LocationID  fulfillment.ID    `json:"locationId,omitempty"` // default: where the return comes to
	Note        string            `json:"note,omitempty"`
}

// ReceivedUnits is units of a return line that came.
type ReceivedUnits struct {
	ReturnLineID fulfillment.ID `json:"returnLineItemId"`
	Quantity     int            `json:"quantity"`
}

// DifferenceInput is something that was not as announced.
type DifferenceInput struct {
	ReturnLineID fulfillment.ID `json:"returnLineItemId,omitempty"` // may be left out if the return has one line
	Kind         DifferenceKind `json:"kind"`
	Quantity     int            `json:"quantity"`
	SKU          string         `json:"sku,omitempty"` // OTHER_ITEM: what came instead
	Note         string         `json:"note,omitempty"`
}

// Verb is Receive.
func (*Receive) Verb() Verb { return VerbReceive }

func (*Receive) target() []string { return []string{"returnId"} }

func (cmd *Receive) may(r *Return) *fulfillment.Error {
	if r.Status == StatusOpen || r.Status == StatusClosed && len(r.Lines) > 0 {
		return nil
	}
	return refusal(
		CodeInvalidState, cmd.target(), "Nothing is expected back for return %s, which is %s. Make a return for what "+
			"came, or approve the request.", r.Name, r.Status,
	)
}

// already is so that a closed return does not offer what opens it again.
func (*Receive) already(r *Return) string {
	if r.Status == StatusClosed {
		return "Return " + r.Name + " is closed."
	}
	return ""
}

func (cmd *Receive) apply(c *change) *fulfillment.Error {
	r := c.r
	if refused := cmd.may(r); refused != nil {
		return refused
	}
	field, differences := at("returnLineItems"), at("differences")
	if len(cmd.Lines)+len(cmd.Differences) == 0 {
		return refusal(CodeBlank, field, "Name what came, or in what it differs.")
	}
	if refused := tooMany(max(len(cmd.Lines), len(cmd.Differences)), field); refused != nil {
		return refused
	}
	var wrong problems
	if cmd.DeliveryID != 0 && r.delivery(cmd.DeliveryID) == nil {
		wrong.add(DeliveryNotFound())
	}
	if cmd.LocationID != 0 && !slices.Contains(c.facts.Locations, cmd.LocationID) {
		wrong.add(refusal(CodeNotFound, at("locationId"), "Location not found."))
	}
	wrong.add(tooLong(cmd.Note, maxNote, at("note")))
	details := &Details{DeliveryID: cmd.DeliveryID, LocationID: cmd.LocationID, Note: cmd.Note}
	if details.LocationID == 0 {
		details.LocationID = r.Destination.LocationID
	}
	for i, in := range cmd.Lines {
		wrong.add(c.receive(in, at(field, i), details))
	}
	for i, in := range cmd.Differences {
		wrong.add(c.differ(in, at(differences, i), details))
	}
	if refused := wrong.refused(); refused != nil {
		return refused
	}
	if r.Status == StatusClosed {
		c.reopen("A parcel came for the closed return.")
	}
	n := r.ReceivedUnits() - c.before.Received
	reason := units(n) + " came back."
	if len(cmd.Differences) > 0 {
		reason = units(n) + " came back, and not all was as announced."
	}
	c.transition(KindReceived, reason, details, TopicUpdate)
	return nil
}

// receive counts units that came. More than the line has is a difference, not a unit of it.
func (c *change) receive(in ReceivedUnits, field []string, details *Details) *fulfillment.Error {
	l := c.r.line(in.ReturnLineID)
	switch {
	case l == nil:
		return refusal(CodeNotFound, at(field, "returnLineItemId"), lineNotFound)
	case in.Quantity <= 0:
		return refusal(CodeGreaterThan, at(field, "quantity"), "Quantity must be greater than 0")
	case in.Quantity > l.Quantity-l.Received:
		return refusal(
			CodeInvalid, at(field, "quantity"), "%s invalid: %d of %d are still to come. Name what is too much as a "+
				"difference of kind EXCESS.", "Quantity is", l.Quantity-l.Received, l.Quantity,
		)
	}
	l.Received += in.Quantity
	l.settleShort()
	details.Lines = append(details.Lines, Quantity{ID: l.ID, Quantity: in.Quantity})
	return nil
}

// differ notes a difference.
func (c *change) differ(in DifferenceInput, field []string, details *Details) *fulfillment.Error {
	l := c.r.line(in.ReturnLineID)
	if in.ReturnLineID == 0 && len(c.r.Lines) == 1 {
		l = &c.r.Lines[0]
	}
	if l == nil {
		return refusal(CodeNotFound, at(field, "returnLineItemId"), lineNotFound)
	}
	if !slices.Contains(DifferenceKinds, in.Kind) {
		return unknownWord(at(field, "kind"), "a kind of difference", in.Kind, DifferenceKinds)
	}
	if in.Quantity <= 0 || in.Quantity > fulfillment.MaxLineQuantity {
		return refusal(
			CodeInvalid, at(field, "quantity"), "Quantity must be from 1 to %d.", fulfillment.MaxLineQuantity,
		)
	}
	switch left := l.Quantity - l.Received - l.differing(DifferenceShort); {
	case in.Kind == DifferenceShort && in.Quantity > left:
		return refusal(
			CodeInvalid, at(field, "quantity"), "Quantity is more than is still to come of the line: %d.", max(0, left),
		)
	case in.Kind == DifferenceDamaged && in.Quantity > l.Received-l.differing(DifferenceDamaged):
		return refusal(
			CodeInvalid, at(field, "quantity"), "Quantity is more than came of the line and is not damaged yet: %d. "+
				"Receive the units, too.", l.Received-l.differing(DifferenceDamaged),
		)
	}
	if refused := tooLong(in.SKU, maxSKU, at(field, "sku")); refused != nil {
		return refused
	}
	if refused := tooLong(in.Note, maxReasonNote, at(field, "note")); refused != nil {
		return refused
	}
	d := Difference{Kind: in.Kind, Quantity: in.Quantity, SKU: in.SKU, Note: in.Note, At: c.now}
	l.Differences = append(l.Differences, d)
	details.Differences = append(details.Differences, LineDifference{ReturnLineID: l.ID, Difference: d})
	return nil
}

// differing is how many units differ in this way.
func (l *Line) differing(kind DifferenceKind) int {
	n := 0
	for _, d := range l.Differences {
		if d.Kind == kind {
			n += d.Quantity
		}
	}
	return n
}

// settleShort takes back that units are missing which came later, or need not come any more.
func (l *Line) settleShort() {
	excess := l.differing(DifferenceShort) - (l.Quantity - l.Received)
	for i := range l.Differences {
		if d := &l.Differences[i]; excess > 0 && d.Kind == DifferenceShort {
			n := min(excess, d.Quantity)
			d.Quantity -= n
			excess -= n
		}
	}
	l.Differences = slices.DeleteFunc(l.Differences, func(d Difference) bool { return d.Quantity == 0 })
}
