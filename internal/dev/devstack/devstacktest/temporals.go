package devstacktest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"packhorse/internal/dev/devstack"
)

// maxTemporals bounds how many servers a test binary starts, so that a fault
// that no other server cures comes to an end.
const maxTemporals = 3

// temporals are the Temporal servers that the tests of a binary share: one for
// all who ask, until it ends or answers nothing any more. Then the next to ask
// gets another one; who works with the old one keeps it.
type temporals struct {
	options devstack.TemporalOptions // Its Notice is also told of a server that is replaced.

	mu      sync.Mutex
	current once[*devstack.Temporal]
	old     []*devstack.Temporal
}

var sharedTemporals = temporals{options: devstack.TemporalOptions{
	Notice: func(message string) { fmt.Fprintln(os.Stderr, message) },
}}

// register makes a namespace on the current server, or on the one that has to
// take its place.
func (s *temporals) register(
	ctx context.Context, namespace string, searchAttributes map[string]string,
) (*devstack.Temporal, error) {
	for {
		server, err := s.get()
		if err != nil {
			return nil, err
		}
		if err = server.RegisterNamespace(ctx, namespace, searchAttributes); err == nil {
			return server, nil
		}
		dead := errors.As(err, new(*devstack.UnresponsiveError)) || errors.As(err, new(*devstack.ProcessError))
		if !dead || !s.replace(server, err) {
			return nil, err
		}
	}
}

// get is the current server. It doesn't use the test's context: the server
// outlives the test that starts it.
func (s *temporals) get() (*devstack.Temporal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.get(func() (*devstack.Temporal, error) {
		return devstack.StartTemporal(context.Background(), s.options)
	})
}

// replace lets the next to ask have another server, unless there were enough. It
// says so: what the tests with the old one see is no fault of theirs.
func (s *temporals) replace(server *devstack.Temporal, reason error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.value != server {
		return true // Somebody else has seen it.
	}
	if len(s.old)+1 == maxTemporals {
		return false
	}
	s.options.Notice(fmt.Sprintf("the Temporal server of the tests is replaced: %v", reason))
	s.old = append(s.old, server)
	s.current = once[*devstack.Temporal]{}
	return true
}

// close ends all of them. None is asked to: what they know goes with them, and
// one that answers nothing would not hear.
func (s *temporals) close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	servers := s.old
	if s.current.value != nil {
		servers = append(servers, s.current.value)
	}
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Kill(ctx), server.Close(ctx))
	}
	return errors.Join(errs...)
}
