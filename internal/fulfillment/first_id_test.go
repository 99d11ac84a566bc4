package fulfillment

import (
	"math"
	"testing"
)

func TestFirstID(t *testing.T) {
	t.Parallel()
	fo := example(AssignedLocation{LocationID: 1}, State{Status: StatusOpen, RequestStatus: RequestUnsubmitted}, 1)
	for _, first := range []ID{-1, math.MinInt64, math.MaxInt64, maxFirstID + 1} {
		_, err := fo.Decide(&PlaceHold{Meta: Meta{FirstID: first}, Reason: HoldOther}, Env{Now: exampleTime})
		if refused, ok := AsError(err); !ok || refused.Code != CodeInvalid {
			t.Errorf("first ID %d gave %v, want a refusal", first, err)
		}
	}
	if _, err := fo.Decide(
		&PlaceHold{Meta: Meta{FirstID: maxFirstID}, Reason: HoldOther}, Env{Now: exampleTime},
	); err != nil {
		t.Errorf("the largest first ID: %v", err)
	}
	fo.ID, fo.Lines[0].ID = 10_000, 20_000
	for first, used := range map[ID]bool{
		1: true, 7: false, 10_000: true, 10_001: false, 10_000 - IDBlock: false, 10_001 - IDBlock: true, 20_000: true,
		maxFirstID: false,
	} {
		if got := fo.Uses(first); got != used {
			t.Errorf("block from %d is used: %t, want %t", first, got, used)
		}
	}
}
