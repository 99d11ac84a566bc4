package shipbob

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"packhorse/internal/provider"
)

// ShipBob takes 150 calls a minute of an account, over everything and in a sliding minute, and says with each answer
// how many are left.
const (
	window = time.Minute
	// reserve is what calls in the background leave to those for which a fulfillment order waits.
	reserve = 40
	// pause is how long to wait when ShipBob does not say.
	pause        = 25 * time.Second
	longestPause = 10 * time.Minute
)

// budget keeps one account's calls of this process within what ShipBob bears. The count is ShipBob's own, so it has
// the calls of all workers in it.
type budget struct {
	now func() time.Time

	mu     sync.Mutex
	until  time.Time // nothing is to be asked before
	left   int       // calls, as ShipBob said
	leftAt time.Time // when it said so; zero: never
}

// take is an error if ShipBob must not be asked now; nothing was sent then.
func (b *budget) take(background bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if wait := b.until.Sub(now); wait > 0 {
		return &provider.Error{
			Class: provider.Retryable, RetryAfter: wait, Message: "ShipBob wants no more calls for a while",
		}
	}
	if background && !b.leftAt.IsZero() && b.left < reserve {
		// What was used leaves the window within a minute. Whoever asks then learns the new count.
		if wait := b.leftAt.Add(window / 4).Sub(now); wait > 0 {
			return &provider.Error{
				Class: provider.Retryable, RetryAfter: wait,
				Message: "the calls that ShipBob takes in a minute are left to requests",
			}
		}
	}
	return nil
}

// heard takes note of what an answer says.
func (b *budget) heard(header http.Header) {
	left, err := strconv.Atoi(header.Get("x-remaining-calls"))
	if err != nil || left < 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left, b.leftAt = left, b.now()
}

// exhausted is the error of a call that ShipBob did not take, because there were too many. The header has a name of its
// own; the usual one is taken as well.
func (b *budget) exhausted(header http.Header) error {
	wait := pause
	for _, name := range []string{"Retry-After", "x-retry-after"} {
		if seconds, err := strconv.ParseFloat(header.Get(name), 64); err == nil && seconds >= 0 {
			wait = time.Duration(min(seconds, longestPause.Seconds()) * float64(time.Second))
		}
	}
	wait = max(wait, time.Second)
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := b.now().Add(wait); until.After(b.until) {
		b.until = until
	}
	return &provider.Error{
		Class: provider.Retryable, RetryAfter: wait, Message: "ShipBob has been called too often in the last minute",
	}
}
