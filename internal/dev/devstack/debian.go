package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// errCannotInstall says that installing packages isn't ours to do here.
var errCannotInstall = errors.New("this is not Debian, or you are not root and sudo asks for a password")

// installPackages installs Debian packages, as root or through a sudo that asks
// for no password.
func installPackages(ctx context.Context, notice Notice, packages ...string) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errCannotInstall
	}
	var prefix []string
	if os.Geteuid() != 0 {
		if err := exec.CommandContext(ctx, "sudo", "-n", "true").Run(); err != nil {
			return errCannotInstall
		}
		prefix = []string{"sudo", "-n"}
	}
	what := "installing Debian's " + strings.Join(packages, ", ")
	notice.say("%s (usually a minute)", what)
	defer notice.goesOn(what)()
	for _, arguments := range [][]string{
		{"update"},
		append([]string{"install", "-y", "--no-install-recommends"}, packages...),
	} {
		words := append(slices.Clone(prefix), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
		words = append(words, arguments...)
		said := &tail{}
		install := exec.CommandContext(ctx, words[0], words[1:]...)
		install.Stdout, install.Stderr = said, said
		if err := install.Run(); err != nil {
			return fmt.Errorf("%s: %w\n  | %s", strings.Join(words, " "), err, strings.Join(said.lines(), "\n  | "))
		}
	}
	return nil
}

// lockInstallation lets one process at a time install: test packages run side by
// side.
func lockInstallation(ctx context.Context) (*Lock, error) {
	root, err := RepositoryRoot()
	if err != nil {
		return nil, err
	}
	return WaitLock(ctx, filepath.Join(root, "bin", ".install.lock"))
}

// Prepare finds or installs everything that the tests need besides Go: the
// programs of PostgreSQL, PgBouncer, the Temporal CLI, and the C compiler without which
// Go's race detector doesn't build. Tests find all but the compiler by
// themselves, too, but can't say what they are waiting for.
func Prepare(ctx context.Context, notice Notice) error {
	if err := findCompiler(ctx, notice); err != nil {
		return err
	}
	if _, err := postgresPrograms(ctx, "", notice); err != nil {
		return err
	}
	if _, err := pgBouncerProgram(ctx, notice); err != nil { // Tests that need it are skipped without it.
		notice.say("%s", err)
	}
	_, err := TemporalCLI(ctx, notice)
	return err
}

func findCompiler(ctx context.Context, notice Notice) error {
	out, err := exec.CommandContext(ctx, "go", "env", "CC").Output()
	if err != nil {
		return fmt.Errorf("ask go for the C compiler: %w", err)
	}
	compiler, _, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if _, err := exec.LookPath(compiler); err == nil {
		return nil
	}
	lock, err := lockInstallation(ctx)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	if err := installPackages(ctx, notice, "gcc", "libc6-dev"); err != nil {
		return fmt.Errorf(
			"find a C compiler for Go's race detector (install one with `apt-get install gcc libc6-dev`): %w", err,
		)
	}
	return nil
}
