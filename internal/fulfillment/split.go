package fulfillment

// Split puts units into a sibling at the same location; the original keeps the rest.
type Split struct {
	Meta
	Lines []Quantity `json:"fulfillmentOrderLineItems"`
}

// Verb is Split.
func (*Split) Verb() Verb { return VerbSplit }

var splitTexts = quantityTexts{
	field:   []string{"fulfillmentOrderSplits", "0", "fulfillmentOrderLineItems"},
	zero:    &Error{Code: CodeGreaterThan, Message: "You must select at least one item to split into a new fulfillment order."},
	tooMany: invalidAmount,
}

func maySplit(fo *FulfillmentOrder, _ Actor) *Error {
	if fo.in(StatusOpen, RequestUnsubmitted, RequestRejected) {
		return nil
	}
	return invalidState("Fulfillment order: %s is currently not in a splittable state.", fo.ID)
}

func (cmd *Split) apply(c *change) *Error {
	if len(cmd.Lines) == 0 {
		return refusal(CodeNoLineItemsToSplit, splitTexts.field, "There must be at least one item selected in this fulfillment to split it.")
	}
	if e := splitTexts.check(cmd.Lines); e != nil {
		return e
	}
	if e := maySplit(c.fo, c.actor); e != nil {
		return e
	}
	taken, e := splitTexts.take(c.fo, cmd.Lines)
	if e != nil {
		return e
	}
	if len(c.fo.rest(taken)) == 0 { // Splitting everything off would leave an open fulfillment order without work.
		return &Error{Code: invalidAmount.Code, Message: invalidAmount.Message}
	}
	details := &Details{Lines: c.fo.quantities(taken)}
	s := c.breakOff(SiblingRemaining, c.fo.AssignedLocation, taken, false, "Split off from fulfillment order")
	details.SiblingID, details.SiblingRole = s.ID, SiblingRemaining
	c.transition(KindSplit, "Split.", details, TopicSplit)
	return nil
}
