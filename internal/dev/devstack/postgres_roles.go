package devstack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

const (
	// postgresAdmin is the cluster's superuser.
	postgresAdmin = "postgres"
	// postgresUser is the role that databases belong to and that everybody works
	// with. It may do nothing outside of them.
	postgresUser = "packhorse"
	// postgresHelper is there for a moment while the roles of an earlier cluster
	// are changed, because nobody can rename himself.
	postgresHelper = "packhorse_takeover"
)

// passwords are those of a cluster's roles. They are letters and digits.
type passwords struct{ admin, user string }

func newPasswords() passwords { return passwords{admin: rand.Text(), user: rand.Text()} }

func adminPasswordFile(folder string) string { return filepath.Join(folder, "admin-password") }
func userPasswordFile(folder string) string  { return filepath.Join(folder, "password") }

// readPasswords reads those of a cluster from the folder that its data are in.
// fs.ErrNotExist tells a cluster of the time when nobody needed one.
func readPasswords(folder string) (passwords, error) {
	var read [2]string
	for i, file := range []string{adminPasswordFile(folder), userPasswordFile(folder)} {
		text, err := os.ReadFile(file)
		if err != nil {
			return passwords{}, fmt.Errorf("read a password of PostgreSQL: %w", err)
		}
		read[i] = strings.TrimSpace(string(text))
	}
	return passwords{admin: read[0], user: read[1]}, nil
}

func (p passwords) write(folder string) error {
	for file, text := range map[string]string{adminPasswordFile(folder): p.admin, userPasswordFile(folder): p.user} {
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			return fmt.Errorf("keep a password of PostgreSQL: %w", err)
		}
	}
	return nil
}

// prepareRoles makes the role that everybody works with, and takes a cluster over
// that has none. It can be done twice.
func (pg *Postgres) prepareRoles(ctx context.Context) error {
	if pg.data.earlier {
		if err := pg.takeOver(ctx); err != nil {
			return fmt.Errorf("give the roles of PostgreSQL passwords: %w", err)
		}
		pg.options.Notice.say("PostgreSQL's data are of the time when it asked for no password; it does now, and %s "+
			"is no superuser any more. Both passwords are in %s", postgresUser, filepath.Dir(pg.data.path))
		return nil
	}
	err := pg.insist(ctx, func(ctx context.Context, conn *pgx.Conn) error { return pg.makeRole(ctx, conn) })
	if err != nil {
		return fmt.Errorf("make the role %s: %w", postgresUser, err)
	}
	return nil
}

// makeRole makes the role, or gives it its password.
func (pg *Postgres) makeRole(ctx context.Context, conn *pgx.Conn) error {
	verb := "CREATE"
	if there, err := hasRole(ctx, conn, postgresUser); err != nil {
		return err
	} else if there {
		verb = "ALTER"
	}
	_, err := conn.Exec(ctx, fmt.Sprintf(
		`%s ROLE %s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '%s'`, verb, postgresUser, pg.passwords.user,
	))
	return err
}

func hasRole(ctx context.Context, conn *pgx.Conn, name string) (there bool, err error) {
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, name).Scan(&there)
	return there, err
}

// letsAnybodyIn is in a cluster's rules where nobody is asked for a password.
var letsAnybodyIn = regexp.MustCompile(`(?m)^host\s.*\strust\s*$`)

func (pg *Postgres) rulesFile() string { return filepath.Join(pg.data.path, "pg_hba.conf") }

// rulesWithPasswords are for work with databases, and for copies of the data.
const rulesWithPasswords = `host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`

// askForPasswords lets nobody in without one, once the server has read it.
func (pg *Postgres) askForPasswords() error {
	// Written where it is, it keeps its owner.
	err := os.WriteFile(pg.rulesFile(), []byte(rulesWithPasswords), 0o600)
	if err != nil {
		return fmt.Errorf("let PostgreSQL ask for passwords: %w", err)
	}
	return nil
}

// takeOver turns a cluster in which packhorse is the superuser and nobody has a
// password into one of today. It can be done again if it is interrupted: only at
// its end passwords are kept and asked for.
func (pg *Postgres) takeOver(ctx context.Context) error {
	if err := pg.renameSuperuser(ctx); err != nil {
		return err
	}
	var databases []string
	err := pg.as(ctx, postgresAdmin, "postgres", func(conn *pgx.Conn) (err error) {
		if err := pg.makeRole(ctx, conn); err != nil {
			return err
		}
		for _, statement := range []string{
			fmt.Sprintf(`ALTER ROLE %s PASSWORD '%s'`, postgresAdmin, pg.passwords.admin),
			`DROP ROLE IF EXISTS ` + postgresHelper,
		} {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return err
			}
		}
		databases, err = ownDatabases(ctx, conn)
		return err
	})
	for _, database := range databases {
		err = errors.Join(err, pg.as(ctx, postgresAdmin, database, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, giveAway)
			return err
		}))
	}
	if err != nil {
		return err
	}
	if err := pg.passwords.write(filepath.Dir(pg.data.path)); err != nil {
		return err
	}
	if err := pg.askForPasswords(); err != nil {
		return err
	}
	pg.data.earlier = false
	return pg.asAdmin(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `SELECT pg_reload_conf()`)
		return err
	})
}

// renameSuperuser gives the superuser of an earlier cluster the name of today's,
// unless it has it.
func (pg *Postgres) renameSuperuser(ctx context.Context) error {
	if pg.as(ctx, postgresAdmin, "postgres", func(*pgx.Conn) error { return nil }) == nil {
		return nil
	}
	err := pg.as(ctx, postgresUser, "postgres", func(conn *pgx.Conn) error {
		if there, err := hasRole(ctx, conn, postgresHelper); err != nil || there {
			return err
		}
		_, err := conn.Exec(ctx, `CREATE ROLE `+postgresHelper+` SUPERUSER LOGIN`)
		return err
	})
	if err != nil {
		return err
	}
	return pg.as(ctx, postgresHelper, "postgres", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `ALTER ROLE `+postgresUser+` RENAME TO `+postgresAdmin)
		return err
	})
}

func ownDatabases(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// giveAway makes the database that it is said in, and all that is in it, the
// role's. What belongs to a column or an extension goes with that.
const giveAway = `DO $$
DECLARE
	statement text;
BEGIN
	FOR statement IN
		SELECT format('ALTER DATABASE %I OWNER TO packhorse', current_database())
		UNION ALL
		SELECT format('ALTER SCHEMA %I OWNER TO packhorse', nspname) FROM pg_namespace
		WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
		UNION ALL
		SELECT format('ALTER %s %s OWNER TO packhorse',
			CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
				ELSE 'TABLE' END,
			pg_class.oid::regclass)
		FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
		WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND relkind IN ('r', 'p', 'v', 'm', 'S')
			AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('a', 'i', 'e')
				AND classid = 'pg_class'::regclass AND relkind = 'S')
		UNION ALL
		SELECT format('ALTER ROUTINE %s OWNER TO packhorse', pg_proc.oid::regprocedure)
		FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
		WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
			AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
		UNION ALL
		SELECT format('ALTER TYPE %s OWNER TO packhorse', pg_type.oid::regtype)
		FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace
		WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND typtype IN ('e', 'd')
	LOOP
		EXECUTE statement;
	END LOOP;
END $$`

// as does something with a connection of a role to a database.
func (pg *Postgres) as(ctx context.Context, role, database string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, pg.url(role, database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // The server is told, whatever has ended.
	return do(conn)
}

// findPasswords gives a cluster its passwords: those that are kept beside its
// data, or new ones for one that is new, isn't kept, or never had any.
func (pg *Postgres) findPasswords() error {
	pg.passwords = newPasswords()
	if pg.temporary != nil || majorOf(pg.data.path) == "" && !exists(adminPasswordFile(filepath.Dir(pg.data.path))) {
		return nil
	}
	rules, err := os.ReadFile(pg.rulesFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read whom PostgreSQL asks for a password: %w", err)
	}
	open := letsAnybodyIn.Match(rules)
	kept, err := readPasswords(filepath.Dir(pg.data.path))
	switch {
	case err == nil:
		pg.passwords = kept
		if open { // A former takeover was interrupted.
			return pg.askForPasswords()
		}
		return nil
	case open && errors.Is(err, fs.ErrNotExist):
		pg.data.earlier = true
		return nil
	}
	return fmt.Errorf("%w: put it back, or forget the data in %s (make clean)", err, filepath.Dir(pg.data.path))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
