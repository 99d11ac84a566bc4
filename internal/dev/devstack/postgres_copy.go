package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
)

// errNoCopy says that there is nothing to set the server back to.
var errNoCopy = errors.New("no copy of the data was taken since")

// Copy takes a copy of the data as they are now, beside them, while the server
// runs. It replaces the copy before it. Everything that was committed before the
// call is in it, and a part of what is committed meanwhile.
func (pg *Postgres) Copy(ctx context.Context) error { return pg.copyTo(ctx, pg.beside("copy")) }

// SetBack ends the server as a crash would, puts the latest copy in the place of
// its data, and starts it again: what was committed after Copy is lost. The copy
// is used up by that.
func (pg *Postgres) SetBack(ctx context.Context) error {
	if majorOf(pg.beside("copy")) == "" {
		return fmt.Errorf("set PostgreSQL back: %w", errNoCopy)
	}
	if err := pg.Kill(ctx); err != nil {
		return err
	}
	if err := pg.replaceData(pg.beside("copy")); err != nil {
		return fmt.Errorf("set PostgreSQL back: %w", err)
	}
	return pg.Start(ctx)
}

// copyTo copies the data to a folder, which is emptied before.
func (pg *Postgres) copyTo(ctx context.Context, folder string, more ...string) error {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	program, err := pg.program("pg_basebackup")
	if err != nil {
		return err
	}
	if err := emptyFolder(folder, pg.data.user); err != nil {
		return err
	}
	arguments := append([]string{
		"--pgdata", folder, "--dbname", databaseURL(url.User(postgresAdmin), pg.port, "postgres"),
		"--checkpoint", "fast", "--no-manifest",
	}, more...)
	if pg.temporary != nil {
		arguments = append(arguments, "--no-sync")
	}
	if err := pg.data.run(ctx, folder, program, arguments, "PGPASSWORD="+pg.passwords.admin); err != nil {
		return errors.Join(fmt.Errorf("copy PostgreSQL's data: %w", err), os.RemoveAll(folder))
	}
	return nil
}

// replaceData puts the data of another folder in the place of the server's.
func (pg *Postgres) replaceData(folder string) error {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	if err := os.RemoveAll(pg.data.path); err != nil {
		return err
	}
	return os.Rename(folder, pg.data.path)
}

// program finds one of PostgreSQL's programs beside the server's own, which a
// link may point to.
func (pg *Postgres) program(name string) (string, error) {
	server, err := filepath.EvalSymlinks(filepath.Join(pg.programs, "postgres"))
	if err == nil {
		server, err = exec.LookPath(filepath.Join(filepath.Dir(server), name))
	}
	if err != nil {
		return "", fmt.Errorf("find PostgreSQL's program %s: %w", name, err)
	}
	return server, nil
}

// beside is a folder for other data of the same server.
func (pg *Postgres) beside(name string) string { return pg.data.path + "." + name }
