package devstack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

const (
	// guardLooks is in how many looks the patience with a server is used up. They
	// are counted, rather than the time: after a sleep of the machine, or while it
	// has no time for us either, a server gets as many as ever.
	guardLooks = 25
	// busyFactor is how many times as patient we are with a server that works, or
	// would if the machine let it.
	busyFactor = 10
	// A server that ends this young, this often in a row, isn't started again.
	youngServer  = 10 * time.Second
	youngServers = 3
	// sqliteInterrupted is what the dev server answers to every call once its
	// SQLite has been interrupted for good. It heals by a new start only, and the
	// server doesn't end when it is asked to.
	sqliteInterrupted = "interrupted (9)"
)

// errNoAnswer is what comes of a look while the server still owes its answer.
var errNoAnswer = errors.New("no answer")

// Guard watches over the server until the context ends, or the server is stopped
// by Stop, Kill or Close: then it returns nil. A server that has done nothing but
// fail, or nothing at all, for its Patience is killed and started anew with its
// state, and so is one that ended by itself. Notice is told why, and when it
// answers again. A server that is merely slow is left alone: one that works, or
// waits for the processor or the disk, has ten times that long. Guard returns an
// error when the server can't be started any more.
func (t *Temporal) Guard(ctx context.Context) error {
	for young := 0; ; {
		began := time.Now()
		process := t.Process()
		fault := t.watchOver(ctx, process)
		if fault == nil {
			return nil
		}
		if young++; time.Since(began) > youngServer || !errors.As(fault, new(*ProcessError)) {
			young = 1
		}
		if young == youngServers {
			return fault
		}
		failed := time.Now()
		if ended(process) {
			t.options.Notice.say("%v\nstarting it anew with its state", fault)
		} else {
			t.options.Notice.say("%v\nending process %d and starting another one with its state", fault, process.PID())
			process.Kill() // It would not hear anything milder.
		}
		if err := t.Start(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("start Temporal anew: %w", err)
		}
		t.options.Notice.say("Temporal answers again at %s, %v after its end; its state is that of before",
			t.Address(), time.Since(failed).Round(100*time.Millisecond))
	}
}

// watchOver looks at the server again and again. It returns what makes another
// one necessary, or nil when nothing is to be done any more.
func (t *Temporal) watchOver(ctx context.Context, process *Process) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := t.client()
	if err != nil {
		return err
	}
	defer c.Close()
	looks := time.NewTicker(t.options.Patience / guardLooks)
	defer looks.Stop()
	answers, asked := make(chan error, 1), false
	failures, told, last := 0, false, errNoAnswer
	healthy := effortOf(process.PID())
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-process.Done():
			return process.Err()
		case err := <-answers:
			asked = false
			if err == nil {
				failures, told, last = 0, false, errNoAnswer
				healthy = effortOf(process.PID())
				continue
			}
			last = err
		case <-looks.C:
			failures++
			if !asked {
				asked = true
				go func() { answers <- t.ask(ctx, c) }()
			}
			if failures <= guardLooks {
				continue
			}
			waited := time.Duration(failures-1) * t.options.Patience / guardLooks
			why := t.excuse(process, healthy, waited, last)
			if why == "" || failures > busyFactor*guardLooks {
				return &UnresponsiveError{Name: process.Name(), Patience: waited, Last: last}
			}
			if !told {
				told = true
				t.options.Notice.say("Temporal has not done what it was asked for in %v (last: %v); "+
					"it is left alone, because it %s", waited, last, why)
			}
		}
	}
}

// excuse is why a server that has failed for so long may still do better, or "".
func (t *Temporal) excuse(process *Process, healthy effort, waited time.Duration, last error) string {
	if strings.Contains(last.Error(), sqliteInterrupted) {
		return ""
	}
	return effortOf(process.PID()).since(healthy, waited)
}

// ask asks the server for what all work with it needs: its frontend, its
// namespaces, and what it remembers of workflows. It is patient, because a busy
// server that is asked anew begins anew.
func (t *Temporal) ask(ctx context.Context, c client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, min(tryTimeout, t.options.Patience/2))
	defer cancel()
	if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return err
	}
	_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{
		Namespace: t.options.Namespace,
	})
	if err != nil {
		return err
	}
	// The service itself, since the client would try again and lose the reason.
	_, err = c.WorkflowService().DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{
		Namespace: t.options.Namespace, Execution: &common.WorkflowExecution{WorkflowId: "nobody"},
	})
	if errors.As(err, new(*serviceerror.NotFound)) || errors.As(err, new(*serviceerror.ResourceExhausted)) {
		return nil // It is there, and may have too much to do.
	}
	return err
}
