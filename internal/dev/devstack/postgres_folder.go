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
	path string // The data itself, owned by user.
	user *User
}

// prepareData makes sure that a cluster exists in base/data or, where the
// server's user can't get there, below the fallback folder.
func prepareData(ctx context.Context, base string, durable bool, notice Notice) (dataFolder, error) {
	found, err := reachable(base, notice)
	if err != nil {
		return dataFolder{}, err
	}
	if majorOf(found.path) != "" {
		return found, nil
	}
	programs, err := postgresPrograms(ctx, "", notice)
	if err != nil {
		return dataFolder{}, err
	}
	// The installation may have made the user postgres.
	if found.user, err = serverUser(found.path); err != nil {
		return dataFolder{}, err
	}
	return found, initialise(ctx, programs, found, durable)
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
func initialise(ctx context.Context, programs string, to dataFolder, durable bool) error {
	fresh := to.path + ".new"
	if err := emptyFolder(fresh, to.user); err != nil {
		return err
	}
	arguments := []string{
		"--pgdata", fresh, "--username", postgresUser, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions",
	}
	if !durable {
		arguments = append(arguments, "--no-sync")
	}
	said := &tail{}
	initdb := exec.CommandContext(ctx, filepath.Join(programs, "initdb"), arguments...)
	initdb.Dir = fresh
	initdb.Stdout, initdb.Stderr = said, said
	initdb.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if to.user != nil {
		initdb.SysProcAttr.Credential = to.user.credential()
	}
	if err := onLastingThread(initdb.Start); err != nil {
		return fmt.Errorf("start initdb: %w", err)
	}
	if err := initdb.Wait(); err != nil {
		return fmt.Errorf(
			"make PostgreSQL's data folder: initdb: %w\n  | %s", err, strings.Join(said.lines(), "\n  | "),
		)
	}
	if err := os.Rename(fresh, to.path); err != nil {
		return fmt.Errorf("make PostgreSQL's data folder: %w", err)
	}
	return nil
}
