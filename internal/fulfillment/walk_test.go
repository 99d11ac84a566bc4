package fulfillment_test

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

var walkBudget = flag.Duration(
	"walk", 15*time.Second, "how long the exhaustive walk of the state space may take (5 s with -short)",
)

// walk goes through the states that one fulfillment order can reach, breadth first.
type walk struct {
	t           *testing.T
	start       time.Time
	seen        map[string]bool
	pairs       map[string]int
	kinds       map[fulfillment.Kind]int
	level, next []visit
	block       fulfillment.ID
	transitions int
	refused     int
	reports     int
}

// What the walk sees however slow the machine is: with less, it has lost its way.
const (
	leastDepth  = 2
	leastStates = 300
)

// visit is a state to be looked at, at the time when it was reached.
type visit struct {
	fo  *fulfillment.FulfillmentOrder
	now time.Time
}

// TestWalk tries every command on every state that one fulfillment order of two lines of two units can reach, as deep
// as time allows, and checks everything that must hold on the way. The siblings which it makes are walked, too. States
// that differ in nothing that matters for what comes next are one state (see key). There are never more than two holds
// at a time, to keep it finite.
func TestWalk(t *testing.T) {
	t.Parallel()
	budget := *walkBudget
	if testing.Short() {
		budget = min(budget, 5*time.Second)
	}
	w := &walk{
		t: t, start: time.Now(), seen: map[string]bool{}, pairs: map[string]int{}, kinds: map[fulfillment.Kind]int{},
		block: 1 << 40,
	}
	for _, s := range walkStarts(t) {
		w.reach(s)
	}
	depth, complete := 0, false
	for !complete {
		w.level, w.next = w.next, nil
		enough := depth >= leastDepth && len(w.seen) >= leastStates
		if !w.expand(budget, enough) {
			break
		}
		depth++
		complete = len(w.next) == 0
	}
	report := fmt.Sprintf("walk: %d states, %d transitions, %d refusals, every state up to depth %d expanded (all "+
		"there are: %v), %v",
		len(w.seen), w.transitions, w.refused, depth, complete, time.Since(w.start).Round(time.Millisecond))
	t.Log(report)
	fmt.Println(report)
	t.Logf("states by status and request status: %v", w.pairs)
	if len(w.seen) < leastStates || depth < leastDepth {
		t.Errorf("%d states to depth %d are too few: the walk lost its way", len(w.seen), depth)
	}
	if depth >= 5 { // A slow machine may not get so far; what is that deep must then be there.
		w.checkReach()
	}
}

// checkReach makes sure that the walk came past everything that it is there to check.
func (w *walk) checkReach() {
	for status, requests := range pairs {
		for _, request := range requests {
			if pair := string(status) + "/" + string(request); w.pairs[pair] == 0 {
				w.t.Errorf("the walk never saw %s", pair)
			}
		}
	}
	if w.reports == 0 {
		w.t.Error("the walk never saw a service that says why it does not ship")
	}
	for _, kind := range []fulfillment.Kind{fulfillment.KindOpened, fulfillment.KindDeadlineMissed,
		fulfillment.KindAcceptOverdue,
		fulfillment.KindTakenBack, fulfillment.KindDeliveryGivenUp, fulfillment.KindHoldReleased,
		fulfillment.KindUnitsCancelled,
		fulfillment.KindProviderPending, fulfillment.KindProviderUnknown, fulfillment.KindProviderParked,
		fulfillment.KindProviderLate} {
		if w.kinds[kind] == 0 {
			w.t.Errorf("the walk never saw a transition %s", kind)
		}
	}
}

// walkStarts is two lines of two units each: at the merchant's own location, at a manual and at an automated service
// with each accept policy, scheduled for later at the first two, and with ten holds.
func walkStarts(t testing.TB) []visit {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	later := now.Add(48 * time.Hour)
	deadline := now.Add(72 * time.Hour)
	patient := byHand
	patient.AcceptWithin, patient.AcceptPolicy = fulfillment.Duration(24*time.Hour), fulfillment.AcceptRemind
	assignments := []fulfillment.Assignment{
		{Location: berlin}, {Location: patient}, {Location: berlin, FulfillAt: &later},
		{Location: patient, FulfillAt: &later},
	}
	for _, policy := range []fulfillment.AcceptPolicy{fulfillment.AcceptReroute, fulfillment.AcceptHold} {
		hasty := automated
		hasty.AcceptWithin, hasty.AcceptPolicy = fulfillment.Duration(24*time.Hour), policy
		assignments = append(assignments, fulfillment.Assignment{Location: hasty, FulfillBy: &deadline})
	}
	var starts []visit
	for i, a := range assignments {
		order := &fulfillment.Order{ID: fulfillment.ID(1001 + i), LineItems: []fulfillment.LineItem{
			{ID: 2001, Title: "Cup", SKU: "CUP", Quantity: 2}, {ID: 2002, Title: "Tea", SKU: "TEA", Quantity: 2}}}
		if err := order.Complete(now); err != nil {
			t.Fatalf("complete the order: %v", err)
		}
		a.DeliveryMethod = fulfillment.DeliveryShipping
		a.Lines = []fulfillment.Quantity{{ID: 2001, Quantity: 2}, {ID: 2002, Quantity: 2}}
		fos, _, err := fulfillment.NewFulfillmentOrders(
			order, []fulfillment.Assignment{a}, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(10_000)},
		)
		if err != nil || len(fos) != 1 {
			t.Fatalf("make the fulfillment order: %v", err)
		}
		starts = append(starts, visit{fos[0], now})
	}
	full := starts[0] // The merchant's own, with as many holds as one app may place.
	for i := range 10 {
		hold := &fulfillment.PlaceHold{
			Meta: fulfillment.Meta{Actor: merchant}, Reason: fulfillment.HoldOther, Handle: fmt.Sprint("hold ", i),
		}
		d, refused := decide(t, full.fo, hold, now, fulfillment.ID(100_000*(i+1)))
		if refused != nil {
			t.Fatalf("hold %d of 10: %v", i+1, refused)
		}
		full.fo = d.State
	}
	return append(starts, full)
}

// reach puts a state on the list if it is new.
func (w *walk) reach(v visit) bool {
	k := key(v.fo)
	if w.seen[k] {
		return false
	}
	w.seen[k] = true
	w.pairs[string(v.fo.Status)+"/"+string(v.fo.RequestStatus)]++
	if v.fo.Status == fulfillment.StatusInProgress && len(v.fo.Holds) > 0 {
		w.reports++
	}
	checkRecorded(w.t, v.fo)
	for _, by := range everybody(v.fo) {
		checkActions(w.t, v.fo, by, v.now, 1)
	}
	w.next = append(w.next, v)
	return true
}

// expand tries every command on every state of this level; false: it may end, and the time was up before.
func (w *walk) expand(budget time.Duration, mayEnd bool) bool {
	for _, v := range w.level {
		if mayEnd && time.Since(w.start) > budget {
			return false
		}
		before := snapshot(w.t, v.fo)
		for _, cmd := range walkCommands(v) {
			w.try(v, cmd, v.now)
		}
		tick := &fulfillment.Tick{Meta: fulfillment.Meta{Actor: fulfillment.System}}
		if due, _, ok := v.fo.NextDeadline(); ok {
			w.try(v, tick, later(v.now, due))
		}
		w.try(v, tick, v.now)
		w.try(v, tick, v.now.AddDate(1, 0, 0))
		if after := snapshot(w.t, v.fo); !bytes.Equal(before, after) {
			w.t.Fatalf("a command changed the state in place:\n%s", diff(string(before), string(after)))
		}
	}
	return true
}

func (w *walk) try(v visit, cmd fulfillment.Command, now time.Time) {
	w.block += fulfillment.IDBlock
	d, err := v.fo.Decide(cmd, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(w.block)})
	if err != nil {
		checkAuthority(w.t, v.fo, cmd, nil, checkRefusal(w.t, v.fo, cmd, d, err))
		w.refused++
		return
	}
	checkAuthority(w.t, v.fo, cmd, d, nil)
	checkHistory(w.t, v.fo, cmd, d, now)
	checkUnits(w.t, v.fo, cmd, d)
	w.transitions++
	for _, step := range d.Transitions {
		w.kinds[step.Kind]++
	}
	reached := w.reach(visit{d.State, now})
	for _, s := range d.Siblings {
		reached = w.reach(visit{s, now}) || reached
	}
	if reached { // The rest is slow, and the way to one state is as good as another.
		decide(w.t, v.fo, cmd, now, w.block)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// walkCommands is every command with a few payloads each, sent by an operator, who may do the most; what is an actor's
// own business, sent by that actor.
func walkCommands(v visit) []fulfillment.Command {
	fo, soon, past := v.fo, v.now.Add(time.Hour), v.now.Add(-time.Hour)
	to := elsewhere(fo)
	system := fulfillment.Meta{Actor: fulfillment.System}
	commands := []fulfillment.Command{
		&fulfillment.AcceptFulfillmentRequest{Meta: fulfillment.Meta{Actor: ownService(fo)}},
		&fulfillment.AcceptFulfillmentRequest{Meta: fulfillment.Meta{Actor: merchant}},
		&fulfillment.RejectFulfillmentRequest{Reason: fulfillment.RejectOutOfStock},
		&fulfillment.SubmitCancellationRequest{}, &fulfillment.AcceptCancellationRequest{},
		&fulfillment.RejectCancellationRequest{},
		&fulfillment.ReleaseHold{}, &fulfillment.ReleaseHold{Meta: fulfillment.Meta{Actor: merchant}, OwnOnly: true},
		&fulfillment.Cancel{}, &fulfillment.Close{}, &fulfillment.Open{}, &fulfillment.ReportProgress{},
		&fulfillment.Reschedule{FulfillAt: soon}, &fulfillment.Reschedule{FulfillAt: past},
		&fulfillment.SetDeadline{FulfillBy: &soon}, &fulfillment.SetDeadline{},
		&fulfillment.Move{NewLocationID: to.LocationID, Location: &to}, &fulfillment.Move{NewLocationID: 404},
		&fulfillment.Move{NewLocationID: byHand.LocationID, Location: &byHand},
		&fulfillment.Move{NewLocationID: automated.LocationID, Location: &automated},
		&fulfillment.CancelUnits{Meta: system, WholeOrder: true},
		&fulfillment.ProviderAnswer{Meta: system, Key: "no such key", Outcome: fulfillment.OutcomeAccepted},
	}
	if len(fo.Holds) < 2 {
		commands = append(
			commands,
			&fulfillment.PlaceHold{
				Meta: fulfillment.Meta{Actor: merchant}, Reason: fulfillment.HoldOther, ExpiresAt: &soon,
			},
			&fulfillment.PlaceHold{
				Meta: fulfillment.Meta{Actor: itsSystem(fo)}, Reason: fulfillment.HoldInventoryOutOfStock,
				Handle: fmt.Sprint("hold ", len(fo.Holds)),
			},
		)
	}
	for _, part := range parts(fo) {
		commands = append(commands, &fulfillment.SubmitFulfillmentRequest{Lines: part}, &fulfillment.Split{Lines: part},
			&fulfillment.CreateFulfillment{Lines: part}, &fulfillment.Move{
				NewLocationID: to.LocationID, Location: &to, Lines: part,
			}, &fulfillment.AcceptFulfillmentRequest{Lines: part}, &fulfillment.AcceptCancellationRequest{Lines: part})
		for _, e := range fo.Effects {
			commands = append(commands, &fulfillment.ProviderAnswer{
				Meta: system, Key: e.Key, Outcome: fulfillment.OutcomeAccepted, Accepted: part,
			})
		}
		if len(fo.Holds) < 2 {
			commands = append(
				commands,
				&fulfillment.PlaceHold{
					Reason: fulfillment.HoldOther, Handle: fmt.Sprint("hold ", len(fo.Holds)), Lines: part,
				},
			)
		}
	}
	for _, l := range fo.Lines {
		commands = append(
			commands, &fulfillment.CancelUnits{LineItems: []fulfillment.Quantity{{ID: l.LineItemID, Quantity: 1}}},
		)
	}
	for _, f := range fo.Fulfillments {
		commands = append(commands, &fulfillment.CancelFulfillment{FulfillmentID: f.ID},
			&fulfillment.UpdateTracking{
				FulfillmentID: f.ID, Tracking: fulfillment.TrackingInput{Company: "DHL", Number: "1"},
			},
			&fulfillment.RecordEvent{FulfillmentID: f.ID, Status: fulfillment.EventInTransit},
			&fulfillment.RecordEvent{FulfillmentID: f.ID, Status: fulfillment.EventDelivered},
			&fulfillment.RecordEvent{FulfillmentID: f.ID, Status: fulfillment.EventFailure})
	}
	for _, e := range fo.Effects {
		for _, outcome := range []fulfillment.Outcome{"ACCEPTED", "REJECTED", "PENDING", "UNKNOWN", "PARKED"} {
			commands = append(commands, &fulfillment.ProviderAnswer{Meta: system, Key: e.Key, Outcome: outcome})
		}
		if e.Kind == fulfillment.EffectReroute {
			commands = append(
				commands, &fulfillment.ProviderAnswer{Meta: system, Key: e.Key, Outcome: "ACCEPTED", Location: &to},
			)
		}
	}
	return commands
}

// parts are the ways to name units: none (all of them), each line alone, one unit, all by name, and more than there
// are.
func parts(fo *fulfillment.FulfillmentOrder) [][]fulfillment.Quantity {
	all := [][]fulfillment.Quantity{nil, {{ID: 404, Quantity: 1}}}
	var everything []fulfillment.Quantity
	for _, l := range fo.Lines {
		for n := 1; n <= l.Remaining; n++ {
			all = append(all, []fulfillment.Quantity{{ID: l.ID, Quantity: n}})
		}
		if l.Remaining > 0 {
			everything = append(everything, fulfillment.Quantity{ID: l.ID, Quantity: l.Remaining})
		}
	}
	if len(everything) > 0 {
		more := slices.Clone(everything)
		more[0].Quantity++
		all = append(all, everything, more)
	}
	return all
}

// key names a state without IDs, times and sequence: states with the same key have the same future. What has no
// influence on anything else (deadline, tracking, news on the way, how often something was requested) is left out, too.
func key(fo *fulfillment.FulfillmentOrder) string {
	var parts []string
	for _, h := range fo.Holds {
		parts = append(parts, fmt.Sprint("|hold ", h.HeldBy.App, h.ExpiresAt != nil))
	}
	for _, e := range fo.Effects {
		parts = append(parts, fmt.Sprint("|effect ", e.Kind, e.Status, e.Then, e.For == fo.RequestKey))
	}
	for _, f := range fo.Fulfillments {
		if f.Status == fulfillment.FulfillmentCancelled {
			parts = append(parts, "|cancelled shipment")
			continue
		}
		part := fmt.Sprint("|shipment ", f.DeliveredAt != nil, f.GivenUpAt != nil)
		for _, l := range f.Lines {
			part += fmt.Sprint(" ", l.LineItemID, "*", l.Quantity)
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	var b strings.Builder
	fmt.Fprint(&b, fo.Status, fo.RequestStatus, fo.AssignedLocation.LocationID, fo.AssignedLocation.AcceptPolicy,
		fo.AcceptBy != nil,
		fo.ProgressReported, fo.OrderCancelled, fo.HeldApart != 0)
	for _, l := range fo.Lines {
		fmt.Fprint(&b, "|line ", l.LineItemID, l.Total, l.Remaining, l.Cancelled)
	}
	for _, p := range slices.Compact(parts) {
		b.WriteString(p)
	}
	return b.String()
}
