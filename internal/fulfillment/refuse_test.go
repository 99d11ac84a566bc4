package fulfillment

import (
	"strings"
	"testing"
	"time"
)

// TestRefuseMore: refused signals that are only counted are counted once, whichever run counts them, and however often.
func TestRefuseMore(t *testing.T) {
	t.Parallel()
	env := Env{Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	fo := &FulfillmentOrder{ID: 7, Status: StatusOpen, RequestStatus: RequestUnsubmitted, Sequence: 1}
	cmd := &AcceptFulfillmentRequest{Meta: Meta{CommandID: "one"}}
	refused := invalidState("Not now.")
	for range MaxRefusals {
		if fo.HasRefusedMany() {
			t.Fatalf("%d are many", fo.Refusals.Total)
		}
		fo = fo.RefuseOne(cmd, refused, env).State
	}
	if !fo.HasRefusedMany() {
		t.Fatalf("%d are not many", fo.Refusals.Total)
	}
	for _, step := range []struct {
		run           string
		counted, more int
	}{
		{"a", 30, 30}, {"a", 30, 0}, {"a", 50, 20}, {"a", 40, 0}, // A run that lost some counts up to there again.
		{"b", 5, 5}, {"b", 6, 1}, {"b", 0, 0},
	} {
		total := fo.Refusals.Total
		if got := fo.Uncounted(step.run, step.counted); got != step.more {
			t.Errorf("run %s counted %d: %d more, want %d", step.run, step.counted, got, step.more)
		}
		d := fo.RefuseMore(cmd, refused, step.run, step.counted, env)
		if step.more == 0 {
			if len(d.Transitions) != 0 || d.State != fo {
				t.Errorf("run %s counted %d: nothing is new, and yet it changes", step.run, step.counted)
			}
			continue
		}
		if len(d.Transitions) != 1 || d.Transitions[0].Details.RefusedSignals != step.more ||
			d.Transitions[0].CommandID != "" || !strings.Contains(d.Transitions[0].Reason, "Not now.") ||
			d.State.Refusals.Total != total+step.more {
			t.Errorf("run %s counted %d: %+v, %+v", step.run, step.counted, d.Transitions, d.State.Refusals)
		}
		fo = d.State
	}
}
