package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
)

func startTemporal(t *testing.T, options TemporalOptions) *Temporal {
	t.Helper()
	server, err := StartTemporal(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestTemporalComesBackWithItsState(t *testing.T) {
	t.Parallel()
	server := startTemporal(t, TemporalOptions{
		Namespace: "shop", SearchAttributes: map[string]string{"ItemState": "Keyword", "ItemDue": "Datetime"},
	})
	c, err := client.Dial(client.Options{HostPort: server.Address(), Namespace: server.Namespace()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	listed, err := c.OperatorService().ListSearchAttributes(
		t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: "shop"},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ItemState", "ItemDue"} {
		if _, ok := listed.GetCustomAttributes()[name]; !ok {
			t.Errorf("search attribute %s is missing", name)
		}
	}
	if _, err := c.ExecuteWorkflow(
		t.Context(), client.StartWorkflowOptions{ID: "item/1", TaskQueue: "items"}, "Item",
	); err != nil {
		t.Fatal(err)
	}
	address := server.Address()
	for name, end := range map[string]func(context.Context) error{"stop": server.Stop, "kill": server.Kill} {
		process := server.Process()
		if err := end(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if running(process.PID()) || process.Err() != nil {
			t.Errorf("%s: running %v, error %v", name, running(process.PID()), process.Err())
		}
		if err := server.Start(t.Context()); err != nil {
			t.Fatalf("start after %s: %v", name, err)
		}
		if server.Address() != address {
			t.Errorf("address %s after %s, want %s", server.Address(), name, address)
		}
		if _, err := c.DescribeWorkflowExecution(t.Context(), "item/1", ""); err != nil {
			t.Errorf("the workflow is gone after %s: %v", name, err)
		}
	}
}

// A server that is stopped with SIGSTOP stands for one that answers nothing.
func TestTemporalThatAnswersNothing(t *testing.T) {
	t.Parallel()
	server := startTemporal(t, TemporalOptions{Patience: time.Second})
	if err := server.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Kill(context.Background()) })
	if err := server.RegisterNamespace(t.Context(), "shop", nil); !errors.As(err, new(*UnresponsiveError)) {
		t.Errorf("got %v, want an *UnresponsiveError", err)
	}
	if running := server.Process(); ended(running) {
		t.Error("it was ended, and others may be using it")
	}
}

// A server that comes up and answers nothing is replaced by another one on the same state.
func TestTemporalThatComesUpDeaf(t *testing.T) {
	t.Parallel()
	server := startTemporal(t, TemporalOptions{})
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := ""
	server.startPatience = time.Second
	server.options.Notice = func(message string) {
		told += message
		server.startPatience = defaultPatience // The next one has all the time.
	}
	once := filepath.Join(t.TempDir(), "once")
	script := fmt.Sprintf("#!/bin/sh\nmkdir %s 2>/dev/null && exec sleep 600\nexec %s \"$@\"\n", once, server.program)
	server.program = filepath.Join(t.TempDir(), "temporal")
	if err := os.WriteFile(server.program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told, "starting another one") {
		t.Errorf("told %q, want that another one is started", told)
	}
}

func TestTemporalRefusesWhatNoRepetitionMakesBetter(t *testing.T) {
	t.Parallel()
	server := startTemporal(t, TemporalOptions{})
	err := server.RegisterNamespace(t.Context(), "shop", map[string]string{"ExecutionStatus": "Keyword"})
	if err == nil || errors.As(err, new(*UnresponsiveError)) {
		t.Errorf("got %v, want the server's refusal", err)
	}
}

func TestTemporalServesItsUI(t *testing.T) {
	t.Parallel()
	port := takenPort(t)
	uiPort := takenPort(t)
	var told notices
	server := startTemporal(t, TemporalOptions{UI: true, Port: port, UIPort: uiPort, Notice: told.notice})
	for _, taken := range []int{port, uiPort} {
		if !told.contain(fmt.Sprintf("port %d is taken", taken)) {
			t.Errorf("told %q, want that port %d is taken", told.log.String(), taken)
		}
	}
	var status int
	eventually(t, "the UI", func() bool {
		response, err := http.Get(server.UIURL())
		if err != nil {
			return false
		}
		defer response.Body.Close()
		status = response.StatusCode
		return true
	})
	if status != http.StatusOK {
		t.Errorf("the UI answers %d", status)
	}
	if err := server.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(server.temporary.path); err == nil {
		t.Errorf("%s is still there", server.temporary.path)
	}
}

func TestTemporalSaysWhyItCannotStart(t *testing.T) {
	t.Parallel()
	_, err := StartTemporal(t.Context(), TemporalOptions{SearchAttributes: map[string]string{"ItemState": "Colour"}})
	if !errors.As(err, new(*ProcessError)) || !strings.Contains(err.Error(), "Colour") {
		t.Errorf("error %v, want Temporal's own words", err)
	}
}

// Another server stands for the dev server when its folder is named; one that is
// not there, or can't do what is asked for, is told.
func TestTemporalServerOfAFolder(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(serverFolder, folder)
	for name, test := range map[string]struct {
		options TemporalOptions
		want    string
	}{
		"without_programs": {TemporalOptions{}, "PACKHORSE_TEMPORAL_SERVER=" + folder + " has no temporal-server"},
		"with_a_file":      {TemporalOptions{File: filepath.Join(folder, "temporal.db")}, "keeps nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := StartTemporal(t.Context(), test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if server != nil {
				t.Error("and a server", server.Close(t.Context()))
			}
		})
	}
}
