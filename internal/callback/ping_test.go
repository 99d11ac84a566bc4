package callback

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

var pace = Pace{
	Ping: time.Minute, Fetch: time.Hour, Retries: []time.Duration{10 * time.Second, 2 * time.Minute, 95 * time.Minute},
}

var begin = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// in is when the next attempt is, in seconds after the beginning; -1: there is none.
func in(s *Standing) float64 {
	if s.NextAt == nil {
		return -1
	}
	return s.NextAt.Sub(begin).Seconds()
}

func after(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }

// TestPingsAreCoalesced: one is made at once when none was made for a minute, else one at its end, for all that has
// happened by then.
func TestPingsAreCoalesced(t *testing.T) {
	t.Parallel()
	s := &Standing{Call: FulfillmentRequest}
	s.Happened(3, 1, pace, begin)
	if !s.Due(begin) {
		t.Errorf("the first is due in %v s", in(s))
	}
	s.Begin(begin)
	s.Happened(5, 2, pace, after(1)) // while it is under way
	s.Heard(pace)
	s.Happened(7, 3, pace, after(2))
	s.Happened(6, 2, pace, after(3))
	if in(s) != 60 || !s.Owed || s.Position != 7 || len(s.About) != 3 || s.About[2] != 2 {
		t.Errorf("the second one is due in %v s: %+v", in(s), s)
	}
	s.Begin(after(60))
	s.Heard(pace)
	if s.Number != 2 || s.Owed {
		t.Errorf("after two pings it is %+v", s)
	}
	s.Rest()
	s.Happened(9, 4, pace, after(500))
	if in(s) != 500 {
		t.Errorf("after a silence it is due in %v s", in(s))
	}
}

// TestPingsAreRepeated after a minute while requests wait, and the pause doubles up to thirty minutes; something new
// begins anew.
func TestPingsAreRepeated(t *testing.T) {
	t.Parallel()
	s := &Standing{Call: FulfillmentRequest}
	s.Happened(3, 1, pace, begin)
	at, pauses := begin, []float64{}
	for range 7 {
		s.Begin(at)
		s.Heard(pace)
		pauses = append(pauses, s.NextAt.Sub(at).Minutes())
		at = *s.NextAt
		s.Repeat([]fulfillment.ID{1}, 9)
	}
	for i, want := range []float64{1, 2, 4, 8, 16, 30, 30} {
		if pauses[i] != want {
			t.Errorf("the pauses are %v", pauses)
			break
		}
	}
	s.Begin(at)
	s.Happened(4, 2, pace, at)
	s.Heard(pace)
	if s.NextAt.Sub(at) != time.Minute {
		t.Errorf("after something new it is due in %v", s.NextAt.Sub(at))
	}
	s.Rest()
	if s.NextAt != nil {
		t.Error("with nothing to say it is due")
	}
}

// TestPingThatFails is made again as the same message after the pauses of webhooks, then given up, and repeated as
// seldom as it can be. What happens meanwhile makes it another message, and is told within a minute.
func TestPingThatFails(t *testing.T) {
	t.Parallel()
	s := &Standing{Call: CancellationRequest}
	s.Happened(3, 1, pace, begin)
	at := begin
	for i, want := range []time.Duration{10 * time.Second, 2 * time.Minute, 95 * time.Minute, 30 * time.Minute} {
		s.Begin(at)
		s.Failed("500 Internal Server Error", 0, pace, 0, at)
		if s.NextAt.Sub(at) != want || s.Number != 1 || !s.FailingSince.Equal(begin) || s.Error == "" {
			t.Errorf("after attempt %d it is due in %v: %+v", i+1, s.NextAt.Sub(at), s)
		}
		if given := i == 3; s.Owed == given {
			t.Errorf("after attempt %d it is owed: %v", i+1, s.Owed)
		}
		at = *s.NextAt
	}
	s.Happened(8, 2, pace, at)
	s.Begin(at)
	if s.Number != 2 {
		t.Errorf("it is message %d", s.Number)
	}
	s.Failed("429 Too Many Requests", time.Hour, pace, 0.1, at)
	if s.NextAt.Sub(at) != time.Hour {
		t.Errorf("it asked for an hour, and is called in %v", s.NextAt.Sub(at))
	}
	s.Happened(9, 3, pace, at.Add(time.Second))
	if s.NextAt.Sub(at) != time.Minute {
		t.Errorf("a new request is told in %v", s.NextAt.Sub(at))
	}
	s.Begin(at.Add(time.Minute))
	s.Heard(pace)
	if s.Error != "" || s.FailingSince != nil || s.Attempts != 0 || s.Number != 3 {
		t.Errorf("after it was heard it is %+v", s)
	}
}

// TestQuestionThatFails is asked again, hourly in the end.
func TestQuestionThatFails(t *testing.T) {
	t.Parallel()
	s := &Standing{Call: TrackingNumbers}
	s.Wanted(pace, begin)
	at := begin
	for i, want := range []time.Duration{10 * time.Second, 2 * time.Minute, time.Hour, time.Hour, time.Hour} {
		s.Begin(at)
		s.Failed("500", 0, pace, 0, at)
		if s.NextAt.Sub(at) != want {
			t.Errorf("after attempt %d it is asked in %v, want %v", i+1, s.NextAt.Sub(at), want)
		}
		at = *s.NextAt
	}
	s.Begin(at)
	s.Answered(pace)
	if s.NextAt.Sub(at) != time.Hour || s.Error != "" {
		t.Errorf("after an answer: %+v", s)
	}
}

// TestMoved: at another address what was not heard is said at once, and what is known of the old one is forgotten.
func TestMoved(t *testing.T) {
	t.Parallel()
	s := &Standing{Call: FulfillmentRequest, Suffix: ".json"}
	s.Happened(3, 1, pace, begin)
	s.Begin(begin)
	s.Failed("500", time.Hour, pace, 0, begin)
	s.Moved(after(5))
	if in(s) != 5 || s.Error != "" || s.Suffix != "" || s.FailingSince != nil {
		t.Errorf("it is %+v", s)
	}
	s.Begin(after(5))
	s.Heard(pace)
	s.Moved(after(6))
	if in(s) != 65 {
		t.Errorf("what was heard is due in %v s", in(s))
	}
}

// TestEventPing: which event is told by which ping.
func TestEventPing(t *testing.T) {
	t.Parallel()
	const (
		unsubmitted, submitted = fulfillment.RequestUnsubmitted, fulfillment.RequestSubmitted
		accepted, asked        = fulfillment.RequestAccepted, fulfillment.RequestCancellationRequested
	)
	for what, test := range map[string]struct {
		event Event
		want  Call
	}{
		"requested":          {Event{Kind: fulfillment.KindRequested, WasHere: true, IsHere: true, Before: unsubmitted, After: submitted}, FulfillmentRequest},
		"made and requested": {Event{IsHere: true, After: submitted}, FulfillmentRequest},
		"accepted":           {Event{Kind: fulfillment.KindAccepted, WasHere: true, IsHere: true, Before: submitted, After: accepted}, ""},
		"rejected":           {Event{Kind: fulfillment.KindRejected, WasHere: true, IsHere: true, Before: submitted, After: fulfillment.RequestRejected}, ""},
		"asked to stop":      {Event{Kind: fulfillment.KindCancellationRequested, WasHere: true, IsHere: true, Before: accepted, After: asked}, CancellationRequest},
		"stopped":            {Event{Kind: fulfillment.KindCancellationAccepted, WasHere: true, IsHere: true, Before: asked, After: "CANCELLATION_ACCEPTED"}, ""},
		"withdrawn":          {Event{Kind: fulfillment.KindCancelled, WasHere: true, IsHere: true, Before: submitted}, CancellationRequest},
		"order cancelled":    {Event{Kind: fulfillment.KindUnitsCancelled, WasHere: true, IsHere: true, Before: submitted}, CancellationRequest},
		"taken back":         {Event{Kind: fulfillment.KindTakenBack, WasHere: true, IsHere: true, Before: submitted, After: unsubmitted}, CancellationRequest},
		"moved away":         {Event{Kind: fulfillment.KindMoved, WasHere: true, Before: submitted, After: submitted}, CancellationRequest},
		"moved here":         {Event{Kind: fulfillment.KindMoved, IsHere: true, Before: submitted, After: submitted}, FulfillmentRequest},
		"still waiting":      {Event{Kind: fulfillment.KindHeld, WasHere: true, IsHere: true, Before: submitted, After: submitted}, ""},
		"elsewhere":          {Event{Kind: fulfillment.KindRequested, Before: unsubmitted, After: submitted}, ""},
	} {
		if got := test.event.Ping(); got != test.want {
			t.Errorf("%s: %q, want %q", what, got, test.want)
		}
	}
}

// TestTarget: the path of the call comes behind that of the service's URL, and its parameters behind the URL's own.
func TestTarget(t *testing.T) {
	t.Parallel()
	names := Parameters{{"order_names[]", "#1001.1"}, {"shop", "shop.example"}}
	for base, want := range map[string]string{
		"https://a.example":               "https://a.example/fulfillment_order_notification",
		"https://a.example/":              "https://a.example/fulfillment_order_notification",
		"https://a.example/cb//":          "https://a.example/cb/fulfillment_order_notification",
		"https://a.example:8443/cb?k=%2F": "https://a.example:8443/cb/fulfillment_order_notification?k=%2F",
		"https://a.example/c%2Fb/?#x":     "https://a.example/c%2Fb/fulfillment_order_notification",
	} {
		if got, err := Target(base, CancellationRequest, "", nil); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", base, got, err, want)
		}
	}
	got, err := Target("https://a.example/cb/?k=1", TrackingNumbers, ".json", names)
	const query = "k=1&order_names%5B%5D=%231001.1&shop=shop.example"
	if want := "https://a.example/cb/fetch_tracking_numbers.json?" + query; err != nil || got != want || Query(got) != query {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
