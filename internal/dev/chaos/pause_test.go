package chaos

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// state is that of a process, as /proc has it: R, S, T, ...
func state(t *testing.T, pid int) string {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return rest[:1]
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		if !sleep(ctx, 5*time.Millisecond) {
			t.Fatalf("waited too long for: %s", what)
		}
	}
}

func TestPauseStopsChildrenToo(t *testing.T) {
	t.Parallel()
	parent := exec.Command("sh", "-c", "sleep 60 & wait")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	pid := parent.Process.Pid
	waitFor(t, "the child", func() bool { return len(children(pid)) == 1 })
	child := children(pid)[0]
	t.Cleanup(func() {
		_ = parent.Process.Kill()
		_ = parent.Wait()
	})
	t.Cleanup(func() {
		if process, err := os.FindProcess(child); err == nil {
			_ = process.Kill()
		}
	})
	p, err := pauseTree(pid)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int{pid, child} {
		waitFor(t, "a stop", func() bool { return state(t, id) == "T" })
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []int{pid, child} {
		waitFor(t, "a continuation", func() bool { return state(t, id) != "T" })
	}
}
