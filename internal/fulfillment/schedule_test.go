package fulfillment

import (
	"testing"
	"time"
)

func TestReschedule(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusScheduled, RequestUnsubmitted)
	at := testTime.Add(time.Hour)
	if s := done(t, fo, &Reschedule{FulfillAt: at}).State; !s.FulfillAt.Equal(at) || s.Status != StatusScheduled {
		t.Errorf("%s at %v", s.Status, s.FulfillAt)
	}
	for _, past := range []time.Time{{}, testTime} {
		refused(t, fo, &Reschedule{FulfillAt: past}, CodeInvalid, "Fulfill at must be in the future.", "fulfillAt")
		refused(
			t, inState(ownLocation, StatusOpen, RequestUnsubmitted), &Reschedule{FulfillAt: past}, CodeInvalidState,
			"Fulfillment order must be scheduled.",
		)
	}
}

// TestOpensBeforeItsDeadline: whichever of the two times is set last, a deadline is not over before the fulfillment
// order opens. One that is open has begun, whenever it should have.
func TestOpensBeforeItsDeadline(t *testing.T) {
	t.Parallel()
	at := func(hours int) *time.Time { return new(testTime.Add(time.Duration(hours) * time.Hour)) }
	scheduled := inState(ownLocation, StatusScheduled, RequestUnsubmitted)
	scheduled.FulfillAt, scheduled.FulfillBy = at(2), at(5)
	for hours := range 8 {
		deadline, opening := &SetDeadline{FulfillBy: at(hours)}, &Reschedule{FulfillAt: *at(hours + 1)}
		if hours < 2 {
			refused(t, scheduled, deadline, CodeInvalid, "Fulfillment deadline must not be before the fulfillment order "+
				"opens, which is at "+at(2).Format(time.RFC3339)+".", "fulfillmentDeadline")
		} else {
			done(t, scheduled, deadline)
		}
		if hours+1 > 5 {
			refused(t, scheduled, opening, CodeInvalid, "Fulfill at must not be after the deadline, which is "+
				at(5).Format(time.RFC3339)+".", "fulfillAt")
		} else {
			done(t, scheduled, opening)
		}
	}
	done(t, scheduled, &SetDeadline{})
	open := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	open.FulfillAt = at(2)
	done(t, open, &SetDeadline{FulfillBy: at(1)})
	for _, cmd := range []Command{&SetDeadline{FulfillBy: at(1)}, &Reschedule{FulfillAt: *at(6)}} {
		if _, err := scheduled.Decide(cmd, Env{Now: testTime, IDs: NewIDs(1 << 40), AnyOrder: true}); err != nil {
			t.Errorf("%s in a run of before: %v", cmd.Verb(), err)
		}
	}
}

func TestOpenRaisesItsTopic(t *testing.T) {
	t.Parallel()
	for want, fo := range map[string]*FulfillmentOrder{
		TopicReady:           inState(ownLocation, StatusScheduled, RequestUnsubmitted),
		TopicProgressStopped: reported(),
	} {
		d := done(t, fo, &Open{})
		if topics := d.Transitions[0].Topics; len(topics) != 1 || topics[0] != want || d.State.ProgressReported {
			t.Errorf("topics %v, want %s", topics, want)
		}
	}
}

func TestReportProgressIsForTheMerchantsOwnLocations(t *testing.T) {
	t.Parallel()
	refused(
		t, inState(peopleService, StatusOpen, RequestUnsubmitted), &ReportProgress{}, CodeInvalidState,
		"Cannot report progress on a fulfillment order in this state.",
	)
	if s := done(t, partShipped(ownLocation), &ReportProgress{}).State; !s.ProgressReported {
		t.Error("not reported")
	}
}

func TestSetDeadline(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusClosed, RequestUnsubmitted)
	fo.DeadlineMissedAt = &testTime
	by := time.Date(2026, 4, 1, 12, 0, 0, 999, time.UTC)
	s := done(t, fo, &SetDeadline{FulfillBy: &by}).State
	if !s.FulfillBy.Equal(by.Truncate(time.Second)) || s.DeadlineMissedAt != nil {
		t.Errorf("by %v, missed %v", s.FulfillBy, s.DeadlineMissedAt)
	}
	if s = done(t, s, &SetDeadline{}).State; s.FulfillBy != nil {
		t.Errorf("by %v", s.FulfillBy)
	}
}
