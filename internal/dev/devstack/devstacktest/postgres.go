package devstacktest

import (
	"context"
	"reflect"
	"testing"

	"packhorse/internal/dev/devstack"
)

// A Migrate function brings an empty database to the schema that a test needs.
// It must have closed its connections when it returns.
type Migrate func(ctx context.Context, url string) error

// Postgres is the server that the tests of this binary share. A test that stops
// or kills it takes a NewPostgres of its own.
func Postgres(t testing.TB) *devstack.Postgres {
	t.Helper()
	requireMain(t)
	shared.Lock()
	defer shared.Unlock()
	server, err := sharedPostgres()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// sharedPostgres is called with the lock held. It doesn't use the test's
// context: the server outlives the test that starts it.
func sharedPostgres() (*devstack.Postgres, error) {
	return shared.postgres.get(func() (*devstack.Postgres, error) {
		return devstack.StartPostgres(context.Background(), devstack.PostgresOptions{})
	})
}

// NewPostgres is a server for this test alone, which it may stop, kill and start
// again. It ends with the test.
func NewPostgres(t testing.TB) *devstack.Postgres {
	t.Helper()
	server, err := devstack.StartPostgres(t.Context(), devstack.PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeServer(t, server.Close) })
	return server
}

// Database makes a database for this test alone and returns its connection URL.
// It is dropped at the end of the test. With a Migrate function it has that
// function's schema: the function runs once per test binary and its result is
// copied, so a test costs some 50 ms however many migrations there are. Two
// closures made by the same function literal count as the same Migrate.
func Database(t testing.TB, migrate ...Migrate) string {
	t.Helper()
	server := Postgres(t)
	name := uniqueName("test")
	var err error
	if len(migrate) == 0 {
		err = server.CreateDatabase(t.Context(), name)
	} else {
		var template string
		if template, err = migrated(server, migrate[0]); err == nil {
			err = server.CopyDatabase(t.Context(), name, template)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closeServer(t, func(ctx context.Context) error { return server.DropDatabase(ctx, name) })
	})
	return server.URL(name)
}

// migrated is the name of the template database that the function has migrated.
func migrated(server *devstack.Postgres, migrate Migrate) (string, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.template == nil {
		shared.template = make(map[uintptr]once[string])
	}
	key := reflect.ValueOf(migrate).Pointer()
	template := shared.template[key]
	name, err := template.get(func() (string, error) {
		name := uniqueName("template")
		if err := server.CreateDatabase(context.Background(), name); err != nil {
			return "", err
		}
		return name, migrate(context.Background(), server.URL(name))
	})
	shared.template[key] = template
	return name, err
}

func closeServer(t testing.TB, end func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := end(ctx); err != nil {
		t.Error(err)
	}
}
