package postgres

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/dev/devstack/devstacktest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	tables := func(t *testing.T, url string) (n int) {
		conn := devstacktest.Connect(t, url)
		if err := conn.QueryRow(
			t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> $1`,
			migrationsTable,
		).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}

	t.Run("goes_up_down_and_up_again", func(t *testing.T) {
		t.Parallel()
		url := devstacktest.Database(t)
		for range 2 {
			for range 2 { // Nothing is left to do the second time.
				if err := Migrate(t.Context(), url); err != nil {
					t.Fatal(err)
				}
			}
			if got := tables(t, url); got < 10 {
				t.Errorf("%d tables after up", got)
			}
			if err := MigrateDown(t.Context(), url); err != nil {
				t.Fatal(err)
			}
			if got := tables(t, url); got != 0 {
				t.Errorf("%d tables after down", got)
			}
		}
	})

	t.Run("is_needed_to_be_ready", func(t *testing.T) {
		t.Parallel()
		url := devstacktest.Database(t)
		store, err := Open(t.Context(), url, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		if err := store.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "run packhorse migrate") {
			t.Errorf("without tables: %v", err)
		}
		if err := Migrate(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		if err := store.Ready(t.Context()); err != nil {
			t.Errorf("migrated: %v", err)
		}
		if _, err := store.pool.Exec(
			t.Context(), `DELETE FROM `+migrationsTable+` WHERE version_id = $1`, latestMigration(),
		); err != nil {
			t.Fatal(err)
		}
		if err := store.Ready(t.Context()); err == nil {
			t.Error("ready with the tables of an older version")
		}
	})

	t.Run("makes_what_is_compared_tidy", func(t *testing.T) {
		t.Parallel()
		url, conn := migratedTo(t, 13)
		read := func(query string) (all []string) {
			rows, err := conn.Query(t.Context(), query)
			if err == nil {
				all, err = pgx.CollectRows(rows, pgx.RowTo[string])
			}
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		for i, source := range []string{"a ", " b\u00a0 c\t", "d", "d ", "e ", " e", "\u3000\ufeff", "f"} {
			if _, err := conn.Exec(t.Context(), `INSERT INTO orders
				(id, name, source_identifier, fingerprint, created_at, updated_at) VALUES ($1, '#', $2, '', now(), now())`, i+1, source); err != nil {
				t.Fatal(err)
			}
		}
		for i, skus := range [][]string{{"B ", "A", " A", " "}, {"B  B", "A"}, {}} {
			if _, err := conn.Exec(t.Context(), `INSERT INTO locations (id, name, skus, active, priority, is_default, stocks_all)
				VALUES ($1, $1::bigint::text, $2, true, 1, false, false)`,
				i+1, skus); err != nil {
				t.Fatal(err)
			}
		}
		if err := Migrate(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		sources := read(`SELECT coalesce(source_identifier, 'none') FROM orders ORDER BY id`)
		if want := []string{"a", "b c", "d", "d ", "e ", " e", "none", "f"}; !slices.Equal(sources, want) {
			t.Errorf("the orders' sources are %q, want %q", sources, want)
		}
		skus := read(`SELECT array_to_string(skus, '|') FROM locations ORDER BY id`)
		if want := []string{"B|A", "B B|A", ""}; !slices.Equal(skus, want) {
			t.Errorf("the locations' SKUs are %q, want %q", skus, want)
		}
	})

	t.Run("may_run_several_times_at_once", func(t *testing.T) {
		t.Parallel()
		url := devstacktest.Database(t)
		var group errgroup.Group
		for range 4 {
			group.Go(func() error { return Migrate(t.Context(), url) })
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("leaves_a_newer_database_alone", func(t *testing.T) {
		t.Parallel()
		url := devstacktest.Database(t, Migrate)
		conn := devstacktest.Connect(t, url)
		if _, err := conn.Exec(
			t.Context(), `INSERT INTO `+migrationsTable+` (version_id, is_applied) VALUES (99, true)`,
		); err != nil {
			t.Fatal(err)
		}
		if err := Migrate(t.Context(), url); !errors.Is(err, ErrNewerDatabase) {
			t.Errorf("got %v, want ErrNewerDatabase", err)
		}
	})

	t.Run("says_what_it_was_doing", func(t *testing.T) {
		t.Parallel()
		if err := Migrate(
			t.Context(), "postgres://nobody@127.0.0.1:1/none?sslmode=disable&connect_timeout=1",
		); err == nil {
			t.Error("a database that isn't there was migrated")
		}
	})
}

// migratedTo is a database as it was when the given migration was the latest.
func migratedTo(t *testing.T, version int64) (url string, conn *pgx.Conn) {
	t.Helper()
	url = devstacktest.Database(t)
	err := withMigrations(t.Context(), url, func(p *goose.Provider) error {
		_, err := p.UpTo(t.Context(), version)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return url, devstacktest.Connect(t, url)
}
