package fulfillment

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// --- What the tests of joint commands share.

// openWith is an open fulfillment order of order 2 at the merchant's own location. Its lines have the IDs 10·id+1,
// 10·id+2 … and are for the order lines 901, 902 …; there is none where the units are 0.
func openWith(id ID, units ...int) *FulfillmentOrder {
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	fo.ID, fo.Lines = id, nil
	for i, n := range units {
		if n > 0 {
			fo.Lines = append(
				fo.Lines,
				Line{
					ID: 10*id + 1 + ID(i), LineItemID: 901 + ID(i), Title: "Cup", RequiresShipping: true, Total: n,
					Remaining: n,
				},
			)
		}
	}
	return fo
}

// but changes a state for a test.
func but(fo *FulfillmentOrder, change func(*FulfillmentOrder)) *FulfillmentOrder {
	change(fo)
	return fo
}

// jointly decides and expects success.
func jointly(t *testing.T, cmd Joint, states ...*FulfillmentOrder) *JointDecision {
	t.Helper()
	d, err := DecideJointly(cmd, states, Env{Now: testTime, IDs: NewIDs(1000)})
	if err != nil {
		t.Fatalf("%s was refused: %v", cmd.Verb(), err)
	}
	return d
}

// refusedJointly decides and expects this refusal, and that nothing else came of it.
func refusedJointly(
	t *testing.T, cmd Joint, states []*FulfillmentOrder, code Code, message string, field ...string,
) *Error {
	t.Helper()
	before := jsonOf(t, states)
	d, err := DecideJointly(cmd, states, Env{Now: testTime, IDs: NewIDs(1000)})
	e, ok := AsError(err)
	if !ok || d != nil {
		t.Fatalf("%s ended with %v, %v, want the refusal %q", cmd.Verb(), d, err, message)
	}
	if e.Code != code || e.Message != message || !slices.Equal(e.Field, field) {
		t.Errorf("got %s %q %v\nwant %s %q %v", e.Code, e.Message, e.Field, code, message, field)
	}
	if after := jsonOf(t, states); after != before {
		t.Errorf("a refusal changed the states:\n%s\n%s", before, after)
	}
	return e
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// after is the states with what was decided put in their place, by ID; new ones last.
func after(d *JointDecision, states ...*FulfillmentOrder) []*FulfillmentOrder {
	all := slices.Clone(states)
	for _, s := range d.States {
		if i := slices.IndexFunc(all, func(fo *FulfillmentOrder) bool { return fo.ID == s.ID }); i >= 0 {
			all[i] = s
		} else {
			all = append(all, s)
		}
	}
	return all
}

// summary is the states in short, such as "1 OPEN 11:3/3; 2 CLOSED 21:0/0".
func summary(states []*FulfillmentOrder) string {
	texts := make([]string, len(states))
	for i, fo := range states {
		texts[i] = fo.ID.String() + " " + string(fo.Status) + " " + amounts(fo)
	}
	return strings.Join(texts, "; ")
}

// steps is the transitions in short, such as "1#2 MERGED; 2#2 MERGED_AWAY".
func steps(d *JointDecision) string {
	texts := make([]string, len(d.Transitions))
	for i, t := range d.Transitions {
		texts[i] = t.FulfillmentOrderID.String() + "#" + strconv.FormatInt(t.Sequence, 10) + " " + string(t.Kind)
	}
	return strings.Join(texts, "; ")
}

// equal compares two short texts.
func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// --- What all joint commands have in common.

// jointExamples has one of each joint command that changes the fulfillment orders 1 and 2, and what stands for another
// command of the same kind.
func jointExamples() map[string][2]Joint {
	both := func(a, b ID) []ID { return []ID{a, b} }
	return map[string][2]Joint{
		"Merge": {&Merge{Inputs: []MergeInput{{[]MergeIntent{{1, nil}, {2, nil}}}}},
			&Merge{Inputs: []MergeInput{{[]MergeIntent{{1, nil}, {2, []Quantity{{21, 1}}}}}}}},
		"SplitEach": {&SplitEach{Splits: []SplitInput{{1, []Quantity{{11, 1}}}, {2, []Quantity{{21, 1}}}}},
			&SplitEach{Splits: []SplitInput{{1, []Quantity{{11, 2}}}, {2, []Quantity{{21, 1}}}}}},
		"SplitEach of one twice": {&SplitEach{Splits: []SplitInput{{1, []Quantity{{11, 1}}}, {1, []Quantity{{11, 1}}}}},
			&SplitEach{Splits: []SplitInput{{1, []Quantity{{11, 1}}}, {2, []Quantity{{21, 1}}}}}},
		"Ship": {&Ship{Groups: []ShipGroup{{1, nil}, {2, nil}}},
			&Ship{Groups: []ShipGroup{{1, nil}, {2, nil}}, Message: "another"}},
		"Reroute": {
			&Reroute{FulfillmentOrderIDs: both(1, 2), Location: &lyon},
			&Reroute{FulfillmentOrderIDs: both(1, 2), ExcludedLocationIDs: []ID{3}, Location: &lyon},
		},
		"SetDeadlines": {
			&SetDeadlines{FulfillmentOrderIDs: both(1, 2), FulfillBy: &testTime},
			&SetDeadlines{FulfillmentOrderIDs: both(1, 2)},
		},
		"FoldBack": {&FoldBack{FulfillmentOrderID: 1, RestID: 2}, &FoldBack{FulfillmentOrderID: 1, RestID: 3}},
		"Alone": {&Alone{FulfillmentOrderID: 1, Command: &Move{NewLocationID: 99, Location: &lyon}},
			&Alone{FulfillmentOrderID: 1, Command: &Move{NewLocationID: 98, Location: &lyon}}},
	}
}

// TestJointRepeated: the same command ID gets the same answer and changes nothing, another body is a conflict.
func TestJointRepeated(t *testing.T) {
	t.Parallel()
	for name, examples := range jointExamples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, other := examples[0], examples[1]
			cmd.Envelope().CommandID, other.Envelope().CommandID = "once", "once"
			states := []*FulfillmentOrder{openWith(1, 3), openWith(2, 3)}
			first := jointly(t, cmd, states...)
			if first.Repeated || len(first.Results) == 0 || len(first.Transitions) == 0 {
				t.Fatalf("the first time: %+v", first)
			}
			now := after(first, states...)
			again := jointly(t, cmd, now...)
			if !again.Repeated || len(again.States) > 0 || len(again.Transitions) > 0 ||
				!slices.Equal(again.Results, first.Results) {
				t.Errorf("the second time: %+v\nat first: %+v", again, first)
			}
			refusedJointly(
				t, other, now, CodeIdempotencyConflict,
				"This command ID was used before for a different command. Use a new command ID.",
			)
			other.Envelope().CommandID = "another"
			if d, _ := DecideJointly(other, now, Env{Now: testTime, IDs: NewIDs(5000)}); d != nil && d.Repeated {
				t.Error("another command ID was taken for a repetition")
			}
		})
	}
}

// TestJointRepeatedAboutOthers: a command ID of another answer is a conflict too, whichever fulfillment order it is
// about.
func TestJointRepeatedAboutOthers(t *testing.T) {
	t.Parallel()
	states := []*FulfillmentOrder{openWith(1, 3), openWith(2, 3)}
	ship := func(a, b ID) *Ship {
		return &Ship{
			Meta:   Meta{CommandID: "once"},
			Groups: []ShipGroup{{a, []Quantity{{10*a + 1, 1}}}, {b, []Quantity{{10*b + 1, 1}}}},
		}
	}
	now := after(jointly(t, ship(1, 2), states...), states...)
	refusedJointly(
		t, ship(2, 1), now, CodeIdempotencyConflict,
		"This command ID was used before for a different command. Use a new command ID.",
	)
	if d := jointly(t, ship(1, 2), now...); !d.Repeated {
		t.Error("the same one is no repetition")
	}
}

// TestJointAnswersStandOnTheLastTransition: the command ID is on one transition, the last one that the answer tells of.
func TestJointAnswersStandOnTheLastTransition(t *testing.T) {
	t.Parallel()
	for name, examples := range jointExamples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := examples[0]
			cmd.Envelope().CommandID = "once"
			d := jointly(t, cmd, openWith(1, 3), openWith(2, 3))
			for n, result := range d.Results {
				on := 0
				for _, step := range d.Transitions {
					if step.CommandID != JointCommandID("once", n) {
						continue
					}
					on++
					if step.FulfillmentOrderID != result.FulfillmentOrderID || step.Sequence != result.Sequence ||
						step.Result == nil || *step.Result != result ||
						step.After.Status != result.Status || step.After.RequestStatus != result.RequestStatus ||
						step.Fingerprint != JointFingerprint(cmd) {
						t.Errorf("answer %d %+v stands on %+v", n, result, step)
					}
				}
				if on != 1 {
					t.Errorf("answer %d stands on %d transitions", n, on)
				}
				if n+1 < len(d.Results) && d.Results[n+1].FulfillmentOrderID == result.FulfillmentOrderID {
					continue // It went on from there.
				}
				i := slices.IndexFunc(
					d.States, func(fo *FulfillmentOrder) bool { return fo.ID == result.FulfillmentOrderID },
				)
				if s := d.States[i]; s.Sequence != result.Sequence || s.Status != result.Status {
					t.Errorf("answer %d %+v, but the state is %d %s", n, result, s.Sequence, s.Status)
				}
			}
		})
	}
}

// TestJointJSON: a command means the same after its way over the wire, whatever its ID is.
func TestJointJSON(t *testing.T) {
	t.Parallel()
	examples := jointExamples()
	delete(examples, "Reroute") // What was looked up travels, but is not the sender's.
	examples["ReleaseHold"] = [2]Joint{
		&Alone{FulfillmentOrderID: 1, Command: &ReleaseHold{HoldIDs: []ID{7}}},
		&Alone{FulfillmentOrderID: 1, Command: &ReleaseHold{}},
	}
	examples["CancelFulfillment"] = [2]Joint{
		&Alone{FulfillmentOrderID: 1, Command: &CancelFulfillment{FulfillmentID: 7}},
		&Alone{FulfillmentOrderID: 1, Command: &CancelFulfillment{FulfillmentID: 8}},
	}
	examples["AcceptCancellationRequest"] = [2]Joint{
		&Alone{FulfillmentOrderID: 1, Command: &AcceptCancellationRequest{Message: "ok"}},
		&Alone{FulfillmentOrderID: 1, Command: &AcceptCancellationRequest{}},
	}
	for name, pair := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := pair[0]
			cmd.Envelope().CommandID, cmd.Envelope().Actor, cmd.Envelope().FirstID = "x", merchant, 77
			if !slices.Contains(JointVerbs, cmd.Verb()) {
				t.Errorf("%s is no joint verb", cmd.Verb())
			}
			for _, strict := range []bool{false, true} {
				back, e := DecodeJoint(cmd.Verb(), []byte(jsonOf(t, cmd)), strict)
				if e != nil || !reflect.DeepEqual(back, cmd) {
					t.Fatalf("strict %v: %v, %+v became %+v", strict, e, cmd, back)
				}
				back.Envelope().CommandID, back.Envelope().FirstID = "y", 78
				if JointFingerprint(back) != JointFingerprint(cmd) {
					t.Error("the command's ID makes it another command")
				}
			}
			if JointFingerprint(pair[0]) == JointFingerprint(pair[1]) {
				t.Error("another command has the same fingerprint")
			}
		})
	}
	reroute := Reroute{FulfillmentOrderIDs: []ID{1}}
	known := reroute
	known.Location, known.Alternatives = &lyon, true
	if JointFingerprint(&reroute) != JointFingerprint(&known) {
		t.Error("what was looked up makes it another command")
	}
}

// TestAloneIsTheSameCommand: sent to the order or to the fulfillment order, it is one command.
func TestAloneIsTheSameCommand(t *testing.T) {
	t.Parallel()
	cmd := &ReleaseHold{Meta: Meta{CommandID: "x"}}
	if JointFingerprint(&Alone{FulfillmentOrderID: 1, Command: cmd}) != Fingerprint(cmd) {
		t.Error("the fingerprints differ")
	}
	held := inState(ownLocation, StatusOnHold, RequestUnsubmitted)
	released := done(t, held, cmd)
	if d := jointly(t, &Alone{FulfillmentOrderID: 1, Command: cmd}, released.State); !d.Repeated ||
		d.Results[0] != released.Result {
		t.Errorf("sent to the order afterwards: %+v", d)
	}
	d := jointly(t, &Alone{FulfillmentOrderID: 1, Command: cmd}, held)
	if again := done(t, d.States[0], cmd); !again.Repeated || again.Result != d.Results[0] {
		t.Errorf("sent to the fulfillment order afterwards: %+v", again)
	}
	refusedJointly(
		t, &Alone{FulfillmentOrderID: 9, Command: &ReleaseHold{}}, []*FulfillmentOrder{held}, CodeNotFound,
		"Fulfillment order does not exist.", "id",
	)
}

// TestAloneStaysTheCallers: a command may be decided for several who look for its answer, at the same time.
func TestAloneStaysTheCallers(t *testing.T) {
	t.Parallel()
	cmd := &Alone{FulfillmentOrderID: 1, Command: &Move{Meta: Meta{CommandID: "x"}, NewLocationID: 9}}
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { _, _ = DecideJointly(cmd, []*FulfillmentOrder{fo}, Env{Now: testTime, IDs: NewIDs(1000)}) })
	}
	group.Wait()
	if got := cmd.Envelope().CommandID; got != "x" {
		t.Errorf("its command ID is %q", got)
	}
}

func TestDecodeJointRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verb       Verb
		body, want string // want: part of the refusal
	}{
		{VerbHold, `{}`, `There is no command "Hold" on several fulfillment orders.`},
		{VerbMerge, `{"mergeIntents":[]}`, "there is no such field"},
		{
			VerbMerge, `{"fulfillmentOrderMergeInputs":[{"mergeIntents":[{"fulfillmentOrderId":"x"}]}]}`,
			"must be a whole number",
		},
		{VerbReleaseHold, `{"fulfillmentOrderId":1,"command":{"holdId":[]}}`, "did you mean holdIds?"},
		{VerbReleaseHold, `{"fulfillmentOrder":1,"command":{}}`, "can't be read"},
		{VerbReleaseHold, `{"fulfillmentOrderId":1}`, "can't be read"},
		{VerbReleaseHold, ``, "can't be read"},
	} {
		if _, e := DecodeJoint(c.verb, []byte(c.body), true); e == nil || e.Code != CodeInvalid ||
			!strings.Contains(e.Message, c.want) {
			t.Errorf("%s %s gave %v, want a refusal with %q", c.verb, c.body, e, c.want)
		}
	}
}

func TestJointLimits(t *testing.T) {
	t.Parallel()
	const howMany = "Name up to 50 fulfillment orders."
	fifty := make([]ID, MaxJoint)
	for i := range fifty {
		fifty[i] = ID(1 + i)
	}
	jointly(t, &SetDeadlines{FulfillmentOrderIDs: fifty}, openWith(50, 1))
	refusedJointly(
		t, &SetDeadlines{FulfillmentOrderIDs: append(fifty, 51)}, []*FulfillmentOrder{openWith(50, 1)}, CodeInvalid,
		howMany,
	)
	for _, none := range []Joint{&Merge{}, &SplitEach{}, &Ship{}, &SetDeadlines{}} {
		refusedJointly(
			t, none, []*FulfillmentOrder{openWith(1, 1)}, CodeInvalid, "Name at least one fulfillment order.",
		)
	}
	refusedJointly(
		t, &Ship{Meta: Meta{Actor: Actor{Role: "KING"}}}, nil, CodeInvalid, `"KING" is not a role. Use one of: OPERATOR, MERCHANT, SERVICE, SYSTEM.`, "actor", "role",
	)
}

// TestJointNeverLeavesItsBlockOfIDs: what comes after a block of IDs belongs to somebody else.
func TestJointNeverLeavesItsBlockOfIDs(t *testing.T) {
	t.Parallel()
	var states []*FulfillmentOrder
	merge := &Merge{}
	for n := range ID(10) {
		into, from := openWith(100+n, 1), openWith(200+n)
		for i := range ID(400) {
			from.Lines = append(
				from.Lines, Line{ID: 10_000*n + 30_000 + i, LineItemID: 5000 + i, Total: 1, Remaining: 1},
			)
		}
		states = append(states, into, from)
		merge.Inputs = append(merge.Inputs, MergeInput{[]MergeIntent{{into.ID, nil}, {from.ID, nil}}})
	}
	refusedJointly(t, merge, states, CodeInvalid, "This is too much for one command. Send it in parts.")
	merge.Inputs = merge.Inputs[:5]
	jointly(t, merge, states...)
}

// TestJointIDsOfItsOwn: without a first ID, two commands in two states never mint the same ID.
func TestJointIDsOfItsOwn(t *testing.T) {
	t.Parallel()
	split := &SplitEach{Splits: []SplitInput{{1, []Quantity{{11, 1}}}}}
	states := []*FulfillmentOrder{openWith(1, 3)}
	first, err := DecideJointly(split, states, Env{Now: testTime})
	if err != nil {
		t.Fatal(err)
	}
	second, err := DecideJointly(split, after(first, states...), Env{Now: testTime})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := first.New[0].ID, second.New[0].ID; a == b || a <= 0 || b <= 0 {
		t.Errorf("the first sibling is %d, the second %d", a, b)
	}
	split.FirstID = 4000
	if d, err := DecideJointly(split, states, Env{Now: testTime}); err != nil || d.New[0].ID != 4000 {
		t.Errorf("with a first ID: %v %v", d, err)
	}
}

// TestJointHidesWhoseCommandIDsThereAre: a service is not told that a command ID came before, of a fulfillment order
// that is not assigned to it.
func TestJointHidesWhoseCommandIDsThereAre(t *testing.T) {
	t.Parallel()
	for name, examples := range jointExamples() {
		cmd, other := examples[0], examples[1]
		cmd.Envelope().CommandID, other.Envelope().CommandID = "once", "once"
		other.Envelope().Actor = Actor{Role: RoleService, ServiceID: peopleService.ServiceID}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			states := []*FulfillmentOrder{openWith(1, 3), openWith(2, 3)}
			now := after(jointly(t, cmd, states...), states...)
			refusedJointly(t, other, now, CodeAccessDenied, notAssigned().Message)
		})
	}
}

// TestJointForServices: a service is told nothing about what is not assigned to it, and what follows from its own
// command may touch what is.
func TestJointForServices(t *testing.T) {
	t.Parallel()
	const notYours = "The fulfillment order is not assigned to your fulfillment service."
	service := Actor{Role: RoleService, ServiceID: peopleService.ServiceID}
	own, foreign := but(
		openWith(1, 2), func(fo *FulfillmentOrder) { fo.AssignedLocation = peopleService },
	), openWith(2, 2)
	for name, examples := range jointExamples() {
		cmd := examples[0]
		cmd.Envelope().Actor = service
		states := []*FulfillmentOrder{foreign, own}
		if len(cmd.Named()) == 1 {
			states = []*FulfillmentOrder{openWith(1, 3)}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if e := refusedJointly(t, cmd, states, CodeAccessDenied, notYours); e.Status != "" ||
				e.SupportedActions != nil {
				t.Errorf("the refusal tells %+v", e)
			}
		})
	}
	d := jointly(t, &Ship{Meta: Meta{Actor: service}, Groups: []ShipGroup{{1, nil}}}, own, foreign)
	equal(t, "shipped by the service", summary(d.States), "1 CLOSED 11:0/2")
	d = jointly(
		t, &Alone{FulfillmentOrderID: 1, Command: &Move{Meta: Meta{Actor: service}, Location: &ownLocation}}, own,
		foreign,
	)
	equal(t, "given back by the service", summary(d.States), "1 OPEN 11:4/4; 2 CLOSED 21:0/0")
}
