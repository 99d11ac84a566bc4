package fulfillment

import (
	"slices"
	"testing"
)

func TestLifecycle(t *testing.T) {
	t.Parallel()
	edges := Lifecycle()
	if !slices.Equal(edges, Lifecycle()) {
		t.Error("two runs differ")
	}
	for _, want := range []Edge{
		{"SCHEDULED/UNSUBMITTED", "OPEN/UNSUBMITTED", VerbTick},
		{"OPEN/UNSUBMITTED", "OPEN/SUBMITTED", VerbSubmitFulfillmentRequest},
		{"OPEN/SUBMITTED", "IN_PROGRESS/ACCEPTED", VerbProviderAnswer},
		{"OPEN/SUBMITTED", "OPEN/UNSUBMITTED", VerbProviderAnswer},
		{"IN_PROGRESS/ACCEPTED", "INCOMPLETE/CLOSED", VerbClose},
		{"IN_PROGRESS/ACCEPTED", "CLOSED", VerbCreateFulfillment},
		{"CANCELLED/CANCELLATION_ACCEPTED", "OPEN/SUBMITTED", VerbSubmitFulfillmentRequest},
	} {
		if !slices.Contains(edges, want) {
			t.Errorf("%v is missing", want)
		}
	}
	reached := map[string]bool{"SCHEDULED/UNSUBMITTED": true, "OPEN/UNSUBMITTED": true}
	for _, e := range edges {
		if e.From == "CLOSED" {
			t.Errorf("%v: closed is the end", e)
		}
		if pairOrder(e.From) < 0 || pairOrder(e.To) < 0 {
			t.Errorf("%v is between illegal pairs", e)
		}
		reached[e.To] = true
	}
	for _, pair := range pairs() {
		if !reached[pair.pair()] {
			t.Errorf("nothing leads to %s", pair.pair())
		}
	}
}
