package lab

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"syscall"
	"time"

	"packhorse/internal/dev/devstack"
)

// WorkerOptions say what worker to start.
type WorkerOptions struct {
	Name    string // of its log and in messages
	Program string // path
	Args    []string
	// DatabaseURL and TemporalAddress are where the worker finds the servers; empty: straight there.
	DatabaseURL, TemporalAddress string
	// Env is settings besides: PACKHORSE_*, TEMPORAL_*.
	Env map[string]string
}

// Worker is a running worker process.
type Worker struct {
	*devstack.Process
	Metrics string // http://host:port of /metrics and /readyz
}

// workerGrace is how long a worker may take to end what it has begun.
const workerGrace = 40 * time.Second

// StartWorker starts a worker; it returns before the worker is ready.
func (l *Lab) StartWorker(ctx context.Context, o WorkerOptions) (*Worker, error) {
	log, err := l.Log(o.Name)
	if err != nil {
		return nil, err
	}
	port, err := devstack.FreePort()
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	variables := map[string]string{
		"PACKHORSE_DATABASE_URL":    cmp.Or(o.DatabaseURL, l.DatabaseURL()),
		"TEMPORAL_ADDRESS":          cmp.Or(o.TemporalAddress, l.Temporal.Address()),
		"TEMPORAL_NAMESPACE":        l.Temporal.Namespace(),
		"PACKHORSE_METRICS_ADDRESS": address,
	}
	if l.ledgerPostgres != nil {
		variables["PACKHORSE_SIMULATED_DATABASE_URL"] = l.LedgerURL()
	}
	maps.Copy(variables, o.Env)
	process, err := devstack.StartProcess(ctx, devstack.Command{
		Name: o.Name, Path: o.Program, Args: o.Args, Env: environment(variables), Log: log,
		StopSignals: []syscall.Signal{syscall.SIGTERM}, Grace: workerGrace,
	})
	if err != nil {
		return nil, err
	}
	return &Worker{Process: process, Metrics: "http://" + address}, nil
}

// Ready waits until the worker takes work.
func (w *Worker) Ready(ctx context.Context) error {
	return w.Process.Ready(ctx, func(ctx context.Context) error { return devstack.Answers(ctx, w.Metrics+"/readyz") })
}
