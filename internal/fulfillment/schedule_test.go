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
