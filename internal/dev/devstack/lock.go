package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Lock is a file that at most one process holds. The kernel gives it back
// when its holder dies, however it dies, so there are no stale ones.
type Lock struct{ file *os.File }

// A LockedError says that another process holds a lock.
type LockedError struct {
	// Path is the lock file.
	Path string
	// PID is the holder, or 0 when it hasn't written it yet.
	PID int
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is held by process %d", e.Path, e.PID)
}

// TryLock takes a lock, or returns a *LockedError when it is held. It makes the
// file and its folder when they are missing, and writes this process's ID into
// it.
func TryLock(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		text, _ := os.ReadFile(path)
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return nil, &LockedError{Path: path, PID: pid}
	}
	// The ID is for the message to whoever comes second; the lock holds without it.
	_ = file.Chmod(0o600) // Of a time when others could read it.
	if file.Truncate(0) == nil {
		_, _ = file.WriteString(strconv.Itoa(os.Getpid()) + "\n")
	}
	return &Lock{file: file}, nil
}

// WaitLock takes a lock, waiting for as long as another process holds it.
func WaitLock(ctx context.Context, path string) (*Lock, error) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		lock, err := TryLock(path)
		if err == nil || !errors.As(err, new(*LockedError)) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

// Unlock gives the lock back. The file stays: removing it would let two
// processes hold locks on two files of the same name.
func (l *Lock) Unlock() {
	// To close the file is not enough: a child that is forked at this moment has
	// it open, too, until it executes its program, and the lock with it.
	_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN)
	_ = l.file.Close()
}
