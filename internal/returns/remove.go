package returns

import (
	"slices"

	"packhorse/internal/fulfillment"
)

// Remove takes units out of an open return that do not come back after all (removeFromReturn): those with which nothing
// was done yet. When no unit is left, the return is closed.
type Remove struct {
	fulfillment.Meta
	Lines         []RemovedUnits    `json:"returnLineItems,omitempty"`
	ExchangeLines []RemovedExchange `json:"exchangeLineItems,omitempty"`
}

// RemovedUnits is units of a return line.
type RemovedUnits struct {
	ReturnLineID fulfillment.ID `json:"returnLineItemId"`
	Quantity     int            `json:"quantity"`
}

// RemovedExchange is units of an exchange line.
type RemovedExchange struct {
	ExchangeLineID fulfillment.ID `json:"exchangeLineItemId"`
	Quantity       int            `json:"quantity"`
}

// Verb is Remove.
func (*Remove) Verb() Verb { return VerbRemove }

func (*Remove) target() []string { return []string{"returnId"} }

func (cmd *Remove) may(r *Return) *fulfillment.Error { return r.in(cmd.target(), StatusOpen) }

func (cmd *Remove) apply(c *change) *fulfillment.Error {
	r := c.r
	if refused := cmd.may(r); refused != nil {
		return refused
	}
	field := at("returnLineItems")
	if len(cmd.Lines)+len(cmd.ExchangeLines) == 0 {
		return refusal(CodeBlank, field, "Return line items can't be blank")
	}
	if refused := tooMany(max(len(cmd.Lines), len(cmd.ExchangeLines)), field); refused != nil {
		return refused
	}
	var wrong problems
	details := &Details{}
	for i, in := range cmd.Lines {
		wrong.add(r.remove(in, at(field, i)))
		details.Lines = append(details.Lines, Quantity{ID: in.ReturnLineID, Quantity: in.Quantity})
	}
	for i, in := range cmd.ExchangeLines {
		wrong.add(r.removeExchange(in, at("exchangeLineItems", i)))
		details.ExchangeLines = append(details.ExchangeLines, Quantity{ID: in.ExchangeLineID, Quantity: in.Quantity})
	}
	if refused := wrong.refused(); refused != nil {
		return refused
	}
	r.dropEmpty()
	c.transition(KindRemoved, units(c.before.Units-r.Units())+" do not come back.", details, TopicUpdate)
	if len(r.Lines) == 0 {
		c.close("Nothing is left of the return.")
	}
	return nil
}

// remove takes units out of a line and out of the work on it.
func (r *Return) remove(in RemovedUnits, field []string) *fulfillment.Error {
	if in.Quantity <= 0 {
		return refusal(CodeGreaterThan, nil, "Quantity must be greater than 0")
	}
	l := r.line(in.ReturnLineID)
	if l == nil {
		return refusal(CodeNotFound, at(field, "returnLineItemId"), lineNotFound)
	}
	work := r.workLineOf(l.ID)
	done := max(l.Processed, l.Received)
	if work != nil {
		done = max(done, work.disposed())
	}
	if in.Quantity > l.Quantity-done {
		return refusal(CodeInvalid, at(field, "quantity"), invalidQuantity)
	}
	l.Quantity -= in.Quantity
	if work != nil {
		work.Total = l.Quantity
	}
	l.settleShort()
	return nil
}

func (r *Return) removeExchange(in RemovedExchange, field []string) *fulfillment.Error {
	if in.Quantity <= 0 {
		return refusal(CodeGreaterThan, nil, "Quantity must be greater than 0")
	}
	l := r.exchangeLine(in.ExchangeLineID)
	if l == nil {
		return refusal(CodeNotFound, at(field, "exchangeLineItemId"), "Exchange line item was not found.")
	}
	if in.Quantity > l.Quantity-l.Processed {
		return refusal(CodeInvalid, at(field, "quantity"), "Exchange line item has an invalid quantity.")
	}
	l.Quantity -= in.Quantity
	return nil
}

// dropEmpty leaves out lines without units, and what parcels were to bring of them.
func (r *Return) dropEmpty() {
	r.Lines = slices.DeleteFunc(r.Lines, func(l Line) bool { return l.Quantity == 0 })
	r.ExchangeLines = slices.DeleteFunc(r.ExchangeLines, func(l ExchangeLine) bool { return l.Quantity == 0 })
	for i := range r.Work {
		w := &r.Work[i]
		w.Lines = slices.DeleteFunc(w.Lines, func(l WorkLine) bool { return l.Total == 0 })
		for n := range w.Deliveries {
			d := &w.Deliveries[n]
			for m := range d.Lines {
				if l := w.line(d.Lines[m].WorkLineID); l == nil {
					d.Lines[m].Quantity = 0
				} else {
					d.Lines[m].Quantity = min(d.Lines[m].Quantity, l.Total)
				}
			}
			d.Lines = slices.DeleteFunc(d.Lines, func(l DeliveryLine) bool { return l.Quantity == 0 })
		}
	}
}
