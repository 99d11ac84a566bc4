package devstack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func startPostgres(t *testing.T, options PostgresOptions) *Postgres {
	t.Helper()
	pg, err := StartPostgres(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return pg
}

func execute(t *testing.T, pg *Postgres, database, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pg.URL(database))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func query[T any](t *testing.T, pg *Postgres, database, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pg.URL(database))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var value T
	if err := conn.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestPostgresComesBackWithItsData(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresOptions{})
	if err := pg.CreateDatabase(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	if err := pg.CreateDatabase(t.Context(), "orders"); err != nil {
		t.Errorf("create a database that exists: %v", err)
	}
	execute(t, pg, "orders", "CREATE TABLE n (n int); INSERT INTO n VALUES (42)")
	port, url := pg.Port(), pg.URL("orders")

	for name, end := range map[string]func(context.Context) error{"stop": pg.Stop, "kill": pg.Kill} {
		process := pg.Process()
		if err := end(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		within(t, process.Done(), name)
		if process.Err() != nil {
			t.Errorf("%s: the end counts as a failure: %v", name, process.Err())
		}
		if running(process.PID()) {
			t.Errorf("%s: process %d still runs", name, process.PID())
		}
		if err := pg.Start(t.Context()); err != nil {
			t.Fatalf("start after %s: %v", name, err)
		}
		if pg.Port() != port || pg.URL("orders") != url {
			t.Errorf("port %d after %s, want %d", pg.Port(), name, port)
		}
		if got := query[int](t, pg, "orders", "SELECT n FROM n"); got != 42 {
			t.Errorf("%d after %s, want 42", got, name)
		}
	}
}

func TestPostgresKeepsItsFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(enterable(t), "postgres")
	// What an interrupted initdb left must not pass for a cluster.
	half := filepath.Join(folder, "data.new")
	if err := os.MkdirAll(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	port := takenPort(t)
	var told notices
	first := startPostgres(t, PostgresOptions{Folder: folder, Port: port, Notice: told.notice})
	if first.Port() == port || !told.contain(fmt.Sprintf("port %d is taken", port)) {
		t.Errorf("on port %d, told %q; want another one than %d and to be told", first.Port(), told.log.String(), port)
	}
	if got := query[string](t, first, "postgres", "SHOW fsync"); got != "on" {
		t.Errorf("fsync is %s for data that are kept", got)
	}
	if err := first.CreateDatabase(t.Context(), "kept"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := startPostgres(t, PostgresOptions{Folder: folder, Notice: told.notice})
	if got := query[int](t, second, "kept", "SELECT 1"); got != 1 {
		t.Error("the database is gone")
	}
}

// enterable is a temporary folder that PostgreSQL's user can get to, too.
func enterable(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp(os.TempDir(), "devstack-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestPostgresBelowAFolderThatOnlyRootMayEnter(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root starts PostgreSQL as somebody else")
	}
	parent := enterable(t)
	if err := os.Chmod(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(parent, "postgres")
	fallback := FallbackFolder(folder)
	t.Cleanup(func() { _ = os.RemoveAll(fallback) })
	for range 2 {
		var told notices
		pg := startPostgres(t, PostgresOptions{Folder: folder, Notice: told.notice})
		if err := pg.CreateDatabase(t.Context(), "kept"); err != nil {
			t.Fatal(err)
		}
		if !told.contain(fallback) {
			t.Errorf("told %q, want the folder %s", told.log.String(), fallback)
		}
		if err := pg.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTemporaryPostgresLeavesNothing(t *testing.T) {
	t.Parallel()
	pg, err := StartPostgres(t.Context(), PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := pg.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(pg.temporary.path); err == nil {
		t.Errorf("%s is still there", pg.temporary.path)
	}
	if running(pg.PID()) {
		t.Error("the server still runs")
	}
}

func TestPostgresSaysWhyItCannotStart(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresOptions{})
	if err := pg.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(pg.data.path, "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	err := pg.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL ended") ||
		!strings.Contains(err.Error(), "pg_control") {
		t.Errorf("error %v, want PostgreSQL's own words", err)
	}
}
