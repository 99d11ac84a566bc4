package fulfillment

import "time"

// Open starts work early on a scheduled fulfillment order, or ends manually reported progress.
type Open struct{ Meta }

// Reschedule changes when a scheduled fulfillment order opens.
type Reschedule struct {
	Meta
	FulfillAt time.Time `json:"fulfillAt"`
}

// ReportProgress says that the merchant is working on it: IN_PROGRESS, and neither moved nor cancelled until Open.
type ReportProgress struct {
	Meta
	ReasonNotes string `json:"reasonNotes,omitempty"`
}

// SetDeadline sets or moves the time by which the last unit should be shipped; nil takes it away.
type SetDeadline struct {
	Meta
	FulfillBy *time.Time `json:"fulfillmentDeadline"`
}

// Verb is Open.
func (*Open) Verb() Verb { return VerbOpen }

// Verb is Reschedule.
func (*Reschedule) Verb() Verb { return VerbReschedule }

// Verb is ReportProgress.
func (*ReportProgress) Verb() Verb { return VerbReportProgress }

// Verb is SetDeadline.
func (*SetDeadline) Verb() Verb { return VerbSetDeadline }

func mayOpen(fo *FulfillmentOrder, _ Actor) *Error {
	if fo.Status == StatusScheduled || fo.in(StatusInProgress, RequestUnsubmitted) && fo.ProgressReported {
		return nil
	}
	return invalidState("Expected fulfillment order status to be valid but it was %s.", fo.Status.lower())
}

func (*Open) apply(c *change) *Error {
	if e := mayOpen(c.fo, c.actor); e != nil {
		return e
	}
	if c.fo.Status == StatusScheduled {
		c.open("Opened before its time.")
		return nil
	}
	c.fo.Status, c.fo.ProgressReported = StatusOpen, false
	c.transition(KindProgressStopped, "The reported progress was ended.", nil, TopicProgressStopped)
	return nil
}

// open starts work on a scheduled one.
func (c *change) open(reason string) {
	c.fo.Status = StatusOpen
	c.transition(KindOpened, reason, nil, TopicReady)
}

// apply looks at the state first: where no time would do, a better one must not be asked for.
func (cmd *Reschedule) apply(c *change) *Error {
	if c.fo.Status != StatusScheduled {
		return invalidState("Fulfillment order must be scheduled.")
	}
	if !cmd.FulfillAt.After(c.now) {
		return refusal(CodeInvalid, []string{"fulfillAt"}, "Fulfill at must be in the future.")
	}
	if e := checkTime("fulfillAt", &cmd.FulfillAt); e != nil {
		return e
	}
	if !c.anyOrder && cmd.OutOfOrder(c.fo) {
		return refusal(
			CodeInvalid, []string{"fulfillAt"}, "Fulfill at must not be after the deadline, which is %s.",
			c.fo.FulfillBy.UTC().Format(time.RFC3339),
		)
	}
	at := cmd.FulfillAt
	c.fo.FulfillAt = &at
	c.transition(KindRescheduled, "Opens at another time.", &Details{FulfillAt: &at}, TopicRescheduled)
	return nil
}

func mayReportProgress(fo *FulfillmentOrder, _ Actor) *Error {
	if !fo.AssignedLocation.AtService() &&
		(fo.in(StatusOpen, RequestUnsubmitted) || fo.in(StatusInProgress, RequestUnsubmitted)) {
		return nil
	}
	return invalidState("Cannot report progress on a fulfillment order in this state.")
}

func (cmd *ReportProgress) apply(c *change) *Error {
	if e := tooLong(cmd.ReasonNotes, maxMessage, progressInput, "reasonNotes"); e != nil {
		return e
	}
	if e := mayReportProgress(c.fo, c.actor); e != nil {
		return e
	}
	c.fo.Status, c.fo.ProgressReported = StatusInProgress, true
	c.transition(KindProgressReported, "Being worked on.", &Details{Message: cmd.ReasonNotes}, TopicProgressReported)
	return nil
}

// OutOfOrder tells whether the fulfillment order would open after its deadline.
func (cmd *Reschedule) OutOfOrder(fo *FulfillmentOrder) bool {
	return fo.FulfillBy != nil && fo.FulfillBy.Before(cmd.FulfillAt.Truncate(time.Second))
}

// OutOfOrder tells whether the deadline would be over before a scheduled fulfillment order opens.
func (cmd *SetDeadline) OutOfOrder(fo *FulfillmentOrder) bool {
	return fo.Status == StatusScheduled && fo.FulfillAt != nil && cmd.FulfillBy != nil &&
		cmd.FulfillBy.Before(fo.FulfillAt.Truncate(time.Second))
}

// apply takes any state, as in the source. A deadline in the past is missed at once, see [Tick].
func (cmd *SetDeadline) apply(c *change) *Error {
	if e := checkTime("fulfillmentDeadline", cmd.FulfillBy); e != nil {
		return e
	}
	if !c.anyOrder && cmd.OutOfOrder(c.fo) {
		return refusal(
			CodeInvalid, []string{"fulfillmentDeadline"},
			"Fulfillment deadline must not be before the fulfillment order opens, which is at %s.",
			c.fo.FulfillAt.UTC().Format(time.RFC3339),
		)
	}
	c.fo.FulfillBy, c.fo.DeadlineMissedAt = nil, nil
	details := &Details{}
	reason := "The deadline was taken away."
	if cmd.FulfillBy != nil {
		by := cmd.FulfillBy.Truncate(time.Second)
		c.fo.FulfillBy, details.FulfillBy = &by, &by
		reason = "The deadline was set."
	}
	c.transition(KindDeadlineSet, reason, details)
	return nil
}
