package chaos

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// pause is a set of processes that are stopped with SIGSTOP. A shell that waits for the end of its input lets them go
// on: so they do when this process dies, too, and then can hear that they are to die with it.
type pause struct {
	keeper *exec.Cmd
	pids   io.WriteCloser
}

const keep = `while read -r pid; do set -- "$@" "$pid"; done; kill -CONT "$@" 2>/dev/null`

// pauseTree stops a process and its children, the process first so that it makes no more.
func pauseTree(pid int) (*pause, error) {
	p := &pause{keeper: exec.Command("sh", "-c", keep)}
	p.keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for this process.
	var err error
	if p.pids, err = p.keeper.StdinPipe(); err != nil {
		return nil, fmt.Errorf("pause process %d: %w", pid, err)
	}
	if err := p.keeper.Start(); err != nil {
		return nil, fmt.Errorf("pause process %d: %w", pid, err)
	}
	err = p.add(pid)
	if err == nil {
		for _, child := range children(pid) {
			err = errors.Join(err, p.add(child))
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pause process %d: %w", pid, err), p.end())
	}
	return p, nil
}

// add stops one process more. One that is gone by now is no error.
func (p *pause) add(pid int) error {
	if _, err := fmt.Fprintln(p.pids, pid); err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// end lets all of them go on. The shell's own status tells of processes that have ended since, which is no failure.
func (p *pause) end() error {
	if err := p.pids.Close(); err != nil {
		return fmt.Errorf("let paused processes go on: %w", err)
	}
	if err := p.keeper.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		return fmt.Errorf("let paused processes go on: %w", err)
	}
	return nil
}

// children are the processes that a process has started and that still run.
func children(pid int) []int {
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var pids []int
	for _, word := range strings.Fields(string(list)) {
		if child, err := strconv.Atoi(word); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}
