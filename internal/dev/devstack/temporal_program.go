package devstack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// temporalPackage is what is built when there is no Temporal CLI. The version is
// the one that Packhorse is tested with.
const temporalPackage = "github.com/temporalio/cli/cmd/temporal@v1.5.1"

// TemporalCLI is the path of the Temporal CLI: what PACKHORSE_TEMPORAL_CLI says,
// else the repository's bin/temporal, else the one in PATH or where `go install`
// puts programs. If there is none it is built into bin/, which takes some
// minutes the first time.
func TemporalCLI(ctx context.Context, notice Notice) (string, error) {
	if path := os.Getenv("PACKHORSE_TEMPORAL_CLI"); path != "" {
		if !isProgram(path) {
			return "", fmt.Errorf("PACKHORSE_TEMPORAL_CLI=%s is not a program", path)
		}
		return path, nil
	}
	root, err := RepositoryRoot()
	if err != nil {
		return "", err
	}
	own := filepath.Join(root, "bin", "temporal")
	if isProgram(own) {
		return own, nil
	}
	if path, err := exec.LookPath("temporal"); err == nil {
		return path, nil
	}
	if path := installedByGo(ctx, "temporal"); path != "" {
		return path, nil
	}
	// Test packages run side by side; one of them builds, the others wait.
	lock, err := WaitLock(ctx, filepath.Join(root, "bin", ".temporal.lock"))
	if err != nil {
		return "", err
	}
	defer lock.Unlock()
	if isProgram(own) {
		return own, nil
	}
	return own, buildTemporal(ctx, own, notice)
}

func buildTemporal(ctx context.Context, to string, notice Notice) error {
	notice.say("no Temporal CLI found; building %s into bin/ (this once, about three minutes)", temporalPackage)
	// Built beside its place and moved there when it is whole, so that a build
	// that is interrupted leaves nothing that looks like a program.
	folder, err := os.MkdirTemp(filepath.Dir(to), ".temporal-")
	if err != nil {
		return fmt.Errorf("build the Temporal CLI: %w", err)
	}
	defer os.RemoveAll(folder)
	said := &tail{}
	install := exec.CommandContext(ctx, "go", "install", temporalPackage)
	install.Dir = folder
	install.Env = append(os.Environ(), "GOBIN="+folder)
	install.Stdout, install.Stderr = said, said
	defer notice.goesOn("building the Temporal CLI")()
	if err := install.Run(); err != nil {
		return fmt.Errorf("build the Temporal CLI: go install %s: %w\n  | %s",
			temporalPackage, err, strings.Join(said.lines(), "\n  | "))
	}
	if err := os.Rename(filepath.Join(folder, "temporal"), to); err != nil {
		return fmt.Errorf("build the Temporal CLI: %w", err)
	}
	return nil
}

// installedByGo is where `go install` would have put a program, if it is there.
func installedByGo(ctx context.Context, name string) string {
	out, err := exec.CommandContext(ctx, "go", "env", "GOBIN", "GOPATH").Output()
	if err != nil {
		return ""
	}
	bin, gopath, _ := strings.Cut(strings.TrimRight(string(out), "\n"), "\n")
	if bin == "" {
		bin = filepath.Join(gopath, "bin")
	}
	if path := filepath.Join(bin, name); isProgram(path) {
		return path
	}
	return ""
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
