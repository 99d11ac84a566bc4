// Command conformance replays recorded API traffic against a fresh development stack.
//
//	conformance REPLAYER CASE.json ...
//
// The replayer is a program that takes --endpoint, --token and cases, and says on its last line how many steps agree.
// It ends with the replayer's exit status; 2 when it could not be run.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// exitNotRun is the exit status when the replayer could not be run.
const exitNotRun = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status, err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
	}
	os.Exit(status)
}

func run(ctx context.Context, args []string) (int, error) {
	if len(args) < 2 {
		return exitNotRun, errors.New("usage: conformance REPLAYER CASES")
	}
	folder, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return exitNotRun, fmt.Errorf("make a folder for the cases: %w", err)
	}
	defer os.RemoveAll(folder)
	paths, hosts, err := prepare(args[1:], folder)
	if err != nil {
		return exitNotRun, err
	}
	// What a server must have before the run: one location that orders are routed to.
	const script = `bin/packhorse location add "Main" --country CA --default --stocks-all > /dev/null && ` +
		`exec "$0" --endpoint "$PACKHORSE_API" --token "$PACKHORSE_TOKEN" "$@"`
	c := exec.CommandContext(ctx, "bin/packhorse-dev", append([]string{"--fresh", "--logs", ".run/logs/conformance",
		"--exec", "--",
		"sh", "-c", script, args[0]}, paths...)...)
	// The traffic of months is sent within minutes. One document may cost what it may by default.
	c.Env = append(
		os.Environ(), "PACKHORSE_CALLBACK_HOSTS="+strings.Join(hosts, ","), "PACKHORSE_COST_BUCKET=1000000",
		"PACKHORSE_COST_RESTORE_RATE=100000",
	)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	var exited *exec.ExitError
	switch err := c.Run(); {
	case errors.As(err, &exited) && exited.ExitCode() > 0:
		return exited.ExitCode(), nil
	case err != nil:
		return exitNotRun, fmt.Errorf("run the stack: %w", err)
	}
	return 0, nil
}

// prepare copies the cases into the folder, and finds the hosts of callback URLs that the recorded server took: it
// allowed those only.
func prepare(cases []string, folder string) (paths, hosts []string, err error) {
	for i, path := range cases {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, fmt.Errorf("read a case: %w", err)
		}
		var recorded map[string]any
		if err := json.Unmarshal(text, &recorded); err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", path, err)
		}
		if source, ok := recorded["source"].(map[string]any); ok && source["fixture"] == nil {
			source["fixture"] = recorded["name"] // The replayer's report wants one.
		}
		steps, _ := recorded["steps"].([]any)
		for _, step := range steps {
			if s, ok := step.(map[string]any); ok {
				hosts = append(hosts, callbackHosts(s["expect"])...)
			}
		}
		if text, err = json.Marshal(recorded); err != nil {
			return nil, nil, fmt.Errorf("write %s: %w", path, err)
		}
		copied := filepath.Join(folder, fmt.Sprintf("%03d-%s", i, filepath.Base(path)))
		if err := os.WriteFile(copied, text, 0o600); err != nil {
			return nil, nil, fmt.Errorf("copy a case: %w", err)
		}
		paths = append(paths, copied)
	}
	slices.Sort(hosts)
	return paths, slices.Compact(hosts), nil
}

// callbackHosts are the hosts of the callback URLs in an answer.
func callbackHosts(answer any) []string {
	var hosts []string
	switch v := answer.(type) {
	case []any:
		for _, item := range v {
			hosts = append(hosts, callbackHosts(item)...)
		}
	case map[string]any:
		for key, item := range v {
			if key == "webhookSubscription" { // Webhooks go anywhere.
				continue
			}
			text, ok := item.(string)
			if !ok || key != "callbackUrl" {
				hosts = append(hosts, callbackHosts(item)...)
			} else if u, err := url.Parse(text); err == nil {
				hosts = append(hosts, u.Hostname())
			}
		}
	}
	return hosts
}
