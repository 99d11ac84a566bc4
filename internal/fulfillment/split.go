package fulfillment

import "strconv"

// Split puts units into a sibling at the same location; the original keeps the rest.
type Split struct {
	Meta
	Lines []Quantity `json:"fulfillmentOrderLineItems"`

	position int // in a SplitEach
}

// Verb is Split.
func (*Split) Verb() Verb { return VerbSplit }

func (cmd *Split) texts() quantityTexts {
	return quantityTexts{
		field: []string{"fulfillmentOrderSplits", strconv.Itoa(cmd.position), "fulfillmentOrderLineItems"},
		zero: &Error{
			Code: CodeGreaterThan, Message: "You must select at least one item to split into a new fulfillment order.",
		},
		tooMany: invalidAmount,
	}
}

// check refuses what no state could allow.
func (cmd *Split) check() *Error {
	if len(cmd.Lines) == 0 {
		return refusal(
			CodeNoLineItemsToSplit, cmd.texts().field,
			"There must be at least one item selected in this fulfillment to split it.",
		)
	}
	return cmd.texts().check(cmd.Lines)
}

func maySplit(fo *FulfillmentOrder, _ Actor) *Error {
	if fo.in(StatusOpen, RequestUnsubmitted, RequestRejected) {
		return nil
	}
	return invalidState("Fulfillment order: %s is currently not in a splittable state.", fo.ID)
}

func (cmd *Split) apply(c *change) *Error {
	if e := cmd.check(); e != nil {
		return e
	}
	if e := maySplit(c.fo, c.actor); e != nil {
		return e
	}
	taken, e := cmd.texts().take(c.fo, cmd.Lines)
	if e != nil {
		return e
	}
	if len(c.fo.rest(taken)) == 0 { // Splitting everything off would leave an open fulfillment order without work.
		return &Error{Code: invalidAmount.Code, Message: invalidAmount.Message}
	}
	details := &Details{Lines: c.fo.quantities(taken), Requested: cmd.Lines}
	s := c.breakOff(SiblingRemaining, c.fo.AssignedLocation, taken, false, "Split off from fulfillment order")
	details.went(s, SiblingRemaining)
	c.transition(KindSplit, "Split.", details, TopicSplit)
	return nil
}
