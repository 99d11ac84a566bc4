package fulfillment

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecideAnswersARepeatedCommandTheSame(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	cmd := func() *Split { return &Split{Meta: Meta{CommandID: "a", FirstID: 9}, Lines: []Quantity{{11, 1}}} }
	first := done(t, fo, cmd())
	again := done(t, first.State, cmd())
	if !again.Repeated || again.Result != first.Result || len(again.Transitions) > 0 || len(again.Siblings) > 0 {
		t.Errorf("the repeated command did something: %+v", again)
	}
	other := &Split{Meta: Meta{CommandID: "a"}, Lines: []Quantity{{11, 2}}}
	refused(
		t, first.State, other, CodeIdempotencyConflict,
		"This command ID was used before for a different command. Use a new command ID.",
	)
	refused(
		t, first.State, &Cancel{Meta: Meta{CommandID: "a"}}, CodeIdempotencyConflict,
		"This command ID was used before for a different command. Use a new command ID.",
	)
}

func TestFingerprintLeavesOutWhatTheWorkflowAdds(t *testing.T) {
	t.Parallel()
	sent := &Move{NewLocationID: 9}
	filled := &Move{
		Meta: Meta{CommandID: "x", FirstID: 3}, NewLocationID: 9, Location: &AssignedLocation{LocationID: 9},
		UnstockedSKUs: []string{"A"},
	}
	if Fingerprint(sent) != Fingerprint(filled) {
		t.Error("the looked-up location changed the fingerprint")
	}
	if Fingerprint(sent) == Fingerprint(&Move{NewLocationID: 8}) || Fingerprint(&Cancel{}) == Fingerprint(&Open{}) {
		t.Error("different commands have the same fingerprint")
	}
	if filled.CommandID != "x" || filled.Location == nil {
		t.Error("the command was changed")
	}
}

func TestDecideRemembersTheLastAnswersOnly(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	for i := range RecentAnswers + 3 {
		fo = done(t, fo, &SetDeadline{Meta: Meta{CommandID: fmt.Sprint(i)}}).State
	}
	if len(fo.Recent) != RecentAnswers || fo.Recent[0].CommandID != "3" {
		t.Errorf("%d answers, the oldest to %q", len(fo.Recent), fo.Recent[0].CommandID)
	}
}

func TestDecideRefusesWithoutACommandOrAState(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	for _, cmd := range []Command{nil, (*Cancel)(nil)} {
		if _, err := fo.Decide(cmd, Env{}); err == nil {
			t.Errorf("%v succeeded", cmd)
		}
	}
	var none *FulfillmentOrder
	if _, err := none.Decide(&Cancel{}, Env{}); err == nil {
		t.Error("no fulfillment order was cancelled")
	}
}

// TestDecideSurvivesHostileInput: the zero command of every verb, and a state with nothing in it, must not panic.
func TestDecideSurvivesHostileInput(t *testing.T) {
	t.Parallel()
	huge := []Quantity{{11, 1 << 62}, {12, 1 << 62}}
	cmds := []Command{&Tick{}, &ProviderAnswer{}, &Split{Lines: huge}, &CreateFulfillment{Lines: huge}, &CancelUnits{
		LineItems: []Quantity{{21, 1 << 62}},
	},
		&PlaceHold{
			Reason: HoldOther, Lines: []Quantity{{0, -1}},
		}, &CreateFulfillment{Lines: make([]Quantity, MaxLines+1)}}
	for _, make := range commands {
		cmds = append(cmds, make())
	}
	for _, cmd := range cmds {
		for _, fo := range []*FulfillmentOrder{
			{}, {Status: "?"}, twoLines(peopleService, StatusOpen, RequestSubmitted),
		} {
			before := fo.Clone()
			_, _ = fo.Decide(cmd, Env{})
			if diff := cmp.Diff(before, fo); diff != "" {
				t.Errorf("%s changed the old state: %s", cmd.Verb(), diff)
			}
		}
	}
}

func TestDecideHidesFulfillmentOrdersOfOtherServices(t *testing.T) {
	t.Parallel()
	other := Actor{Role: RoleService, App: "other", ServiceID: 61}
	e := refused(
		t, inState(peopleService, StatusOpen, RequestSubmitted), &AcceptFulfillmentRequest{Meta: Meta{Actor: other}},
		CodeAccessDenied, "The fulfillment order is not assigned to your fulfillment service.",
	)
	if len(e.SupportedActions) > 0 {
		t.Errorf("it may %v", e.SupportedActions)
	}
}

// TestDecideHidesWhoseCommandIDsThereAre: whose business a fulfillment order is not, is not told that a command ID came
// before, nor where the fulfillment order stands when the command itself is wrong. Whoever gave a command is answered
// as then, also when it has left since.
func TestDecideHidesWhoseCommandIDsThereAre(t *testing.T) {
	t.Parallel()
	accept := func(by ID, message string) *AcceptFulfillmentRequest {
		return &AcceptFulfillmentRequest{
			Meta:    Meta{CommandID: "warehouse/7", Actor: Actor{Role: RoleService, App: "warehouse", ServiceID: by}},
			Message: message,
		}
	}
	own := peopleService.ServiceID
	accepted := done(t, inState(peopleService, StatusOpen, RequestSubmitted), accept(own, ""))
	refused(
		t, accepted.State, accept(own, "otherwise"), CodeIdempotencyConflict, IdempotencyConflict().Message,
	)
	for _, by := range []ID{0, own + 1} {
		e := refused(t, accepted.State, accept(by, ""), CodeAccessDenied, notAssigned().Message)
		if e.Status != "" || e.Sequence != 0 {
			t.Errorf("service %d is told %+v", by, e)
		}
	}
	wrong := accept(own+1, "")
	wrong.CommandID = strings.Repeat("x", 1000)
	_, err := accepted.State.Decide(wrong, Env{Now: testTime})
	if e, _ := AsError(err); e == nil || e.Status != "" || e.RequestStatus != "" || e.SupportedActions != nil {
		t.Errorf("with a command ID that is too long: %+v", e)
	}
	gone := but(accepted.State, func(fo *FulfillmentOrder) { fo.AssignedLocation = ownLocation })
	if again := done(t, gone, accept(own, "")); !again.Repeated || again.Result != accepted.Result {
		t.Errorf("sent again when it has left: %+v", again)
	}
	refused(t, gone, accept(own, "otherwise"), CodeAccessDenied, notAssigned().Message)
}

func TestDecideTellsWhereARefusedFulfillmentOrderStands(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusOpen, RequestSubmitted)
	e := refused(t, fo, &Move{NewLocationID: 5, Location: &ownLocation}, CodeInvalidState, atThirdParty)
	if e.Status != StatusOpen || e.RequestStatus != RequestSubmitted ||
		joinedActions(e.SupportedActions) != "CANCEL_FULFILLMENT_ORDER" {
		t.Errorf("got %+v", e)
	}
	if invalidAmount.Status != "" || notPositive.Status != "" {
		t.Error("a shared refusal was changed")
	}
}

// TestDecideMarksTheLastTransition: the store keeps a command ID once per fulfillment order.
func TestDecideMarksTheLastTransition(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOnHold, RequestUnsubmitted)
	fo.Holds = append(fo.Holds, Hold{ID: 32, Handle: "x"})
	d := done(t, fo, &ReleaseHold{Meta: Meta{CommandID: "c"}})
	if kinds(d) != "HOLD_RELEASED HOLD_RELEASED" {
		t.Fatalf("got %s", kinds(d))
	}
	first, last := d.Transitions[0], d.Transitions[1]
	if first.CommandID != "" || first.Result != nil || last.CommandID != "c" || last.Fingerprint == "" ||
		*last.Result != d.Result {
		t.Errorf("got %+v, then %+v", first, last)
	}
	if first.Sequence != 2 || last.Sequence != 3 || last.Before != first.After || d.State.Sequence != 3 ||
		!d.State.UpdatedAt.Equal(testTime) {
		t.Errorf("got %+v, then %+v", first, last)
	}
}

func TestRefuseNotesTheRefusal(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	cmd := &Close{Meta: Meta{CommandID: "c", Actor: Actor{Name: "desk 3"}}}
	_, err := fo.Decide(cmd, Env{Now: testTime})
	e, _ := AsError(err)
	d := fo.Refuse(cmd, e, Env{Now: testTime.Add(time.Second)})
	want := Refusal{Verb: VerbClose, Message: notAPIType, Actor: "desk 3", At: testTime.Add(time.Second)}
	if kinds(d) != "REFUSED" || d.State.LastRefusal == nil || *d.State.LastRefusal != want ||
		d.State.Status != StatusOpen {
		t.Errorf("got %s, %+v", kinds(d), d.State.LastRefusal)
	}
	if got := d.Transitions[0]; got.CommandID != "c" || got.Fingerprint != Fingerprint(cmd) || got.Result != nil {
		t.Errorf("the transition is %+v, want it to name the command, without an answer", got)
	}
	again := done(t, d.State, &PlaceHold{Meta: Meta{CommandID: "c"}, Reason: HoldOther})
	if again.Repeated || again.State.Status != StatusOnHold {
		t.Errorf("the refused command's ID is taken: it could not come again: %+v", again)
	}
}

func TestOnlyWhoRunsTheLocationAnswersForIt(t *testing.T) {
	t.Parallel()
	m := Meta{Actor: merchant}
	for _, c := range []struct {
		fo      *FulfillmentOrder
		cmd     Command
		message string
		field   []string
	}{
		{
			inState(peopleService, StatusOpen, RequestSubmitted), &AcceptFulfillmentRequest{Meta: m},
			"Cannot accept fulfillment request for the fulfillment order.", nil,
		},
		{
			inState(peopleService, StatusOpen, RequestSubmitted), &RejectFulfillmentRequest{Meta: m},
			"Cannot reject fulfillment request for the fulfillment order.", nil,
		},
		{
			inState(peopleService, StatusInProgress, RequestCancellationRequested), &AcceptCancellationRequest{Meta: m},
			"Cannot accept cancellation request for the fulfillment order.", nil,
		},
		{
			inState(peopleService, StatusInProgress, RequestCancellationRequested), &RejectCancellationRequest{Meta: m},
			"Cannot reject cancellation request for the fulfillment order.", nil,
		},
		{
			inState(peopleService, StatusInProgress, RequestAccepted), &Close{Meta: m},
			"Cannot close the fulfillment order.", nil,
		},
		{
			inState(peopleService, StatusInProgress, RequestAccepted), &CreateFulfillment{Meta: m},
			"Fulfillment order 1 has an unfulfillable status= in_progress.", fulfillmentField,
		},
	} {
		refused(t, c.fo, c.cmd, CodeAccessDenied, c.message, c.field...)
	}
	service := Meta{Actor: Actor{Role: RoleService, ServiceID: 60}}
	done(t, inState(peopleService, StatusOpen, RequestSubmitted), &AcceptFulfillmentRequest{Meta: service})
	refused(
		t, inState(peopleService, StatusOpen, RequestUnsubmitted), &CancelUnits{Meta: service, WholeOrder: true},
		CodeAccessDenied, "Only the merchant can take units out of an order.",
	)
}

func TestRefuseKeepsAShortMessage(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	e := refusal(CodeInvalid, []string{strings.Repeat("x", 1<<20)}, "No: %s", strings.Repeat("x", 1<<20))
	d := fo.Refuse(&Cancel{}, e, Env{Now: testTime})
	kept, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) > 32<<10 || !strings.HasSuffix(d.State.LastRefusal.Message, "x…") {
		t.Errorf("%d bytes are kept of a refusal that quotes a megabyte", len(kept))
	}
}
