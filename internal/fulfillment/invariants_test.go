package fulfillment_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"packhorse/internal/fulfillment"
)

// reporter is what the checks need of a *testing.T or a *rapid.T.
type reporter interface {
	Fatalf(format string, args ...any)
}

// pairs are the legal pairs of status and request status, written down apart from the table in the domain. A CLOSED
// fulfillment order keeps the request status it had, so it may have any.
var pairs = map[fulfillment.Status][]fulfillment.RequestStatus{
	"OPEN":        {"UNSUBMITTED", "SUBMITTED", "REJECTED"},
	"IN_PROGRESS": {"UNSUBMITTED", "ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED"},
	"ON_HOLD":     {"UNSUBMITTED"},
	"SCHEDULED":   {"UNSUBMITTED"},
	"INCOMPLETE":  {"CLOSED"},
	"CANCELLED":   {"CANCELLATION_ACCEPTED"},
	"CLOSED": {"UNSUBMITTED", "SUBMITTED", "ACCEPTED", "REJECTED", "CANCELLATION_REQUESTED", "CANCELLATION_ACCEPTED",
		"CANCELLATION_REJECTED", "CLOSED"},
}

// decide gives the fulfillment order a command and checks everything that holds for every decision, whatever the
// command is: a refusal changes nothing and says where things stand, the inputs stay as they were, the same inputs
// give the same decision, and what was decided is one unbroken piece of history that keeps every unit.
func decide(
	t reporter, fo *fulfillment.FulfillmentOrder, cmd fulfillment.Command, now time.Time, first fulfillment.ID,
) (*fulfillment.Decision, *fulfillment.Error) {
	stateBefore, cmdBefore := snapshot(t, fo), marshal(t, cmd)
	d, err := fo.Decide(cmd, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(first)})
	again, errAgain := fo.Decide(cmd, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(first)})
	if !same(d, again) || !same(err, errAgain) {
		t.Fatalf(
			"%s: the same inputs gave two decisions:\n%s%s", describe(fo, cmd), diff(d, again), diff(err, errAgain),
		)
	}
	if after := snapshot(t, fo); !bytes.Equal(stateBefore, after) {
		t.Fatalf(
			"%s: the state was changed in place:\n%s", describe(fo, cmd), cmp.Diff(string(stateBefore), string(after)),
		)
	}
	if after := marshal(t, cmd); !bytes.Equal(cmdBefore, after) {
		t.Fatalf("%s: the command was changed:\n%s", describe(fo, cmd), cmp.Diff(string(cmdBefore), string(after)))
	}
	if err != nil {
		return nil, checkRefusal(t, fo, cmd, d, err)
	}
	checkDecision(t, fo, cmd, d, now)
	return d, nil
}

func checkRefusal(
	t reporter, fo *fulfillment.FulfillmentOrder, cmd fulfillment.Command, d *fulfillment.Decision, err error,
) *fulfillment.Error {
	refused, ok := fulfillment.AsError(err)
	switch {
	case d != nil:
		t.Fatalf("%s: refused with a decision", describe(fo, cmd))
	case !ok:
		t.Fatalf("%s: refused with %T (%v), not with an *Error", describe(fo, cmd), err, err)
	case refused.Code == "" || refused.Message == "":
		t.Fatalf("%s: the refusal %+v has no code or no message", describe(fo, cmd), *refused)
	case blind(cmd.Envelope().Actor, fo):
		if refused.Status != "" || refused.RequestStatus != "" || refused.Sequence != 0 ||
			refused.SupportedActions != nil || refused.Code == fulfillment.CodeIdempotencyConflict {
			t.Fatalf("%s: the refusal %+v tells whose business it is not", describe(fo, cmd), *refused)
		}
		return refused
	case refused.Status != fo.Status || refused.RequestStatus != fo.RequestStatus:
		t.Fatalf("%s: the refusal %+v does not say where the fulfillment order stands", describe(fo, cmd), *refused)
	}
	if actions := fo.SupportedActions(cmd.Envelope().Actor); !slices.Equal(refused.SupportedActions, actions) {
		t.Fatalf(
			"%s: the refusal lists %v, the fulfillment order %v", describe(fo, cmd), refused.SupportedActions, actions,
		)
	}
	return refused
}

// blind tells whether the fulfillment order is none of the actor's business.
func blind(by fulfillment.Actor, fo *fulfillment.FulfillmentOrder) bool {
	return by.Role == fulfillment.RoleService && (by.ServiceID == 0 || by.ServiceID != fo.AssignedLocation.ServiceID)
}

func checkDecision(
	t reporter, old *fulfillment.FulfillmentOrder, cmd fulfillment.Command, d *fulfillment.Decision, now time.Time,
) {
	if d == nil || d.State == nil {
		t.Fatalf("%s: neither a refusal nor a new state", describe(old, cmd))
	}
	if len(d.Transitions) == 0 && (len(d.Siblings) > 0 || !bytes.Equal(marshal(t, old), marshal(t, d.State))) {
		t.Fatalf("%s: changed without a transition:\n%s", describe(old, cmd), diff(old, d.State))
	}
	if len(d.Transitions) == 0 && !d.Repeated && cmd.Envelope().CommandID != "" {
		t.Fatalf("%s: done, and nothing is left that remembers it", describe(old, cmd))
	}
	checkHistory(t, old, cmd, d, now)
	checkState(t, d.State)
	checkSiblings(t, old, cmd, d, now)

	checkUnits(t, old, cmd, d)
	if next, what, ok := d.State.NextDeadline(); cmd.Verb() == fulfillment.VerbTick && !d.Repeated && ok &&
		!next.After(now) {
		t.Fatalf("%s: at %v, %q is still due at %v", describe(old, cmd), now, what, next)
	}
	for _, before := range old.Fulfillments {
		checkForwardOnly(t, old, cmd, before, d.State)
	}
	checkShipmentTimes(t, old, d.State, now)
}

// checkShipmentTimes makes sure that every shipment which a decision has made or changed says so: the store writes no
// others.
func checkShipmentTimes(t reporter, old, state *fulfillment.FulfillmentOrder, now time.Time) {
	before := map[fulfillment.ID]fulfillment.Fulfillment{}
	if old != nil {
		for _, f := range old.Fulfillments {
			before[f.ID] = f
		}
	}
	for _, f := range state.Fulfillments {
		was, known := before[f.ID]
		switch {
		case !known && !(f.CreatedAt.Equal(now) && f.UpdatedAt.Equal(now)):
			t.Fatalf("shipment %d is new at %v, created at %v, updated at %v", f.ID, now, f.CreatedAt, f.UpdatedAt)
		case known && !f.UpdatedAt.Equal(now) && !same(was, f):
			t.Fatalf("shipment %d changed at %v, updated at %v:\n%s", f.ID, now, f.UpdatedAt, diff(was, f))
		case known && !f.CreatedAt.Equal(was.CreatedAt):
			t.Fatalf("shipment %d was created at %v, now %v", f.ID, was.CreatedAt, f.CreatedAt)
		}
	}
}

// checkUnits makes sure that a decision neither loses a unit of any order line nor makes one.
func checkUnits(t reporter, old *fulfillment.FulfillmentOrder, cmd fulfillment.Command, d *fulfillment.Decision) {
	was, is := accounted(old), accounted(d.State)
	for _, s := range d.Siblings {
		for line, n := range accounted(s) {
			is[line] += n
		}
	}
	if !reflect.DeepEqual(was, is) {
		t.Fatalf("%s: units by order line were %v and are %v", describe(old, cmd), was, is)
	}
}

// checkHistory makes sure that the transitions number without gaps, that each starts where the one before it ended,
// and that the answer stands on the last one.
func checkHistory(
	t reporter, old *fulfillment.FulfillmentOrder, cmd fulfillment.Command, d *fulfillment.Decision, now time.Time,
) {
	at, sequence := old.Summary(), old.Sequence
	for i, step := range d.Transitions {
		sequence++
		last := i == len(d.Transitions)-1
		switch {
		case step.FulfillmentOrderID != old.ID || step.Kind == "" || step.Verb != cmd.Verb() || !step.At.Equal(now):
			t.Fatalf("%s: transition of another command: %+v", describe(old, cmd), step)
		case step.Sequence != sequence:
			t.Fatalf("%s: transition %d has sequence %d, want %d", describe(old, cmd), i, step.Sequence, sequence)
		case step.Before != at:
			t.Fatalf(
				"%s: transition %d (%s) starts at %+v, want %+v", describe(old, cmd), i, step.Kind, step.Before, at,
			)
		case last != (step.Result != nil):
			t.Fatalf(
				"%s: transition %d of %d (%s) has result %+v", describe(old, cmd), i+1, len(d.Transitions), step.Kind,
				step.Result,
			)
		case last && (*step.Result != d.Result || step.CommandID != cmd.Envelope().CommandID):
			t.Fatalf("%s: the last transition does not hold the answer %+v: %+v", describe(old, cmd), d.Result, step)
		}
		at = step.After
	}
	if at != d.State.Summary() || sequence != d.State.Sequence {
		t.Fatalf(
			"%s: history ends at %d %+v, the state at %d %+v", describe(old, cmd), sequence, at, d.State.Sequence,
			d.State.Summary(),
		)
	}
	r := d.Result
	if r.FulfillmentOrderID != old.ID {
		t.Fatalf("%s: the answer is about another fulfillment order: %+v", describe(old, cmd), r)
	}
	if !d.Repeated &&
		(r.Sequence != sequence || r.Status != d.State.Status || r.RequestStatus != d.State.RequestStatus) {
		t.Fatalf("%s: the answer %+v does not fit the new state %d %+v", describe(old, cmd), r, sequence, at)
	}
	if d.State.ID != old.ID || d.State.OrderID != old.OrderID || d.State.UpdatedAt.Before(old.UpdatedAt) {
		t.Fatalf("%s: the fulfillment order became another one:\n%s", describe(old, cmd), diff(old, d.State))
	}
}

func checkSiblings(
	t reporter, old *fulfillment.FulfillmentOrder, cmd fulfillment.Command, d *fulfillment.Decision, now time.Time,
) {
	if len(d.SiblingTransitions) != len(d.Siblings) {
		t.Fatalf(
			"%s: %d siblings, %d sibling transitions", describe(old, cmd), len(d.Siblings), len(d.SiblingTransitions),
		)
	}
	if !d.Repeated && (len(d.Siblings) > 0) != (d.Result.SiblingID != 0) {
		t.Fatalf("%s: %d siblings, but the answer says %+v", describe(old, cmd), len(d.Siblings), d.Result)
	}
	for i, s := range d.Siblings {
		checkState(t, s)
		born := d.SiblingTransitions[i]
		switch {
		case s.OrderID != old.OrderID || s.OrderName != old.OrderName || s.Sequence != 1 ||
			s.TotalUnits() == 0 && s.Status != fulfillment.StatusClosed:
			t.Fatalf("%s: sibling %+v is not a new part of the same order", describe(old, cmd), s)
		case born.FulfillmentOrderID != s.ID || born.Sequence != 1 || born.Kind != fulfillment.KindCreated ||
			born.After != s.Summary() || !born.At.Equal(now):
			t.Fatalf("%s: sibling transition %+v does not fit %+v", describe(old, cmd), born, s.Summary())
		case !slices.Contains(s.Supersedes, old.ID) || !slices.Contains(d.State.SupersededBy, s.ID):
			t.Fatalf(
				"%s: lineage is one-sided: sibling supersedes %v, superseded by %v", describe(old, cmd), s.Supersedes,
				d.State.SupersededBy,
			)
		case d.Result.SiblingRole == "":
			t.Fatalf("%s: the answer does not say what the sibling is: %+v", describe(old, cmd), d.Result)
		}
	}
	for _, id := range d.State.SupersededBy {
		if !slices.Contains(old.SupersededBy, id) &&
			!slices.ContainsFunc(d.Siblings, func(s *fulfillment.FulfillmentOrder) bool { return s.ID == id }) {
			t.Fatalf("%s: superseded by %d, which was never made", describe(old, cmd), id)
		}
	}
}

// checkForwardOnly makes sure that a shipment which was there stays, and that carrier news never turns it back.
func checkForwardOnly(
	t reporter, old *fulfillment.FulfillmentOrder, cmd fulfillment.Command, before fulfillment.Fulfillment,
	state *fulfillment.FulfillmentOrder,
) {
	i := slices.IndexFunc(state.Fulfillments, func(f fulfillment.Fulfillment) bool { return f.ID == before.ID })
	if i < 0 {
		t.Fatalf("%s: fulfillment %d is gone", describe(old, cmd), before.ID)
	}
	after := state.Fulfillments[i]
	delivered := before.DisplayStatus == fulfillment.DisplayDelivered ||
		before.DisplayStatus == fulfillment.DisplayPickedUp
	switch {
	case delivered && after.DisplayStatus != before.DisplayStatus &&
		after.DisplayStatus != fulfillment.DisplayDelivered &&
		after.DisplayStatus != fulfillment.DisplayCanceled:
		t.Fatalf("%s: a delivered shipment became %s", describe(old, cmd), after.DisplayStatus)
	case before.Status == fulfillment.FulfillmentCancelled && after.Status != fulfillment.FulfillmentCancelled:
		t.Fatalf("%s: a cancelled shipment became %s", describe(old, cmd), after.Status)
	case before.DeliveredAt != nil && after.DeliveredAt == nil, before.InTransitAt != nil &&
		after.InTransitAt == nil, len(after.Events) < len(before.Events):
		t.Fatalf("%s: news of a shipment was lost:\n%s", describe(old, cmd), diff(before, after))
	}
}

// checkState checks what holds for every fulfillment order at any time.
func checkState(t reporter, fo *fulfillment.FulfillmentOrder) {
	broken := func(rule string) { t.Fatalf("%s:\n%s", rule, marshal(t, fo)) }
	if !slices.Contains(pairs[fo.Status], fo.RequestStatus) || !fulfillment.LegalPair(fo.Status, fo.RequestStatus) {
		broken(fmt.Sprintf("%s/%s is no legal pair", fo.Status, fo.RequestStatus))
	}
	shipped := map[fulfillment.ID]int{}
	for _, f := range fo.Fulfillments {
		for _, l := range f.Lines {
			if l.Quantity <= 0 {
				broken("a fulfillment line ships nothing")
			}
			if f.Status == fulfillment.FulfillmentSuccess {
				shipped[l.FulfillmentOrderLineID] += l.Quantity
			}
		}
		if (f.Status == fulfillment.FulfillmentCancelled) != (f.CancelledAt != nil) {
			broken("a shipment is cancelled exactly when it says since when")
		}
		if len(f.Lines) == 0 {
			broken("a shipment without lines")
		}
	}
	for _, l := range fo.Lines {
		if l.Remaining < 0 || l.Total < 0 || l.Cancelled < 0 || l.Remaining > l.Total {
			broken("0 ≤ remaining ≤ total, 0 ≤ cancelled")
		}
		if l.Prepared < 0 || l.Prepared > l.Remaining || l.Prepared > 0 && fo.PreparedAt == nil {
			broken("0 ≤ prepared ≤ remaining, and it says since when")
		}
		if fo.Status != fulfillment.StatusClosed && l.Remaining+shipped[l.ID] != l.Total {
			broken("remaining and shipped units of a line must be its total")
		}
	}
	closed := fo.Status == fulfillment.StatusClosed
	inProgress := fo.Status == fulfillment.StatusInProgress && fo.RequestStatus == fulfillment.RequestUnsubmitted
	atWork := fo.Status == fulfillment.StatusInProgress && !inProgress
	switch {
	case fo.Status == fulfillment.StatusOnHold && len(fo.Holds) == 0:
		broken("ON_HOLD means at least one hold")
	case fo.Status != fulfillment.StatusOnHold && !atWork && len(fo.Holds) > 0:
		broken("only what is ON_HOLD, or with a service that works on it, has holds")
	case atWork && slices.ContainsFunc(fo.Holds, func(h fulfillment.Hold) bool {
		return h.HeldBy.ServiceID != fo.AssignedLocation.ServiceID || h.HeldBy.App != fo.AssignedLocation.Provider
	}):
		broken("nobody but its system holds what a service works on")
	case !closed && fo.RemainingUnits() == 0:
		broken("only a CLOSED fulfillment order may have nothing left to ship")
	case !closed && !fo.AssignedLocation.AtService() && fo.RequestStatus != fulfillment.RequestUnsubmitted:
		broken("a merchant's own location only knows UNSUBMITTED")
	case fo.AcceptBy != nil && fo.RequestStatus != fulfillment.RequestSubmitted:
		broken("only a SUBMITTED request waits to be accepted")
	case fo.Status == fulfillment.StatusScheduled && fo.FulfillAt == nil:
		broken("SCHEDULED without a time")
	case fo.ProgressReported && !inProgress:
		broken("reported progress means IN_PROGRESS")
	case len(fo.Recent) > 50:
		broken("more answers are remembered than allowed")
	}
	checkEffects(t, fo, broken)
	checkFinished(t, fo, broken)
	checkStateJSON(t, fo)
}

func checkEffects(t reporter, fo *fulfillment.FulfillmentOrder, broken func(string)) {
	keys, due := map[string]bool{}, 0
	for _, e := range fo.Effects {
		if keys[e.Key] || e.Key == "" {
			broken("an effect's key is missing or repeated")
		}
		keys[e.Key] = true
		if e.Status == fulfillment.EffectDue || e.Status == fulfillment.EffectUnknown {
			due++
		}
		if e.Kind != fulfillment.EffectReroute && e.Kind != fulfillment.EffectFold && e.Provider == "" {
			broken("an effect for no provider")
		}
	}
	if got := fo.DueEffects(); len(got) != due {
		broken(fmt.Sprintf("%d effects are due, %d are listed", due, len(got)))
	}
}

// checkFinished makes sure that nothing happens by itself any more once the life is over.
func checkFinished(t reporter, fo *fulfillment.FulfillmentOrder, broken func(string)) {
	if !fo.Finished() {
		return
	}
	_, _, timer := fo.NextDeadline()
	if fo.Status != fulfillment.StatusClosed || timer || len(fo.Effects) > 0 {
		broken("finished, but CLOSED is not reached, a timer runs, or an effect is outstanding")
	}
	late := fo.UpdatedAt.AddDate(10, 0, 0)
	d, err := fo.Decide(
		&fulfillment.Tick{Meta: fulfillment.Meta{Actor: fulfillment.System}},
		fulfillment.Env{Now: late, IDs: fulfillment.NewIDs(1)},
	)
	if err != nil || len(d.Transitions) > 0 {
		broken("finished, but ten years later something happens by itself")
	}
}

func checkStateJSON(t reporter, fo *fulfillment.FulfillmentOrder) {
	var back fulfillment.FulfillmentOrder
	if err := json.Unmarshal(marshal(t, fo), &back); err != nil {
		t.Fatalf("read the state back: %v", err)
	}
	back.Recent = fo.Recent
	if !same(fo, &back) {
		t.Fatalf("the state does not survive JSON:\n%s", diff(fo, &back))
	}
}

// checkCommandJSON makes sure that a command means the same after its way over the wire, and that neither its ID nor
// the IDs that it mints make it another command.
func checkCommandJSON(t reporter, cmd fulfillment.Command) {
	back := reflect.New(reflect.TypeOf(cmd).Elem()).Interface().(fulfillment.Command)
	if err := json.Unmarshal(marshal(t, cmd), back); err != nil {
		t.Fatalf("read %s back: %v", cmd.Verb(), err)
	}
	if !same(cmd, back) {
		t.Fatalf("%s does not survive JSON:\n%s", cmd.Verb(), diff(cmd, back))
	}
	back.Envelope().CommandID, back.Envelope().FirstID = "another", 77
	if fulfillment.Fingerprint(cmd) != fulfillment.Fingerprint(back) {
		t.Fatalf("%s has two fingerprints", cmd.Verb())
	}
}

// accounted is what the fulfillment order answers for, by order line: units to be shipped, shipped, and cancelled. A
// CLOSED one keeps its old quantities for people to see, but has nothing to be shipped.
func accounted(fo *fulfillment.FulfillmentOrder) map[fulfillment.ID]int {
	units := map[fulfillment.ID]int{}
	add := func(line fulfillment.ID, n int) {
		if n != 0 {
			units[line] += n
		}
	}
	for _, l := range fo.Lines {
		add(l.LineItemID, l.Cancelled)
		if fo.Status != fulfillment.StatusClosed {
			add(l.LineItemID, l.Remaining)
		}
	}
	for _, f := range fo.Fulfillments {
		if f.Status == fulfillment.FulfillmentSuccess {
			for _, l := range f.Lines {
				add(l.LineItemID, l.Quantity)
			}
		}
	}
	return units
}

// snapshot is everything that a state holds, as text: what must not change behind its back.
func snapshot(t reporter, fo *fulfillment.FulfillmentOrder) []byte {
	return append(marshal(t, fo), marshal(t, fo.Recent)...)
}

func marshal(t reporter, v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("write %T as JSON: %v", v, err)
	}
	return body
}

// same compares quickly first: cmp is thorough and slow.
func same(a, b any) bool {
	return reflect.DeepEqual(a, b) || diff(a, b) == ""
}

func diff(a, b any) string {
	return cmp.Diff(a, b, cmpopts.EquateEmpty(), cmp.Exporter(func(reflect.Type) bool { return true }))
}

func describe(fo *fulfillment.FulfillmentOrder, cmd fulfillment.Command) string {
	body, _ := json.Marshal(cmd)
	return fmt.Sprintf(
		"%s %s at %d, which is %s/%s %d/%d", cmd.Verb(), body, fo.ID, fo.Status, fo.RequestStatus, fo.RemainingUnits(),
		fo.TotalUnits(),
	)
}
