package fulfillment

import "time"

// Tick does what is due at Env.Now: opens a scheduled one, notes a missed deadline, applies the accept policy, ends
// expired holds, gives up waiting for delivery.
type Tick struct{ Meta }

// Verb is Tick.
func (*Tick) Verb() Verb { return VerbTick }

// defaultDeliveryTimeout is how long news of a delivery is waited for, if the order doesn't say.
const defaultDeliveryTimeout = 90 * 24 * time.Hour

// The timers' names, as people see them.
const (
	timerOpens    = "opens"
	timerDeadline = "deadline for shipping"
	timerAccept   = "service's answer is due"
	timerHold     = "hold expires"
	timerDelivery = "waiting for delivery ends"
)

// NextDeadline is the earliest time at which [Tick] has something to do, and what; ok is false if nothing is waited
// for.
func (fo *FulfillmentOrder) NextDeadline() (at time.Time, what string, ok bool) {
	consider := func(t time.Time, name string) {
		if !ok || t.Before(at) {
			at, what, ok = t, name, true
		}
	}
	if fo.Status == StatusScheduled && fo.FulfillAt != nil {
		consider(*fo.FulfillAt, timerOpens)
	}
	if fo.FulfillBy != nil && fo.DeadlineMissedAt == nil && fo.Status != StatusClosed && fo.RemainingUnits() > 0 {
		consider(*fo.FulfillBy, timerDeadline)
	}
	if fo.AcceptBy != nil && fo.in(StatusOpen, RequestSubmitted) {
		consider(*fo.AcceptBy, timerAccept)
	}
	for _, h := range fo.Holds {
		if h.ExpiresAt != nil {
			consider(*h.ExpiresAt, timerHold)
		}
	}
	for i := range fo.Fulfillments {
		if f := &fo.Fulfillments[i]; fo.Status == StatusClosed && f.OnItsWay() {
			consider(fo.deliveryEnd(f), timerDelivery)
		}
	}
	return at, what, ok
}

// DueAt is the earliest time at which something must happen by itself: a deadline, or an effect that is to be called;
// ok is false if nothing is waited for but others.
func (fo *FulfillmentOrder) DueAt() (at time.Time, ok bool) {
	at, _, ok = fo.NextDeadline()
	for _, e := range fo.DueEffects() {
		if !ok || e.Since.Before(at) {
			at, ok = e.Since, true
		}
	}
	return at, ok
}

// OnItsWay tells whether news of the delivery is still waited for, by the fulfillment order that owns the shipment.
func (f *Fulfillment) OnItsWay() bool {
	return f.Status == FulfillmentSuccess && f.HomeID == 0 && f.RequiresShipping && f.DeliveredAt == nil &&
		f.GivenUpAt == nil
}

func (fo *FulfillmentOrder) deliveryEnd(f *Fulfillment) time.Time {
	if fo.DeliveryTimeout > 0 {
		return f.CreatedAt.Add(time.Duration(fo.DeliveryTimeout))
	}
	return f.CreatedAt.Add(defaultDeliveryTimeout)
}

// Finished tells whether the life is over: closed, every shipment delivered, cancelled or given up, and nothing
// outside that is still to be called or to be looked at.
func (fo *FulfillmentOrder) Finished() bool {
	if fo.Status != StatusClosed || len(fo.Effects) > 0 {
		return false
	}
	for i := range fo.Fulfillments {
		if fo.Fulfillments[i].OnItsWay() {
			return false
		}
	}
	return true
}

func (*Tick) apply(c *change) *Error {
	if c.actor == (Actor{}) {
		c.actor = System
	}
	for {
		at, what, ok := c.fo.NextDeadline()
		if !ok || at.After(c.now) {
			return nil
		}
		c.due(what)
	}
}

// due does what one timer asks for. Whatever it does, the same timer is not due afterwards.
func (c *change) due(what string) {
	fo := c.fo
	switch what {
	case timerOpens:
		c.open("Its time has come.")
	case timerDeadline:
		by := *fo.FulfillBy
		fo.DeadlineMissedAt = new(c.now)
		c.transition(KindDeadlineMissed, "The deadline passed with units left.",
			&Details{FulfillBy: &by, Lines: fo.quantities(fo.remaining())}, TopicDeadlineMissed)
	case timerAccept:
		c.acceptOverdue()
	case timerHold:
		c.release(func(h Hold) bool { return h.ExpiresAt != nil && !h.ExpiresAt.After(c.now) }, "Expired.")
	case timerDelivery:
		for i := range fo.Fulfillments {
			f := &fo.Fulfillments[i]
			if f.OnItsWay() && !fo.deliveryEnd(f).After(c.now) {
				f.GivenUpAt, f.UpdatedAt = new(c.now), c.now
				c.transition(
					KindDeliveryGivenUp, "No news of the delivery of "+f.Name+".", &Details{Fulfillment: f.brief()},
				)
			}
		}
	}
}

// acceptOverdue applies the accept policy. A service's system must let go of the request before anybody else gets
// the work; people who answer by hand have nothing that could start by itself.
func (c *change) acceptOverdue() {
	fo := c.fo
	policy, service := fo.AssignedLocation.AcceptPolicy, fo.AssignedLocation.service()
	if policy != AcceptReroute && policy != AcceptHold {
		fo.AcceptBy = fo.nextReminder(c.now)
		c.transition(KindAcceptOverdue, service+" has not answered in time.", nil)
		return
	}
	fo.AcceptBy = nil
	if fo.AssignedLocation.Automated() && fo.RequestKey != "" {
		c.transition(KindAcceptOverdue, service+" has not answered in time: the request is taken back.", nil)
		c.withdraw(policy)
		return
	}
	c.takeBack(policy)
}

// nextReminder is one more accept time later; missed ones are not made up for.
func (fo *FulfillmentOrder) nextReminder(now time.Time) *time.Time {
	within := time.Duration(fo.AssignedLocation.AcceptWithin)
	if within <= 0 {
		return nil
	}
	for _, from := range []time.Time{*fo.AcceptBy, now} {
		if next := from.Add(within); next.After(now) {
			return &next
		}
	}
	return nil
}

// takeBack ends the request that was not answered in time, and does what the policy says next.
func (c *change) takeBack(policy AcceptPolicy) {
	fo := c.fo
	service := fo.AssignedLocation.service()
	fo.Status, fo.RequestStatus, fo.AcceptBy = StatusOpen, RequestUnsubmitted, nil
	fo.dropEffects(EffectRequest)
	c.transition(KindTakenBack, "Taken back from "+service+", which did not answer in time.", nil)
	switch policy {
	case AcceptHold:
		h := Hold{
			HeldBy: System, Reason: HoldOther, ReasonNotes: "Not accepted by " + service + " in time",
			Handle: "accept-policy",
		}
		c.hold(h, fo.remaining(), nil)
	case AcceptReroute:
		c.effect(Effect{Kind: EffectReroute})
	}
}
