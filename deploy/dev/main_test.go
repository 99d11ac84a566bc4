package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"packhorse/internal/dev/devstack"
)

// TestMain lets the test binary play the worker and the API.
func TestMain(m *testing.M) {
	if os.Getenv("DEV_TEST_WORKER") != "" {
		http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
		fmt.Println(http.ListenAndServe(os.Getenv("PACKHORSE_METRICS_ADDRESS"), nil))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line    string
		want    settings
		problem string
	}{
		{line: "", want: settings{}},
		{line: "--once", want: settings{once: true}},
		{
			line: "--fresh --logs x --exec -- echo --once",
			want: settings{fresh: true, logs: "x", command: []string{"echo", "--once"}},
		},
		{line: "--exec", problem: "needs a command"},
		{line: "echo", problem: "needs --exec"},
		{line: "--unknown", problem: "not defined"},
	} {
		got, err := parse(strings.Fields(test.line))
		if test.problem != "" {
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("%q: error %v, want %q", test.line, err, test.problem)
			}
			continue
		}
		if err != nil || got.fresh != test.want.fresh || got.once != test.want.once ||
			got.logs != test.want.logs || !slices.Equal(got.command, test.want.command) {
			t.Errorf("%q: got %+v, %v", test.line, got, err)
		}
	}
}

// fakeRoot is a clone whose programs are played by scripts and by this binary.
func fakeRoot(t *testing.T, worker string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]string{
		"packhorse": `echo "$1 $PACKHORSE_DATABASE_URL $TEMPORAL_ADDRESS $TEMPORAL_NAMESPACE $PACKHORSE_API $PACKHORSE_TOKEN" >>"$(dirname "$0")/../calls"
case $1 in
serve) DEV_TEST_WORKER=1 exec SELF ;;
token) echo '{"token":"phat_7"}' ;;
esac`,
		"packhorse-worker": worker,
	} {
		text := "#!/bin/sh\n" + strings.ReplaceAll(script, "SELF", os.Args[0]) + "\n"
		if err := os.WriteFile(filepath.Join(root, "bin", name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const goodWorker = "DEV_TEST_WORKER=1 exec SELF"

func TestCommandOnAFreshStack(t *testing.T) {
	t.Parallel()
	root := fakeRoot(t, goodWorker)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	chosen := settings{
		fresh: true, command: []string{"sh", "-c", `"$0" rehearse; exit 7`, filepath.Join(root, "bin", "packhorse")},
	}
	s := newStack(root, chosen, cancel)
	status, err := s.live(ctx, chosen)
	if status != 7 || err != nil {
		t.Errorf("status %d, error %v; want the command's 7", status, err)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	calls, err := os.ReadFile(filepath.Join(root, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	arguments := s.databaseURL() + " " + s.temporal.Address() + " default "
	var want string
	for _, call := range []string{"migrate", "serve", "app", "token"} {
		want += call + " " + arguments + " \n"
	}
	want += "rehearse " + arguments + s.apiURL() + " phat_7\n"
	if string(calls) != want {
		t.Errorf("called %q, want %q", calls, want)
	}
	for _, process := range []*devstack.Process{
		s.api.process(), s.worker.process(), s.temporal.Process(), s.postgres.Process(),
	} {
		select {
		case <-process.Done():
		default:
			t.Errorf("%s still runs", process.Name())
		}
	}
}

func TestWorkerIsStartedAgainDuringACommand(t *testing.T) {
	t.Parallel()
	root := fakeRoot(t, goodWorker)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	s := newStack(root, settings{fresh: true, command: []string{"true"}}, cancel)
	s.tell = func(string, ...any) {}
	if err := s.start(ctx); err != nil {
		t.Fatal(err)
	}
	first := s.worker.process()
	if err := first.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	wait, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	if err := s.temporal.Process().Ready(wait, s.worker.ready); err != nil {
		t.Errorf("the second worker: %v", err)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if err := context.Cause(ctx); err != nil {
		t.Errorf("the run was ended: %v", err)
	}
}

// A Temporal server that is stopped with SIGSTOP stands for one that answers nothing any more, and ignores SIGTERM.
func TestTemporalThatAnswersNothingIsStartedAnew(t *testing.T) {
	t.Parallel()
	root := fakeRoot(t, goodWorker)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	s := newStack(root, settings{fresh: true, command: []string{"true"}}, cancel)
	s.patience = 4 * time.Second
	again, told := make(chan struct{}), ""
	var telling sync.Mutex // The stack and the server's guard tell at the same time.
	var once sync.Once
	s.tell = func(format string, args ...any) {
		telling.Lock()
		defer telling.Unlock()
		told += fmt.Sprintf(format, args...) + "\n"
		if strings.Contains(told, "Temporal answers again") {
			once.Do(func() { close(again) })
		}
	}
	if err := s.start(ctx); err != nil {
		t.Fatal(err)
	}
	first := s.temporal.Process()
	if err := first.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	select {
	case <-again:
	case <-time.After(time.Minute):
		t.Error("it is not there again after a minute")
	case <-ctx.Done():
		t.Errorf("the run was ended: %v", context.Cause(ctx))
	}
	second := s.temporal.Process()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(told, fmt.Sprintf("ending process %d", first.PID())) || second == first {
		t.Errorf("told %s", told)
	}
	select {
	case <-second.Done():
	default:
		t.Error("the second server still runs")
	}
}

func TestWorkerThatKeepsDyingEndsTheRun(t *testing.T) {
	t.Parallel()
	root := fakeRoot(t, "echo cannot find my hat; exit 4")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	chosen := settings{once: true}
	s := newStack(root, chosen, cancel)
	s.tell = func(string, ...any) {}
	s.fresh = true // With the data of a run nobody keeps.
	status, err := s.live(ctx, chosen)
	if status != statusFailed || !errors.As(err, new(*devstack.ProcessError)) || !strings.Contains(err.Error(), "hat") {
		t.Errorf("status %d, error %v; want the worker's last words", status, err)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// What the run keeps and logs is its user's alone. Whoever else may be on the machine passes through a folder at most,
// as PostgreSQL's own user has to.
func TestKeptDataAreTheUsersAlone(t *testing.T) {
	t.Parallel()
	root := fakeRoot(t, goodWorker)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	s := newStack(root, settings{}, cancel)
	s.tell = func(string, ...any) {}
	// Left by a run of the time when others could read it.
	if err := os.MkdirAll(filepath.Join(s.folder, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.folder, "logs", "temporal.log"), []byte("hello\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	lock, err := s.lock()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	err = s.start(ctx)
	if err == nil {
		err = s.writeEnvironmentFile()
	}
	if err != nil {
		t.Fatal(errors.Join(err, s.stop()))
	}
	defer func() {
		if err := errors.Join(s.stop(), os.RemoveAll(devstack.FallbackFolder(s.postgresFolder()))); err != nil {
			t.Error(err)
		}
	}()
	seen := 0
	for _, folder := range []string{s.folder, devstack.FallbackFolder(s.postgresFolder())} {
		err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // A server removes what it needs no more; and there may be no other folder.
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			seen++
			others := info.Mode().Perm() & 0o077
			if info.IsDir() && os.Geteuid() == 0 {
				others &^= 0o011
			}
			if others != 0 || info.Mode()&fs.ModeSocket != 0 {
				t.Errorf("%s: %v", path, info.Mode())
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if seen < 10 {
		t.Errorf("only %d files are there", seen)
	}
}

func TestSecondRunIsRefused(t *testing.T) {
	t.Parallel()
	s := newStack(t.TempDir(), settings{}, nil)
	lock, err := s.lock()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	if _, err := s.lock(); err == nil || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("error %v, want one that names process %d", err, os.Getpid())
	}
}

// TestWebhooksComeToThisMachine where somebody tries things out; a command finds the defaults, and what is set stays.
func TestWebhooksComeToThisMachine(t *testing.T) {
	for _, test := range []struct {
		set     string
		command []string
		want    string
	}{
		{"", nil, "true"}, {"false", nil, "false"}, {"", []string{"true"}, ""}, {"true", []string{"true"}, "true"},
	} {
		t.Setenv(allowPrivate, test.set)
		if got := newStack(t.TempDir(), settings{command: test.command}, nil).allowPrivate; got != test.want {
			t.Errorf("%q, %q: %q, want %q", test.set, test.command, got, test.want)
		}
	}
}
