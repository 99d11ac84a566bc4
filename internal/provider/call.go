package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// Attempt is where a call stands among the attempts with the same key.
type Attempt struct {
	Query      // what is asked for when the outcome is not known
	First bool // nothing was ever sent with this key. When in doubt, false.

	// A lookup that finds nothing is believed only when Settle ([Entry].Settle) has passed since Previous, the time at
	// which the attempt before this one was sent or given up. Without Previous it is believed at once.
	Settle   time.Duration
	Previous time.Time
	// Now is the present time by the clock that Previous was read from: the attempt before may have been another
	// worker's, and the clock of one of them may be wrong. Zero: this process's.
	Now time.Time
}

// Call sends an effect so that it happens once. A first attempt sends. A later one looks up what the earlier ones
// did: one find is adopted, several are parked, and only when there is nothing it sends again. Where nobody can tell
// (no [Finder], not [Idempotent]) it parks. PARKED is an answer, with a message for the person who has to look.
//
// The error is an [*Error] or wraps one. After any error that is not permanent the next attempt must not be First.
func Call(
	ctx context.Context, p Provider, attempt Attempt, send func(context.Context) (Answer, error),
) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, &Error{Class: Retryable, Message: "not sent", Cause: err}
	}
	if !attempt.First {
		finder, ok := p.(Finder)
		switch {
		case ok:
			answer, found, err := adopt(ctx, p.ID(), finder, attempt)
			if found || err != nil {
				return answer, err
			}
		case !idempotent(p):
			return park("The call to %s got no answer, and %s can't tell what became of it. "+
				"Ask the service about %s, then answer for it.", p.ID(), p.ID(), attempt.Key), nil
		}
	}
	answer, err := send(ctx)
	if err != nil {
		return Answer{}, plain(classified(err))
	}
	return checked(p.ID(), answer), nil
}

// adopt finds what earlier attempts did; found is false when there is nothing and it is safe to send.
func adopt(ctx context.Context, id string, finder Finder, attempt Attempt) (answer Answer, found bool, err error) {
	finds, err := finder.Lookup(ctx, attempt.Query)
	switch {
	case err != nil && Classify(err) == Permanent:
		// Only the lookup is known to be impossible; what became of the effect is not.
		return park("The call to %s got no answer, and looking it up is refused: %s", id, err), true, nil
	case err != nil:
		// A lookup has no effect, so it may be repeated however it failed.
		return Answer{}, false, plain(
			&Error{Class: Retryable, RetryAfter: RetryAfter(err), Message: "look up " + attempt.Key, Cause: err},
		)
	case len(finds) > 1:
		references := make([]string, len(finds))
		for i, f := range finds {
			references[i] = f.Reference
		}
		return park("%s has %d requests where there should be one: %s. Cancel all but one there, then answer for it.",
			id, len(finds), strings.Join(references, ", ")), true, nil
	case len(finds) == 1:
		answer = finds[0].Answer
		if answer.Reference == "" {
			answer.Reference = finds[0].Reference
		}
		return checked(id, answer), true, nil
	}
	now := attempt.Now
	if now.IsZero() {
		now = time.Now()
	}
	if wait := attempt.Previous.Add(attempt.Settle).Sub(now); !attempt.Previous.IsZero() && wait > 0 {
		return Answer{}, false, &Error{
			Class: Retryable, RetryAfter: wait,
			Message: "not found yet at " + id + "; waiting for its lookup to settle",
		}
	}
	return Answer{}, false, nil
}

// CanRepeat tells whether a call that was made may be made again: what became of it is found, or it has no second
// effect.
func CanRepeat(p Provider) bool {
	_, finds := p.(Finder)
	return finds || idempotent(p)
}

func idempotent(p Provider) bool {
	i, ok := p.(Idempotent)
	return ok && i.Idempotent()
}

func classified(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Class != "" {
		return err
	}
	return &Error{Class: UnknownOutcome, Message: "no answer", Cause: err}
}

// checked parks an answer that means nothing: retrying would not make it better.
func checked(id string, a Answer) Answer {
	if n := len(a.Accepted); n > maxParts {
		parked := park("%s accepts %d parts of a fulfillment order, which has at most %d lines. "+
			"Ask the service, then answer for it.", id, n, fulfillment.MaxLines)
		parked.Reference = clip(a.Reference, longestText)
		return parked
	}
	switch a.Outcome {
	case fulfillment.OutcomeAccepted, fulfillment.OutcomeRejected, fulfillment.OutcomePending,
		fulfillment.OutcomeUnknown, fulfillment.OutcomeParked:
		return a.bounded()
	}
	parked := park("%s gave an answer without a meaning: outcome %q.", id, clip(string(a.Outcome), longestName))
	parked.Reference = clip(a.Reference, longestText)
	return parked
}

func park(format string, args ...any) Answer {
	return Answer{Outcome: fulfillment.OutcomeParked, Message: clip(fmt.Sprintf(format, args...), longestText)}
}
