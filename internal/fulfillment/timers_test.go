package fulfillment

import (
	"testing"
	"time"
)

func requested(t *testing.T, at AssignedLocation, within time.Duration, policy AcceptPolicy) *FulfillmentOrder {
	t.Helper()
	at.AcceptWithin, at.AcceptPolicy = Duration(within), policy
	return done(
		t, inState(at, StatusOpen, RequestUnsubmitted),
		&SubmitFulfillmentRequest{Message: "please", NotifyCustomer: true},
	).State
}

// tick decides at a time and makes sure that nothing is due any more and that a second tick does nothing.
func tick(t *testing.T, fo *FulfillmentOrder, now time.Time) *Decision {
	t.Helper()
	d := doneAt(t, fo, &Tick{}, now)
	if at, what, ok := d.State.NextDeadline(); ok && !at.After(now) {
		t.Errorf("%s is still due since %v", what, at)
	}
	if again := doneAt(t, d.State, &Tick{}, now); len(again.Transitions) > 0 {
		t.Errorf("a second tick: %s", kinds(again))
	}
	for _, step := range d.Transitions {
		if step.Actor != System {
			t.Errorf("%s by %v", step.Kind, step.Actor)
		}
	}
	return d
}

func TestTickOpensWhenTheTimeHasCome(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusScheduled, RequestUnsubmitted)
	at, _, ok := fo.NextDeadline()
	if !ok || !at.Equal(*fo.FulfillAt) {
		t.Fatalf("next deadline %v", at)
	}
	if d := tick(t, fo, at.Add(-time.Second)); len(d.Transitions) > 0 {
		t.Errorf("too early: %s", kinds(d))
	}
	if d := tick(t, fo, at); kinds(d) != "OPENED" || d.State.Status != StatusOpen ||
		d.Transitions[0].Topics[0] != TopicReady {
		t.Errorf("%s: %s", d.State.Status, kinds(d))
	}
}

func TestTickNotesAMissedDeadlineOnce(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	fo = done(t, fo, &SetDeadline{FulfillBy: new(testTime.Add(-time.Hour))}).State
	d := tick(t, fo, testTime)
	if kinds(d) != "DEADLINE_MISSED" || d.State.DeadlineMissedAt == nil ||
		d.Transitions[0].Topics[0] != TopicDeadlineMissed {
		t.Errorf("got %s", kinds(d))
	}
	closed := inState(ownLocation, StatusClosed, RequestUnsubmitted)
	closed.FulfillBy = fo.FulfillBy
	if d := tick(t, closed, testTime); len(d.Transitions) > 0 {
		t.Errorf("a closed one: %s", kinds(d))
	}
}

func TestTickReminds(t *testing.T) {
	t.Parallel()
	fo := requested(t, automatedService, time.Hour, AcceptRemind)
	d := tick(t, fo, testTime.Add(90*time.Minute))
	if kinds(d) != "ACCEPT_OVERDUE" || !d.State.AcceptBy.Equal(testTime.Add(2*time.Hour)) ||
		effects(d.State) != "REQUEST:DUE" {
		t.Errorf("%s, then by %v, %s", kinds(d), d.State.AcceptBy, effects(d.State))
	}
	if d := tick(t, fo, testTime.Add(10*time.Hour)); kinds(d) != "ACCEPT_OVERDUE" ||
		!d.State.AcceptBy.Equal(testTime.Add(11*time.Hour)) {
		t.Errorf("after a long sleep: %s, then by %v", kinds(d), d.State.AcceptBy)
	}
}

func TestTickHoldsWhatPeopleDidNotAccept(t *testing.T) {
	t.Parallel()
	d := tick(t, requested(t, peopleService, time.Hour, AcceptHold), testTime.Add(time.Hour))
	h := d.State.Holds
	if kinds(d) != "TAKEN_BACK HELD" || d.State.Status != StatusOnHold || len(h) != 1 || h[0].HeldBy != System ||
		h[0].Reason != HoldOther || h[0].ReasonNotes != "Not accepted by Pack & Go in time" {
		t.Errorf("%s: %s, %+v", d.State.Status, kinds(d), h)
	}
}

func TestTickReroutesWhatPeopleDidNotAccept(t *testing.T) {
	t.Parallel()
	d := tick(t, requested(t, peopleService, time.Hour, AcceptReroute), testTime.Add(time.Hour))
	if kinds(d) != "TAKEN_BACK" || effects(d.State) != "REROUTE:DUE" ||
		d.State.Effects[0].Key != "fulfillment-order/1#3" || d.State.RequestStatus != RequestUnsubmitted {
		t.Errorf("%s: %s, %s", d.State.RequestStatus, kinds(d), effects(d.State))
	}
}

func TestTickAsksASystemToForgetFirst(t *testing.T) {
	t.Parallel()
	for _, policy := range []AcceptPolicy{AcceptHold, AcceptReroute} {
		d := tick(t, requested(t, automatedService, time.Hour, policy), testTime.Add(time.Hour))
		if kinds(d) != "ACCEPT_OVERDUE" || effects(d.State) != "WITHDRAW:DUE" || d.State.Effects[0].Then != policy ||
			d.State.RequestStatus != RequestSubmitted || d.State.AcceptBy != nil {
			t.Errorf("%s: %s, %+v", policy, kinds(d), d.State.Effects)
		}
	}
}

func TestTickEndsExpiredHolds(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	fo = done(t, fo, &PlaceHold{Reason: HoldOther, Handle: "a", ExpiresAt: new(testTime.Add(time.Hour))}).State
	fo = done(t, fo, &PlaceHold{Reason: HoldOther, Handle: "b", ExpiresAt: new(testTime.Add(2 * time.Hour))}).State
	d := tick(t, fo, testTime.Add(time.Hour))
	if kinds(d) != "HOLD_RELEASED" || d.State.Status != StatusOnHold || d.State.Holds[0].Handle != "b" {
		t.Errorf("%s: %s", d.State.Status, kinds(d))
	}
	if d := tick(t, fo, testTime.Add(9*time.Hour)); kinds(d) != "HOLD_RELEASED HOLD_RELEASED" ||
		d.State.Status != StatusOpen {
		t.Errorf("%s: %s", d.State.Status, kinds(d))
	}
}

func TestTickGivesUpWaitingForDelivery(t *testing.T) {
	t.Parallel()
	fo := done(t, partShipped(ownLocation), &CreateFulfillment{}).State
	fo = done(t, fo, news(EventDelivered, 1)).State // The first shipment has arrived.
	at, _, _ := fo.NextDeadline()
	if !at.Equal(testTime.Add(90 * 24 * time.Hour)) {
		t.Errorf("waits until %v", at)
	}
	d := tick(t, fo, at)
	if kinds(d) != "DELIVERY_GIVEN_UP" || !d.State.Finished() || d.State.Fulfillments[0].GivenUpAt != nil {
		t.Errorf("finished %v: %s", d.State.Finished(), kinds(d))
	}
	fo.DeliveryTimeout = Duration(time.Hour)
	if at, _, _ := fo.NextDeadline(); !at.Equal(testTime.Add(time.Hour)) {
		t.Errorf("with a timeout of its own, waits until %v", at)
	}
}

func TestTickDoesSeveralThingsInTheOrderOfTheirTimes(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusScheduled, RequestUnsubmitted)
	fo.FulfillBy = new(fo.FulfillAt.Add(-time.Hour))
	if d := tick(t, fo, fo.FulfillAt.Add(time.Hour)); kinds(d) != "DEADLINE_MISSED OPENED" {
		t.Errorf("got %s", kinds(d))
	}
}

func TestNothingIsWaitedFor(t *testing.T) {
	t.Parallel()
	if at, what, ok := inState(ownLocation, StatusOpen, RequestUnsubmitted).NextDeadline(); ok {
		t.Errorf("%s at %v", what, at)
	}
}

func TestDueAt(t *testing.T) {
	t.Parallel()
	late, early := testTime.Add(2*time.Hour), testTime.Add(time.Hour)
	effect := func(status EffectStatus, since time.Time) Effect {
		return Effect{Kind: EffectRequest, Status: status, Since: since}
	}
	for name, test := range map[string]struct {
		fulfillBy *time.Time
		effects   []Effect
		want      *time.Time
	}{
		"nothing":           {},
		"a_deadline":        {fulfillBy: &late, want: &late},
		"an_effect":         {effects: []Effect{effect(EffectDue, early)}, want: &early},
		"an_unknown_effect": {effects: []Effect{effect(EffectUnknown, early)}, want: &early},
		"the_earliest_of_the_effects": {
			effects: []Effect{effect(EffectDue, late), effect(EffectDue, early)}, want: &early,
		},
		"the_effect_before_the_timer": {fulfillBy: &late, effects: []Effect{effect(EffectDue, early)}, want: &early},
		"the_timer_before_the_effect": {fulfillBy: &early, effects: []Effect{effect(EffectDue, late)}, want: &early},
		"not_what_others_must_do":     {effects: []Effect{effect(EffectWaiting, early), effect(EffectParked, early)}},
		"not_what_others_do_meanwhile": {
			fulfillBy: &late, effects: []Effect{effect(EffectWaiting, early)}, want: &late,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
			fo.FulfillBy, fo.Effects = test.fulfillBy, test.effects
			at, ok := fo.DueAt()
			if ok != (test.want != nil) || ok && !at.Equal(*test.want) {
				t.Errorf("due at %v, %t; want %v", at, ok, test.want)
			}
		})
	}
}
