// Package devstack starts and stops what Packhorse needs around it on a
// developer's machine: PostgreSQL, the Temporal dev server and Packhorse's own
// processes. `make run`, `make rehearse` and the tests share it, so all three
// meet the same servers in the same way.
//
// Everything listens on loopback only, and every child dies with its parent,
// however the parent ends.
package devstack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// loopback is the only address that anything started here listens on.
const loopback = "127.0.0.1"

// startAttempts is how often a server is started before its failure is told:
// somebody else may be faster on a port, and a server may come up in a state in
// which it answers nothing.
const startAttempts = 3

// A Notice is told, in one line, what a person who waits should know: that
// something is being installed, or that another port than the wanted one is
// used.
type Notice func(message string)

// say passes a message on, by default to standard error.
func (n Notice) say(format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if n == nil {
		fmt.Fprintln(os.Stderr, message)
		return
	}
	n(message)
}

// goesOn says every half minute that something still goes on, until its result
// is called.
func (n Notice) goesOn(what string) (stop func()) {
	began, ended := time.Now(), make(chan struct{})
	ticker := time.NewTicker(30 * time.Second)
	var group sync.WaitGroup
	group.Go(func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				n.say("still %s: %v", what, time.Since(began).Round(time.Second))
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		group.Wait() // Nothing is said after the end.
	}
}

// RepositoryRoot is the folder of Packhorse's go.mod: the working directory or
// the nearest folder above it. A test's working directory is its package, so
// this is how both find bin/.
func RepositoryRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for {
		mod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), "module packhorse\n") {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("find the repository: no go.mod of packhorse in the working directory or above it")
		}
		folder = parent
	}
}
