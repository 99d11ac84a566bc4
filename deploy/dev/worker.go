package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"time"

	"packhorse/internal/devstack"
)

// workerGrace is how long the worker may take to finish what it has begun.
const workerGrace = 40 * time.Second

// A worker that dies this young, this often in a row, isn't started again.
const (
	youngWorker  = 2 * time.Second
	youngWorkers = 3
)

// startWorker starts the worker and waits until it takes work. A worker that dies
// is started again, as it would be in production: whoever kills it wants to see
// that nothing is lost.
func (s *stack) startWorker(ctx context.Context) error {
	wanted := metricsPort
	if s.fresh {
		wanted = 0
	}
	var err error
	if s.metrics, err = devstack.PortOrNext(wanted); err != nil {
		return err
	}
	if wanted != 0 && s.metrics != wanted {
		s.tell("port %d is taken; the worker's metrics are on %d", wanted, s.metrics)
	}
	log, err := s.openLog("worker")
	if err != nil {
		return err
	}
	process, err := s.newWorker(ctx, log)
	if err != nil {
		return err
	}
	go s.keepWorker(ctx, process, log)
	ready, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return process.Ready(ready, s.workerIsReady)
}

func (s *stack) newWorker(ctx context.Context, log io.Writer) (*devstack.Process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return nil, errInterrupted
	}
	process, err := devstack.StartProcess(ctx, devstack.Command{
		Name: "packhorse-worker", Path: s.program("packhorse-worker"),
		Env:         append(s.environment(), "PACKHORSE_METRICS_ADDRESS="+s.metricsAddress()),
		Log:         log,
		StopSignals: []syscall.Signal{syscall.SIGTERM}, Grace: workerGrace,
	})
	if err != nil {
		return nil, err
	}
	s.worker = process
	return process, nil
}

// keepWorker starts the worker again whenever it dies.
func (s *stack) keepWorker(ctx context.Context, process *devstack.Process, log io.Writer) {
	for young := 0; ; {
		started := time.Now()
		<-process.Done()
		if process.Err() == nil {
			return // It was stopped.
		}
		if young++; time.Since(started) > youngWorker {
			young = 1
		}
		if young == youngWorkers {
			s.end(process.Err())
			return
		}
		s.tell("%s\nstarting the worker again", process.Err())
		var err error
		if process, err = s.newWorker(ctx, log); err != nil {
			if !errors.Is(err, errInterrupted) {
				s.end(err)
			}
			return
		}
	}
}

// retireWorker is the worker to stop, if there is one; none is started any more.
func (s *stack) retireWorker() *devstack.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	return s.worker
}

func (s *stack) workerIsReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.metricsAddress()+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("its /readyz answers %s", response.Status)
	}
	return nil
}

func (s *stack) metricsAddress() string { return fmt.Sprintf("127.0.0.1:%d", s.metrics) }

func (s *stack) metricsURL() string { return "http://" + s.metricsAddress() + "/metrics" }
