package fulfillment

import "encoding/json"

// JointVerbs lists the verbs that an order takes for several of its fulfillment orders, in a fixed order.
var JointVerbs = []Verb{VerbMerge, VerbSplit, VerbCreateFulfillment, VerbReroute, VerbSetDeadline, VerbFoldBack,
	VerbReleaseHold, VerbMove, VerbAcceptCancellationRequest, VerbCancelFulfillment}

// NewJoint is an empty joint command of this verb, to be filled from JSON; nil if there is no such verb.
func NewJoint(verb Verb) Joint {
	switch verb {
	case VerbMerge:
		return &Merge{}
	case VerbSplit:
		return &SplitEach{}
	case VerbCreateFulfillment:
		return &Ship{}
	case VerbReroute:
		return &Reroute{}
	case VerbSetDeadline:
		return &SetDeadlines{}
	case VerbFoldBack:
		return &FoldBack{}
	case VerbReleaseHold, VerbMove, VerbAcceptCancellationRequest, VerbCancelFulfillment:
		return &Alone{Command: NewCommand(verb)}
	}
	return nil
}

// DecodeJoint reads the JSON of a joint command, as [DecodeCommand] does.
func DecodeJoint(verb Verb, body []byte, strict bool) (Joint, *Error) {
	cmd := NewJoint(verb)
	if cmd == nil {
		return nil, refusal(
			CodeInvalid, nil, "There is no command %s on several fulfillment orders.", quoted(string(verb)),
		)
	}
	var err error
	if a, ok := cmd.(*Alone); ok && strict {
		err = a.decodeStrict(body)
	} else if strict {
		err = decodeStrict(body, cmd)
	} else {
		err = json.Unmarshal(body, cmd)
	}
	if err != nil {
		return nil, unreadable(verb, err)
	}
	return cmd, nil
}
