package fulfillment

import (
	"strings"
	"testing"
)

// TestTold: whoever reads nothing but the message of a refusal reads what it is about.
func TestTold(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxMessage+1)
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	const tooLong = "is too long (maximum is 5000 characters)"
	for want, cmd := range map[string]Command{
		"message: " + tooLong:     &CreateFulfillment{Message: long},
		"reasonNotes: " + tooLong: &ReportProgress{ReasonNotes: long},
		"trackingInfo.urls[0]: is not a web address: it must begin with https:// or http://.": &CreateFulfillment{
			Tracking: &TrackingInput{URL: "x:y"},
		},
		"Fulfillment order must be scheduled.": &Reschedule{}, // It is a sentence.
	} {
		_, err := fo.Decide(cmd, Env{Now: testTime, IDs: NewIDs(1 << 40)})
		e, ok := AsError(err)
		if !ok || e.Told() != want {
			t.Errorf("told %q, want %q", e.Told(), want)
		}
		if told := fo.Refuse(cmd, e, Env{Now: testTime}); told.State.LastRefusal.Message != want ||
			told.Transitions[0].Reason != want {
			t.Errorf("the history says %q, want %q", told.Transitions[0].Reason, want)
		}
	}
	for _, e := range []*Error{
		{Field: []string{"note"}, Message: "note: may have at most 5 characters."}, {Message: "is wrong"}, {},
		{Field: []string{"fulfillmentHold", "expiresAt"}, Message: "expiresAt must be in the years 1970 to 9999."},
	} {
		if e.Told() != e.Message {
			t.Errorf("%q is told as %q", e.Message, e.Told())
		}
	}
}
