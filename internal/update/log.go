package update

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// logEvery is how often a log says what commands wait for: in an outage, all of them wait for the same.
const logEvery = nextLook - time.Second // A look comes not to the nanosecond.

// LogWaiting is a [Options.Waiting] that logs what commands wait for, every 4 s at the most.
func LogWaiting(logger *slog.Logger) func(context.Context, error) {
	var mu sync.Mutex
	var told time.Time
	return func(ctx context.Context, cause error) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); now.Sub(told) >= logEvery {
			told = now
			logger.WarnContext(ctx, "There is no answer yet; asking again.", "reason", ExplainCause(cause))
		}
	}
}
