package returns

import (
	"slices"

	"packhorse/internal/fulfillment"
)

// Dispose says what became of units that came back, or that did not (reverseFulfillmentOrderDispose). It moves neither
// the return nor what of it is processed.
type Dispose struct {
	fulfillment.Meta
	Units []DisposeUnits `json:"dispositionInputs"`
}

// DisposeUnits is what became of units of a line.
type DisposeUnits struct {
	WorkLineID fulfillment.ID  `json:"reverseFulfillmentOrderLineItemId"`
	Quantity   int             `json:"quantity"`
	Type       DispositionType `json:"dispositionType"`
	LocationID fulfillment.ID  `json:"locationId,omitempty"` // needed for RESTOCKED
}

// Verb is Dispose.
func (*Dispose) Verb() Verb { return VerbDispose }

func (*Dispose) target() []string { return []string{"dispositionInputs"} }

func (cmd *Dispose) may(r *Return) *fulfillment.Error {
	if find(r.Work, func(w *Work) bool { return w.Status == WorkOpen }) != nil {
		return nil
	}
	return refusal(
		CodeInvalidState, cmd.target(), "Reverse fulfillment order is not open. Reopen return %s first.", r.Name,
	)
}

// CheckDisposals refuses a command before it is known which return it is about: without units, it is about none.
// WorkLines of different returns are for the caller to tell, see [TwoReturns].
func (cmd *Dispose) CheckDisposals() *fulfillment.Error {
	if len(cmd.Units) == 0 {
		return refusal(CodeBlank, cmd.target(), "The array cannot be empty.")
	}
	return tooMany(len(cmd.Units), cmd.target())
}

// TwoReturns is the refusal of dispositions of lines of several reverse fulfillment orders, and of an unknown line.
func TwoReturns() *fulfillment.Error {
	return refusal(
		CodeInvalid, []string{"dispositionInputs"},
		"Cannot dispose items from more than one reverse fulfillment order.",
	)
}

func (cmd *Dispose) apply(c *change) *fulfillment.Error {
	if refused := cmd.CheckDisposals(); refused != nil {
		return refused
	}
	work := c.r.workOf(cmd.Units[0].WorkLineID)
	if work == nil || slices.ContainsFunc(cmd.Units, func(in DisposeUnits) bool {
		return work.line(in.WorkLineID) == nil
	}) {
		return TwoReturns()
	}
	if refused := cmd.may(c.r); refused != nil {
		return refused
	}
	var wrong problems
	var disposed []Disposed
	for i, in := range cmd.Units {
		disposed = append(disposed, c.disposeUnits(in, at(cmd.target(), i), &wrong)...)
		if !slices.Contains(c.result.WorkLines, in.WorkLineID) {
			c.result.WorkLines = append(c.result.WorkLines, in.WorkLineID)
		}
	}
	if refused := wrong.refused(); refused != nil {
		return refused
	}
	c.noteDisposed(disposed)
	return nil
}

// noteDisposed is the transition of what was disposed of.
func (c *change) noteDisposed(disposed []Disposed) {
	n := 0
	for _, d := range disposed {
		n += d.Quantity
	}
	work := c.r.workOf(disposed[0].WorkLineID)
	c.transition(
		KindDisposed, "It was said what became of "+units(n)+".", &Details{WorkID: work.ID, Dispositions: disposed},
		TopicDispose,
	)
}

// disposeUnits writes what became of units of a line, or notes all that is wrong with that.
func (c *change) disposeUnits(in DisposeUnits, field []string, wrong *problems) []Disposed {
	work := c.r.workOf(in.WorkLineID).line(in.WorkLineID)
	line := c.r.line(work.ReturnLineID)
	known := len(*wrong)
	switch {
	case !slices.Contains(DispositionTypes, in.Type):
		wrong.add(unknownWord(at(field, "dispositionType"), "a disposition type", in.Type, DispositionTypes))
	case in.Type == Restocked && line.SKU == "":
		wrong.add(refusal(
			CodeInvalid, at(field, "dispositionType"),
			"RESTOCKED is an invalid disposition type for a custom line item.",
		))
	}
	if in.LocationID != 0 && !slices.Contains(c.facts.Locations, in.LocationID) ||
		in.LocationID == 0 && in.Type == Restocked {
		wrong.add(refusal(CodeNotFound, at(field, "locationId"), "Location not found."))
	}
	if left := work.left(in.Type); in.Quantity <= 0 {
		wrong.add(refusal(CodeGreaterThan, at(field, "quantity"), "Quantity must be greater than 0"))
	} else if in.Quantity > left {
		wrong.add(tooManyDisposed(left, field))
	}
	if len(*wrong) > known {
		return nil
	}
	d := Disposition{
		ID: c.ids.Next(), Type: in.Type, Quantity: in.Quantity, LocationID: in.LocationID, CreatedAt: c.now,
	}
	work.dispose(d)
	return []Disposed{{
		WorkLineID: work.ID, ReturnLineID: line.ID, LineItemID: line.LineItemID, SKU: line.SKU, Disposition: d,
	}}
}

func tooManyDisposed(left int, field []string) *fulfillment.Error {
	return refusal(CodeInvalid, at(field, "quantity"), "Quantity is more than is left to be disposed of: %d.", left)
}

// disposed is of how many units it is known what became of them, or that it is still to be decided.
func (l *WorkLine) disposed() int {
	n := 0
	for _, d := range l.Dispositions {
		n += d.Quantity
	}
	return n
}

// undecided is how many units are to be looked at again.
func (l *WorkLine) undecided() int {
	n := 0
	for _, d := range l.Dispositions {
		if d.Type == ProcessingRequired {
			n += d.Quantity
		}
	}
	return n
}

// left is how many units can get a disposition of this type: those without any, and, if it decides, those that are
// still undecided.
func (l *WorkLine) left(t DispositionType) int {
	n := l.Total - l.disposed()
	if t != ProcessingRequired {
		n += l.undecided()
	}
	return n
}

// dispose adds a disposition. One that decides takes the place of undecided ones, where units without any do not
// suffice: the history keeps those.
func (l *WorkLine) dispose(d Disposition) {
	instead := d.Quantity - (l.Total - l.disposed())
	for i := range l.Dispositions {
		if old := &l.Dispositions[i]; instead > 0 && old.Type == ProcessingRequired {
			n := min(instead, old.Quantity)
			old.Quantity -= n
			instead -= n
		}
	}
	l.Dispositions = slices.DeleteFunc(l.Dispositions, func(old Disposition) bool { return old.Quantity == 0 })
	l.Dispositions = append(l.Dispositions, d)
}
