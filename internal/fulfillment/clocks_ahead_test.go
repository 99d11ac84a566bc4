package fulfillment

import (
	"testing"
	"time"
)

// TestClocksAhead: what a carrier tells of tomorrow does not hide what it tells of today, and keeps its time; runs that
// trusted such clocks go on to.
func TestClocksAhead(t *testing.T) {
	t.Parallel()
	tomorrow := testTime.Add(20 * time.Hour)
	for name, test := range map[string]struct {
		trusts bool
		want   DisplayStatus
		late   bool
	}{
		"ordered by ours": {false, DisplayStatus(EventOutForDelivery), false},
		"trusted":         {true, DisplayStatus(EventInTransit), true},
	} {
		f := &Fulfillment{Status: FulfillmentSuccess}
		f.record(&FulfillmentEvent{Status: EventInTransit, HappenedAt: tomorrow, CreatedAt: testTime}, test.trusts)
		next := testTime.Add(10 * time.Minute)
		f.record(&FulfillmentEvent{Status: EventOutForDelivery, HappenedAt: next, CreatedAt: next}, test.trusts)
		if f.DisplayStatus != test.want || f.Events[1].Late != test.late || !f.Events[0].HappenedAt.Equal(tomorrow) {
			t.Errorf("%s: it is %s, with %+v", name, f.DisplayStatus, f.Events)
		}
	}
}

// TestClocksMatter only where a time is more than five minutes ahead: elsewhere no run is asked which way it goes.
func TestClocksMatter(t *testing.T) {
	t.Parallel()
	ahead := func(d time.Duration) *time.Time { return new(testTime.Add(d)) }
	fo := &FulfillmentOrder{Fulfillments: []Fulfillment{
		{ID: 1, Events: []FulfillmentEvent{{HappenedAt: testTime.Add(5 * time.Minute), CreatedAt: testTime}}},
		{ID: 2, Events: []FulfillmentEvent{{HappenedAt: testTime.Add(6 * time.Minute), CreatedAt: testTime}}},
	}}
	for _, test := range []struct {
		cmd  RecordEvent
		want bool
	}{
		{RecordEvent{FulfillmentID: 1}, false},
		{RecordEvent{FulfillmentID: 1, HappenedAt: ahead(5 * time.Minute)}, false},
		{RecordEvent{FulfillmentID: 1, HappenedAt: ahead(5*time.Minute + time.Second)}, true},
		{RecordEvent{FulfillmentID: 2}, true},
		{RecordEvent{FulfillmentID: 3}, false},
	} {
		if got := test.cmd.ClocksMatter(fo, testTime); got != test.want {
			t.Errorf("%+v: %v", test.cmd, got)
		}
	}
}
