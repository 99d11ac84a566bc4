package fulfillment

// SplitEach splits several fulfillment orders, each as [Split] does (verb "Split", sent to an order). All of it
// happens, or nothing.
type SplitEach struct {
	Meta
	Splits []SplitInput `json:"fulfillmentOrderSplits"`
}

// SplitInput is one split: the units that go to the new fulfillment order.
type SplitInput struct {
	FulfillmentOrderID ID         `json:"fulfillmentOrderId"`
	Lines              []Quantity `json:"fulfillmentOrderLineItems"`
}

// Verb is Split.
func (*SplitEach) Verb() Verb { return VerbSplit }

// Answering names the fulfillment order of each split.
func (cmd *SplitEach) Answering() []ID {
	ids := make([]ID, len(cmd.Splits))
	for i, s := range cmd.Splits {
		ids[i] = s.FulfillmentOrderID
	}
	return ids
}

// Named names the fulfillment orders of all splits.
func (cmd *SplitEach) Named() []ID { return named(cmd.Answering()) }

// decide checks the whole input before any state, as in the source.
func (cmd *SplitEach) decide(j *joint) *Error {
	lines := 0
	for i, s := range cmd.Splits {
		if e := (&Split{Lines: s.Lines, position: i}).check(); e != nil {
			return e
		}
		lines += len(s.Lines)
	}
	if lines > MaxLines {
		return refusal(CodeInvalid, []string{"fulfillmentOrderSplits"}, "There may be up to %d line items.", MaxLines)
	}
	for _, id := range cmd.Named() {
		if j.find(id) == nil {
			return NotFound()
		}
	}
	for i, s := range cmd.Splits {
		if e := j.answer(s.FulfillmentOrderID, &Split{Lines: s.Lines, position: i}); e != nil {
			return e
		}
	}
	return nil
}
