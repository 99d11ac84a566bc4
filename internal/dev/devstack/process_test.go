package devstack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"packhorse/internal/dev/logtest"
)

// TestMain lets the test binary play a parent that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("DEVSTACK_TEST_PARENT") != "" {
		playParent()
		return
	}
	os.Exit(m.Run())
}

func playParent() {
	child, err := StartProcess(context.Background(), shell("exec sleep 600"))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(child.PID())
	select {}
}

func shell(script string) Command {
	return Command{Name: "helper", Path: "sh", Args: []string{"-c", script}}
}

func start(t *testing.T, command Command) *Process {
	t.Helper()
	p, err := StartProcess(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// within fails the test when the channel isn't closed soon.
func within(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s: not within a minute", what)
	}
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within a minute", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestProcessThatDies(t *testing.T) {
	t.Parallel()
	var log logtest.Log
	command := shell("echo one; echo two >&2; exit 3")
	command.Log = &log
	p := start(t, command)
	within(t, p.Done(), "end")

	var failed *ProcessError
	if !errors.As(p.Err(), &failed) {
		t.Fatalf("error %v, want a *ProcessError", p.Err())
	}
	if failed.Name != "helper" || failed.State != "exit status 3" ||
		!slices.Equal(failed.LastLines, []string{"one", "two"}) {
		t.Errorf("got %+v", failed)
	}
	if p.ExitCode() != 3 {
		t.Errorf("exit code %d, want 3", p.ExitCode())
	}
	for _, want := range []string{"helper", "exit status 3", "  | two"} {
		if !strings.Contains(failed.Error(), want) {
			t.Errorf("message %q lacks %q", failed, want)
		}
	}
	if log.String() != "one\ntwo\n" {
		t.Errorf("log %q", log.String())
	}
}

func TestProcessThatCannotStart(t *testing.T) {
	t.Parallel()
	_, err := StartProcess(t.Context(), Command{Name: "helper", Path: "/does/not/exist"})
	if err == nil || !strings.Contains(err.Error(), "start helper") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want one that names the process and says that the program is missing", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := StartProcess(ctx, shell("true")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	notYet := errors.New("not yet")
	t.Run("asks_until_yes", func(t *testing.T) {
		t.Parallel()
		p := start(t, shell("exec sleep 600"))
		asked := 0
		err := p.Ready(t.Context(), func(context.Context) error {
			if asked++; asked < 3 {
				return notYet
			}
			return nil
		})
		if err != nil || asked != 3 {
			t.Errorf("asked %d times, %v", asked, err)
		}
	})
	t.Run("gives_up_when_the_process_dies", func(t *testing.T) {
		t.Parallel()
		p := start(t, shell("echo no such file; exit 1"))
		err := p.Ready(t.Context(), func(context.Context) error { return notYet })
		if !errors.As(err, new(*ProcessError)) || !strings.Contains(err.Error(), "no such file") {
			t.Errorf("error %v, want the process's last lines", err)
		}
	})
	t.Run("gives_up_with_the_context", func(t *testing.T) {
		t.Parallel()
		p := start(t, shell("exec sleep 600"))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := p.Ready(ctx, func(context.Context) error { return notYet })
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, notYet) {
			t.Errorf("error %v, want the deadline and the last answer", err)
		}
	})
}

func TestStop(t *testing.T) {
	t.Parallel()
	t.Run("is_no_failure", func(t *testing.T) {
		t.Parallel()
		p := start(t, shell("exec sleep 600"))
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if p.Err() != nil {
			t.Errorf("error %v after a stop, want none", p.Err())
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Errorf("second stop: %v", err)
		}
	})
	t.Run("uses_harsher_signals", func(t *testing.T) {
		t.Parallel()
		command := shell("trap 'echo asked' TERM; trap 'exit 0' QUIT; echo up; while :; do sleep 0.01; done")
		command.StopSignals = []syscall.Signal{syscall.SIGTERM, syscall.SIGQUIT}
		command.Grace = 200 * time.Millisecond
		p := start(t, command)
		eventually(t, "start", func() bool { return slices.Contains(p.LastLines(), "up") })
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if !slices.Contains(p.LastLines(), "asked") {
			t.Errorf("said %q, want it asked politely first", p.LastLines())
		}
	})
	t.Run("kills_at_last_and_says_so", func(t *testing.T) {
		t.Parallel()
		command := shell("trap '' TERM; echo up; while :; do sleep 0.01; done")
		command.Grace = 50 * time.Millisecond
		p := start(t, command)
		eventually(t, "start", func() bool { return slices.Contains(p.LastLines(), "up") })
		if err := p.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "stop helper") {
			t.Errorf("error %v, want one that names the process", err)
		}
	})
}

func TestDescendantsEndWithTheProcess(t *testing.T) {
	t.Parallel()
	p := start(t, shell("sleep 600 & echo $!; wait"))
	eventually(t, "start", func() bool { return len(p.LastLines()) == 1 })
	pid := pidIn(t, p.LastLines()[0])
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	eventually(t, "end of the descendant", func() bool { return !running(pid) })
}

// Nothing may be left running when `make run` or a test binary is killed.
func TestChildrenDieWithTheirParent(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "DEVSTACK_TEST_PARENT=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child := pidIn(t, line)
	if !running(child) {
		t.Fatal("the child doesn't run")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	eventually(t, "end of the child", func() bool { return !running(child) })
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var end tail
	for i := range 5000 {
		fmt.Fprintf(&end, "line %d\n\n", i)
	}
	lines := end.lines()
	if len(lines) != tailLines || lines[tailLines-1] != "line 4999" || lines[0] != "line 4980" {
		t.Errorf("kept %q", lines)
	}
}

func pidIn(t *testing.T, line string) int {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// running says whether a process exists and is more than a zombie.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}
