package delivery

import "time"

// breaker tells a receiver that fails throughout from an event that it does not take.
type breaker struct {
	inARow    int   // failures since the last success
	silent    int   // of these, the last ones without an answer
	first     int64 // position of the first event that has failed since
	several   bool  // others have, too
	probe     time.Time
	lastError string
}

// open tells whether the receiver fails throughout: it is only probed then.
func (b *breaker) open() bool { return !b.probe.IsZero() }

// away tells whether the receiver is what fails, as far as it can be told: it fails throughout, or about the only event
// that there is it does not even answer.
func (b *breaker) away() bool { return b.open() || b.silent >= silences }

// failed notes a failure; next is when to try again, if the receiver fails throughout.
func (b *breaker) failed(position int64, why string, next time.Time, unanswered bool) {
	if b.inARow == 0 {
		b.first = position
	}
	b.inARow++
	b.several = b.several || position != b.first
	b.lastError = why
	if b.silent++; !unanswered {
		b.silent = 0
	}
	if b.open() || b.inARow >= failures && b.several {
		b.probe = next
	}
}

// succeeded closes it, and tells whether it was open.
func (b *breaker) succeeded() bool {
	open := b.open()
	*b = breaker{}
	return open
}
