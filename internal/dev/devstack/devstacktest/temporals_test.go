package devstacktest

import (
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"packhorse/internal/dev/devstack"
)

// A server that is stopped with SIGSTOP stands for one that answers nothing.
func TestServerThatAnswersNothingIsReplaced(t *testing.T) {
	t.Parallel()
	var told []string
	servers := temporals{options: devstack.TemporalOptions{
		Patience: 10 * time.Second, Notice: func(message string) { told = append(told, message) },
	}}
	t.Cleanup(func() { closeServer(t, servers.close) })
	register := func() *devstack.Temporal {
		server, err := servers.register(t.Context(), uniqueName("test"), nil)
		if err != nil {
			t.Error(err)
		}
		return server
	}
	first := register()
	if first == nil || register() != first {
		t.Fatal("two servers, and nothing is wrong with the first")
	}
	if err := first.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var next [2]*devstack.Temporal
	var group sync.WaitGroup
	for i := range next {
		group.Go(func() { next[i] = register() })
	}
	group.Wait()
	if next[0] == nil || next[0] == first || next[1] != next[0] || register() != next[0] {
		t.Errorf("the first is %p, the next ones %p and %p, want one other for all", first, next[0], next[1])
	}
	if len(told) != 1 || !strings.Contains(told[0], "Temporal runs, and has not done") {
		t.Errorf("told %q, want once why", told)
	}
	// Who works with the old one keeps it.
	if err := first.Process().Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := first.RegisterNamespace(t.Context(), uniqueName("test"), nil); err != nil {
		t.Error(err)
	}
	closeServer(t, servers.close)
	for _, server := range []*devstack.Temporal{first, next[0]} {
		select {
		case <-server.Process().Done():
		default:
			t.Errorf("process %d still runs", server.PID())
		}
	}
}

// Another server cures no fault that each of them has.
func TestServersAreReplacedOnlySoOften(t *testing.T) {
	t.Parallel()
	replaced := 0
	servers := temporals{options: devstack.TemporalOptions{Notice: func(string) { replaced++ }}}
	for range maxTemporals - 1 {
		servers.current = once[*devstack.Temporal]{done: true, value: new(devstack.Temporal)}
		if !servers.replace(servers.current.value, t.Context().Err()) {
			t.Fatalf("gave up after %d replacements", replaced)
		}
	}
	last := new(devstack.Temporal)
	servers.current = once[*devstack.Temporal]{done: true, value: last}
	if servers.replace(last, nil) || servers.current.value != last {
		t.Errorf("replaced %d times and once more", replaced)
	}
}
