package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ErrNoPgBouncer says that there is no PgBouncer here, and that it could not be installed.
var ErrNoPgBouncer = errors.New("PgBouncer was not found: install it with `apt-get install pgbouncer`")

// A PgBouncer is a pooler in front of a Postgres, in transaction mode, with very few connections to it.
type PgBouncer struct {
	port      int
	process   *Process
	temporary *temporaryFolder
}

// pgBouncerSettings let everybody in as the cluster's superuser, like the cluster itself.
const pgBouncerSettings = `[databases]
* = host=%s port=%d user=%s
[pgbouncer]
listen_addr = %s
listen_port = %d
auth_type = any
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
	b := new(PgBouncer)
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
	for attempt := 1; ; attempt++ {
		if b.port, err = FreePort(); err != nil {
			return nil, err
		}
		settings := filepath.Join(b.temporary.path, "pgbouncer.ini")
		if err := os.WriteFile(settings, fmt.Appendf(
			nil, pgBouncerSettings, loopback, pg.Port(), postgresUser, loopback, b.port,
		), 0o644); err != nil {
			return nil, fmt.Errorf("write the settings of PgBouncer: %w", err)
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
	return strings.Join([]string{
		"postgres://", postgresUser, "@", loopback, ":", strconv.Itoa(b.port), "/", database, "?sslmode=disable",
	}, "")
}

// Close stops the pooler.
func (b *PgBouncer) Close(ctx context.Context) error {
	return errors.Join(b.process.Stop(ctx), b.temporary.remove())
}
