package news

import (
	"time"

	"packhorse/internal/fulfillment"
)

// How long news is tried again that is refused.
const (
	// early is for what comes before the answer to the request: that may be lost, and is looked up when the service's
	// system answers again.
	early = fulfillment.RepeatableFor
	// shuffled is for what presumes something that may have been told just as late: a hold that is to be released, a
	// request that is to be cancelled.
	shuffled = 15 * time.Minute
)

// TriedFor is for how long a command that was refused like this is given again, from the first time on: what it was
// refused by may pass. 0: it stays refused. What says that there is no answer at all is not refused.
func TriedFor(refused *fulfillment.Error) time.Duration {
	switch refused.Code {
	case fulfillment.CodeInvalidState, fulfillment.CodeHoldNotFound, fulfillment.CodeFulfillmentNotFound:
	default:
		return 0
	}
	switch {
	case refused.Status == fulfillment.StatusClosed || refused.Status == fulfillment.StatusCancelled:
		return 0
	case refused.RequestStatus == fulfillment.RequestSubmitted:
		return early
	}
	return shuffled
}

// WasSo says why news is told although it was refused: what it asks for is so already. Empty: it is not.
func (i Item) WasSo(refused *fulfillment.Error) string {
	if i.Verb == fulfillment.VerbHold && refused.Code == fulfillment.CodeDuplicateHandle {
		return "There is a hold with this handle already."
	}
	return ""
}

// The pauses between attempts: each is twice the one before.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 5 * time.Minute
	// searchPause is the first one before it is looked again whether somebody has got what news is about. Usually
	// whoever gets it says so, and nobody waits for that.
	searchPause   = 5 * time.Second
	longestSearch = time.Hour
)

// Pause is how long to wait after so many attempts to tell or to read something.
func Pause(attempts int) time.Duration { return doubled(firstPause, attempts, longestPause) }

// SearchPause is how long to wait after so many looks for what news is about.
func SearchPause(attempts int) time.Duration { return doubled(searchPause, attempts, longestSearch) }

func doubled(first time.Duration, attempts int, longest time.Duration) time.Duration {
	return min(longest, first<<min(max(attempts-1, 0), 20))
}
