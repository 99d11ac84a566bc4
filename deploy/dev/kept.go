package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"packhorse/internal/dev/devstack"
)

// keptGrace is how long a process of Packhorse may take to finish what it has begun.
const keptGrace = 40 * time.Second

// A process that dies this young, this often in a row, isn't started again.
const (
	youngProcess   = 2 * time.Second
	youngProcesses = 3
)

// A kept process is one of Packhorse's own: it is started again when it dies, as it would be in production. Whoever
// kills it wants to see that nothing is lost.
type kept struct {
	stack   *stack
	command devstack.Command
	metrics int // Port of its /readyz and /metrics.

	mu       sync.Mutex
	present  *devstack.Process
	stopping bool
}

// keep starts a process of Packhorse, with its metrics on the wanted port or the next free one, and waits until it is
// ready. It is kept from then on, also when it isn't ready in time.
func (s *stack) keep(ctx context.Context, command devstack.Command, wantedMetrics int) (*kept, error) {
	k := &kept{stack: s, command: command}
	var err error
	if k.metrics, err = s.port(wantedMetrics, "the metrics of "+command.Name); err != nil {
		return nil, err
	}
	if k.command.Log, err = s.openLog(command.Name); err != nil {
		return nil, err
	}
	k.command.Env = append(k.command.Env, "PACKHORSE_METRICS_ADDRESS="+k.metricsAddress())
	k.command.StopSignals, k.command.Grace = []syscall.Signal{syscall.SIGTERM}, keptGrace
	process, err := k.start(ctx)
	if err != nil {
		return nil, err
	}
	go k.restart(ctx, process)
	ready, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return k, process.Ready(ready, k.ready)
}

// port is the wanted port, or another one when that is taken; on a fresh stack it is any.
func (s *stack) port(wanted int, what string) (int, error) {
	if s.fresh {
		return devstack.PortOrNext(0)
	}
	port, err := devstack.PortOrNext(wanted)
	if err == nil && port != wanted {
		s.tell("port %d is taken; %s: %d", wanted, what, port)
	}
	return port, err
}

func (k *kept) start(ctx context.Context) (*devstack.Process, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopping {
		return nil, errInterrupted
	}
	process, err := devstack.StartProcess(ctx, k.command)
	if err != nil {
		return nil, err
	}
	k.present = process
	return process, nil
}

// restart starts the process again whenever it dies.
func (k *kept) restart(ctx context.Context, process *devstack.Process) {
	for young := 0; ; {
		started := time.Now()
		<-process.Done()
		if process.Err() == nil {
			return // It was stopped.
		}
		if young++; time.Since(started) > youngProcess {
			young = 1
		}
		if young == youngProcesses {
			k.stack.end(process.Err())
			return
		}
		k.stack.tell("%s\nstarting %s again", process.Err(), k.command.Name)
		var err error
		if process, err = k.start(ctx); err != nil {
			if !errors.Is(err, errInterrupted) {
				k.stack.end(err)
			}
			return
		}
	}
}

// process is the present one.
func (k *kept) process() *devstack.Process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.present
}

// stop stops the process for good. It may be called on nil.
func (k *kept) stop(ctx context.Context) error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	k.stopping = true
	process := k.present
	k.mu.Unlock()
	if process == nil {
		return nil
	}
	return process.Stop(ctx)
}

// ready asks the process whether it takes work.
func (k *kept) ready(ctx context.Context) error {
	return devstack.Answers(ctx, "http://"+k.metricsAddress()+"/readyz")
}

func (k *kept) metricsAddress() string { return fmt.Sprintf("127.0.0.1:%d", k.metrics) }

func (k *kept) metricsURL() string { return "http://" + k.metricsAddress() + "/metrics" }
