package fulfillment

import (
	"testing"
	"time"
)

func TestTimesOutOfRangeAreRefused(t *testing.T) {
	t.Parallel()
	// In UTC this is the year 10000, which no JSON can hold.
	late := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -24*3600+60))
	for _, cmd := range []Command{
		&SetDeadline{FulfillBy: &late}, &Reschedule{FulfillAt: late},
		&PlaceHold{Reason: HoldOther, ExpiresAt: &late}, &RecordEvent{Status: EventInTransit, HappenedAt: &late},
	} {
		fo := &FulfillmentOrder{
			ID: 1, Status: StatusScheduled, RequestStatus: RequestUnsubmitted,
			Lines: []Line{{ID: 2, Total: 1, Remaining: 1}},
		}
		_, err := fo.Decide(cmd, Env{Now: time.Now().UTC(), IDs: NewIDs(10)})
		if refused, ok := AsError(err); !ok || refused.Code != CodeInvalid {
			t.Errorf("%s gave %v, want %s", cmd.Verb(), err, CodeInvalid)
		}
	}
}
