package activities

import (
	"context"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
)

// WaitingHeartbeat is how long an activity that waits for other workflows may give no sign of life: then another worker
// does it again.
const WaitingHeartbeat = 5 * time.Second

type waitsForKey struct{}

// waiting gives signs of life until stop is called. What is told under its context by [TellWaiting] goes with them.
func waiting(ctx context.Context) (told context.Context, stop func()) {
	waitsFor := new(atomic.Pointer[string])
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(WaitingHeartbeat / 5)
		defer ticker.Stop()
		for {
			if text := waitsFor.Load(); text != nil {
				activity.RecordHeartbeat(ctx, *text)
			} else {
				activity.RecordHeartbeat(ctx)
			}
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
	return context.WithValue(ctx, waitsForKey{}, waitsFor), func() { close(done) }
}

// TellWaiting lets people see in Temporal what an activity waits for that waits for other workflows: it is the detail
// of the activity's heartbeats. Under any other context it does nothing.
func TellWaiting(ctx context.Context, what string) {
	if waitsFor, ok := ctx.Value(waitsForKey{}).(*atomic.Pointer[string]); ok {
		waitsFor.Store(&what)
	}
}
