package main

import (
	"context"
	"os"

	"packhorse/internal/dev/devstack"
)

// startWorker starts the worker and waits until it takes work.
func (s *stack) startWorker(ctx context.Context) (err error) {
	s.worker, err = s.keep(ctx, devstack.Command{
		Name: "packhorse-worker", Path: s.program("packhorse-worker"), Env: s.workerEnvironment(),
	}, workerMetricsPort)
	return err
}

// providers is the setting of which providers the worker serves.
const providers = "PACKHORSE_PROVIDERS"

// workerEnvironment is that of a child, with the provider of the sample warehouse, unless somebody has chosen.
func (s *stack) workerEnvironment() []string {
	if os.Getenv(providers) != "" {
		return s.environment()
	}
	return append(s.environment(), providers+"=manual,simulated,http")
}
