package fulfillment_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

// commandsPerLife is how many random commands each random order gets.
const commandsPerLife = 60

// TestRandomLives sends random commands from random actors to random orders and checks after each one that every unit
// is accounted for, and everything else that always holds.
func TestRandomLives(t *testing.T) {
	t.Parallel()
	var commands, succeeded atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range commandsPerLife {
			w.now = w.now.Add(
				rapid.SampledFrom(
					[]time.Duration{0, 0, 0, 0, time.Second, time.Hour, 30 * time.Hour, 100 * 24 * time.Hour},
				).Draw(t, "time passes"),
			)
			fo := w.orders[rapid.IntRange(0, len(w.orders)-1).Draw(t, "fulfillment order")]
			first := w.nextBlock()
			cmd := w.drawCommand(t, fo)
			checkCommandJSON(t, cmd)
			checkActions(t, fo, rapid.SampledFrom(everybody(fo)).Draw(t, "asker"), w.now, first)

			d, refused := decide(t, fo, cmd, w.now, first)
			checkAuthority(t, fo, cmd, d, refused)
			commands.Add(1)
			if refused != nil {
				w.refuse(t, fo, cmd, refused, first)
				continue
			}
			succeeded.Add(1)
			w.adopt(t, fo, d, first)
			if cmd.Envelope().CommandID != "" {
				w.sent = append(w.sent, sent{fo.ID, cmd, d.Result})
			}
			w.repeat(t)
		}
		w.checkEnd(t)
		w.drain(t)
		w.checkEnd(t)
	})
	t.Logf("%d commands, %d succeeded", commands.Load(), succeeded.Load())
	if n := commands.Load(); !t.Failed() && succeeded.Load() < n/5 {
		t.Errorf("only %d of %d random commands succeeded: the lives lead nowhere", succeeded.Load(), n)
	}
}

// checkAuthority makes sure that nobody decides for somebody else.
func checkAuthority(
	t reporter, fo *fulfillment.FulfillmentOrder, cmd fulfillment.Command, d *fulfillment.Decision,
	refused *fulfillment.Error,
) {
	by := cmd.Envelope().Actor
	switch cmd := cmd.(type) {
	case *fulfillment.AcceptFulfillmentRequest, *fulfillment.RejectFulfillmentRequest, *fulfillment.Close,
		*fulfillment.AcceptCancellationRequest, *fulfillment.RejectCancellationRequest:
		if refused == nil && by.Role == fulfillment.RoleMerchant {
			t.Fatalf("%s: the merchant answered for the service", describe(fo, cmd))
		}
	case *fulfillment.Tick:
		if refused != nil {
			t.Fatalf("%s: time was refused: %v", describe(fo, cmd), refused)
		}
	case *fulfillment.ProviderAnswer:
		awaited := slices.ContainsFunc(fo.Effects, func(e fulfillment.Effect) bool { return e.Key == cmd.Key })
		if refused != nil && (awaited || strings.HasPrefix(cmd.Key, "fulfillment-order/")) {
			t.Fatalf("%s: a provider's answer was refused, and nobody would hear of it: %v", describe(fo, cmd), refused)
		}
		if refused == nil && !awaited && d.State.Summary() != fo.Summary() {
			t.Fatalf(
				"%s: an answer that nobody waited for changed %+v to %+v", describe(fo, cmd), fo.Summary(),
				d.State.Summary(),
			)
		}
	}
	if refused == nil && by.Role == fulfillment.RoleService && by.ServiceID == stranger.ServiceID {
		t.Fatalf("%s: another service succeeded", describe(fo, cmd))
	}
}

// refuse records a refusal as a signal's refusal is recorded, now and then, and checks that nothing else changed.
func (w *world) refuse(
	t *rapid.T, fo *fulfillment.FulfillmentOrder, cmd fulfillment.Command, refused *fulfillment.Error,
	first fulfillment.ID,
) {
	if rapid.IntRange(0, 7).Draw(t, "signalled") != 7 {
		return
	}
	before := snapshot(t, fo)
	d := fo.Refuse(cmd, refused, fulfillment.Env{Now: w.now, IDs: fulfillment.NewIDs(first)})
	if !same(string(before), string(snapshot(t, fo))) {
		t.Fatalf("%s: recording the refusal changed the state in place", describe(fo, cmd))
	}
	if len(d.Transitions) != 1 || d.Transitions[0].Kind != fulfillment.KindRefused || d.State.LastRefusal == nil ||
		len(d.Siblings) > 0 {
		t.Fatalf("%s: not recorded as one refusal: %+v", describe(fo, cmd), d)
	}
	step := d.Transitions[0]
	if step.Sequence != fo.Sequence+1 || step.Before != fo.Summary() || step.After != fo.Summary() ||
		d.State.Summary() != fo.Summary() || d.State.Sequence != fo.Sequence+1 {
		t.Fatalf("%s: the recorded refusal changed something: %+v", describe(fo, cmd), step)
	}
	if refusal := d.State.LastRefusal; refusal.Verb != cmd.Verb() || refusal.Message != refused.Told() ||
		!refusal.At.Equal(w.now) {
		t.Fatalf("%s: the last refusal says %+v", describe(fo, cmd), refusal)
	}
	checkState(t, d.State)
	w.adopt(t, fo, d, first)
}

// repeat sends a command again that was answered before: the same body gets the same answer and changes nothing,
// another body under the same command ID is a conflict, as far as it is the sender's business.
func (w *world) repeat(t *rapid.T) {
	if len(w.sent) == 0 || rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		return
	}
	recent := w.sent[max(0, len(w.sent)-20):] // Older ones are the store's to remember.
	old := recent[len(recent)-1-rapid.IntRange(0, len(recent)-1).Draw(t, "which")]
	fo := w.orders[w.find(old.to)]
	old.cmd.Envelope().FirstID = w.nextBlock()
	d, refused := decide(t, fo, old.cmd, w.now.Add(time.Second), w.block)
	if refused != nil || !d.Repeated || d.Result != old.result || len(d.Transitions) > 0 {
		t.Fatalf("%s: repeated, it got %+v (%v), at first %+v", describe(fo, old.cmd), d, refused, old.result)
	}
	other := &fulfillment.ReportProgress{Meta: *old.cmd.Envelope(), ReasonNotes: fmt.Sprint("another body ", w.block)}
	want := fulfillment.CodeIdempotencyConflict
	if blind(other.Actor, fo) { // It is not its business any more.
		want = fulfillment.CodeAccessDenied
	}
	if _, refused := decide(t, fo, other, w.now, w.block); refused == nil || refused.Code != want {
		t.Fatalf("%s: another body with the same command ID got %v", describe(fo, other), refused)
	}
}

// drain cancels the order and lets everybody say yes: whatever happened before, each fulfillment order must come to
// its end. What a service does not give back any more, it ships.
func (w *world) drain(t reporter) {
	send := func(i int, cmd fulfillment.Command) bool {
		fo, first := w.orders[i], w.nextBlock()
		d, refused := decide(t, fo, cmd, w.now, first)
		if refused != nil {
			return false
		}
		w.adopt(t, fo, d, first)
		return len(d.Transitions) > 0
	}
	system := fulfillment.Meta{Actor: fulfillment.System}
	for range 12 {
		quiet := true
		for i := 0; i < len(w.orders); i++ {
			for _, e := range w.orders[i].Effects {
				quiet = !send(
					i, &fulfillment.ProviderAnswer{Meta: system, Key: e.Key, Outcome: fulfillment.OutcomeAccepted},
				) && quiet
			}
			if w.orders[i].Status == fulfillment.StatusClosed {
				continue
			}
			quiet = false
			send(i, &fulfillment.AcceptCancellationRequest{})
			if w.orders[i].Status != fulfillment.StatusClosed &&
				!send(i, &fulfillment.CancelUnits{Meta: system, WholeOrder: true}) {
				send(i, &fulfillment.CreateFulfillment{})
			}
		}
		if quiet {
			break
		}
	}
	w.now = w.now.AddDate(2, 0, 0)
	for i := range w.orders {
		send(i, &fulfillment.Tick{Meta: system})
		if fo := w.orders[i]; !fo.Finished() {
			t.Fatalf("the life of %d never ends:\n%s", fo.ID, marshal(t, fo))
		}
	}
}
