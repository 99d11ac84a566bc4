package fulfillment

import (
	"strings"
	"testing"
	"time"
)

const requestKey = "fulfillment-order/1#2"

func answer(outcome Outcome) *ProviderAnswer {
	return &ProviderAnswer{Key: requestKey, Outcome: outcome, Reference: "W-7", Message: "says the robot"}
}

func TestProviderAccepts(t *testing.T) {
	t.Parallel()
	d := done(t, automatedRequest(t), answer(OutcomeAccepted))
	step := d.Transitions[0]
	if kinds(d) != string(KindAccepted) || d.State.RequestReference != "W-7" || len(d.State.Effects) > 0 ||
		step.Actor.Role != RoleSystem || step.Actor.Name != "Robots" {
		t.Errorf("%s by %+v, %+v", kinds(d), step.Actor, d.State)
	}
	again := done(t, d.State, answer(OutcomeAccepted))
	if kinds(again) != "PROVIDER_ANSWER_IGNORED" || again.State.RequestStatus != RequestAccepted ||
		again.State.Status != StatusInProgress {
		t.Errorf("the second time: %s", kinds(again))
	}
}

// TestProviderRejects: what a system says wrongly is cut to what can be kept, it can't be sent back.
func TestProviderRejects(t *testing.T) {
	t.Parallel()
	cmd := answer(OutcomeRejected)
	cmd.Reason = "ROBOT_ON_STRIKE"
	cmd.Lines = []RejectedLine{{LineID: 11, Message: strings.Repeat("x", 9999)}, {LineID: 99}}
	s := done(t, automatedRequest(t), cmd).State
	if s.RequestStatus != RequestRejected || len(s.Lines[0].Warnings) != 1 ||
		len(s.Lines[0].Warnings[0].Description) != 255 {
		t.Errorf("%s %+v", s.RequestStatus, s.Lines)
	}
}

func TestProviderAnswersLater(t *testing.T) {
	t.Parallel()
	pending := done(t, automatedRequest(t), answer(OutcomePending))
	if kinds(pending) != "PROVIDER_PENDING" || effects(pending.State) != "REQUEST:WAITING" ||
		pending.State.RequestReference != "W-7" || len(pending.State.DueEffects()) > 0 {
		t.Errorf("%s %s", kinds(pending), effects(pending.State))
	}
	if again := done(t, pending.State, answer(OutcomePending)); len(again.Transitions) > 0 {
		t.Errorf("again: %s", kinds(again))
	}
	for _, own := range []Command{&AcceptFulfillmentRequest{}, &RejectFulfillmentRequest{}} {
		if s := done(t, pending.State, own).State; len(s.Effects) > 0 {
			t.Errorf("%s left %s", own.Verb(), effects(s))
		}
	}
}

func TestProviderOutcomeUnknownOrParked(t *testing.T) {
	t.Parallel()
	unknown := done(t, automatedRequest(t), answer(OutcomeUnknown)).State
	if effects(unknown) != "REQUEST:UNKNOWN" || unknown.Effects[0].Problem != "says the robot" ||
		len(unknown.DueEffects()) != 1 {
		t.Errorf("%+v", unknown.Effects)
	}
	parked := done(t, unknown, answer(OutcomeParked)).State
	if effects(parked) != "REQUEST:PARKED" || len(parked.DueEffects()) > 0 {
		t.Errorf("%+v", parked.Effects)
	}
	if s := done(t, parked, answer(OutcomeAccepted)).State; s.RequestStatus != RequestAccepted {
		t.Errorf("a person's answer: %s", s.RequestStatus)
	}
}

func TestProviderAnswersACancellationRequest(t *testing.T) {
	t.Parallel()
	asked := done(t, automatedAccepted(t), &SubmitCancellationRequest{}).State
	key := asked.Effects[0].Key
	if s := done(t, asked, &ProviderAnswer{Key: key, Outcome: OutcomeAccepted}).State; s.Status != StatusCancelled ||
		len(s.Effects) > 0 {
		t.Errorf("accepted: %s", s.Status)
	}
	if s := done(
		t, asked, &ProviderAnswer{Key: key, Outcome: OutcomeRejected},
	).State; s.RequestStatus != RequestCancellationRejected || len(s.Effects) > 0 {
		t.Errorf("rejected: %s", s.RequestStatus)
	}
}

func TestProviderAnswerWithoutAKnownKey(t *testing.T) {
	t.Parallel()
	fo := automatedRequest(t)
	for _, key := range []string{
		"", "x", "fulfillment-order/1#3", "fulfillment-order/1#02", "fulfillment-order/2#1", "fulfillment-order/1#-1",
	} {
		if e := refusedAny(t, fo, &ProviderAnswer{Key: key, Outcome: OutcomeAccepted}); e.Code != CodeInvalid {
			t.Errorf("%q: %v", key, e)
		}
	}
	refused(
		t, fo, &ProviderAnswer{Key: requestKey, Outcome: "MAYBE"}, CodeInvalid, `"MAYBE" is not an outcome. Use one of: ACCEPTED, REJECTED, PENDING, UNKNOWN, PARKED.`, "outcome",
	)
}

// withdrawing is overdue at a system that is asked to forget the request; the key of the withdrawal is #3.
func withdrawing(t *testing.T, policy AcceptPolicy) *FulfillmentOrder {
	t.Helper()
	return tick(t, requested(t, automatedService, time.Hour, policy), testTime.Add(time.Hour)).State
}

func TestWithdrawn(t *testing.T) {
	t.Parallel()
	forgot := &ProviderAnswer{Key: "fulfillment-order/1#3", Outcome: OutcomeAccepted}
	held := done(t, withdrawing(t, AcceptHold), forgot)
	if kinds(held) != "TAKEN_BACK HELD" || held.State.Status != StatusOnHold || len(held.State.Effects) > 0 ||
		held.State.Holds[0].HeldBy != System {
		t.Errorf("%s: %s", held.State.Status, kinds(held))
	}
	rerouted := done(t, withdrawing(t, AcceptReroute), forgot)
	if kinds(rerouted) != "TAKEN_BACK" || effects(rerouted.State) != "REROUTE:DUE" {
		t.Errorf("%s, %s", kinds(rerouted), effects(rerouted.State))
	}
	cancelled := done(t, automatedRequest(t), &Cancel{}).State
	if s := done(t, cancelled, forgot).State; len(s.Effects) > 0 || !s.Finished() {
		t.Errorf("after a cancel: %s", effects(s))
	}
}

func TestTooLateToWithdraw(t *testing.T) {
	t.Parallel()
	kept := &ProviderAnswer{Key: "fulfillment-order/1#3", Outcome: OutcomeRejected, Message: "packed"}
	d := done(t, withdrawing(t, AcceptHold), kept)
	if d.State.RequestStatus != RequestAccepted || len(d.State.Effects) > 0 ||
		!strings.Contains(d.Transitions[0].Reason, "keeps the request") {
		t.Errorf("%s: %+v", d.State.RequestStatus, d.Transitions)
	}
	s := done(t, done(t, automatedRequest(t), &Cancel{}).State, kept).State
	if effects(s) != "WITHDRAW:PARKED" || !strings.Contains(s.Effects[0].Problem, "packed") || s.Finished() ||
		s.Status != StatusClosed {
		t.Errorf("after a cancel: %+v", s.Effects)
	}
}

func TestWithdrawalCrossesTheServicesOwnAnswer(t *testing.T) {
	t.Parallel()
	accepted := done(t, withdrawing(t, AcceptHold), &AcceptFulfillmentRequest{}).State
	if effects(accepted) != "WITHDRAW:DUE" {
		t.Fatalf("got %s", effects(accepted))
	}
	d := done(t, accepted, &ProviderAnswer{Key: "fulfillment-order/1#3", Outcome: OutcomeRejected})
	if kinds(d) != "PROVIDER_ANSWER_IGNORED" || d.State.RequestStatus != RequestAccepted || len(d.State.Effects) > 0 {
		t.Errorf("%s: %s", d.State.RequestStatus, kinds(d))
	}
}

func rerouting(t *testing.T) *FulfillmentOrder {
	t.Helper()
	return tick(t, requested(t, peopleService, time.Hour, AcceptReroute), testTime.Add(time.Hour)).State
}

func TestReroute(t *testing.T) {
	t.Parallel()
	to := func(l *AssignedLocation) *ProviderAnswer {
		return &ProviderAnswer{Key: "fulfillment-order/1#3", Outcome: OutcomeAccepted, Location: l}
	}
	own := done(t, rerouting(t), to(&lyon))
	if kinds(own) != "MOVED" || own.State.AssignedLocation != lyon || own.State.RequestStatus != RequestUnsubmitted {
		t.Errorf("to an own location: %s", kinds(own))
	}
	service := done(t, rerouting(t), to(&automatedService))
	last := service.State.MerchantRequests[1]
	if kinds(service) != "MOVED FULFILLMENT_REQUESTED" || effects(service.State) != "REQUEST:DUE" ||
		service.State.Effects[0].Key != "fulfillment-order/1#5" ||
		last.Message != "please" || last.Options["notify_customer"] != true {
		t.Errorf("to a service: %s, %+v, %+v", kinds(service), service.State.Effects, last)
	}
	for _, nowhere := range []*AssignedLocation{nil, new(rerouting(t).AssignedLocation)} {
		if d := done(t, rerouting(t), to(nowhere)); kinds(d) != "NOT_REROUTED" || d.State.Status != StatusOpen ||
			len(d.State.Effects) > 0 {
			t.Errorf("nowhere: %s", kinds(d))
		}
	}
	held := done(t, rerouting(t), &PlaceHold{Reason: HoldOther}).State
	held = done(t, held, &SetDeadline{}).State
	if d := done(t, held, to(&lyon)); kinds(d) != "PROVIDER_ANSWER_IGNORED" ||
		d.State.AssignedLocation.LocationID != peopleService.LocationID {
		t.Errorf("a held one: %s", kinds(d))
	}
	for _, cmd := range []Command{
		&SubmitFulfillmentRequest{}, &Move{Location: &lyon}, &Cancel{}, &CreateFulfillment{},
	} {
		if s := done(t, rerouting(t), cmd).State; strings.Contains(effects(s), "REROUTE") {
			t.Errorf("%s leaves the reroute to come", cmd.Verb())
		}
	}
}

// TestWithdrawalOfAnEarlierRequest: what the system forgot is not what it was asked for since.
func TestWithdrawalOfAnEarlierRequest(t *testing.T) {
	t.Parallel()
	fo := done(t, withdrawing(t, AcceptHold), &RejectFulfillmentRequest{}).State
	fo = done(t, fo, &SubmitFulfillmentRequest{}).State
	d := done(t, fo, &ProviderAnswer{Key: "fulfillment-order/1#3", Outcome: OutcomeAccepted})
	if kinds(d) != "PROVIDER_ANSWER_IGNORED" || d.State.RequestStatus != RequestSubmitted ||
		effects(d.State) != "REQUEST:DUE" {
		t.Errorf("%s: %s, %s", d.State.RequestStatus, kinds(d), effects(d.State))
	}
}
