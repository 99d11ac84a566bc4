package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// startupTimeout bounds one look at what a process waits for.
	startupTimeout = 5 * time.Second
	// The pause between two looks doubles from the first to the last.
	firstStartupPause = 200 * time.Millisecond
	lastStartupPause  = 5 * time.Second
	// startupReminder is how often the log repeats a reason that stays the same.
	startupReminder = time.Minute
)

var errNotStarted = errors.New("the process has not begun its work yet")

// A Startup waits for what a process needs before it can begin its work, however long that takes: a process that ended
// instead would only be started again, all the time, while somebody else's system is away. What it waits for and why is
// in the log, and on /readyz as the check "start", which passes once Done was called.
type Startup struct {
	logger *slog.Logger

	mu     sync.Mutex
	reason error // why the work has not begun; nil once it has.
}

// NewStartup makes a Startup whose work has not begun. The logger may be nil.
func NewStartup(logger *slog.Logger) *Startup {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Startup{logger: logger, reason: errNotStarted}
}

// Check is for /readyz.
func (s *Startup) Check() Check {
	return Check{Name: "start", Ready: func(context.Context) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.reason
	}}
}

// Done says that the work begins.
func (s *Startup) Done() { s.set(nil) }

func (s *Startup) set(reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reason = reason
}

// Await looks until ready returns nil, and then returns nil; each look has 5 s. When ctx ends first it returns an error
// that is ctx's. What is waited for is named as in "waits for …".
func (s *Startup) Await(ctx context.Context, what string, ready func(context.Context) error) error {
	var told string
	var when time.Time
	for pause := firstStartupPause; ; pause = min(2*pause, lastStartupPause) {
		err := look(ctx, ready)
		if err == nil {
			if told != "" {
				s.logger.InfoContext(ctx, "What was waited for is there.", "for", what)
			}
			s.set(errNotStarted)
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		}
		s.set(fmt.Errorf("waits for %s: %w", what, err))
		if text := err.Error(); text != told || time.Since(when) >= startupReminder {
			s.logger.WarnContext(ctx, "Waiting before the work begins; looking again.", "for", what, "reason", err)
			told, when = text, time.Now()
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		case <-timer.C:
		}
	}
}

func look(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startupTimeout)
	defer cancel()
	return ready(ctx)
}
