package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// defaultGrace is how long a process may take to obey one of its stop signals.
const defaultGrace = 10 * time.Second

// readyInterval is how often a starting process is asked whether it is ready.
const readyInterval = 25 * time.Millisecond

// A Command says what to start as a child process.
type Command struct {
	// Name is what messages call the process: "worker".
	Name string
	// Path is the program; a name without a slash is looked up in PATH.
	Path string
	// Args are its arguments, without the program's name.
	Args []string
	// Env is its whole environment; nil means that of this process.
	Env []string
	// Folder is its working directory; empty means that of this process.
	Folder string
	// Log receives everything the process says, besides the last lines that
	// Process keeps. It is optional.
	Log io.Writer
	// Stdin, Stdout and Stderr connect the process directly, for a command that
	// talks to a terminal. What goes to Stdout or Stderr is in neither Log nor
	// the last lines. They are optional.
	Stdin, Stdout, Stderr *os.File
	// User is who the process runs as; nil means the user of this process.
	User *User
	// StopSignals ask the process to stop, each harsher than the one before;
	// SIGKILL follows the last. The first is also sent when this process dies.
	// The default is SIGTERM.
	StopSignals []syscall.Signal
	// Grace is how long to wait after each stop signal; the default is 10 s.
	Grace time.Duration
}

// A Process is a running child. It is in a process group of its own, so that
// Ctrl-C in a terminal reaches only its parent, which then stops its children
// in order.
type Process struct {
	command Command
	cmd     *exec.Cmd
	said    *tail
	done    chan struct{}
	err     error // How it ended; written before done is closed.

	mu       sync.Mutex
	stopping bool
}

// A ProcessError says that a process ended although nobody asked it to, and
// what it said last.
type ProcessError struct {
	// Name is the Command's name.
	Name string
	// State is how it ended: "exit status 1", "signal: killed".
	State string
	// LastLines is what it said last, possibly nothing.
	LastLines []string
}

func (e *ProcessError) Error() string {
	if len(e.LastLines) == 0 {
		return fmt.Sprintf("%s ended (%s) and said nothing", e.Name, e.State)
	}
	text := fmt.Sprintf("%s ended (%s); the last lines it said:", e.Name, e.State)
	for _, line := range e.LastLines {
		text += "\n  | " + line
	}
	return text
}

// StartProcess starts a child. It returns as soon as the program runs; use
// Ready to wait until it serves. The context only guards the start: the process
// outlives it, so that a cancelled parent can still stop it in order.
func StartProcess(ctx context.Context, command Command) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command.Name, err)
	}
	if len(command.StopSignals) == 0 {
		command.StopSignals = []syscall.Signal{syscall.SIGTERM}
	}
	if command.Grace == 0 {
		command.Grace = defaultGrace
	}
	p := &Process{command: command, said: &tail{}, done: make(chan struct{})}

	p.cmd = exec.Command(command.Path, command.Args...)
	p.cmd.Dir = command.Folder
	p.cmd.Env = command.Env
	// Descendants may hold the output open after the process itself has ended;
	// Wait must not wait for them for ever.
	p.cmd.WaitDelay = 2 * time.Second
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: command.StopSignals[0]}
	if command.User != nil {
		p.cmd.SysProcAttr.Credential = command.User.credential()
	}

	var out io.Writer = p.said
	if command.Log != nil {
		out = io.MultiWriter(p.said, command.Log)
	}
	// The same writer for both keeps the lines in the order they were said.
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if command.Stdin != nil {
		p.cmd.Stdin = command.Stdin
	}
	if command.Stdout != nil {
		p.cmd.Stdout = command.Stdout
	}
	if command.Stderr != nil {
		p.cmd.Stderr = command.Stderr
	}

	if err := onLastingThread(p.cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", command.Name, err)
	}
	go p.wait()
	return p, nil
}

func (p *Process) wait() {
	err := p.cmd.Wait()
	// What the process leaves of its own group must not outlive it.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)

	p.mu.Lock()
	stopping := p.stopping
	p.mu.Unlock()
	if !stopping {
		state := p.cmd.ProcessState.String()
		if err != nil && !errors.As(err, new(*exec.ExitError)) && !errors.Is(err, exec.ErrWaitDelay) {
			state = err.Error()
		}
		p.err = &ProcessError{Name: p.command.Name, State: state, LastLines: p.said.lines()}
	}
	close(p.done)
}

// Done is closed when the process has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is nil while the process runs and after a Stop or Kill, and a
// *ProcessError when it ended by itself, with whatever status.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// ExitCode is the status the process ended with: -1 while it runs and when a
// signal ended it.
func (p *Process) ExitCode() int {
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	default:
		return -1
	}
}

// Name is the Command's name.
func (p *Process) Name() string { return p.command.Name }

// PID is the process's ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// LastLines is what the process said last, oldest first.
func (p *Process) LastLines() []string { return p.said.lines() }

// Signal sends the process a signal. It is an error when it has ended.
func (p *Process) Signal(signal os.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil {
		return fmt.Errorf("send %v to %s: %w", signal, p.command.Name, err)
	}
	return nil
}

// Ready asks the check again and again until it returns nil. It gives up when
// the process ends (a *ProcessError) or when the context does: then the error
// holds the check's last one.
func (p *Process) Ready(ctx context.Context, check func(context.Context) error) error {
	ticker := time.NewTicker(readyInterval)
	defer ticker.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			if p.err == nil {
				return fmt.Errorf("%s was stopped before it was ready", p.command.Name)
			}
			return p.err
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w (last: %w)", p.command.Name, context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}

// Stop asks the process to end and waits until it has, with one stop signal
// after the other and SIGKILL at last; it goes straight to SIGKILL when the
// context ends. Stopping a process that has ended is no error; having to kill
// it is.
func (p *Process) Stop(ctx context.Context) error {
	p.expectEnd()
	for _, signal := range p.command.StopSignals {
		_ = p.cmd.Process.Signal(signal)
		select {
		case <-p.done:
			return nil
		case <-ctx.Done():
		case <-time.After(p.command.Grace):
		}
	}
	p.kill()
	return fmt.Errorf("stop %s: it had to be killed", p.command.Name)
}

// Kill ends the process and its group at once with SIGKILL and waits until it
// is gone.
func (p *Process) Kill() {
	p.expectEnd()
	p.kill()
}

// expectEnd makes the end that follows one that was asked for.
func (p *Process) expectEnd() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopping = true
}

func (p *Process) kill() {
	select {
	case <-p.done:
		return // The number may already be another process's.
	default:
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// starts hands work to the thread that starts all children. The kernel sends a
// child its parent-death signal when the *thread* that started it ends, so that
// thread has to live as long as this process, which Go promises only for a
// goroutine that is locked to it and never returns.
var starts = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

func onLastingThread(f func() error) error {
	result := make(chan error, 1)
	starts() <- func() { result <- f() }
	return <-result
}
