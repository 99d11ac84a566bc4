package devstack

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestPostgresAsksForAPassword(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresOptions{})
	for _, role := range []string{postgresUser, postgresAdmin} {
		for name, password := range map[string]string{"none": "", "another": newPasswords().user} {
			config, err := pgx.ParseConfig(pg.url(role, "postgres"))
			if err != nil {
				t.Fatal(err)
			}
			config.Password = password
			conn, err := pgx.ConnectConfig(t.Context(), config)
			if err == nil {
				_ = conn.Close(t.Context())
			}
			refusal, ok := errors.AsType[*pgconn.PgError](err)
			if err == nil || password != "" && (!ok || refusal.Code != "28P01") {
				t.Errorf("%s with %s: %v, want it refused", role, name, err)
			}
		}
	}
	if strings.Contains(pg.PublicURL("x"), pg.passwords.user) {
		t.Error("the URL for people has the password")
	}
}

func TestRoleIsNoSuperuser(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresOptions{})
	if err := pg.CreateDatabase(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	mayNothing := `SELECT NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
		FROM pg_roles WHERE rolname = current_user`
	if !query[bool](t, pg, "orders", mayNothing) {
		t.Error("the role may do more than work in its databases")
	}
	execute(t, pg, "orders", `CREATE TABLE n (n int); CREATE SCHEMA s; CREATE TABLE s.n (n int)`)
}

// earlierCluster makes one in which packhorse is the superuser, and nobody has a password.
func earlierCluster(t *testing.T) (folder string) {
	t.Helper()
	folder = filepath.Join(enterable(t), "postgres")
	found, err := reachable(folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	programs, err := postgresPrograms(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	fresh := found.path + ".new"
	if err := found.run(t.Context(), fresh, filepath.Join(programs, "initdb"), []string{
		"--pgdata", fresh, "--username", postgresUser, "--auth", "trust", "--no-sync",
	}); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, found.path); err != nil {
		t.Fatal(err)
	}
	pg := &Postgres{options: PostgresOptions{Folder: folder}}
	if err := pg.prepare(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	if err := pg.startOnFreePort(t.Context()); err != nil {
		t.Fatal(err)
	}
	execute(t, pg, "postgres", "CREATE DATABASE packhorse")
	execute(t, pg, "packhorse", `CREATE SCHEMA s; CREATE TYPE s.kind AS ENUM ('a'); CREATE DOMAIN d AS int;
		CREATE TABLE s.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number serial, kind s.kind);
		CREATE SEQUENCE apart; CREATE VIEW v AS SELECT * FROM s.orders; INSERT INTO s.orders (kind) VALUES ('a');
		CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE PROCEDURE two() LANGUAGE sql AS 'SELECT 2'`)
	if err := pg.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestEarlierClusterIsTakenOver(t *testing.T) {
	t.Parallel()
	folder := earlierCluster(t)
	// What an interrupted takeover left doesn't matter.
	for try := range 3 {
		var told notices
		pg := startPostgres(t, PostgresOptions{Folder: folder, Notice: told.notice})
		if takenOver := told.contain("no superuser any more"); takenOver != (try < 2) {
			t.Errorf("start %d: told %q", try, told.log.String())
		}
		if pg.data.earlier {
			t.Error("it counts as an earlier one still")
		}
		execute(t, pg, "packhorse", `INSERT INTO s.orders (kind) VALUES ('a'); SELECT nextval('apart');
			ALTER TABLE s.orders ADD COLUMN IF NOT EXISTS new d; ALTER TYPE s.kind RENAME VALUE 'a' TO 'b';
			ALTER TYPE s.kind RENAME VALUE 'b' TO 'a'; ALTER VIEW v RENAME TO w; ALTER VIEW w RENAME TO v;
			ALTER ROUTINE one RENAME TO uno; ALTER ROUTINE uno RENAME TO one; CALL two();
			CREATE TABLE t (); DROP TABLE t`)
		if got := query[int](t, pg, "packhorse", "SELECT count(*) FROM s.orders"); got != try+2 {
			t.Errorf("%d rows, want %d", got, try+2)
		}
		if query[bool](t, pg, "packhorse", "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") {
			t.Error("the role is a superuser")
		}
		roles := query[int](t, pg, "packhorse", "SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_'")
		if roles != 2 {
			t.Errorf("%d roles, want 2", roles)
		}
		config, err := pgx.ParseConfig(pg.URL("packhorse"))
		if err != nil {
			t.Fatal(err)
		}
		config.Password = ""
		if _, err := pgx.ConnectConfig(t.Context(), config); err == nil {
			t.Error("nobody is asked for a password")
		}
		if err := pg.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if try == 0 { // As if it had been interrupted before it was done.
			rules := []byte("host all all 127.0.0.1/32 trust\n")
			for _, err := range []error{
				os.WriteFile(pg.rulesFile(), rules, 0o600), os.Remove(userPasswordFile(filepath.Dir(pg.data.path))),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestLostPasswordIsTold(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(enterable(t), "postgres")
	pg := startPostgres(t, PostgresOptions{Folder: folder})
	if err := pg.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	lost := adminPasswordFile(filepath.Dir(pg.data.path))
	if err := os.Remove(lost); err != nil {
		t.Fatal(err)
	}
	_, err := StartPostgres(t.Context(), PostgresOptions{Folder: folder})
	if err == nil || !strings.Contains(err.Error(), lost) || !strings.Contains(err.Error(), "make clean") {
		t.Errorf("got %v, want which file it is, and what to do", err)
	}
}
