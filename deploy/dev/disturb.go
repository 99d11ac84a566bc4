package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// disturb hurts the stack while the command runs, to show that nothing is lost: it kills the worker three times with
// SIGKILL and, in the middle, stops PostgreSQL for a while. every is the time between two of these.
func (s *stack) disturb(ctx context.Context, every time.Duration) {
	for _, hurt := range []func(context.Context) error{s.killWorker, s.stopPostgres, s.killWorker, s.killWorker} {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
		if err := hurt(ctx); err != nil && ctx.Err() == nil {
			s.end(fmt.Errorf("disturb the stack: %w", err))
			return
		}
	}
	s.tell("disturbing: done; the worker was killed 3 times and PostgreSQL was away for %v", outageOfPostgres)
}

func (s *stack) killWorker(context.Context) error {
	worker := s.worker.process()
	s.tell("disturbing: kill -9 of the worker (%d)", worker.PID())
	return worker.Signal(syscall.SIGKILL)
}

func (s *stack) stopPostgres(ctx context.Context) error {
	s.tell("disturbing: PostgreSQL is stopped for %v", outageOfPostgres)
	if err := s.postgres.Kill(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(outageOfPostgres):
	}
	return s.postgres.Start(context.WithoutCancel(ctx))
}

// tellMemory says the most memory that the present worker ever had, where the system tells.
func (s *stack) tellMemory() {
	worker := s.worker.process()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", worker.PID()))
	if err != nil {
		return
	}
	for _, line := range strings.Split(string(status), "\n") {
		if peak, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			s.tell("worker: %s of memory at the most", strings.TrimSpace(peak))
		}
	}
}
