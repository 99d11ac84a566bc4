package returns_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// What was committed to the feed is read as it was decided.
func TestDecodeEvent(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusOpen)
	cmd := process(r, 1)
	cmd.Lines[0].Dispositions = []returns.DisposeUnits{{Quantity: 1, Type: returns.Missing}}
	d, err := w.send(r, cmd)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range d.Transitions {
		for _, want := range step.Events() {
			payload, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := fulfillment.DecodeEvent(payload)
			if err != nil {
				t.Fatal(err)
			}
			if err := returns.DecodeEvent(got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("%s: %s", want.Kind, diff)
			}
		}
	}
	if err := returns.DecodeEvent(&fulfillment.Event{ReturnID: 1, After: json.RawMessage(`[]`)}); err == nil {
		t.Error("a list is read as a state")
	}
}
