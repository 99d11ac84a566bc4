package main

import (
	"context"

	"packhorse/internal/dev/devstack"
)

// startWorker starts the worker and waits until it takes work.
func (s *stack) startWorker(ctx context.Context) (err error) {
	s.worker, err = s.keep(ctx, devstack.Command{
		Name: "packhorse-worker", Path: s.program("packhorse-worker"), Env: s.environment(),
	}, workerMetricsPort)
	return err
}
