package devstack

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A temporaryFolder belongs to this process and is removed at its end. Should
// the process be killed, the next one that needs such a folder removes it.
type temporaryFolder struct {
	path string
	lock *Lock
}

const temporaryPrefix = "packhorse-stack-"

func newTemporaryFolder(parent string) (*temporaryFolder, error) {
	removeAbandoned(parent)
	path, err := os.MkdirTemp(parent, temporaryPrefix)
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	// PostgreSQL may run as another user, who has to pass through.
	if err := os.Chmod(path, 0o711); err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	lock, err := TryLock(filepath.Join(path, "lock"))
	if err != nil {
		return nil, err
	}
	return &temporaryFolder{path: path, lock: lock}, nil
}

func (f *temporaryFolder) remove() error {
	err := os.RemoveAll(f.path)
	f.lock.Unlock()
	if err != nil {
		return fmt.Errorf("remove a temporary folder: %w", err)
	}
	return nil
}

// removeAbandoned removes the folders of processes that are gone. It leaves
// alone what is younger than a minute, which may not have been locked yet, and
// what belongs to another user.
func removeAbandoned(parent string) {
	folders, _ := filepath.Glob(filepath.Join(parent, temporaryPrefix+"*"))
	for _, folder := range folders {
		info, err := os.Lstat(folder)
		if err != nil || !info.IsDir() || ownerOf(info) != os.Geteuid() || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		lock, err := TryLock(filepath.Join(folder, "lock"))
		if err != nil {
			continue
		}
		_ = os.RemoveAll(folder)
		lock.Unlock()
	}
}

func ownerOf(info os.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }
