package servicecall

import (
	"context"
	"errors"
	"net/http"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/delivery"
	"packhorse/internal/seal"
	"packhorse/internal/telemetry"
)

// result is what became of a call.
type result struct {
	delivery.Result
	of  *standing
	url string // that of the service when it was called

	// Of a question:
	questions int // that were asked
	suffix    string
	note      string
	cut       bool // the turn was over before all was asked
}

// outcome is how it is counted.
func (r result) outcome() string {
	away := new(delivery.AwayError)
	switch {
	case errors.As(r.Err, &away):
		return telemetry.CallbackPutOff
	case r.OK() || r.Err == nil && !r.of.Call.IsPing() && r.questions == 0:
		return telemetry.CallbackAnswered
	}
	return telemetry.CallbackFailed
}

// begin notes an attempt of each call that is due.
func (f *follower) begin(ctx context.Context) (begun []*standing, err error) {
	for _, s := range f.all() {
		if s.busy || !s.Due(f.now()) {
			continue
		}
		if s.Call.IsPing() && !s.Owed {
			waiting, err := f.Book.Unanswered(
				ctx, f.service.ID, s.Call, time.Duration(f.service.AcceptWithin),
			)
			if err != nil {
				f.undo(begun)
				return nil, err
			}
			s.changed = true
			if len(waiting) == 0 {
				s.Rest()
				continue
			}
			s.Repeat(waiting, f.cursor)
		}
		if s.Call == callback.TrackingNumbers {
			waiting, err := f.Book.Untracked(ctx, f.service.ID, 0)
			if err != nil {
				f.undo(begun)
				return nil, err
			}
			if len(waiting) == 0 {
				s.Rest()
				s.changed = true
				continue
			}
		}
		s.Begin(f.now())
		s.changed, s.busy = true, true
		begun = append(begun, s)
	}
	return begun, nil
}

// undo forgets attempts that were begun and not noted: they are not made.
func (*follower) undo(begun []*standing) {
	for _, s := range begun {
		s.busy = false
	}
}

// call makes a call whose beginning was noted.
func (f *follower) call(turn, ctx context.Context, s *standing) {
	f.inFlight++
	service, as := f.service, s.Standing
	go func() {
		var r result
		switch as.Call {
		case callback.TrackingNumbers:
			r = f.track(turn, ctx, service, as)
		case callback.Stock:
			r = f.stock(ctx, service, as)
		default:
			r.Result = f.Line.Ping(ctx, service, as)
		}
		r.of, r.url = s, service.CallbackURL
		f.results <- r
	}()
}

// take notes what became of a call.
func (f *follower) take(r result) {
	f.inFlight--
	s := r.of
	s.busy, s.changed = false, true
	f.Metrics.Callback(string(s.Call), r.outcome())
	if r.url != f.url { // It has another address by now, and was not told there.
		return
	}
	if away := new(delivery.AwayError); errors.As(r.Err, &away) {
		f.unsigned(s, away)
		return
	}
	s.Took, s.Status, s.Note, s.Suffix = r.Took, r.Status, r.note, r.suffix
	switch {
	case r.Err == nil && !s.Call.IsPing() && r.questions == 0: // There was nothing to ask any more.
		s.Answered(f.Pace)
	case !r.OK() && r.Status == http.StatusGone:
		f.stopped = "It answered 410: it is gone. It is called again when it gets a callback URL, also the same one."
		s.Failed(r.Why(), 0, f.Pace, 0, f.now())
	case !r.OK():
		s.Failed(r.Why(), r.RetryAfter, f.Pace, spread(), f.now())
	case s.Call.IsPing():
		s.Heard(f.Pace)
	default:
		s.Answered(f.Pace)
	}
	if r.cut && s.Error == "" {
		s.NextAt = new(f.now())
	}
	if !s.Call.IsPing() && !f.wanted[s.Call] {
		s.Dropped()
	}
}

// unsigned puts a call off that could not be signed: that is no fault of the service, and no attempt.
func (f *follower) unsigned(s *standing, why *delivery.AwayError) {
	wait, text := retry, why.Error()
	if !s.Call.IsPing() { // The service would be asked each time.
		wait = unsigned
	}
	if errors.Is(why, seal.ErrNoKeys) {
		wait, text = unsigned, noKeys
	} else if errors.Is(why, seal.ErrUnknownKey) {
		wait = unsigned
	}
	s.Error, s.NextAt = text, new(f.now().Add(wait))
}
