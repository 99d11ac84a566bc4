package returns_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// TestRandomLives sends random commands to the returns of an order and checks after each one what always holds: never
// more comes back than went out, a refused command changes nothing, and one that is sent again is answered as before.
func TestRandomLives(t *testing.T) {
	t.Parallel()
	var sent, succeeded atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		for n := range 40 {
			w.now = w.now.Add(rapid.SampledFrom([]time.Duration{0, time.Second, 50 * time.Hour}).Draw(t, "time passes"))
			r, cmd := w.draw(t)
			cmd.Envelope().CommandID = fmt.Sprint("command-", n)
			var before string
			if r != nil {
				before = text(t, r)
			}
			d, err := w.send(r, cmd)
			sent.Add(1)
			if r != nil && text(t, r) != before {
				t.Fatalf("%s changed the state that it was given", cmd.Verb())
			}
			if err != nil {
				if _, ok := fulfillment.AsError(err); !ok {
					t.Fatalf("%s: %v is no refusal", cmd.Verb(), err)
				}
				continue
			}
			succeeded.Add(1)
			checkSteps(t, r, d)
			w.keep(r, d.State)
			w.check(t)
			again, err := w.send(d.State, cmd)
			if err != nil || !again.Repeated || text(t, again.Result) != text(t, d.Result) || again.State != d.State {
				t.Fatalf("%s sent again: %+v, %v", cmd.Verb(), again, err)
			}
		}
	})
	t.Logf("%d commands, %d succeeded", sent.Load(), succeeded.Load())
	if n := sent.Load(); !t.Failed() && succeeded.Load() < n/8 {
		t.Errorf("only %d of %d random commands succeeded: the lives lead nowhere", succeeded.Load(), n)
	}
}

// draw draws a command, and the return that it is about; nil: it begins one.
func (w *world) draw(t *rapid.T) (*returns.Return, returns.Command) {
	if len(w.returns) == 0 || rapid.IntRange(0, 4).Draw(t, "begins") == 0 {
		var lines []returns.NewLine
		for range rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "lines") {
			line := rapid.SampledFrom(
				[]fulfillment.ID{mugsOut, mugsOut, mugsOut, hatsOut, hatsOut, engravingOut, old},
			).Draw(t, "line")
			lines = append(lines, of(line, rapid.SampledFrom([]int{1, 1, 2, 3, 0}).Draw(t, "units")))
		}
		if rapid.Bool().Draw(t, "requests") {
			return nil, request(lines...)
		}
		cmd := create(lines...)
		if rapid.Bool().Draw(t, "exchanges") {
			cmd.ExchangeLines = []returns.NewExchangeLine{{Title: "Cup", Quantity: 2}}
		}
		if rapid.Bool().Draw(t, "waits") {
			by := w.now.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)
			cmd.Expected = returns.Expected{By: &by, Overdue: returns.OverdueClose}
		}
		return nil, cmd
	}
	r := w.returns[rapid.IntRange(0, len(w.returns)-1).Draw(t, "return")]
	verbs := append(returns.Verbs(), returns.VerbTick)
	for range 3 { // What makes sense comes more often.
		verbs = append(verbs, r.SupportedVerbs(fulfillment.Actor{})...)
	}
	return r, w.drawFor(t, r, rapid.SampledFrom(verbs).Draw(t, "verb"))
}

// drawFor draws a command with this verb about a return.
func (w *world) drawFor(t *rapid.T, r *returns.Return, verb returns.Verb) returns.Command {
	units := func() int { return rapid.SampledFrom([]int{1, 1, 1, 2, 3, 0}).Draw(t, "units") }
	line, work, parcel, exchange := fulfillment.ID(7), fulfillment.ID(8), fulfillment.ID(9), fulfillment.ID(6)
	if n := len(r.Lines); n > 0 {
		line = r.Lines[rapid.IntRange(0, n-1).Draw(t, "line")].ID
	}
	if len(r.Work) > 0 && len(r.Work[0].Lines) > 0 {
		work = rapid.SampledFrom(r.Work[0].Lines).Draw(t, "work").ID
	}
	if len(r.Work) > 0 && len(r.Work[0].Deliveries) > 0 {
		parcel = rapid.SampledFrom(r.Work[0].Deliveries).Draw(t, "parcel").ID
	}
	if len(r.ExchangeLines) > 0 {
		exchange = r.ExchangeLines[0].ID
	}
	disposal := func() returns.DisposeUnits {
		return returns.DisposeUnits{
			WorkLineID: work, Quantity: units(), Type: rapid.SampledFrom(returns.DispositionTypes).Draw(t, "type"),
			LocationID: porto,
		}
	}
	switch verb {
	case returns.VerbRequest:
		return request(of(mugsOut, 1))
	case returns.VerbCreate:
		return create(of(mugsOut, 1))
	case returns.VerbApprove:
		cmd := &returns.Approve{}
		if rapid.Bool().Draw(t, "a part") {
			cmd.Declined = []returns.DeclinedUnits{
				{ReturnLineID: line, Quantity: units(), Reason: returns.DeclineOther},
			}
		}
		return cmd
	case returns.VerbRemove:
		cmd := &returns.Remove{Lines: []returns.RemovedUnits{{ReturnLineID: line, Quantity: units()}}}
		if rapid.Bool().Draw(t, "of the exchange") {
			cmd.ExchangeLines = []returns.RemovedExchange{{ExchangeLineID: exchange, Quantity: units()}}
		}
		return cmd
	case returns.VerbProcess:
		cmd := &returns.Process{Lines: []returns.ProcessedUnits{{ReturnLineID: line, Quantity: units()}}}
		if rapid.Bool().Draw(t, "disposes") {
			d := disposal()
			d.WorkLineID = 0
			cmd.Lines[0].Dispositions = []returns.DisposeUnits{d}
		}
		if rapid.Bool().Draw(t, "of the exchange") {
			cmd.ExchangeLines = []returns.Quantity{{ID: exchange, Quantity: units()}}
		}
		return cmd
	case returns.VerbDispose:
		return &returns.Dispose{Units: []returns.DisposeUnits{disposal(), disposal()}}
	case returns.VerbCreateDelivery:
		cmd := &returns.CreateDelivery{}
		if rapid.Bool().Draw(t, "named") {
			cmd.Lines = []returns.DeliveryUnits{{WorkLineID: work, Quantity: units()}}
		}
		return cmd
	case returns.VerbUpdateDelivery:
		return &returns.UpdateDelivery{DeliveryID: parcel, Tracking: &returns.TrackingInput{Number: "Z"}}
	case returns.VerbReceive:
		return &returns.Receive{
			Lines: []returns.ReceivedUnits{{ReturnLineID: line, Quantity: units()}},
			Differences: []returns.DifferenceInput{{
				ReturnLineID: line, Quantity: units(),
				Kind: rapid.SampledFrom(returns.DifferenceKinds).Draw(t, "difference"),
			}}[:rapid.IntRange(0, 1).Draw(t, "differences")],
		}
	case returns.VerbTick:
		return &returns.Tick{}
	}
	return every[verb](r)
}

// check is what always holds for all returns of an order.
func (w *world) check(t *rapid.T) {
	living := map[fulfillment.ID]int{}
	for _, r := range w.returns {
		if !r.Status.Living() {
			continue
		}
		for _, l := range r.Lines {
			living[l.FulfillmentLineID] += l.Quantity
		}
	}
	for line, n := range living {
		if n > w.shipped[line] {
			t.Fatalf("%d units of line %d come back, of %d that were shipped", n, line, w.shipped[line])
		}
	}
	left := map[fulfillment.ID]int{}
	for _, f := range returns.Returnable(w.facts().Shipments, w.returns) {
		for _, l := range f.Lines {
			left[l.ID] = l.Left
		}
	}
	for line, n := range w.shipped {
		if left[line]+living[line] != n {
			t.Fatalf("of %d units of line %d, %d can be returned and %d are", n, line, left[line], living[line])
		}
	}
	for _, r := range w.returns {
		checkReturn(t, r)
	}
}

// checkReturn is what always holds for one return.
func checkReturn(t *rapid.T, r *returns.Return) {
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("return %s (%s): "+format, append([]any{text(t, r), r.Status}, args...)...)
	}
	for _, l := range r.Lines {
		if l.Quantity < 1 || l.Processed < 0 || l.Processed > l.Quantity || l.Received < 0 || l.Received > l.Quantity {
			fail("quantities of line %d", l.ID)
		}
		short := 0
		for _, d := range l.Differences {
			if d.Quantity < 1 {
				fail("a difference of nothing")
			}
			if d.Kind == returns.DifferenceShort {
				short += d.Quantity
			}
		}
		if short > l.Quantity-l.Received {
			fail("more is missing than is still to come")
		}
	}
	if (r.Status == returns.StatusClosed) != (r.ClosedAt != nil) ||
		(r.Status == returns.StatusDeclined) != (r.Decline != nil) {
		fail("times and status disagree")
	}
	if wants := r.Status != returns.StatusRequested && r.Status != returns.StatusDeclined; wants != (len(r.Work) == 1) {
		fail("work and status disagree")
	}
	for _, w := range r.Work {
		if len(w.Lines) != len(r.Lines) || string(w.Status) != string(r.Status) {
			fail("the work is not the return's")
		}
		total := map[fulfillment.ID]int{}
		for i, l := range w.Lines {
			total[l.ID] = l.Total
			if l.Total != r.Lines[i].Quantity || l.ReturnLineID != r.Lines[i].ID {
				fail("a line of the work is not the return's")
			}
			n := 0
			for _, d := range l.Dispositions {
				if n += d.Quantity; d.Quantity < 1 {
					fail("a disposition of nothing")
				}
			}
			if n > l.Total {
				fail("%d units were disposed of, of %d", n, l.Total)
			}
		}
		for _, d := range w.Deliveries {
			in := map[fulfillment.ID]int{}
			for _, l := range d.Lines {
				if in[l.WorkLineID] += l.Quantity; l.Quantity < 1 || in[l.WorkLineID] > total[l.WorkLineID] {
					fail("a parcel brings more than comes back")
				}
			}
		}
	}
	for _, l := range r.ExchangeLines {
		if l.Quantity < 1 || l.Processed < 0 || l.Processed > l.Quantity || (l.Processed > 0) != (l.LineItemID != 0) {
			fail("exchange line %d", l.ID)
		}
	}
}

// checkSteps is what always holds for the transitions of a decision.
func checkSteps(t *rapid.T, before *returns.Return, d *returns.Decision) {
	sequence := int64(0)
	var at *returns.State
	if before != nil {
		s := before.Summary()
		sequence, at = before.Sequence, &s
	}
	for _, step := range d.Transitions {
		if sequence++; step.Sequence != sequence || step.ReturnID != d.State.ID {
			t.Fatalf("transition %d after %d", step.Sequence, sequence-1)
		}
		if text(t, step.Before) != text(t, at) {
			t.Fatalf("%s begins with %s, not with %s", step.Kind, text(t, step.Before), text(t, at))
		}
		after := step.After
		at = &after
		if n := max(1, len(step.Topics)); len(step.Events()) != n {
			t.Fatalf("%s has %d events, not %d", step.Kind, len(step.Events()), n)
		}
	}
	if d.State.Sequence != sequence || d.Result.Sequence != sequence || *at != d.State.Summary() {
		t.Fatalf("the state is not that of the last transition: %s", text(t, d))
	}
	if n := len(d.Transitions); n == 0 || d.Transitions[n-1].CommandID == "" || d.Transitions[n-1].Result == nil {
		t.Fatal("the last transition does not have the answer")
	}
}
