package fulfillment

import "strconv"

// VerbMerge and VerbReroute are sent to an order: they always concern several fulfillment orders.
const (
	VerbMerge   Verb = "Merge"
	VerbReroute Verb = "Reroute"
)

// Merge puts units of several fulfillment orders into one: of each input, the first fulfillment order stays, with its
// ID, and takes over the units of the others, all of them or those named. All inputs happen, or none.
type Merge struct {
	Meta
	Inputs []MergeInput `json:"fulfillmentOrderMergeInputs"`
}

// MergeInput is one merge: two or more fulfillment orders of one order at one location.
type MergeInput struct {
	Intents []MergeIntent `json:"mergeIntents"`
}

// MergeIntent is what of a fulfillment order is merged. Without lines, everything.
type MergeIntent struct {
	FulfillmentOrderID ID         `json:"fulfillmentOrderId"`
	Lines              []Quantity `json:"fulfillmentOrderLineItems,omitempty"`
}

// Verb is Merge.
func (*Merge) Verb() Verb { return VerbMerge }

// Answering names the first fulfillment order of each input: the one that stays.
func (cmd *Merge) Answering() []ID {
	var ids []ID
	for _, in := range cmd.Inputs {
		if len(in.Intents) > 0 {
			ids = append(ids, in.Intents[0].FulfillmentOrderID)
		}
	}
	return ids
}

// Named names the fulfillment orders of all intents.
func (cmd *Merge) Named() []ID {
	var ids []ID
	for _, in := range cmd.Inputs {
		ids = append(ids, in.ids()...)
	}
	return named(ids)
}

func (in MergeInput) ids() []ID {
	ids := make([]ID, len(in.Intents))
	for n, intent := range in.Intents {
		ids[n] = intent.FulfillmentOrderID
	}
	return ids
}

// mayMerge tells whether the actor may merge other fulfillment orders into this one, or this one into another.
func mayMerge(fo *FulfillmentOrder, by Actor) *Error {
	if by.role() != RoleService && fo.untouched() {
		return nil
	}
	return invalidState("Fulfillment order: %s is currently not in a mergeable state.", fo.ID)
}

// MergeableWith lists those of the fulfillment orders that the actor may merge with this one. When there are any,
// [ActionMerge] is supported beside what [FulfillmentOrder.SupportedActions] lists.
func (fo *FulfillmentOrder) MergeableWith(others []*FulfillmentOrder, by Actor) []*FulfillmentOrder {
	if mayMerge(fo, by) != nil {
		return nil
	}
	var peers []*FulfillmentOrder
	for _, other := range others {
		if other.goesWith(fo) && mayMerge(other, by) == nil {
			peers = append(peers, other)
		}
	}
	return peers
}

func mergeTexts(input, intent int) quantityTexts {
	return quantityTexts{
		field: []string{
			"fulfillmentOrderMergeInputs", strconv.Itoa(input), "mergeIntents", strconv.Itoa(intent),
			"fulfillmentOrderLineItems",
		},
		zero: &Error{
			Code: CodeGreaterThan, Message: "You must select at least one item to merge into a new fulfillment order.",
		},
		tooMany: invalidAmount,
	}
}

// decide checks the whole input before any state, as in the source.
func (cmd *Merge) decide(j *joint) *Error {
	for i, in := range cmd.Inputs {
		if len(in.Intents) < 2 {
			return refusal(
				CodeInvalid, []string{"fulfillmentOrderMergeInputs", strconv.Itoa(i), "mergeIntents"},
				"A merge needs at least two fulfillment orders.",
			)
		}
		for n, intent := range in.Intents {
			if e := mergeTexts(i, n).check(intent.Lines); e != nil {
				return e
			}
		}
		if len(named(in.ids())) < len(in.Intents) {
			return refusal(
				CodeInvalid, []string{"fulfillmentOrderMergeInputs", strconv.Itoa(i), "mergeIntents"},
				"A merge can name a fulfillment order only once.",
			)
		}
	}
	for _, id := range cmd.Named() {
		if j.find(id) == nil {
			return NotFound()
		}
	}
	for i, in := range cmd.Inputs {
		if e := j.merge(i, in); e != nil {
			return e
		}
	}
	return nil
}

func (j *joint) merge(input int, in MergeInput) *Error {
	first := in.Intents[0].FulfillmentOrderID
	merged := make([]units, len(in.Intents))
	// resolved has the lines of those that name none, too.
	resolved := make([]MergeIntent, len(in.Intents))
	for n, intent := range in.Intents { // What the lines say comes before what the states say, as in the source.
		fo := j.find(intent.FulfillmentOrderID)
		merged[n] = fo.remaining()
		if len(intent.Lines) > 0 {
			var e *Error
			if merged[n], e = mergeTexts(input, n).take(fo, intent.Lines); e != nil {
				return e
			}
		}
		resolved[n] = MergeIntent{fo.ID, fo.quantities(merged[n])}
	}
	actor := j.cmd.Envelope().Actor
	for n, intent := range in.Intents {
		fo := j.find(intent.FulfillmentOrderID)
		if e := mayMerge(fo, actor); e != nil {
			return fo.explain(e, actor)
		}
		if n > 0 && !fo.goesWith(j.find(first)) {
			return fo.explain(
				invalidState(
					"Fulfillment order: %s can't be merged with %s: both must be of one order, at one location, "+
						"with one delivery method.",
					fo.ID, first,
				),
				actor,
			)
		}
	}
	for n, intent := range in.Intents[1:] {
		take := j.follow
		if n == 0 {
			take = j.answer
		}
		var all []MergeIntent
		if n == len(in.Intents)-2 {
			all = resolved
		}
		if e := j.foldPart(intent.FulfillmentOrderID, first, merged[n+1], take, all); e != nil {
			return e
		}
	}
	return nil
}
