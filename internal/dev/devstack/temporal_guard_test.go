package devstack

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
)

// told collects notices.
type told struct {
	mu   sync.Mutex
	text []string
	some chan struct{}
}

func newTold() *told { return &told{some: make(chan struct{}, 100)} }

func (n *told) notice(message string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text = append(n.text, message)
	n.some <- struct{}{}
}

func (n *told) all() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.text, "\n")
}

// wait waits until something was told that has the text.
func (n *told) wait(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !strings.Contains(n.all(), text) {
		select {
		case <-n.some:
		case <-ctx.Done():
			t.Fatalf("never told %q; told %q", text, n.all())
		}
	}
}

// guarded starts a server with a workflow, and Guard.
func guarded(t *testing.T, patience time.Duration) (*Temporal, *told, client.Client) {
	t.Helper()
	notices := newTold()
	server := startTemporal(t, TemporalOptions{Patience: patience, Notice: notices.notice})
	c, err := server.client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	options := client.StartWorkflowOptions{ID: "item/1", TaskQueue: "items"}
	if _, err := c.ExecuteWorkflow(t.Context(), options, "Item"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Guard(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return server, notices, c
}

// A server that is stopped with SIGSTOP stands for one that answers nothing any
// more. It doesn't hear SIGTERM either.
func TestGuardReplacesAServerThatAnswersNothing(t *testing.T) {
	t.Parallel()
	server, notices, c := guarded(t, 4*time.Second)
	first := server.Process()
	if err := first.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	notices.wait(t, "Temporal answers again at "+server.Address())
	if !strings.Contains(notices.all(), "Temporal runs, and has not done what it was asked for in 4s") {
		t.Errorf("told %q, want why", notices.all())
	}
	if !ended(first) || server.Process() == first {
		t.Error("the first server still runs")
	}
	if _, err := c.DescribeWorkflowExecution(t.Context(), "item/1", ""); err != nil {
		t.Errorf("the workflow is gone: %v", err)
	}
}

func TestGuardReplacesAServerThatDied(t *testing.T) {
	t.Parallel()
	server, notices, c := guarded(t, time.Minute)
	if err := server.Process().Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	notices.wait(t, "Temporal answers again")
	if !strings.Contains(notices.all(), "killed") {
		t.Errorf("told %q, want how it ended", notices.all())
	}
	if _, err := c.DescribeWorkflowExecution(t.Context(), "item/1", ""); err != nil {
		t.Errorf("the workflow is gone: %v", err)
	}
}

// A server that answers late, again and again, is slow and not dead.
func TestGuardLeavesASlowServerAlone(t *testing.T) {
	t.Parallel()
	const patience = 8 * time.Second
	server, notices, c := guarded(t, patience)
	first := server.Process()
	for range 5 {
		if err := first.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		<-time.After(patience / 4) // How slow it is.
		if err := first.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if _, err := c.DescribeWorkflowExecution(t.Context(), "item/1", ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	if server.Process() != first || notices.all() != "" {
		t.Errorf("told %q; want no other server", notices.all())
	}
}

func TestGuardEndsWithItsServer(t *testing.T) {
	t.Parallel()
	server := startTemporal(t, TemporalOptions{})
	ended := make(chan error, 1)
	go func() { ended <- server.Guard(t.Context()) }()
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestExcuse(t *testing.T) {
	t.Parallel()
	server := new(Temporal)
	t.Run("works", func(t *testing.T) {
		t.Parallel()
		p := start(t, shell("while :; do :; done"))
		before, began := effort{}, time.Now()
		err := p.Ready(t.Context(), func(context.Context) error {
			if server.excuse(p, before, time.Since(began), errNoAnswer) == "" {
				return errNoAnswer
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		interrupted := errors.New("SQL logic error: " + sqliteInterrupted)
		if why := server.excuse(p, before, time.Since(began), interrupted); why != "" {
			t.Errorf("an interrupted database %s", why)
		}
	})
	t.Run("does_nothing", func(t *testing.T) {
		t.Parallel()
		p := start(t, shell("exec sleep 600"))
		if why := server.excuse(p, effortOf(p.PID()), 10*time.Second, errNoAnswer); why != "" {
			t.Errorf("a process that sleeps %s", why)
		}
	})
}

func TestEffort(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		now  effort
		want string
	}{
		"idle":              {effort{ran: time.Second, waited: time.Second}, ""},
		"works":             {effort{ran: 4 * time.Second}, "works"},
		"kept_from_working": {effort{ran: time.Second, waited: 9 * time.Second}, "waits for the processor"},
		"on_the_disk":       {effort{onDisk: true}, "waits for the disk"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.now.since(effort{}, 10*time.Second)
			if !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
