package fulfillment

import "time"

// SetDeadlines sets the same deadline on several fulfillment orders, each as [SetDeadline] does (verb "SetDeadline",
// sent to an order). Fulfillment orders that don't exist are passed over, as in the source; at least one must.
type SetDeadlines struct {
	Meta
	FulfillmentOrderIDs []ID       `json:"fulfillmentOrderIds"`
	FulfillBy           *time.Time `json:"fulfillmentDeadline"`
}

// Verb is SetDeadline.
func (*SetDeadlines) Verb() Verb { return VerbSetDeadline }

// Answering names the fulfillment orders.
func (cmd *SetDeadlines) Answering() []ID { return named(cmd.FulfillmentOrderIDs) }

// Named names the fulfillment orders.
func (cmd *SetDeadlines) Named() []ID { return named(cmd.FulfillmentOrderIDs) }

func (cmd *SetDeadlines) decide(j *joint) *Error {
	for _, id := range j.answering {
		if j.find(id) == nil {
			continue
		}
		if refused := j.answer(id, &SetDeadline{FulfillBy: cmd.FulfillBy}); refused != nil {
			return refused
		}
	}
	if len(j.results) == 0 {
		return refusal(CodeNotFound, nil, "Fulfillment orders could not be found.")
	}
	return nil
}
