package returns

import (
	"packhorse/internal/fulfillment"
)

// Process says that units were inspected and are done with (returnProcess), and which units of the exchange go out. It
// does not close the return.
type Process struct {
	fulfillment.Meta
	Lines         []ProcessedUnits `json:"returnLineItems,omitempty"`
	ExchangeLines []Quantity       `json:"exchangeLineItems,omitempty"` // by exchange line ID
	Note          string           `json:"note,omitempty"`
	Notify        bool             `json:"notifyCustomer,omitempty"`
}

// ProcessedUnits is units of a return line, and what became of them.
type ProcessedUnits struct {
	ReturnLineID fulfillment.ID `json:"id"`
	Quantity     int            `json:"quantity"`
	Dispositions []DisposeUnits `json:"dispositions,omitempty"` // default: none is written
}

// maxDispositions is how many dispositions a command may bring: each gets an ID of the command's block.
const maxDispositions = 1000

// Verb is Process.
func (*Process) Verb() Verb { return VerbProcess }

func (*Process) target() []string { return []string{requestInput, "returnId"} }

func (cmd *Process) may(r *Return) *fulfillment.Error { return r.in(cmd.target(), StatusOpen) }

func (cmd *Process) apply(c *change) *fulfillment.Error {
	r := c.r
	if refused := cmd.may(r); refused != nil {
		return refused
	}
	field, exchange := at(requestInput, "returnLineItems"), at(requestInput, "exchangeLineItems")
	if len(cmd.Lines)+len(cmd.ExchangeLines) == 0 {
		return refusal(CodeBlank, field, "Return line items can't be blank")
	}
	if refused := tooMany(max(len(cmd.Lines), len(cmd.ExchangeLines)), field); refused != nil {
		return refused
	}
	dispositions := 0
	for _, in := range cmd.Lines {
		dispositions += len(in.Dispositions)
	}
	if dispositions > maxDispositions {
		return refusal(CodeInvalid, field, "There may be up to %d dispositions at once.", maxDispositions)
	}
	var wrong problems
	wrong.add(tooLong(cmd.Note, maxNote, at(requestInput, "note")))
	details := &Details{Note: cmd.Note, Notify: cmd.Notify}
	var disposed []Disposed
	for i, in := range cmd.Lines {
		here := at(field, i)
		l := r.line(in.ReturnLineID)
		switch {
		case l == nil:
			wrong.add(refusal(CodeNotFound, at(here, "id"), lineNotFound))
			continue
		case in.Quantity <= 0 || in.Quantity > l.Unprocessed():
			wrong.add(refusal(CodeInvalid, at(here, "quantity"), invalidQuantity))
			continue
		}
		l.Processed += in.Quantity
		details.Lines = append(details.Lines, Quantity{ID: l.ID, Quantity: in.Quantity})
		disposed = append(disposed, c.disposeOf(in, at(here, "dispositions"), &wrong)...)
	}
	for i, in := range cmd.ExchangeLines {
		l := r.exchangeLine(in.ID)
		switch {
		case l == nil:
			wrong.add(refusal(CodeNotFound, at(exchange, i, "id"), "Exchange line item was not found."))
			continue
		case in.Quantity <= 0 || in.Quantity > l.Quantity-l.Processed:
			wrong.add(
				refusal(CodeInvalid, at(exchange, i, "quantity"), "Exchange line item has an invalid quantity."),
			)
			continue
		}
		c.send(l, in.Quantity)
		details.ExchangeLines = append(details.ExchangeLines, in)
	}
	if refused := wrong.refused(); refused != nil {
		return refused
	}
	c.transition(KindProcessed, processedReason(details), details, TopicProcess)
	if len(disposed) > 0 {
		c.noteDisposed(disposed)
	}
	return nil
}

// send has units of an exchange line go out: an order line is made of the first of them.
func (c *change) send(l *ExchangeLine, n int) {
	if l.LineItemID == 0 {
		l.LineItemID = c.ids.Next()
	}
	l.Processed += n
}

func processedReason(d *Details) string {
	back, out := 0, 0
	for _, q := range d.Lines {
		back += q.Quantity
	}
	for _, q := range d.ExchangeLines {
		out += q.Quantity
	}
	switch {
	case out == 0:
		return units(back) + " processed."
	case back == 0:
		return units(out) + " go out in exchange."
	}
	return units(back) + " processed, " + units(out) + " go out in exchange."
}

// disposeOf writes what became of processed units: as [Dispose] does, but of that line only, and not of more of it than
// is processed here.
func (c *change) disposeOf(in ProcessedUnits, field []string, wrong *problems) []Disposed {
	var disposed []Disposed
	left := in.Quantity
	for i, d := range in.Dispositions {
		here := at(field, i)
		work := c.r.workLineOf(in.ReturnLineID)
		if work == nil || d.WorkLineID != 0 && d.WorkLineID != work.ID {
			wrong.add(refusal(
				CodeNotFound, at(here, "reverseFulfillmentOrderLineItemId"),
				"Reverse fulfillment order line item was not found.",
			))
			continue
		}
		d.WorkLineID = work.ID
		if d.Quantity > left {
			wrong.add(tooManyDisposed(left, here))
			continue
		}
		left -= d.Quantity
		disposed = append(disposed, c.disposeUnits(d, here, wrong)...)
	}
	return disposed
}
