package fulfillment

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAdmit: what no state could make sense of is refused when it arrives, whatever the command is.
func TestAdmit(t *testing.T) {
	t.Parallel()
	at := func(text string) *time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return &when
	}
	ahead := func(d time.Duration) *time.Time { return new(testTime.Add(d)) }
	const years = "must be in the years 1970 to 9000 (is in "
	for name, test := range map[string]struct {
		cmd     interface{ Envelope() *Meta }
		refused string
	}{
		"news of now":             {&RecordEvent{HappenedAt: ahead(0)}, ""},
		"news of a day ahead":     {&RecordEvent{HappenedAt: ahead(24 * time.Hour)}, ""},
		"news of more than a day": {&RecordEvent{HappenedAt: ahead(24*time.Hour + time.Second)}, "happenedAt: must not be more than 24 hours ahead of now (is 2026-03-03T09:30:01Z)."},
		"news of a far year":      {&RecordEvent{HappenedAt: at("9500-01-01T00:00:00Z")}, "happenedAt: " + years + "9500)."},
		"news of before time":     {&RecordEvent{HappenedAt: at("1969-12-31T23:59:59Z")}, "happenedAt: " + years + "1969)."},
		"delivery in a far year":  {&RecordEvent{EstimatedDeliveryAt: at("9001-01-01T00:00:00Z")}, "estimatedDeliveryAt: " + years + "9001)."},
		"hold for ever":           {&PlaceHold{ExpiresAt: at("9999-12-31T23:59:59Z")}, "expiresAt: " + years + "9999)."},
		"hold for long":           {&PlaceHold{ExpiresAt: at("9000-12-31T23:59:59Z")}, ""},
		"opens in a far year":     {&Reschedule{FulfillAt: *at("9999-01-01T00:00:00Z")}, "fulfillAt: " + years + "9999)."},
		"deadline":                {&SetDeadline{FulfillBy: at("9999-01-01T00:00:00Z")}, "fulfillmentDeadline: " + years + "9999)."},
		"no deadline":             {&SetDeadline{}, ""},
		"deadlines":               {&SetDeadlines{FulfillBy: at("9999-01-01T00:00:00Z")}, "fulfillmentDeadline: " + years + "9999)."},
		"shipped in a far year":   {&AcceptFulfillmentRequest{EstimatedShippedAt: at("9999-01-01T00:00:00Z")}, "estimatedShippedAt: " + years + "9999)."},
		"tracking number":         {&CreateFulfillment{Tracking: &TrackingInput{Numbers: []string{"1", "1\x1b[2J"}}}, "trackingInfo.numbers[1]: must not contain control characters (has U+001B)."},
		"tracking of several":     {&Ship{Tracking: &TrackingInput{Company: "U\x00S"}}, "trackingInfo.company: must not contain control characters (has U+0000)."},
		"new tracking":            {&UpdateTracking{Tracking: TrackingInput{Number: "1\uFFFD"}}, "trackingInfoInput.number: " + textProblem("\uFFFD") + "."},
		"origin":                  {&CreateFulfillment{OriginAddress: &OriginAddress{City: "\x07"}}, "originAddress.city: must not contain control characters (has U+0007)."},
		"what is held":            {&Alone{Command: &ReleaseHold{ExternalID: "\x07"}}, "externalId: must not contain control characters (has U+0007)."},
		"which holds":             {&ReleaseHold{HoldIDs: []ID{}}, "holdIds: must name a hold, or be left out to release all of them."},
		"all holds":               {&ReleaseHold{}, ""},
		"who asks":                {&Open{Meta: Meta{Actor: Actor{App: "\x07"}}}, "actor.app: must not contain control characters (has U+0007)."},
	} {
		refused := Admit(test.cmd, testTime)
		switch {
		case refused == nil && test.refused != "":
			t.Errorf("%s: it is taken, want %q", name, test.refused)
		case refused != nil && (refused.Message != test.refused || refused.Code != CodeInvalid ||
			!strings.HasPrefix(test.refused, strings.TrimPrefix(strings.TrimPrefix(showPath(refused.Field),
				"fulfillmentEvent."), "fulfillmentHold."))):
			t.Errorf("%s: refused with %s %v %q, want %q", name, refused.Code, refused.Field, refused.Message, test.refused)
		}
	}
	const lost = "a\uFFFDb"
	for place, cmd := range map[string]interface{ Envelope() *Meta }{
		"submit.message":                       &SubmitFulfillmentRequest{Message: lost},
		"accept.message":                       &AcceptFulfillmentRequest{Message: lost},
		"reject.message":                       &RejectFulfillmentRequest{Message: lost},
		"line.lineItems[1].message":            &RejectFulfillmentRequest{Lines: []RejectedLine{{}, {Message: lost}}},
		"stop.message":                         &SubmitCancellationRequest{Message: lost},
		"stopped.message":                      &AcceptCancellationRequest{Message: lost},
		"goes on.message":                      &RejectCancellationRequest{Message: lost},
		"joint.message":                        &Alone{Command: &AcceptCancellationRequest{Message: lost}},
		"close.message":                        &Close{Message: lost},
		"hold.reasonNotes":                     &PlaceHold{ReasonNotes: lost},
		"progress.reasonNotes":                 &ReportProgress{ReasonNotes: lost},
		"ship.message":                         &CreateFulfillment{Message: lost},
		"ship several.message":                 &Ship{Message: lost},
		"news.message":                         &RecordEvent{Message: lost},
		"less.reason":                          &CancelUnits{Reason: lost},
		"numbers.trackingInfoInput.numbers[0]": &UpdateTracking{Tracking: TrackingInput{Numbers: []string{lost}}},
	} {
		_, field, _ := strings.Cut(place, ".")
		if refused := Admit(cmd, testTime); refused == nil || refused.Message != field+": "+textProblem(lost)+"." {
			t.Errorf("%s: a text that was damaged on its way: %v", place, refused)
		}
		if refused := AdmitAsBefore(cmd, testTime); refused != nil && field[0] != 't' {
			t.Errorf("%s: it was taken before: %v", place, refused)
		}
	}
	if refused := (&CancelOrder{Reason: lost}).Check(); refused == nil || refused.Field[0] != "reason" {
		t.Errorf("why an order is cancelled: %v", refused)
	}
	hold := &PlaceHold{Handle: " a  b ", ExternalID: "7\t", ReasonNotes: " x\ny "}
	ship := &CreateFulfillment{Tracking: &TrackingInput{Company: "UPS ", Numbers: []string{" 1Z", ""}, URLs: []string{"", "https://a.example "}},
		OriginAddress: &OriginAddress{City: "Vila  Nova"}, Message: " as it is "}
	for _, cmd := range []Command{hold, ship} {
		if refused := Admit(cmd, testTime); refused != nil {
			t.Fatal(refused)
		}
	}
	if hold.Handle != "a b" || hold.ExternalID != "7" || hold.ReasonNotes != " x\ny " {
		t.Errorf("the hold is %+v", hold)
	}
	if in := ship.Tracking; in.Company != "UPS" || in.Numbers[0] != "1Z" || len(in.Numbers) != 1 ||
		in.URLs[1] != "https://a.example" || ship.OriginAddress.City != "Vila Nova" || ship.Message != " as it is " {
		t.Errorf("the shipment is %+v, %+v", in, ship)
	}
}

// TestTrackingOfNothing: a number and a URL that are both empty are left out, and those that belong together stay so.
func TestTrackingOfNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want TrackingInput }{
		{TrackingInput{Company: "UPS", Numbers: []string{"", " "}}, TrackingInput{Company: "UPS"}},
		{TrackingInput{Numbers: []string{""}, URLs: []string{""}}, TrackingInput{}},
		{
			TrackingInput{Numbers: []string{"", "1", "2", ""}, URLs: []string{"", "", "https://a.example", "https://b.example", ""}},
			TrackingInput{Numbers: []string{"1", "2"}, URLs: []string{"", "https://a.example", "https://b.example"}},
		},
	} {
		was := test.in
		was.Numbers, was.URLs = slices.Clone(was.Numbers), slices.Clone(was.URLs)
		before := &CreateFulfillment{Tracking: &was}
		if refused := AdmitAsBefore(before, testTime); refused != nil || len(was.Numbers) != len(test.in.Numbers) {
			t.Errorf("%+v was taken before as %+v: %v", test.in, was, refused)
		}
		cmd := &CreateFulfillment{Tracking: &test.in}
		if refused := Admit(cmd, testTime); refused != nil || !reflect.DeepEqual(*cmd.Tracking, test.want) {
			t.Errorf("it is %+v, want %+v: %v", *cmd.Tracking, test.want, refused)
		}
	}
}

// TestNoHoldsAreNotAllHolds: an empty list stays one on its way, so that it can be refused.
func TestNoHoldsAreNotAllHolds(t *testing.T) {
	t.Parallel()
	for want, cmd := range map[string]*ReleaseHold{`{}`: {}, `{"holdIds":[]}`: {HoldIDs: []ID{}}} {
		if got, err := json.Marshal(cmd); err != nil || string(got) != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
}
