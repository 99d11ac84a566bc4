package telemetry

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// checkTimeout is how long a check may take before it counts as failed.
const checkTimeout = 2 * time.Second

// lastWords is how much earlier the context of a check ends: what the check then says tells more than that it said
// nothing.
const lastWords = 200 * time.Millisecond

// A Check is one thing that must work before the process is ready.
type Check struct {
	// Name is shown with the result: "temporal", "database".
	Name string
	// Ready returns why not, in words for an operator, or nil. It has 2 s, and its context a little less.
	Ready func(context.Context) error
}

// A checker runs a check, but never twice at the same time: probes that come
// while it runs wait for the same answer, so a check that hangs can't pile up.
type checker struct {
	check   Check
	timeout time.Duration

	mu      sync.Mutex
	running *checkRun // nil when none is.
}

type checkRun struct {
	started time.Time
	done    chan struct{}
	err     error // valid once done is closed.
}

// result waits for the answer of the present run, or of a new one.
func (c *checker) result(ctx context.Context) error {
	run := c.join()
	patience := time.NewTimer(c.timeout)
	defer patience.Stop()
	select {
	case <-run.done:
		return run.err
	case <-patience.C:
		return fmt.Errorf("no answer since %s", time.Since(run.started).Round(time.Millisecond))
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *checker) join() *checkRun {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == nil {
		run := &checkRun{started: time.Now(), done: make(chan struct{})}
		c.running = run
		go func() {
			run.err = c.run()
			c.mu.Lock()
			c.running = nil
			c.mu.Unlock()
			close(run.done)
		}()
	}
	return c.running
}

// run has a context of its own: a probe that goes away must not fail the check
// for the others that wait for it.
func (c *checker) run() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the check panicked: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout-lastWords)
	defer cancel()
	return c.check.Ready(ctx)
}
