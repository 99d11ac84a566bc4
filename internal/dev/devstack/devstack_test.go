package devstack

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"packhorse/internal/dev/logtest"
)

func TestPorts(t *testing.T) {
	t.Parallel()
	seen := make(map[int]bool)
	for range 50 {
		port, err := FreePort()
		if err != nil {
			t.Fatal(err)
		}
		if seen[port] || port < firstPort || port > lastPort {
			t.Errorf("port %d was given before or is out of range", port)
		}
		seen[port] = true
	}
	wanted := takenPort(t)
	next, err := PortOrNext(wanted)
	if err != nil || next <= wanted || next > wanted+100 {
		t.Errorf("for the taken port %d: %d, %v; want one close above", wanted, next, err)
	}
}

// takenPort is a port on which somebody else listens.
func takenPort(t *testing.T) int {
	t.Helper()
	for attempt := 1; ; attempt++ {
		port, err := FreePort()
		if err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("tcp", address(port))
		if err == nil {
			t.Cleanup(func() { _ = listener.Close() })
			return port
		}
		// As FreePort says, somebody may be faster.
		if attempt == 5 {
			t.Fatal(err)
		}
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder", "lock")
	lock, err := TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	var held *LockedError
	if _, err := TryLock(path); !errors.As(err, &held) || held.PID != os.Getpid() {
		t.Errorf("second lock: %v, want a *LockedError with the holder's PID", err)
	}
	got := make(chan error, 1)
	go func() {
		second, err := WaitLock(t.Context(), path)
		if err == nil {
			second.Unlock()
		}
		got <- err
	}()
	lock.Unlock()
	if err := <-got; err != nil {
		t.Errorf("wait for the lock: %v", err)
	}
}

// A fork has a copy of each open file until it executes its program. It must not keep a lock that its parent gave back.
func TestUnlockInSpiteOfAFork(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	forked, err := syscall.Dup(int(lock.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(forked)
	lock.Unlock()
	again, err := TryLock(path)
	if err != nil {
		t.Fatalf("after Unlock: %v", err)
	}
	again.Unlock()
}

func TestAbandonedFoldersAreRemoved(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	inUse, err := newTemporaryFolder(parent)
	if err != nil {
		t.Fatal(err)
	}
	abandoned, err := newTemporaryFolder(parent)
	if err != nil {
		t.Fatal(err)
	}
	young, err := newTemporaryFolder(parent)
	if err != nil {
		t.Fatal(err)
	}
	abandoned.lock.Unlock()
	young.lock.Unlock()
	long := time.Now().Add(-time.Hour)
	for _, folder := range []*temporaryFolder{inUse, abandoned} {
		if err := os.Chtimes(folder.path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	removeAbandoned(parent)
	for folder, want := range map[*temporaryFolder]bool{inUse: true, abandoned: false, young: true} {
		if _, err := os.Stat(folder.path); (err == nil) != want {
			t.Errorf("folder kept: %v, want %v", err == nil, want)
		}
	}
	if err := inUse.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(inUse.path); err == nil {
		t.Error("a removed folder is still there")
	}
}

func TestRepositoryRoot(t *testing.T) {
	t.Parallel()
	root, err := RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "internal", "dev", "devstack", "devstack.go")); err != nil {
		t.Error(err)
	}
}

func TestLongWorkGivesSignsOfLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told notices
		stop := Notice(told.notice).goesOn("building")
		time.Sleep(70 * time.Second) // Virtual.
		stop()
		time.Sleep(time.Minute)
		if got, want := told.log.String(), "still building: 30s\nstill building: 1m0s\n"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

// notices collects what a person would have been told.
type notices struct{ log logtest.Log }

func (n *notices) notice(message string) { _, _ = n.log.Write([]byte(message + "\n")) }

func (n *notices) contain(text string) bool { return strings.Contains(n.log.String(), text) }
