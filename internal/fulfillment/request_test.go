package fulfillment

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSubmitAddsAMerchantRequest(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusOpen, RequestRejected)
	fo.AssignedLocation.AcceptWithin = Duration(2 * time.Hour)
	fo.Lines[0].Warnings = []Warning{{Title: "Rejected"}}
	d := done(t, fo, &SubmitFulfillmentRequest{Message: "soon please", NotifyCustomer: true})
	want := []MerchantRequest{
		{
			ID: 1000, Kind: RequestFulfillment, Message: "soon please",
			Options: map[string]any{"notify_customer": true}, SentAt: testTime,
		},
	}
	if diff := cmp.Diff(want, d.State.MerchantRequests); diff != "" {
		t.Error(diff)
	}
	if d.State.AcceptBy == nil || !d.State.AcceptBy.Equal(testTime.Add(2*time.Hour)) {
		t.Errorf("accept by %v", d.State.AcceptBy)
	}
	if d.State.Lines[0].Warnings != nil || d.Result.RequestID != 1000 || len(d.State.Effects) > 0 {
		t.Errorf("got %+v", d.State)
	}
}

// TestSubmitAPart: the original keeps what was submitted, the sibling's ID is the first that is taken.
func TestSubmitAPart(t *testing.T) {
	t.Parallel()
	d := done(
		t, twoLines(peopleService, StatusOpen, RequestUnsubmitted),
		&SubmitFulfillmentRequest{Lines: []Quantity{{11, 2}}},
	)
	if amounts(d.State) != "11:2/2" || len(d.Siblings) != 1 {
		t.Fatalf("original %s, %d siblings", amounts(d.State), len(d.Siblings))
	}
	s := d.Siblings[0]
	if s.ID != 1000 || amounts(s) != "1001:1/1 1002:2/2" || s.Status != StatusOpen ||
		s.RequestStatus != RequestUnsubmitted {
		t.Errorf("sibling %d %s %s/%s", s.ID, amounts(s), s.Status, s.RequestStatus)
	}
	if d.Result.SiblingID != 1000 || d.Result.SiblingRole != SiblingUnsubmitted || d.State.SupersededBy[0] != 1000 ||
		s.Supersedes[0] != 1 {
		t.Errorf("got %+v", d.Result)
	}
	created := d.SiblingTransitions[0]
	if created.FulfillmentOrderID != 1000 || created.Sequence != 1 || created.Kind != KindCreated ||
		!strings.Contains(created.Reason, "fulfillment order 1") {
		t.Errorf("got %+v", created)
	}
}

func TestSubmitNamingEverythingIsWhole(t *testing.T) {
	t.Parallel()
	d := done(
		t, twoLines(peopleService, StatusOpen, RequestUnsubmitted),
		&SubmitFulfillmentRequest{Lines: []Quantity{{12, 2}, {11, 3}}},
	)
	if len(d.Siblings) > 0 || amounts(d.State) != "11:3/3 12:2/2" {
		t.Errorf("%d siblings, %s", len(d.Siblings), amounts(d.State))
	}
}

func TestSubmitCallsASystem(t *testing.T) {
	t.Parallel()
	d := done(t, inState(automatedService, StatusOpen, RequestUnsubmitted), &SubmitFulfillmentRequest{})
	want := []Effect{
		{Key: "fulfillment-order/1#2", Kind: EffectRequest, Status: EffectDue, Provider: "robots", Since: testTime},
	}
	if diff := cmp.Diff(want, d.State.Effects); diff != "" || d.State.RequestKey != want[0].Key ||
		d.Transitions[0].Sequence != 2 {
		t.Errorf("request key %q, effects %s", d.State.RequestKey, diff)
	}
	accepted := done(t, d.State, &AcceptFulfillmentRequest{})
	if len(accepted.State.Effects) > 0 {
		t.Error("the service's own yes left the call outstanding")
	}
}

func TestSubmitRefusesBadLines(t *testing.T) {
	t.Parallel()
	fo := twoLines(peopleService, StatusOpen, RequestUnsubmitted)
	field := "fulfillmentOrderLineItems"
	for _, c := range []struct {
		lines   []Quantity
		code    Code
		message string
		field   []string
	}{
		{
			[]Quantity{{11, 1}, {12, 0}}, CodeGreaterThanZero, "Quantity must be greater than 0",
			[]string{field, "1", "quantity"},
		},
		{[]Quantity{{11, 1}, {11, 1}}, CodeDuplicateLines, "must contain unique line item ids", []string{field}},
		{[]Quantity{{99, 1}}, CodeLineItemNotFound, "Fulfillment order line item does not exist.", []string{field}},
		{[]Quantity{{11, 4}}, CodeInvalid, "Invalid fulfillment order line item quantity requested.", []string{field}},
	} {
		refused(t, fo, &SubmitFulfillmentRequest{Lines: c.lines}, c.code, c.message, c.field...)
	}
	refused(
		t, fo, &SubmitFulfillmentRequest{Message: strings.Repeat("é", 5001)}, CodeInvalid,
		"is too long (maximum is 5000 characters)", "message",
	)
}

func TestAcceptNotesWhenItWillShip(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusOpen, RequestSubmitted)
	fo.AcceptBy = new(testTime.Add(time.Hour))
	at := testTime.Add(48 * time.Hour)
	d := done(t, fo, &AcceptFulfillmentRequest{EstimatedShippedAt: &at})
	if d.State.AcceptBy != nil || !d.State.EstimatedShippedAt.Equal(at) {
		t.Errorf("accept by %v, ships at %v", d.State.AcceptBy, d.State.EstimatedShippedAt)
	}
}

func TestRejectWarnsOnTheLinesThatItNames(t *testing.T) {
	t.Parallel()
	fo := twoLines(peopleService, StatusOpen, RequestSubmitted)
	d := done(
		t, fo,
		&RejectFulfillmentRequest{
			Reason: RejectOutOfStock, Message: "gone", Lines: []RejectedLine{{LineID: 12, Message: "no tea"}},
		},
	)
	want := []Warning{{Title: "Rejected by Pack & Go", Description: "no tea"}}
	if diff := cmp.Diff(want, d.State.Lines[1].Warnings); diff != "" || d.State.Lines[0].Warnings != nil {
		t.Errorf("warnings %v, %s", d.State.Lines[0].Warnings, diff)
	}
	refused(
		t, fo, &RejectFulfillmentRequest{Lines: []RejectedLine{{LineID: 99}}}, CodeLineItemNotFound,
		"Fulfillment order line item does not exist.", "lineItems",
	)
	if e := refusedAny(t, fo, &RejectFulfillmentRequest{Reason: "TIRED"}); e.Code != CodeInvalid ||
		!strings.Contains(e.Message, "MERCHANT_BLOCKED_OR_SUSPENDED") {
		t.Errorf("got %v", e)
	}
}

func refusedAny(t *testing.T, fo *FulfillmentOrder, cmd Command) *Error {
	t.Helper()
	_, err := fo.Decide(cmd, Env{Now: testTime, IDs: NewIDs(1000)})
	e, ok := AsError(err)
	if !ok {
		t.Fatalf("%s succeeded", cmd.Verb())
	}
	return e
}
