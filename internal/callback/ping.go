package callback

import (
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// maxRepeat is how many times as long as the first one the pause between repeated pings gets.
const maxRepeat = 30

// Pace is how often a service is called.
type Pace struct {
	// Ping is the least pause between two pings of one kind, and the first one before a ping is repeated.
	Ping time.Duration
	// Fetch is the pause between two questions for tracking numbers, or for stock.
	Fetch time.Duration
	// Retries are the pauses after calls that failed. What follows the last one is given up.
	Retries []time.Duration
}

// Happened notes an event that a ping is to tell: at once if none was sent in the last minute, else at its end, also
// to a service that fails.
func (s *Standing) Happened(position int64, id fulfillment.ID, p Pace, now time.Time) {
	s.Owed, s.Fresh, s.Repeats = true, true, 0
	s.Position = max(s.Position, position)
	others := slices.DeleteFunc(slices.Clone(s.About), func(known fulfillment.ID) bool { return known == id })
	s.About = append(others, id)
	s.About = s.About[max(0, len(s.About)-MaxNamed):]
	s.dueBy(s.after(p.Ping, now))
}

// Wanted has a question asked soon: now, or a pause after the last one.
func (s *Standing) Wanted(p Pace, now time.Time) { s.dueBy(s.after(p.Ping, now)) }

// after is a pause after the last call, and not before now.
func (s *Standing) after(pause time.Duration, now time.Time) time.Time {
	if s.CalledAt != nil && s.CalledAt.Add(pause).After(now) {
		return s.CalledAt.Add(pause)
	}
	return now
}

func (s *Standing) dueBy(at time.Time) {
	if s.NextAt == nil || s.NextAt.After(at) {
		s.NextAt = &at
	}
}

// Due tells whether it is to be made now.
func (s *Standing) Due(now time.Time) bool { return s.NextAt != nil && !s.NextAt.After(now) }

// Rest is for a ping that has nothing to say: nothing new, and no request without an answer.
func (s *Standing) Rest() { s.NextAt, s.Repeats = nil, 0 }

// Repeat has a ping say again that requests wait for an answer. The position is for one that never told an event.
func (s *Standing) Repeat(waiting []fulfillment.ID, position int64) {
	s.Owed, s.Fresh = true, true
	if s.Position == 0 {
		s.Position = position
	}
	s.Repeats++
	s.About = waiting
}

// Begin notes an attempt, before it is made. Whoever finds it without a result makes it again, as the same message.
func (s *Standing) Begin(now time.Time) {
	if s.Fresh {
		s.Fresh = false
		s.Number++
	}
	s.CalledAt = &now
}

// Heard notes that a ping was taken. It is repeated later, if there are requests without an answer then.
func (s *Standing) Heard(p Pace) {
	s.succeeded()
	if s.Fresh { // Something has happened meanwhile.
		s.NextAt = new(s.CalledAt.Add(p.Ping))
		return
	}
	s.Owed, s.About = false, nil
	s.NextAt = new(s.CalledAt.Add(p.Ping * time.Duration(min(1<<min(s.Repeats, 8), maxRepeat))))
}

// Answered notes that a question was answered. It is asked again after a while.
func (s *Standing) Answered(p Pace) {
	s.succeeded()
	s.NextAt = new(s.CalledAt.Add(p.Fetch))
}

func (s *Standing) succeeded() {
	s.Attempts, s.Error, s.FailingSince = 0, "", nil
	s.SucceededAt = s.CalledAt
}

// Failed notes what was wrong with an attempt, and when there is to be another one: after the next pause, which spread
// makes a little longer or shorter, or when the service asks for it. A ping that fails after all pauses is given up;
// while there are requests without an answer, it is repeated as seldom as it can be. A question is asked again in any
// case.
func (s *Standing) Failed(why string, after time.Duration, p Pace, spread float64, now time.Time) {
	s.Attempts++
	s.Error = why
	if s.FailingSince == nil {
		s.FailingSince = s.CalledAt
	}
	wait := p.Fetch
	switch {
	case s.Attempts <= len(p.Retries):
		wait = p.Retries[s.Attempts-1]
		wait += time.Duration(spread * float64(wait))
		if !s.Call.IsPing() {
			wait = min(wait, p.Fetch)
		}
	case s.Call.IsPing():
		s.Owed, s.About, s.Attempts, s.Repeats = s.Fresh, nil, 0, maxRepeat
		wait = maxRepeat * p.Ping
		if s.Fresh {
			wait = p.Ping
		}
	default:
		s.Attempts = len(p.Retries) // It is not counted how often it was asked in vain.
	}
	s.NextAt = new(now.Add(max(wait, after)))
}

// Dropped is for a question that is not to be asked any more: that it was asked in vain is over with it.
func (s *Standing) Dropped() {
	s.NextAt, s.Attempts, s.Error, s.FailingSince, s.Note = nil, 0, "", nil, ""
}

// Moved begins anew at another address: what was not heard is said at once, and what is known of the old address is
// worth nothing.
func (s *Standing) Moved(now time.Time) {
	s.Suffix, s.Error, s.FailingSince, s.Attempts, s.Note = "", "", nil, 0, ""
	if s.Owed || !s.Call.IsPing() && s.NextAt != nil {
		s.NextAt = &now
	}
}
