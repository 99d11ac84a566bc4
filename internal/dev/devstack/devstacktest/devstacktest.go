// Package devstacktest gives tests a real PostgreSQL and a real Temporal server:
// one of each per test binary, started when the first test asks and stopped at
// the end, with a database and a namespace of its own for every test.
//
// A package that uses it needs
//
//	func TestMain(m *testing.M) { devstacktest.Main(m) }
package devstacktest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/internal/dev/devstack"
)

// stopTimeout bounds how long the end of a test binary may take.
const stopTimeout = 30 * time.Second

// shared is what the tests of this binary have in common. Tests that run in
// parallel and come first together wait for the same start.
var shared struct {
	sync.Mutex
	inMain   bool
	postgres once[*devstack.Postgres]
	template map[uintptr]once[string]
}

// once remembers the outcome of a start, also of one that failed: every later
// test fails at once with the same reason instead of trying again.
type once[T any] struct {
	done  bool
	value T
	err   error
}

func (o *once[T]) get(start func() (T, error)) (T, error) {
	if !o.done {
		o.value, o.err = start()
		o.done = true
	}
	return o.value, o.err
}

// Main runs the tests of a binary and stops what they started. Call it from
// TestMain, which then returns.
func Main(m *testing.M) {
	shared.inMain = true
	m.Run() // Its status becomes the binary's when TestMain returns.
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the servers of the tests:", err)
		os.Exit(1)
	}
}

func stop() error {
	shared.Lock()
	defer shared.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var errs []error
	errs = append(errs, sharedTemporals.close(ctx))
	if server := shared.postgres.value; server != nil {
		errs = append(errs, server.Kill(ctx), server.Close(ctx))
	}
	return errors.Join(errs...)
}

func requireMain(t testing.TB) {
	t.Helper()
	if !shared.inMain {
		t.Fatal("this package needs func TestMain(m *testing.M) { devstacktest.Main(m) }")
	}
}

// uniqueName makes a name that no other test has, and that starts with a word a
// person recognises.
func uniqueName(prefix string) string {
	return prefix + "_" + strings.ToLower(rand.Text()[:12])
}
