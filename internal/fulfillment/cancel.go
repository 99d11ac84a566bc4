package fulfillment

// Cancel closes a fulfillment order and puts a replacement with the remaining units in its place.
type Cancel struct{ Meta }

// Close is how a service gives up an accepted request unfinished: INCOMPLETE, with the remaining units on it.
type Close struct {
	Meta
	Message string `json:"message,omitempty"`
}

// Verb is Cancel.
func (*Cancel) Verb() Verb { return VerbCancel }

// Verb is Close.
func (*Close) Verb() Verb { return VerbClose }

func mayCancel(fo *FulfillmentOrder, _ Actor) *Error {
	switch {
	case fo.Status == StatusInProgress && fo.ProgressReported:
		return refusal(CodeProgressOnCancel, []string{"id"},
			"Cannot cancel fulfillment order that has had progress reported. Mark as unfulfilled first.")
	case fo.in(StatusOpen, RequestUnsubmitted, RequestSubmitted), fo.in(StatusInProgress, RequestCancellationRequested):
		return nil
	default:
		return invalidState("Fulfillment order is not in cancelable request state and can't be canceled.")
	}
}

func (*Cancel) apply(c *change) *Error {
	fo := c.fo
	if e := mayCancel(fo, c.actor); e != nil {
		return e
	}
	left := fo.remaining()
	details := &Details{Lines: fo.quantities(left)}
	asked := fo.in(StatusOpen, RequestSubmitted) || fo.in(StatusInProgress, RequestCancellationRequested)
	if asked {
		details.MerchantRequest = fo.lastAsked(RequestFulfillment)
	}
	if fo.OrderCancelled {
		c.closeCancelled()
	} else {
		s := c.breakOff(
			SiblingReplacement, fo.AssignedLocation, left, true, "Takes the place of the cancelled fulfillment order",
		)
		details.went(s, SiblingReplacement)
		c.close()
	}
	c.transition(KindCancelled, "Cancelled.", details, TopicCancelled)
	if asked {
		c.withdraw("")
	}
	return nil
}

// mayClose: only the service can give up its own work.
func mayClose(fo *FulfillmentOrder, by Actor) *Error {
	if !fo.AssignedLocation.AtService() {
		return invalidState("The fulfillment order's assigned fulfillment service must be of api type")
	}
	e := invalidState("Cannot close the fulfillment order.")
	if !by.runs(fo.AssignedLocation) {
		return denied(e)
	}
	if !fo.in(StatusInProgress, RequestAccepted, RequestCancellationRequested, RequestCancellationRejected) {
		return e
	}
	return nil
}

func (cmd *Close) apply(c *change) *Error {
	if e := tooLong(cmd.Message, maxMessage, "message"); e != nil {
		return e
	}
	fo := c.fo
	if e := mayClose(fo, c.actor); e != nil {
		return e
	}
	details := &Details{Lines: fo.quantities(fo.remaining()), Message: cmd.Message}
	fo.RequestStatus = RequestClosed
	if fo.OrderCancelled {
		c.closeCancelled()
	} else {
		fo.unprepare()
		fo.Status = StatusIncomplete
		fo.dropEffects(EffectCancel)
	}
	c.transition(KindIncomplete, fo.AssignedLocation.service()+" gave up what is left.", details, TopicFailedToComplete)
	return nil
}
