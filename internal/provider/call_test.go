package provider_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
)

var (
	accepted = provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: "R1"}
	errBusy  = &provider.Error{Class: provider.Retryable, RetryAfter: time.Minute, Message: "busy"}
	errBad   = &provider.Error{Class: provider.Permanent, Message: "bad credentials"}
	errOther = errors.New("connection reset")
)

// plain neither finds nor is idempotent: its other methods are never called here.
type plain struct{ provider.Provider }

func (plain) ID() string { return "plain" }

// asked asks for the call that is made.
var asked = provider.Query{Key: "k"}

type finding struct {
	plain
	finds   []provider.Found
	err     error
	lookups *int
}

func (f finding) Lookup(context.Context, provider.Query) ([]provider.Found, error) {
	if f.lookups != nil {
		*f.lookups++
	}
	return f.finds, f.err
}

type idempotent struct {
	plain
	yes bool
}

func (i idempotent) Idempotent() bool { return i.yes }

type both struct{ finding }

func (both) Idempotent() bool { return true }

func found(references ...string) []provider.Found {
	var finds []provider.Found
	for _, r := range references {
		finds = append(
			finds, provider.Found{Reference: r, Answer: provider.Answer{Outcome: fulfillment.OutcomeAccepted}},
		)
	}
	return finds
}

func TestCall(t *testing.T) {
	t.Parallel()
	first := provider.Attempt{Query: asked, First: true}
	again := provider.Attempt{Query: asked}
	settling := provider.Attempt{Query: asked, Settle: time.Hour, Previous: time.Now()}
	settled := provider.Attempt{Query: asked, Settle: time.Hour, Previous: time.Now().Add(-2 * time.Hour)}
	for name, test := range map[string]struct {
		provider provider.Provider
		attempt  provider.Attempt
		sendErr  error
		sent     bool
		outcome  fulfillment.Outcome
		ref      string
		message  string // part of the answer's
		class    provider.Class
	}{
		"first_sends": {
			provider: plain{}, attempt: first, sent: true, outcome: "ACCEPTED", ref: "R1",
		},
		"first_sends_without_looking_up": {
			provider: finding{finds: found("X")}, attempt: first, sent: true, outcome: "ACCEPTED", ref: "R1",
		},
		"first_waits_for_nothing": {
			provider: finding{},
			attempt:  provider.Attempt{Query: asked, First: true, Settle: time.Hour, Previous: time.Now()}, sent: true,
			outcome: "ACCEPTED", ref: "R1",
		},
		"first_fails_retryably": {
			provider: plain{}, attempt: first, sendErr: errBusy, sent: true, class: provider.Retryable,
		},
		"first_fails_for_good": {
			provider: plain{}, attempt: first, sendErr: errBad, sent: true, class: provider.Permanent,
		},
		"first_fails_without_class": {
			provider: plain{}, attempt: first, sendErr: errOther, sent: true, class: provider.UnknownOutcome,
		},
		"first_times_out": {
			provider: plain{}, attempt: first, sendErr: context.DeadlineExceeded, sent: true,
			class: provider.UnknownOutcome,
		},
		"later_adopts_one": {
			provider: finding{finds: found("X")}, attempt: again, outcome: "ACCEPTED", ref: "X",
		},
		"later_adopts_one_while_settling": {
			provider: finding{finds: found("X")}, attempt: settling, outcome: "ACCEPTED", ref: "X",
		},
		"later_parks_two": {
			provider: finding{finds: found("X", "Y")}, attempt: again, outcome: "PARKED", message: "X, Y",
		},
		"later_parks_two_even_if_idempotent": {
			provider: both{finding{finds: found("X", "Y")}}, attempt: again, outcome: "PARKED", message: "X, Y",
		},
		"later_sends_when_there_is_none": {
			provider: finding{}, attempt: again, sent: true, outcome: "ACCEPTED", ref: "R1",
		},
		"later_sends_when_settled": {
			provider: finding{}, attempt: settled, sent: true, outcome: "ACCEPTED", ref: "R1",
		},
		"later_waits_until_settled": {provider: finding{}, attempt: settling, class: provider.Retryable},
		"later_waits_even_if_idempotent": {
			provider: both{finding{}}, attempt: settling, class: provider.Retryable,
		},
		"later_fails_again": {
			provider: finding{}, attempt: again, sendErr: errOther, sent: true, class: provider.UnknownOutcome,
		},
		"lookup_is_away": {
			provider: finding{err: errBusy}, attempt: again, class: provider.Retryable,
		},
		"lookup_times_out": {
			provider: finding{err: context.DeadlineExceeded}, attempt: again, class: provider.Retryable,
		},
		"lookup_is_refused": {
			provider: finding{err: errBad}, attempt: again, outcome: "PARKED", message: "bad credentials",
		},
		"later_parks_when_nobody_can_tell": {
			provider: plain{}, attempt: again, outcome: "PARKED", message: "can't tell",
		},
		"later_parks_when_not_idempotent": {
			provider: idempotent{yes: false}, attempt: again, outcome: "PARKED", message: "can't tell",
		},
		"later_sends_when_idempotent": {
			provider: idempotent{yes: true}, attempt: again, sent: true, outcome: "ACCEPTED", ref: "R1",
		},
		"later_sends_at_once_when_idempotent": {
			provider: idempotent{yes: true}, attempt: settling, sent: true, outcome: "ACCEPTED", ref: "R1",
		},
		"adopted_without_an_outcome_is_parked": {
			provider: finding{finds: []provider.Found{{Reference: "X"}}}, attempt: again, outcome: "PARKED", ref: "X",
			message: "without a meaning",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			answer, err := provider.Call(t.Context(), test.provider, test.attempt, func(context.Context) (
				provider.Answer, error,
			) {
				sent++
				return accepted, test.sendErr
			})
			if (sent == 1) != test.sent || sent > 1 {
				t.Errorf("sent %d times, want sent: %t", sent, test.sent)
			}
			if answer.Outcome != test.outcome || answer.Reference != test.ref ||
				!strings.Contains(answer.Message, test.message) {
				t.Errorf("answer %+v, want %s %q with %q", answer, test.outcome, test.ref, test.message)
			}
			if class := provider.Classify(err); class != test.class {
				t.Errorf("error %v is %q, want %q", err, class, test.class)
			}
			var e *provider.Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%T is no *provider.Error", err)
			}
		})
	}
}

func TestCallKeepsWhenToRetry(t *testing.T) {
	t.Parallel()
	_, err := provider.Call(t.Context(), finding{err: errBusy}, provider.Attempt{Query: asked}, nil)
	if got := provider.RetryAfter(err); got != time.Minute {
		t.Errorf("retry after %s, want what the lookup asked for", got)
	}
	_, err = provider.Call(
		t.Context(), finding{}, provider.Attempt{Query: asked, Settle: time.Hour, Previous: time.Now()}, nil,
	)
	if got := provider.RetryAfter(err); got <= 59*time.Minute || got > time.Hour {
		t.Errorf("retry after %s, want what is left of the hour", got)
	}
}

// TestSettlingByOneClock: the time of the attempt before may be of another worker, whose clock is not this one's.
func TestSettlingByOneClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		now := time.Now().Add(off)
		sent := 0
		call := func(previous time.Time) error {
			_, err := provider.Call(
				t.Context(), finding{}, provider.Attempt{Query: asked, Settle: time.Minute, Previous: previous,
					Now: now},
				func(context.Context) (provider.Answer, error) { sent++; return accepted, nil },
			)
			return err
		}
		if err := call(now.Add(-time.Second)); sent != 0 || provider.RetryAfter(err) != 59*time.Second {
			t.Errorf("off by %v, a second later: sent %d times, %v; want to wait for 59 s", off, sent, err)
		}
		if err := call(now.Add(-time.Minute)); sent != 1 || err != nil {
			t.Errorf("off by %v, a minute later: sent %d times, %v; want once", off, sent, err)
		}
	}
}

func TestCallSendsNothingForCallerThatIsGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	lookups := 0
	for _, isFirst := range []bool{true, false} {
		_, err := provider.Call(ctx, finding{lookups: &lookups}, provider.Attempt{
			Query: asked, First: isFirst,
		}, func(context.Context) (provider.Answer, error) {
			t.Error("it was sent")
			return accepted, nil
		})
		if provider.Classify(err) != provider.Retryable || !errors.Is(err, context.Canceled) || lookups != 0 {
			t.Errorf("%v after %d lookups; want a retryable error that says it was cancelled", err, lookups)
		}
	}
}

// TestCallParksTooManyParts: cut, the list would say no to units that are accepted.
func TestCallParksTooManyParts(t *testing.T) {
	t.Parallel()
	answer, err := provider.Call(t.Context(), finding{}, provider.Attempt{First: true}, func(context.Context) (
		provider.Answer, error,
	) {
		return provider.Answer{
			Outcome: fulfillment.OutcomeAccepted, Reference: "R", Accepted: make([]provider.Part, 4*fulfillment.MaxLines+1),
		}, nil
	})
	if err != nil || answer.Outcome != fulfillment.OutcomeParked || answer.Reference != "R" || answer.Accepted != nil {
		t.Errorf("%s of %q, %d parts, %v", answer.Outcome, answer.Reference, len(answer.Accepted), err)
	}
}

func TestCallParksAnswerWithoutOutcome(t *testing.T) {
	t.Parallel()
	answer, err := provider.Call(t.Context(), manual.Provider{}, provider.Attempt{
		Query: asked, First: true,
	}, func(context.Context) (
		provider.Answer, error,
	) {
		return provider.Answer{Reference: "R", Outcome: "MAYBE"}, nil
	})
	if err != nil || answer.Outcome != fulfillment.OutcomeParked || answer.Reference != "R" ||
		!strings.Contains(answer.Message, `"MAYBE"`) {
		t.Errorf("%+v, %v; want PARKED with the reference", answer, err)
	}
}
