package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/worker"

	"packhorse/activities"
	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/simulated"
)

// TestProviderThatNoWorkerServes: a list of services and the page of one say it, with what to do; of what people answer
// for, and of what is served, they say nothing.
func TestProviderThatNoWorkerServes(t *testing.T) {
	t.Parallel()
	f := lantern()
	f.locations[0].ServiceID = 6
	f.locations[0].Service = &fulfillment.Service{ID: 6, Name: "Hands", Handle: "hands", Provider: "manual", LocationID: 7}
	commands := map[string][]string{"list": {"service", "list"}, "show": {"service", "show", "nordlicht"}}
	said := func(t *testing.T, args []string) string {
		t.Helper()
		status, stdout, stderr := call(t, f, "", args...)
		if status != statusDone {
			t.Fatalf("%v: status %d: %s", args, status, stderr)
		}
		return stdout + stderr
	}
	inJSON := func(t *testing.T) string {
		var page struct {
			Items []struct{ Handle, ProviderProblem string }
		}
		if err := json.Unmarshal([]byte(said(t, []string{"service", "list", "-o", "json"})), &page); err != nil {
			t.Fatal(err)
		}
		var problem string
		for _, s := range page.Items {
			switch s.Handle {
			case "nordlicht":
				problem = s.ProviderProblem
			case "hands":
				if s.ProviderProblem != "" {
					t.Errorf("people are no worker: %s", s.ProviderProblem)
				}
			}
		}
		return problem
	}
	for name, args := range commands {
		if got := said(t, args); strings.Contains(got, "worker") {
			t.Errorf("%s of a provider that is served says %s", name, got)
		}
	}
	if got := inJSON(t); got != "" {
		t.Errorf("programs get %s", got)
	}
	for reason, test := range map[string]struct {
		unserved []string
		temporal error
		want     string
	}{
		"nobody": {[]string{"simulated"}, nil, "no worker serves the provider simulated: what is asked of its services " +
			"waits. Start a worker whose PACKHORSE_PROVIDERS names it, such as PACKHORSE_PROVIDERS=manual,simulated"},
		"unknown": {nil, errors.New("Temporal is away."), "nobody knows whether a worker serves the provider simulated: " +
			"Temporal is away"},
	} {
		f.unserved, f.temporal = test.unserved, test.temporal
		for name, args := range commands {
			if got := said(t, args); strings.Count(got, test.want) != 1 {
				t.Errorf("%s, %s: it says\n%s\nwant once\n%s", reason, name, got, test.want)
			}
		}
		if got := inJSON(t); got != test.want {
			t.Errorf("%s: programs get %q, want %q", reason, got, test.want)
		}
	}
}

// TestServed: Temporal knows which providers a worker serves.
func TestServed(t *testing.T) {
	t.Parallel()
	server, namespace := devstacktest.Namespace(t, nil)
	s := &servers{
		log: t.Output(), cli: &config.CLI{Timeout: 30 * time.Second}, loaded: true,
		temporal: config.Temporal{Address: server.Address(), Namespace: namespace},
	}
	t.Cleanup(s.close)
	conn, err := s.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := worker.New(conn, provider.TaskQueue(simulated.DefaultID), worker.Options{DisableWorkflowWorker: true})
	w.RegisterActivity(&activities.Providers{})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	for { // It asks for work soon after it has begun.
		served, err := s.served(t.Context(), []string{simulated.DefaultID, "http"})
		if err != nil {
			t.Fatal(err)
		}
		if served["http"] {
			t.Fatal("nobody serves http")
		}
		if served[simulated.DefaultID] {
			return
		}
	}
}
