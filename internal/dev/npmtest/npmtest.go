// Package npmtest gives tests what others publish on npm: their clients, and Shopify's schema. What is needed is
// pinned, and fetched once into bin/npm. A test that needs it is skipped, with the reason, where npm is missing or
// can't reach its registry.
package npmtest

import (
	"bufio"
	"context"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"packhorse/internal/dev/devstack"
)

const (
	// patience is how long npm may take.
	patience = 5 * time.Minute
	// maxLine is how many bytes a line may have that a script says.
	maxLine = 4 << 20
)

//go:embed package.json package-lock.json
var pinned embed.FS

// Modules is a folder whose node_modules holds the packages of package.json, as package-lock.json pins them. No script
// of theirs is run when they are installed.
func Modules(t testing.TB) string {
	t.Helper()
	lock, err := pinned.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512(lock)
	return fetched(t, "modules-"+hex.EncodeToString(sum[:6]), func(ctx context.Context, folder string) error {
		if err := os.CopyFS(folder, pinned); err != nil {
			return fmt.Errorf("write package.json: %w", err)
		}
		return npm(ctx, folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	})
}

// Package is the folder with the files of one package, NAME@VERSION, without what it depends on. Its integrity is that
// of the registry, which npm view NAME@VERSION dist.integrity tells.
func Package(t testing.TB, name, integrity string) string {
	t.Helper()
	place := strings.NewReplacer("@", "", "/", "-").Replace(name)
	return filepath.Join(fetched(t, place, func(ctx context.Context, folder string) error {
		if err := npm(ctx, folder, "pack", "--silent", name); err != nil {
			return err
		}
		packed, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
		if err != nil || len(packed) != 1 {
			return fmt.Errorf("npm pack %s left %v", name, packed)
		}
		archive, err := os.ReadFile(packed[0])
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		sum := sha512.Sum512(archive)
		if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != integrity {
			return fmt.Errorf("%s has the integrity %s, want %s", name, got, integrity)
		}
		unpack := exec.CommandContext(ctx, "tar", "-xzf", packed[0], "-C", folder)
		if said, err := unpack.CombinedOutput(); err != nil {
			return fmt.Errorf("unpack %s: %w: %s", name, err, said)
		}
		return os.Remove(packed[0])
	}), "package")
}

// errAway says that npm can't fetch anything here.
var errAway = errors.New("npm can't be used")

// fetched is a folder below bin/npm, which is filled where it is not there yet.
func fetched(t testing.TB, name string, fill func(ctx context.Context, folder string) error) string {
	t.Helper()
	if testing.Short() {
		t.Skip("npm packages are not fetched in short tests")
	}
	root, err := devstack.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	place := filepath.Join(root, "bin", "npm", name)
	// Test packages run side by side; one of them fetches, the others wait.
	lock, err := devstack.WaitLock(ctx, filepath.Join(root, "bin", "npm", "."+name+".lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	if _, err := os.Stat(place); err == nil {
		return place
	}
	// Filled beside its place and moved there when it is whole.
	folder, err := os.MkdirTemp(filepath.Dir(place), "."+name+"-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	switch err := fill(ctx, folder); {
	case errors.Is(err, errAway):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	if err := os.Rename(folder, place); err != nil {
		t.Fatal(err)
	}
	return place
}

// npm runs npm in a folder. It is away if there is no such program, or if it can't reach its registry.
func npm(ctx context.Context, folder string, args ...string) error {
	path, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("%w: there is no program npm", errAway)
	}
	command := exec.CommandContext(ctx, path, args...)
	command.Dir = folder
	command.WaitDelay = time.Second
	said, err := command.CombinedOutput()
	for _, network := range []string{
		"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH",
		"ENOTCACHED",
	} {
		if err != nil && strings.Contains(string(said), network) {
			return fmt.Errorf("%w: it can't reach its registry: npm %s: %s", errAway, strings.Join(args, " "), network)
		}
	}
	if err != nil {
		return fmt.Errorf("npm %s: %w: %s", strings.Join(args, " "), err, said)
	}
	return nil
}

// Run runs a script with node, which finds the packages of package.json, and returns what it says. The test fails
// when the script does. The environment is that of the test, with the additions, as NAME=VALUE.
func Run(t testing.TB, script string, environment ...string) string {
	t.Helper()
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	said, err := node(ctx, t, filepath.Base(script), text, environment).CombinedOutput()
	if err != nil {
		t.Fatalf("node %s: %v\n%s", filepath.Base(script), err, said)
	}
	return string(said)
}

// Start runs a script with node until the test ends, as Run does, and passes on the lines that it says. The
// script waits while nobody takes them. What it complains about is in the test's log.
func Start(t testing.TB, name string, script []byte, environment ...string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	command := node(ctx, t, name, script, environment)
	lines := make(chan string)
	said, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	command.Stderr = &complaints
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(lines)
		scanner := bufio.NewScanner(said)
		scanner.Buffer(nil, maxLine)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		_ = command.Wait() // It was killed.
		if complaints.Len() > 0 {
			t.Logf("node %s: %s", name, complaints.String())
		}
	})
	return lines
}

// node is a command that runs a script.
func node(ctx context.Context, t testing.TB, name string, script []byte, environment []string) *exec.Cmd {
	t.Helper()
	modules := Modules(t)
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no program node")
	}
	// A script finds packages in folders above its own.
	folder, err := os.MkdirTemp(modules, "run-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	place := filepath.Join(folder, name)
	if err := os.WriteFile(place, script, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(ctx, path, place)
	command.Env = append(os.Environ(), environment...)
	command.WaitDelay = time.Second
	return command
}
