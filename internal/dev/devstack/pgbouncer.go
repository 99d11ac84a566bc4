package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// ErrNoPgBouncer says that there is no PgBouncer here, and that it could not be installed.
var ErrNoPgBouncer = errors.New("PgBouncer was not found: install it with `apt-get install pgbouncer`")

// A PgBouncer is a pooler in front of a Postgres, in transaction mode, with very few connections to it.
type PgBouncer struct {
	postgres  *Postgres
	port      int
	process   *Process
	temporary *temporaryFolder
}

// pgBouncerSettings let the cluster's role in, with its password.
const pgBouncerSettings = `[databases]
* = host=%s port=%d
[pgbouncer]
listen_addr = %s
listen_port = %d
auth_type = scram-sha-256
auth_file = %s
pool_mode = transaction
max_client_conn = 200
default_pool_size = 5
unix_socket_dir =
`

// StartPgBouncer finds or installs Debian's PgBouncer and starts it in front of the server. It keeps no session for a
// client, and takes no startup parameter that it does not know itself.
func StartPgBouncer(ctx context.Context, pg *Postgres, notice Notice) (_ *PgBouncer, err error) {
	program, err := pgBouncerProgram(ctx, notice)
	if err != nil {
		return nil, err
	}
	b := &PgBouncer{postgres: pg}
	if b.temporary, err = newTemporaryFolder(os.TempDir()); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.temporary.remove())
		}
	}()
	user, err := serverUser(b.temporary.path)
	if err != nil {
		return nil, err
	}
	users, settings := filepath.Join(b.temporary.path, "users.txt"), filepath.Join(b.temporary.path, "pgbouncer.ini")
	if err := privateFile(users, fmt.Sprintf("%q %q\n", postgresUser, pg.passwords.user), user); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		if b.port, err = FreePort(); err != nil {
			return nil, err
		}
		if err := privateFile(
			settings, fmt.Sprintf(pgBouncerSettings, loopback, pg.Port(), loopback, b.port, users), user,
		); err != nil {
			return nil, err
		}
		b.process, err = StartProcess(ctx, Command{
			Name: "PgBouncer", Path: program, Args: []string{settings}, User: user,
		})
		if err != nil {
			return nil, err
		}
		err = b.process.Ready(ctx, b.answers)
		if err == nil || attempt == startAttempts {
			return b, err
		}
	}
}

func pgBouncerProgram(ctx context.Context, notice Notice) (string, error) {
	find := func() string {
		for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
		return ""
	}
	if path := find(); path != "" {
		return path, nil
	}
	lock, err := lockInstallation(ctx)
	if err != nil {
		return "", err
	}
	defer lock.Unlock()
	if path := find(); path != "" {
		return path, nil
	}
	if err := installPackages(ctx, notice, "pgbouncer"); err != nil {
		return "", fmt.Errorf("%w (%w)", ErrNoPgBouncer, err)
	}
	if path := find(); path != "" {
		return path, nil
	}
	return "", ErrNoPgBouncer
}

func (b *PgBouncer) answers(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, b.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// URL is where a database of the server is reached through the pooler. It does not say that there is a pooler.
func (b *PgBouncer) URL(database string) string {
	return databaseURL(url.UserPassword(postgresUser, b.postgres.passwords.user), b.port, database)
}

// Close stops the pooler.
func (b *PgBouncer) Close(ctx context.Context) error {
	return errors.Join(b.process.Stop(ctx), b.temporary.remove())
}
