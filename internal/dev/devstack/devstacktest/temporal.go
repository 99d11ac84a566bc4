package devstacktest

import (
	"testing"

	"go.temporal.io/sdk/client"

	"packhorse/internal/dev/devstack"
)

// Temporal is the server that the tests of this binary share, with the search
// attributes (by name: Keyword, Datetime, ...) registered in its default
// namespace. Workflow IDs and task queues are names that tests have in common,
// so each test should work in a Namespace of its own. A test that stops or kills
// the server takes a NewTemporal. A server that answers nothing any more is
// replaced: a test that asks twice may get two.
func Temporal(t testing.TB, searchAttributes map[string]string) *devstack.Temporal {
	t.Helper()
	return register(t, client.DefaultNamespace, searchAttributes)
}

// Namespace registers a namespace for this test alone on the shared server, with
// the search attributes, and returns the server and the namespace's name. It
// disappears with the server.
func Namespace(t testing.TB, searchAttributes map[string]string) (*devstack.Temporal, string) {
	t.Helper()
	name := uniqueName("test")
	return register(t, name, searchAttributes), name
}

func register(t testing.TB, namespace string, searchAttributes map[string]string) *devstack.Temporal {
	t.Helper()
	requireMain(t)
	server, err := sharedTemporals.register(t.Context(), namespace, searchAttributes)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// NewTemporal is a server for this test alone, which it may stop, kill and start
// again. It ends with the test.
func NewTemporal(t testing.TB, searchAttributes map[string]string) *devstack.Temporal {
	t.Helper()
	server, err := devstack.StartTemporal(t.Context(), devstack.TemporalOptions{SearchAttributes: searchAttributes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeServer(t, server.Close) })
	return server
}
