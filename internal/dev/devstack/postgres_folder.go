package devstack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// FallbackFolder is where PostgreSQL's data goes instead when the server's user
// can't get to the wanted folder, which is the case below a home folder that
// only root may enter. The name is a function of the wanted one, so the next
// start finds the data again.
func FallbackFolder(wanted string) string {
	sum := sha256.Sum256([]byte(wanted))
	return filepath.Join("/var/tmp", "packhorse-"+hex.EncodeToString(sum[:6]))
}

// A dataFolder is where a cluster lives and as whom.
type dataFolder struct {
	path    string // The data itself, owned by user.
	user    *User
	earlier bool // The cluster asks nobody for a password yet.
}

// prepareData makes sure that a cluster exists in base/data or, where the
// server's user can't get there, below the fallback folder.
func (pg *Postgres) prepareData(ctx context.Context, base string) (err error) {
	if pg.data, err = reachable(base, pg.options.Notice); err != nil {
		return err
	}
	if err := pg.findPasswords(); err != nil || majorOf(pg.data.path) != "" {
		return err
	}
	programs, err := postgresPrograms(ctx, "", pg.options.Notice)
	if err != nil {
		return err
	}
	// The installation may have made the user postgres.
	if pg.data.user, err = serverUser(pg.data.path); err != nil {
		return err
	}
	return pg.initialise(ctx, programs)
}

// reachable finds out which of the two folders the server's user can work in.
func reachable(base string, notice Notice) (dataFolder, error) {
	for _, folder := range []string{base, FallbackFolder(base)} {
		data := filepath.Join(folder, "data")
		who, err := serverUser(data)
		if err != nil {
			return dataFolder{}, err
		}
		if err := ownFolder(folder); err != nil {
			return dataFolder{}, err
		}
		probe := data
		if majorOf(data) == "" {
			probe = data + ".new"
			if err := emptyFolder(probe, who); err != nil {
				return dataFolder{}, err
			}
		}
		if who.canWrite(probe) {
			return dataFolder{path: data, user: who}, nil
		}
		if os.Geteuid() != 0 {
			return dataFolder{}, fmt.Errorf(
				"use %s for PostgreSQL's data: it belongs to another user; remove it as that user", probe,
			)
		}
		if probe != data {
			_ = os.RemoveAll(probe)
		}
		if folder == base {
			notice.say(
				"PostgreSQL does not run as root, and its user can't get to %s; its data is in %s", base,
				FallbackFolder(base),
			)
		}
	}
	return dataFolder{}, fmt.Errorf(
		"find a folder for PostgreSQL's data: its user can get to neither %s nor %s", base, FallbackFolder(base),
	)
}

// ownFolder makes a folder that others may pass through but only we may change.
// The fallback folder's name can be guessed, so one that somebody else made
// there is refused.
func ownFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o711); err != nil {
		return fmt.Errorf("make the folder for PostgreSQL's data: %w", err)
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return fmt.Errorf("make the folder for PostgreSQL's data: %w", err)
	}
	if !info.IsDir() || (ownerOf(info) != os.Geteuid() && os.Geteuid() == 0 && filepath.Dir(folder) == "/var/tmp") {
		return fmt.Errorf(
			"make the folder for PostgreSQL's data: %s is there already and belongs to somebody else", folder,
		)
	}
	if os.Geteuid() != 0 {
		return nil
	}
	// PostgreSQL's user has to pass through, whatever our umask is.
	if err := os.Chmod(folder, info.Mode().Perm()|0o011); err != nil {
		return fmt.Errorf("let PostgreSQL's user into its folder: %w", err)
	}
	return nil
}

// emptyFolder makes an empty folder that belongs to the user. What an earlier
// start left half done in it is removed.
func emptyFolder(folder string, who *User) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("empty %s: %w", folder, err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder for PostgreSQL's data: %w", err)
	}
	if who != nil {
		if err := os.Chown(folder, who.UID, who.GID); err != nil {
			return fmt.Errorf("give the folder to PostgreSQL's user: %w", err)
		}
	}
	return nil
}

// initialise makes the cluster beside its final place and moves it there when it
// is whole: a start that is interrupted leaves nothing that looks like a cluster.
func (pg *Postgres) initialise(ctx context.Context, programs string) error {
	to, fresh := pg.data, pg.data.path+".new"
	if err := emptyFolder(fresh, to.user); err != nil {
		return err
	}
	password := fresh + ".password"
	if err := privateFile(password, pg.passwords.admin+"\n", to.user); err != nil {
		return err
	}
	defer os.Remove(password)
	arguments := []string{
		"--pgdata", fresh, "--username", postgresAdmin, "--auth", "scram-sha-256", "--pwfile", password,
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions",
	}
	if pg.temporary != nil {
		arguments = append(arguments, "--no-sync")
	}
	if err := to.run(ctx, fresh, filepath.Join(programs, "initdb"), arguments); err != nil {
		return fmt.Errorf("make PostgreSQL's data folder: %w", err)
	}
	if pg.temporary == nil {
		if err := pg.passwords.write(filepath.Dir(to.path)); err != nil {
			return err
		}
	}
	if err := os.Rename(fresh, to.path); err != nil {
		return fmt.Errorf("make PostgreSQL's data folder: %w", err)
	}
	return nil
}

// run runs one of PostgreSQL's programs in a folder, as the data's user, and
// waits for its end. The variables are added to those of ours that are not for
// such programs.
func (d dataFolder) run(ctx context.Context, folder, path string, arguments []string, variables ...string) error {
	said := &tail{}
	program := exec.CommandContext(ctx, path, arguments...)
	program.Dir = folder
	program.Env = append(withoutPrefix(os.Environ(), "PG"), variables...)
	program.Stdout, program.Stderr = said, said
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if d.user != nil {
		program.SysProcAttr.Credential = d.user.credential()
	}
	err := onLastingThread(program.Start)
	if err == nil {
		err = program.Wait()
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n  | %s", filepath.Base(path), err, strings.Join(said.lines(), "\n  | "))
	}
	return nil
}
