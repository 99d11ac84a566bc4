package fulfillment_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// decideJointly decides a joint command and checks everything that holds for every one of them: a refusal changes
// nothing, the inputs stay as they were, the same inputs give the same decision, and what was decided is, for each
// fulfillment order, one unbroken piece of history; together they keep every unit.
func decideJointly(
	t reporter, cmd fulfillment.Joint, states []*fulfillment.FulfillmentOrder, now time.Time, first fulfillment.ID,
) (*fulfillment.JointDecision, *fulfillment.Error) {
	statesBefore, cmdBefore := snapshots(t, states), marshal(t, cmd)
	d, err := fulfillment.DecideJointly(cmd, states, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(first)})
	again, errAgain := fulfillment.DecideJointly(cmd, states, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(first)})
	if !same(d, again) || !same(err, errAgain) {
		t.Fatalf(
			"%s: the same inputs gave two decisions:\n%s%s", describeJoint(cmd), diff(d, again), diff(err, errAgain),
		)
	}
	if after := snapshots(t, states); !bytes.Equal(statesBefore, after) {
		t.Fatalf("%s: a state was changed in place:\n%s", describeJoint(cmd), diff(string(statesBefore), string(after)))
	}
	if after := marshal(t, cmd); !bytes.Equal(cmdBefore, after) {
		t.Fatalf("%s: the command was changed:\n%s", describeJoint(cmd), after)
	}
	if err != nil {
		refused, ok := fulfillment.AsError(err)
		if d != nil || !ok || refused.Code == "" || refused.Message == "" {
			t.Fatalf("%s: refused with %+v, %T %v", describeJoint(cmd), d, err, err)
		}
		return nil, refused
	}
	checkJointDecision(t, cmd, states, d, now)
	return d, nil
}

func checkJointDecision(
	t reporter, cmd fulfillment.Joint, states []*fulfillment.FulfillmentOrder, d *fulfillment.JointDecision,
	now time.Time,
) {
	if d.Repeated {
		if len(d.States)+len(d.Transitions)+len(d.New) > 0 || len(d.Results) == 0 {
			t.Fatalf("%s: repeated, it did something: %+v", describeJoint(cmd), d)
		}
		return
	}
	was, is := map[fulfillment.ID]int{}, map[fulfillment.ID]int{}
	count := func(units map[fulfillment.ID]int, fo *fulfillment.FulfillmentOrder) {
		for line, n := range accounted(fo) {
			units[line] += n
		}
	}
	changed := 0
	for i, state := range d.States {
		old := byID(states, state.ID)
		isNew := slices.Contains(d.New, state)
		if isNew == (old != nil) || byID(d.States[:i], state.ID) != nil {
			t.Fatalf("%s: %d is new: %v, or there twice", describeJoint(cmd), state.ID, isNew)
		}
		if old != nil {
			count(was, old)
		}
		count(is, state)
		changed += checkJointHistory(t, cmd, old, state, d, now)
		checkState(t, state)
	}
	if changed != len(d.Transitions) {
		t.Fatalf("%s: %d transitions, %d of them of what changed", describeJoint(cmd), len(d.Transitions), changed)
	}
	if !reflect.DeepEqual(was, is) {
		t.Fatalf("%s: units by order line were %v and are %v", describeJoint(cmd), was, is)
	}
	checkJointAnswers(t, cmd, states, d)
}

// checkJointHistory makes sure that the transitions of one fulfillment order number without gaps, and that each starts
// where the one before it ended. It returns how many there are.
func checkJointHistory(
	t reporter, cmd fulfillment.Joint, old, state *fulfillment.FulfillmentOrder, d *fulfillment.JointDecision,
	now time.Time,
) int {
	var at fulfillment.State
	sequence := int64(0)
	if old != nil {
		at, sequence = old.Summary(), old.Sequence
		if state.OrderID != old.OrderID || state.UpdatedAt.Before(old.UpdatedAt) {
			t.Fatalf("%s: it became another one:\n%s", describeJoint(cmd), diff(old, state))
		}
		for _, before := range old.Fulfillments {
			checkForwardOnly(t, old, &fulfillment.Tick{}, before, state)
		}
	}
	checkShipmentTimes(t, old, state, now)
	steps := 0
	for _, step := range d.Transitions {
		if step.FulfillmentOrderID != state.ID {
			continue
		}
		steps++
		sequence++
		if step.Sequence != sequence || step.Before != at || step.Verb != cmd.Verb() || !step.At.Equal(now) ||
			(step.Kind == fulfillment.KindCreated) != (old == nil && steps == 1) {
			t.Fatalf("%s: after %d %+v comes %+v", describeJoint(cmd), sequence-1, at, step)
		}
		at = step.After
	}
	if steps == 0 || at != state.Summary() || sequence != state.Sequence {
		t.Fatalf(
			"%s: history of %d ends at %d %+v, the state at %d %+v", describeJoint(cmd), state.ID, sequence, at,
			state.Sequence, state.Summary(),
		)
	}
	return steps
}

// checkJointAnswers makes sure that there is an answer for each fulfillment order that one is due for, in order, that
// it stands on one transition, and that the last one about a fulfillment order tells its end.
func checkJointAnswers(
	t reporter, cmd fulfillment.Joint, states []*fulfillment.FulfillmentOrder, d *fulfillment.JointDecision,
) {
	due := slices.DeleteFunc(
		slices.Clone(cmd.Answering()), func(id fulfillment.ID) bool { return byID(states, id) == nil },
	)
	if len(due) != len(d.Results) || len(due) == 0 {
		t.Fatalf("%s: %d answers, %d are due", describeJoint(cmd), len(d.Results), len(due))
	}
	for n, result := range d.Results {
		if result.FulfillmentOrderID != due[n] || result.SiblingID != 0 && byID(d.New, result.SiblingID) == nil {
			t.Fatalf("%s: answer %d is %+v", describeJoint(cmd), n, result)
		}
		state := byID(d.States, due[n])
		if state == nil { // Nothing changed.
			continue
		}
		if !slices.Contains(due[n+1:], due[n]) &&
			(result.Sequence != state.Sequence || result.Status != state.Status ||
				result.RequestStatus != state.RequestStatus) {
			t.Fatalf(
				"%s: answer %+v, but the state is %d %s/%s", describeJoint(cmd), result, state.Sequence, state.Status,
				state.RequestStatus,
			)
		}
		if standing(cmd, d, n) == nil && cmd.Envelope().CommandID != "" {
			t.Fatalf(
				"%s: answer %d %+v does not stand on one transition of %+v", describeJoint(cmd), n, result,
				d.Transitions,
			)
		}
	}
	for _, step := range d.Transitions {
		known := step.CommandID == "" && step.Fingerprint == ""
		for n := range d.Results {
			known = known || step.CommandID == fulfillment.JointCommandID(cmd.Envelope().CommandID, n) &&
				step.FulfillmentOrderID == due[n]
		}
		if !known {
			t.Fatalf("%s: a command ID stands where it is not the answer's: %+v", describeJoint(cmd), step)
		}
	}
}

// standing is the one transition that the n-th answer stands on; nil if there is not exactly one.
func standing(cmd fulfillment.Joint, d *fulfillment.JointDecision, n int) *fulfillment.Transition {
	var on *fulfillment.Transition
	for i := range d.Transitions {
		step := &d.Transitions[i]
		if step.CommandID == fulfillment.JointCommandID(cmd.Envelope().CommandID, n) &&
			step.FulfillmentOrderID == d.Results[n].FulfillmentOrderID {
			if on != nil || step.Result == nil || *step.Result != d.Results[n] ||
				step.Sequence != d.Results[n].Sequence || step.Fingerprint != fulfillment.JointFingerprint(cmd) {
				return nil
			}
			on = step
		}
	}
	return on
}

// checkJointJSON makes sure that a joint command means the same after its way over the wire, whatever its ID is.
func checkJointJSON(t reporter, cmd fulfillment.Joint) {
	back, refused := fulfillment.DecodeJoint(cmd.Verb(), marshal(t, cmd), false)
	if refused != nil || !same(cmd, back) {
		t.Fatalf("%s does not survive JSON: %v\n%s", describeJoint(cmd), refused, diff(cmd, back))
	}
	back.Envelope().CommandID, back.Envelope().FirstID = "another", 77
	if fulfillment.JointFingerprint(cmd) != fulfillment.JointFingerprint(back) {
		t.Fatalf("%s has two fingerprints", describeJoint(cmd))
	}
}

func byID(fos []*fulfillment.FulfillmentOrder, id fulfillment.ID) *fulfillment.FulfillmentOrder {
	for _, fo := range fos {
		if fo.ID == id {
			return fo
		}
	}
	return nil
}

func snapshots(t reporter, fos []*fulfillment.FulfillmentOrder) []byte {
	var all []byte
	for _, fo := range fos {
		all = append(all, snapshot(t, fo)...)
	}
	return all
}

func describeJoint(cmd fulfillment.Joint) string {
	body, err := json.Marshal(cmd)
	if err != nil {
		return string(cmd.Verb())
	}
	return string(cmd.Verb()) + " " + string(body)
}
