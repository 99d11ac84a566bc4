package fulfillment

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// askedOfRobots is a request for three cups (line 11) and two teas (line 12), which a service's system has under the
// key #2.
func askedOfRobots(t *testing.T) *FulfillmentOrder {
	t.Helper()
	fo := twoLines(automatedService, StatusOpen, RequestUnsubmitted)
	return done(t, fo, &SubmitFulfillmentRequest{Message: "please"}).State
}

// stoppingRobots is that request, accepted, that the system is asked under the key #4 to stop.
func stoppingRobots(t *testing.T) *FulfillmentOrder {
	t.Helper()
	fo := done(t, askedOfRobots(t), &ProviderAnswer{Key: "fulfillment-order/1#2", Outcome: OutcomeAccepted}).State
	return done(t, fo, &SubmitCancellationRequest{Message: "stop"}).State
}

func topicsOf(d *Decision) string {
	var all []string
	for _, step := range append(slices.Clone(d.Transitions), d.SiblingTransitions...) {
		for _, topic := range step.Topics {
			all = append(all, strings.TrimPrefix(topic, "fulfillment_orders/"))
		}
	}
	return strings.Join(all, " ")
}

// TestPartialAcceptance: whoever says it, the accepted units stay, and the rest is a sibling that is REJECTED, with the
// reason of each line.
func TestPartialAcceptance(t *testing.T) {
	t.Parallel()
	accepted, why := []Quantity{{11, 2}}, []RejectedLine{{11, "one is broken"}, {12, ""}}
	for name, cmd := range map[string]Command{
		"command": &AcceptFulfillmentRequest{
			Lines: accepted, Reason: RejectOutOfStock, Message: "no tea", Rejected: why,
		},
		"system": &ProviderAnswer{
			Key: "fulfillment-order/1#2", Outcome: OutcomeAccepted, Accepted: accepted, Reason: RejectOutOfStock,
			Message: "no tea", Lines: why, Reference: "R-1",
		},
		"system_in_two_parts": &ProviderAnswer{
			Key: "fulfillment-order/1#2", Outcome: OutcomeAccepted, Accepted: []Quantity{{11, 1}, {12, 0}, {11, 1}},
			Reason: RejectOutOfStock, Message: "no tea", Lines: why, Reference: "R-1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := done(t, askedOfRobots(t), cmd)
			fo := d.State
			if !fo.in(StatusInProgress, RequestAccepted) || amounts(fo) != "11:2/2" || len(fo.Effects) > 0 ||
				fo.RequestKey != "fulfillment-order/1#2" || kinds(d) != "SPLIT FULFILLMENT_REQUEST_ACCEPTED" {
				t.Errorf("%s/%s %s, %s", fo.Status, fo.RequestStatus, amounts(fo), kinds(d))
			}
			s := d.Siblings[0]
			if !s.in(StatusOpen, RequestRejected) || amounts(s) != "1001:1/1 1002:2/2" || s.RequestKey != "" ||
				len(s.Effects) > 0 || s.AssignedLocation != fo.AssignedLocation {
				t.Errorf("the rest is %s/%s %s", s.Status, s.RequestStatus, amounts(s))
			}
			title := "Rejected by " + fo.AssignedLocation.service()
			if diff := cmp.Diff([][]Warning{{{title, "one is broken"}}, {{title, "no tea"}}},
				[][]Warning{s.Lines[0].Warnings, s.Lines[1].Warnings}); diff != "" {
				t.Error(diff)
			}
			if d.Result.SiblingID != s.ID || d.Result.SiblingRole != SiblingRejected ||
				topicsOf(d) != "split fulfillment_request_accepted fulfillment_request_rejected" {
				t.Errorf("answer %+v, topics %s", d.Result, topicsOf(d))
			}
			split, took, born := d.Transitions[0].Details, d.Transitions[1].Details, d.SiblingTransitions[0]
			if !slices.Equal(split.Lines, []Quantity{{11, 1}, {12, 2}}) || split.SiblingID != s.ID ||
				split.Sibling.RequestStatus != RequestRejected || !slices.Equal(took.Lines, accepted) {
				t.Errorf("split %+v, accepted %+v", split, took)
			}
			if born.Kind != KindCreated || born.After != s.Summary() || born.Details.SourceID != 1 ||
				born.Details.RejectionReason != RejectOutOfStock || born.Details.Message != "no tea" ||
				born.Details.MerchantRequest == nil || born.Details.MerchantRequest.Message != "please" ||
				!slices.Equal(born.Details.Rejected, []RejectedLine{{1001, "one is broken"}, {1002, ""}}) {
				t.Errorf("born as %+v, %+v", born, born.Details)
			}
		})
	}
}

// TestPartialAcceptanceKeepsAttachmentsWithTheYes: labels are of what is accepted.
func TestPartialAcceptanceKeepsAttachmentsWithTheYes(t *testing.T) {
	t.Parallel()
	d := done(t, askedOfRobots(t), &ProviderAnswer{
		Key: "fulfillment-order/1#2", Outcome: OutcomeAccepted, Accepted: []Quantity{{11, 3}},
		Attachments: Attachments{Labels: []Label{{TrackingNumber: "1Z"}}},
	})
	if d.Transitions[0].Details.Attachments != nil || d.Transitions[1].Details.Attachments == nil ||
		d.State.RequestAttachments == nil || d.Siblings[0].RequestAttachments != nil {
		t.Errorf("attachments are elsewhere: %+v", d.Transitions)
	}
}

// TestAcceptanceOfEverythingIsWhole, named or not.
func TestAcceptanceOfEverythingIsWhole(t *testing.T) {
	t.Parallel()
	all := []Quantity{{12, 2}, {11, 3}}
	for _, cmd := range []Command{
		&AcceptFulfillmentRequest{Lines: all},
		&ProviderAnswer{Key: "fulfillment-order/1#2", Outcome: OutcomeAccepted, Accepted: all},
	} {
		d := done(t, askedOfRobots(t), cmd)
		if len(d.Siblings) > 0 || kinds(d) != "FULFILLMENT_REQUEST_ACCEPTED" || d.Transitions[0].Details.Lines != nil {
			t.Errorf("%T: %d siblings, %s", cmd, len(d.Siblings), kinds(d))
		}
	}
	d := done(t, stoppingRobots(t), &AcceptCancellationRequest{Lines: all})
	if len(d.Siblings) > 0 || d.State.Status != StatusCancelled {
		t.Errorf("stopped: %d siblings, %s", len(d.Siblings), d.State.Status)
	}
}

// TestAcceptanceOfNothingIsARejection: a system's list that is there and empty says no.
func TestAcceptanceOfNothingIsARejection(t *testing.T) {
	t.Parallel()
	for _, none := range [][]Quantity{{}, {{11, 0}}, {{99, 0}}} {
		d := done(t, askedOfRobots(t), &ProviderAnswer{
			Key: "fulfillment-order/1#2", Outcome: OutcomeAccepted, Accepted: none, Reason: "INVALID_SKU",
			Lines: []RejectedLine{{11, "unknown"}},
		})
		if !d.State.in(StatusOpen, RequestRejected) || len(d.Siblings) > 0 || amounts(d.State) != "11:3/3 12:2/2" ||
			len(d.State.Lines[0].Warnings) != 1 || d.Transitions[0].Details.RejectionReason != "INVALID_SKU" {
			t.Errorf("%v: %s/%s %s", none, d.State.Status, d.State.RequestStatus, amounts(d.State))
		}
		d = done(t, stoppingRobots(t), &ProviderAnswer{Key: "fulfillment-order/1#4", Outcome: OutcomeAccepted, Accepted: none})
		if !d.State.in(StatusInProgress, RequestCancellationRejected) {
			t.Errorf("%v: the service stopped: %s/%s", none, d.State.Status, d.State.RequestStatus)
		}
	}
}

// TestAnswerForOtherUnitsIsParked: nobody could be told that it is wrong, and nothing is guessed.
func TestAnswerForOtherUnitsIsParked(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]Quantity{
		"unknown_line": {{11, 1}, {99, 1}}, "too_many": {{11, 4}}, "too_many_in_parts": {{12, 1}, {12, 2}},
		"negative": {{11, 3}, {12, -1}}, "out_of_this_world": {{11, math.MaxInt}, {11, math.MaxInt}},
	} {
		for key, fo := range map[string]*FulfillmentOrder{
			"fulfillment-order/1#2": askedOfRobots(t), "fulfillment-order/1#4": stoppingRobots(t),
		} {
			d := done(t, fo, &ProviderAnswer{
				Key: key, Outcome: OutcomeAccepted, Accepted: parts, Message: "fine", Reference: "R-1",
			})
			if d.State.Summary() != fo.Summary() || len(d.Siblings) > 0 || len(d.State.Effects) != 1 ||
				d.State.Effects[0].Status != EffectParked || !strings.Contains(d.State.Effects[0].Problem, "units") &&
				!strings.Contains(d.State.Effects[0].Problem, "line 99") ||
				!strings.Contains(d.State.Effects[0].Problem, "fine") {
				t.Errorf("%s of %s: %+v", name, key, d.State.Effects)
			}
			// A person answers for the service.
			after := done(t, d.State, map[string]Command{
				"fulfillment-order/1#2": &AcceptFulfillmentRequest{Lines: []Quantity{{11, 1}}},
				"fulfillment-order/1#4": &AcceptCancellationRequest{Lines: []Quantity{{11, 1}}},
			}[key])
			if len(after.State.Effects) > 0 || len(after.Siblings) != 1 {
				t.Errorf("%s of %s: answered, it still waits: %+v", name, key, after.State.Effects)
			}
		}
	}
}

// TestLatePartsAreIgnored: they are about units that went their own way.
func TestLatePartsAreIgnored(t *testing.T) {
	t.Parallel()
	fo := done(t, askedOfRobots(t), &AcceptFulfillmentRequest{}).State
	d := done(t, fo, &ProviderAnswer{
		Key: "fulfillment-order/1#2", Outcome: OutcomeAccepted, Accepted: []Quantity{{99, 7}},
	})
	if kinds(d) != "PROVIDER_ANSWER_IGNORED" || amounts(d.State) != "11:3/3 12:2/2" || len(d.Siblings) > 0 {
		t.Errorf("%s, %s", kinds(d), amounts(d.State))
	}
}

// TestWithdrawalOfAPartIsParked: who else gets the work must get all of it.
func TestWithdrawalOfAPartIsParked(t *testing.T) {
	t.Parallel()
	const key = "fulfillment-order/1#3"
	part, all := []Quantity{{11, 1}}, []Quantity{{11, 3}}
	d := done(t, withdrawing(t, AcceptHold), &ProviderAnswer{Key: key, Outcome: OutcomeAccepted, Accepted: part})
	if d.State.RequestStatus != RequestSubmitted || effects(d.State) != "WITHDRAW:PARKED" {
		t.Errorf("a part: %s, %s", d.State.RequestStatus, effects(d.State))
	}
	d = done(t, withdrawing(t, AcceptHold), &ProviderAnswer{Key: key, Outcome: OutcomeAccepted, Accepted: all})
	if d.State.Status != StatusOnHold {
		t.Errorf("all of it: %s, %s", d.State.Status, effects(d.State))
	}
	cancelled := done(t, askedOfRobots(t), &Cancel{})
	key2 := cancelled.State.Effects[0].Key
	d = done(t, cancelled.State, &ProviderAnswer{Key: key2, Outcome: OutcomeAccepted, Accepted: part})
	if effects(d.State) != "WITHDRAW:PARKED" {
		t.Errorf("of a closed one: %s", effects(d.State))
	}
}

// TestPartialCancellation: the service goes on with the rest under the same key; what it has stopped is a sibling that
// is CANCELLED.
func TestPartialCancellation(t *testing.T) {
	t.Parallel()
	stopped, why := []Quantity{{11, 1}, {12, 2}}, []RejectedLine{{11, "packed"}}
	for name, cmd := range map[string]Command{
		"command": &AcceptCancellationRequest{
			Lines: stopped, Message: "two are packed", Reason: RejectOther, Rejected: why,
		},
		"system": &ProviderAnswer{
			Key: "fulfillment-order/1#4", Outcome: OutcomeAccepted, Accepted: stopped, Message: "two are packed",
			Reason: RejectOther, Lines: why,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := done(t, stoppingRobots(t), cmd)
			fo, s := d.State, d.Siblings[0]
			if !fo.in(StatusInProgress, RequestCancellationRejected) || amounts(fo) != "11:2/2" ||
				len(fo.Effects) > 0 || fo.RequestKey != "fulfillment-order/1#2" ||
				kinds(d) != "SPLIT CANCELLATION_REJECTED" {
				t.Errorf("%s/%s %s, %s", fo.Status, fo.RequestStatus, amounts(fo), kinds(d))
			}
			if !s.in(StatusCancelled, RequestCancellationAccepted) || amounts(s) != "1001:1/1 1002:2/2" ||
				s.RequestKey != "" || d.Result.SiblingRole != SiblingCancelled {
				t.Errorf("what is stopped is %s/%s %s", s.Status, s.RequestStatus, amounts(s))
			}
			if born := d.SiblingTransitions[0]; born.After != s.Summary() || born.Details.Message != "two are packed" ||
				born.Details.MerchantRequest.Message != "stop" ||
				topicsOf(d) != "split cancellation_request_rejected cancellation_request_accepted" {
				t.Errorf("born as %+v; topics %s", born, topicsOf(d))
			}
			on := d.Transitions[1]
			if diff := cmp.Diff(why, on.Details.Rejected); diff != "" || on.Details.RejectionReason != RejectOther ||
				!strings.HasSuffix(on.Reason, "goes on: OTHER.") {
				t.Errorf("why it goes on is lost: %s: %+v", on.Reason, on.Details)
			}
			again := done(t, s, &SubmitFulfillmentRequest{})
			if effects(again.State) != "REQUEST:DUE" {
				t.Errorf("what is stopped can't be asked for again: %s", effects(again.State))
			}
		})
	}
}

// TestPartialCancellationOfACancelledOrder: what is stopped is out of the order for good, the rest is on its way.
func TestPartialCancellationOfACancelledOrder(t *testing.T) {
	t.Parallel()
	fo := stoppingRobots(t)
	fo.OrderCancelled = true
	d := done(t, fo, &ProviderAnswer{
		Key: "fulfillment-order/1#4", Outcome: OutcomeAccepted, Accepted: []Quantity{{11, 3}},
	})
	if s := d.Siblings[0]; s.Status != StatusClosed || amounts(s) != "1001:0/0-3" || !s.Finished() ||
		!s.OrderCancelled || amounts(d.State) != "12:2/2" || d.State.Status != StatusInProgress {
		t.Errorf("stopped %s %s, the rest %s %s", s.Status, amounts(s), d.State.Status, amounts(d.State))
	}
}

// TestPartialCancellationGivesBack: an open sibling at the location gets what is stopped, as it gets the whole; without
// one, a new one does if that is asked for.
func TestPartialCancellationGivesBack(t *testing.T) {
	t.Parallel()
	part := []Quantity{{11, 1}}
	open := inState(automatedService, StatusOpen, RequestUnsubmitted)
	open.ID, open.Lines[0].ID, open.Lines[0].LineItemID = 7, 71, stoppingRobots(t).Lines[0].LineItemID
	for name, c := range map[string]struct {
		beside  []*FulfillmentOrder
		replace bool
		want    string
	}{
		"joins":    {[]*FulfillmentOrder{open}, true, "1 IN_PROGRESS 4, 7 OPEN 4, 1000 CLOSED 0"},
		"replaced": {nil, true, "1 IN_PROGRESS 4, 1000 CLOSED 0, 1002 OPEN 1"},
		"stays":    {nil, false, "1 IN_PROGRESS 4, 1000 CANCELLED 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := DecideJointly(&Alone{1, &AcceptCancellationRequest{
				Meta: Meta{CommandID: "c"}, Lines: part, Replace: c.replace,
			}}, append([]*FulfillmentOrder{stoppingRobots(t)}, c.beside...), Env{Now: testTime, IDs: NewIDs(1000)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, fo := range d.States {
				got = append(got, strings.Join([]string{
					fo.ID.String(), string(fo.Status), ID(fo.RemainingUnits()).String(),
				}, " "))
			}
			if text := strings.Join(got, ", "); text != c.want {
				t.Errorf("got %s, want %s", text, c.want)
			}
			if d.Results[0].SiblingID != 1000 || d.Results[0].SiblingRole != SiblingCancelled {
				t.Errorf("answer %+v", d.Results[0])
			}
		})
	}
}

// TestPartsAreRefused: a caller is told what is wrong with the units and the reasons that it names.
func TestPartsAreRefused(t *testing.T) {
	t.Parallel()
	const lines, rejected = "fulfillmentOrderLineItems", "rejectedLineItems"
	part := []Quantity{{11, 1}}
	for name, c := range map[string]struct {
		cmd     Command
		code    Code
		message string
		field   []string
	}{
		"nothing": {&AcceptFulfillmentRequest{Lines: []Quantity{}}, CodeInvalid,
			"An empty list would be a yes to nothing: send RejectFulfillmentRequest for that, or leave the list out " +
				"to say yes to all.", []string{lines}},
		"zero": {&AcceptFulfillmentRequest{Lines: []Quantity{{11, 0}}}, CodeGreaterThanZero,
			"Quantity must be greater than 0", []string{lines, "0", "quantity"}},
		"twice": {&AcceptFulfillmentRequest{Lines: []Quantity{{11, 1}, {11, 1}}}, CodeDuplicateLines,
			"must contain unique line item ids", []string{lines}},
		"unknown": {&AcceptFulfillmentRequest{Lines: []Quantity{{99, 1}}}, CodeLineItemNotFound,
			"Fulfillment order line item does not exist.", []string{lines}},
		"too_many": {&AcceptFulfillmentRequest{Lines: []Quantity{{11, 4}}}, CodeInvalid,
			"Invalid fulfillment order line item quantity requested.", []string{lines}},
		"reason_for_nothing": {&AcceptFulfillmentRequest{Reason: RejectOther}, CodeInvalid,
			"is why units are not accepted, and all are: name those that are accepted (fulfillmentOrderLineItems), " +
				"or leave it out.", []string{"reason"}},
		"reason_of_line_for_nothing": {&AcceptFulfillmentRequest{Rejected: []RejectedLine{{11, ""}}}, CodeInvalid,
			"is why units are not accepted, and all are: name those that are accepted (fulfillmentOrderLineItems), " +
				"or leave it out.", []string{rejected}},
		"reason_for_accepted_line": {
			&AcceptFulfillmentRequest{Lines: []Quantity{{11, 3}}, Rejected: []RejectedLine{{12, ""}, {11, ""}}},
			CodeInvalid, "All units of line item 11 are accepted.",
			[]string{rejected, "1", "fulfillmentOrderLineItemId"}},
		"reason_for_unknown_line": {&AcceptFulfillmentRequest{Lines: part, Rejected: []RejectedLine{{99, ""}}},
			CodeLineItemNotFound, "Fulfillment order line item does not exist.",
			[]string{rejected, "0", "fulfillmentOrderLineItemId"}},
		"reason_twice": {&AcceptFulfillmentRequest{Lines: part, Rejected: []RejectedLine{{12, ""}, {12, ""}}},
			CodeDuplicateLines, "must contain unique line item ids", []string{rejected}},
		"long_reason": {
			&AcceptFulfillmentRequest{Lines: part, Rejected: []RejectedLine{{12, strings.Repeat("é", 256)}}},
			CodeInvalid, "is too long (maximum is 255 characters)", []string{rejected, "0", "message"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, askedOfRobots(t), c.cmd, c.code, c.message, c.field...)
		})
	}
	refused(t, stoppingRobots(t), &AcceptCancellationRequest{Lines: []Quantity{}}, CodeInvalid,
		"An empty list would be a yes to nothing: send RejectCancellationRequest for that, or leave the list out to "+
			"say yes to all.", lines)
	refused(t, stoppingRobots(t), &AcceptCancellationRequest{Reason: RejectOther}, CodeInvalid,
		"is why units are not stopped, and all are: name those that are stopped (fulfillmentOrderLineItems), or leave "+
			"it out.", "reason")
	refused(t, stoppingRobots(t), &AcceptCancellationRequest{
		Lines: []Quantity{{11, 3}}, Rejected: []RejectedLine{{11, ""}},
	}, CodeInvalid, "All units of line item 11 are stopped.", rejected, "0", "fulfillmentOrderLineItemId")
	refused(t, stoppingRobots(t), &AcceptCancellationRequest{Lines: []Quantity{{11, 4}}}, CodeInvalid,
		"Invalid fulfillment order line item quantity requested.", lines)
}

// TestEmptyPartsSurviveJSON: an answer that accepts nothing must not become one that accepts all.
func TestEmptyPartsSurviveJSON(t *testing.T) {
	t.Parallel()
	for body, none := range map[string]bool{`{"accepted":[]}`: true, `{}`: false, `{"accepted":null}`: false} {
		var answer, again ProviderAnswer
		if refused := DecodeInto("ProviderAnswer", []byte(body), &answer, false); refused != nil {
			t.Fatal(refused)
		}
		if refused := DecodeInto("ProviderAnswer", []byte(jsonOf(t, answer)), &again, false); refused != nil {
			t.Fatal(refused)
		}
		if (again.Accepted != nil) != none {
			t.Errorf("%s became %+v", body, again.Accepted)
		}
	}
}
