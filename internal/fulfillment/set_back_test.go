package fulfillment

import (
	"testing"
	"time"
)

// TestRestore goes on from an older state: nothing changes but the number, which is above all that was lost, and what
// is lost is told.
func TestRestore(t *testing.T) {
	t.Parallel()
	stored := &FulfillmentOrder{
		ID: 7, OrderID: 3, OrderName: "#1", Status: StatusOpen, RequestStatus: RequestUnsubmitted, Sequence: 2,
		Lines:        []Line{{ID: 1, LineItemID: 11, SKU: "A", Total: 3, Remaining: 3}},
		Fulfillments: []Fulfillment{{ID: 20}},
		Asked:        []Asked{{Key: EffectKey(7, 1), Kind: EffectRequest}},
		Recent:       []Answered{{CommandID: "kept", Result: Result{Sequence: 2}}},
	}
	known := stored.Clone()
	known.Sequence, known.Status = 5, StatusClosed
	known.Lines[0].Remaining = 1
	known.Fulfillments = append(
		known.Fulfillments, Fulfillment{ID: 21, Lines: []FulfillmentLine{{LineItemID: 11, Quantity: 2}}},
		Fulfillment{ID: 22, HomeID: 8}, // Its owner tells of it.
	)
	known.Asked = append(known.Asked, Asked{Key: EffectKey(7, 4), Kind: EffectRequest})
	known.Recent = append(known.Recent, Answered{CommandID: "lost", Result: Result{Sequence: 5}})

	decision, loss := stored.Restore(known, time.Now())
	if got := decision.State; got.Summary() != stored.Summary() || len(got.Fulfillments) != 1 ||
		got.Sequence <= known.Sequence+1 || len(got.Recent) != 1 {
		t.Errorf("it goes on as %+v", got)
	}
	if len(decision.State.Asked) != 2 { // A second restore must find what this one has lost.
		t.Errorf("it knows of the calls %+v", decision.State.Asked)
	}
	if n := len(decision.Transitions); n != 1 || decision.Transitions[0].Kind != KindRestored ||
		decision.Transitions[0].Sequence != decision.State.Sequence || decision.Transitions[0].Before != stored.Summary() {
		t.Errorf("its history has %+v", decision.Transitions)
	}
	if len(loss.Shipments) != 1 || loss.Shipments[0].ID != 21 || loss.Shipments[0].Lines[0] != (Quantity{11, 2}) ||
		len(loss.CommandIDs) != 1 || loss.CommandIDs[0] != "lost" || len(loss.Calls) != 1 ||
		loss.Calls[0].Key != EffectKey(7, 4) {
		t.Errorf("what is lost is %+v", loss)
	}
	again, _ := stored.Restore(decision.State, time.Now())
	if d := again.Transitions[0].Details; len(d.SetBack.Shipments) != 1 || d.SetBack.Shipments[0].ID != 21 ||
		len(d.SetBack.Calls) != 1 {
		t.Errorf("after a second restore it lists %+v", d.SetBack)
	}
	for sequence, want := range map[int64]bool{2: false, 3: true, 5: true, decision.State.Sequence: false} {
		if loss.Covers(sequence) != want {
			t.Errorf("transition %d was lost: %v", sequence, !want)
		}
	}
}

// TestRestoreAsksAgain has a provider asked what became of a call that it was to answer yet: it may have done so in the
// lost time, and tells nobody twice. Each time, the answer is a command of its own.
func TestRestoreAsksAgain(t *testing.T) {
	t.Parallel()
	fo := &FulfillmentOrder{
		ID: 7, OrderID: 3, Status: StatusOpen, RequestStatus: RequestSubmitted, Sequence: 3,
		Lines: []Line{{ID: 1, LineItemID: 11, Total: 1, Remaining: 1}}, RequestKey: EffectKey(7, 2),
		AssignedLocation: AssignedLocation{LocationID: 5, ServiceID: 6, Provider: "simulated"},
		Effects: []Effect{
			{Key: EffectKey(7, 1), Kind: EffectWithdraw, Status: EffectParked, Provider: "simulated", Problem: "Look."},
			{Key: EffectKey(7, 2), Kind: EffectRequest, Status: EffectWaiting, Provider: "simulated"},
		},
	}
	answers := map[string]bool{fo.Effects[1].AnswerID(): true}
	for range 2 {
		known := fo.Clone()
		known.Sequence++
		decision, _ := fo.Restore(known, time.Now())
		due := decision.State.DueEffects()
		if len(due) != 1 || due[0].Key != EffectKey(7, 2) || due[0].Status != EffectUnknown || due[0].Problem == "" {
			t.Fatalf("after a restore %+v is due", due)
		}
		id := due[0].AnswerID()
		if answers[id] || !IsAnswerTo(due[0].Key, id) || IsAnswerTo(EffectKey(7, 1), id) {
			t.Errorf("the answer is command %q", id)
		}
		answers[id] = true
		fo = done(t, decision.State, &ProviderAnswer{
			Meta: Meta{CommandID: id, Actor: System, FirstID: 1}, Key: due[0].Key, Outcome: OutcomePending,
		}).State
		if e := fo.Effects[1]; e.Status != EffectWaiting || e.Problem != "" {
			t.Fatalf("when the answer is to come yet it is %+v", e)
		}
	}
}

// TestAskedIsBounded keeps the last calls only: they travel with the state.
func TestAskedIsBounded(t *testing.T) {
	t.Parallel()
	fo := &FulfillmentOrder{ID: 7}
	for n := range int64(100) {
		fo.asks(Effect{Key: EffectKey(7, n+1), Kind: EffectRequest, Provider: "p"})
	}
	if n := len(fo.Asked); n != keptAsked || fo.Asked[n-1].Key != EffectKey(7, 100) {
		t.Errorf("%d calls are kept, the last is %+v", n, fo.Asked[n-1])
	}
}
